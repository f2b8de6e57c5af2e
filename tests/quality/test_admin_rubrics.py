from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from quality.models import Rubric
from tests import factories
from tests.factories import dimension
from tests.stub_vendor import StubVendor

pytestmark = pytest.mark.django_db

ADD = reverse("admin:quality_rubric_add")
LIST = reverse("admin:quality_rubric_changelist")
PREVIEW = reverse("admin:quality_rubric_preview")


def posted(*rows: Any, **fields: Any) -> dict[str, Any]:
    text = json.dumps(list(rows), ensure_ascii=False)
    return {"name": "Mine", "is_enabled": "on", "dimensions": text, **fields}


def errors(response: Any) -> dict[str, list[str]]:
    return {name: list(found) for name, found in response.context["adminform"].form.errors.items()}


def page_of(name: str, rubric: Rubric) -> str:
    return reverse(f"admin:quality_rubric_{name}", args=[rubric.pk])


def test_a_rubric_is_made_by_its_form(admin_client: Client, admin_user: User) -> None:
    response = admin_client.post(ADD, posted(dimension("正确性", weight=2.5)))
    rubric = Rubric.objects.get(name="Mine")
    assert response.headers["Location"] == LIST
    assert (rubric.dimensions[0]["name"], rubric.created_by) == ("正确性", admin_user)
    assert rubric.latest_version.number == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "A rubric needs at least one dimension. Add one."),
        ("[]", "A rubric needs at least one dimension. Add one."),
        ("{", "Enter a valid JSON."),
        (
            "{}",
            "Dimensions are a JSON list of objects with name, weight, description and levels.",
        ),
        (json.dumps([{"levels": {"1": "a", "5": "b"}}]), "Dimension 1 has no name."),
    ],
)
def test_the_form_says_what_is_wrong(admin_client: Client, text: str, sentence: str) -> None:
    response = admin_client.post(ADD, posted() | {"dimensions": text})
    assert errors(response) == {"dimensions": [sentence]}
    assert not Rubric.objects.exists()


def test_a_changed_rubric_shows_its_versions(admin_client: Client) -> None:
    rubric = factories.rubric()
    [record] = factories.records(1)
    factories.judgement(record, rubric_version=rubric.latest_version)
    admin_client.post(page_of("change", rubric), posted(dimension("Style")))
    html = admin_client.get(page_of("change", rubric)).content.decode()
    assert "<strong>v2</strong>" in html
    assert "1 judgement<" in html


def test_the_list_tells_kind_dimensions_version_and_use(admin_client: Client) -> None:
    rows = [factories.rubric(dimension("A"), dimension("B"), template_type="qa") for _ in "12"]
    factories.judgement(factories.records(1)[0], rubric_version=rows[0].latest_version)
    html = admin_client.get(LIST).content.decode()
    assert html.count("A · B") == 2
    assert "Question and answer" in html


def test_the_list_costs_the_same_with_more_rubrics(
    admin_client: Client, django_assert_max_num_queries: Any
) -> None:
    for _row in range(5):
        factories.rubric()
    admin_client.get(LIST)
    with django_assert_max_num_queries(7):  # PostgreSQL is asked for its clock
        admin_client.get(LIST)


def test_previews_what_a_judge_is_told(admin_client: Client) -> None:
    factories.records(1, of_run=factories.run())
    html = admin_client.post(PREVIEW, posted(dimension("Style"))).content.decode()
    assert "d1 · Style" in html
    assert "Question " in html


def test_previews_without_any_record(admin_client: Client) -> None:
    html = admin_client.post(PREVIEW, posted(dimension(), template_type="qa")).content.decode()
    assert "The record that is judged stands here." in html


def test_the_preview_says_what_keeps_it_from_being_one(admin_client: Client) -> None:
    html = admin_client.post(PREVIEW, posted()).content.decode()
    assert "A rubric needs at least one dimension." in html
    assert "dm-message" not in html


@pytest.mark.parametrize("name", ["quality_rubric_preview", "quality_rubric_changelist"])
def test_pages_are_closed_to_who_may_not_see_rubrics(client: Client, name: str) -> None:
    client.force_login(User.objects.create_user("member", is_staff=True))
    assert client.post(reverse(f"admin:{name}")).status_code == 403


def test_trying_costs_money_and_needs_the_right_to_change(client: Client) -> None:
    user = User.objects.create_user("viewer", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_rubric"))
    client.force_login(user)
    page = reverse("admin:quality_rubric_try_it", args=[factories.rubric().pk])
    assert client.get(page).status_code == 403


def test_copies_a_rubric(admin_client: Client) -> None:
    rubric = factories.rubric(name="One")
    page = page_of("duplicate", rubric)
    response = admin_client.post(page, {"_form_submitted": "True"})
    copy = Rubric.objects.get(name="One (2)")
    assert response.headers["HX-Redirect"] == page_of("change", copy)


@pytest.mark.parametrize("name", ["try_it", "duplicate"])
def test_an_odd_number_is_not_found(admin_client: Client, name: str) -> None:
    page = reverse(f"admin:quality_rubric_{name}", args=["x"])
    assert admin_client.post(page, {"_form_submitted": "True"}).status_code == 404


# Trying


def tried(client: Client, rubric: Rubric, **fields: Any) -> Any:
    model = factories.language_model(fields.pop("url", "http://127.0.0.1:9/v1"))
    page = reverse("admin:quality_rubric_try_it", args=[rubric.pk])
    return client.post(page, {"language_model": model.pk, **fields})


def test_tries_a_rubric_on_a_record(admin_client: Client, stub_vendor: StubVendor) -> None:
    [record] = factories.records(1)
    response = tried(admin_client, factories.rubric(), url=stub_vendor.openai_url, record=record.pk)
    html = response.content.decode()
    assert "Score: 100 of 100" in html
    assert "It is 5." in html
    assert record.content["question"] in stub_vendor.requests[-1].body.decode()


def test_tries_a_rubric_on_json_with_a_source(
    admin_client: Client, stub_vendor: StubVendor
) -> None:
    rubric = factories.rubric(dimension(), dimension("Grounding", needs_source=True))
    given = {"content": '{"answer": "42"}', "source": "It is 42."}
    html = tried(admin_client, rubric, url=stub_vendor.openai_url, **given).content.decode()
    assert html.count("<td>Grounding</td>") == 1
    assert "It is 42." in html


@pytest.mark.parametrize(
    ("field", "given", "sentence"),
    [
        ("record", {}, "Name a record, or write one as JSON."),
        ("record", {"record": "99"}, "There is no record with this number."),
        ("content", {"content": "{"}, "Enter a valid JSON."),
    ],
)
def test_says_what_it_needs_for_a_try(
    admin_client: Client, field: str, given: dict[str, str], sentence: str
) -> None:
    form = tried(admin_client, factories.rubric(), **given).context["form"]
    assert form.errors == {field: [sentence]}


def test_shows_an_unreadable_verdict_as_one(admin_client: Client, stub_vendor: StubVendor) -> None:
    stub_vendor.set(p_broken=1)
    html = tried(
        admin_client, factories.rubric(), url=stub_vendor.openai_url, content='{"a": "b"}'
    ).content.decode()
    assert "The judge&#x27;s answer is not one JSON object." in html
    assert "I am afraid that" in html
    assert "of 100" not in html


def test_shows_why_a_judge_did_not_answer(admin_client: Client, stub_vendor: StubVendor) -> None:
    stub_vendor.set(key="another")
    html = tried(
        admin_client, factories.rubric(), url=stub_vendor.openai_url, content='{"a": "b"}'
    ).content.decode()
    assert "Incorrect API key provided" in html


def test_offers_the_newest_record(admin_client: Client) -> None:
    newest = factories.records(2)[1]
    page = reverse("admin:quality_rubric_try_it", args=[factories.rubric().pk])
    response = admin_client.get(page)
    assert response.context["form"].initial["record"] == newest.pk
    assert "null" not in str(response.context["form"]["content"])
