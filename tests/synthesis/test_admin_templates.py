from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from synthesis.models import PromptTemplate
from tests import factories, guide

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

LIST = reverse("admin:synthesis_prompttemplate_changelist")
ADD = reverse("admin:synthesis_prompttemplate_add")
HOSTILE = "<script>alert(1)</script>"


def page(template: PromptTemplate, name: str = "change") -> str:
    return reverse(f"admin:synthesis_prompttemplate_{name}", args=[template.pk])


def restore(template: PromptTemplate, number: int) -> str:
    return reverse("admin:synthesis_prompttemplate_restore", args=[template.pk, number])


def form(**fields: Any) -> dict[str, Any]:
    return {
        "name": "Quiz",
        "type": "qa",
        "is_enabled": "on",
        "prompt": "Write {count} questions about {topic}.",
        "variables": "[]",
        "output_schema": "",
        "examples": "",
        **fields,
    }


def errors(response: Any) -> dict[str, list[str]]:
    return dict(response.context["adminform"].form.errors)


def staff(*codenames: str) -> Client:
    user = User.objects.create_user("staff", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_render(admin_client: Client, language: str) -> None:
    template = factories.template()
    own = [page(template, name) for name in ("change", "try_it", "versions", "history")]
    names = ("import", "export")
    others = [reverse(f"admin:synthesis_prompttemplate_{name}") for name in names]
    for url in (LIST, ADD, *own, *others):
        response = admin_client.get(url, headers={"accept-language": language})
        assert response.status_code == 200
        assert f'lang="{language}"' in response.content.decode()


# The list


def test_list_shows_version_and_use(admin_client: Client) -> None:
    template = factories.template(name="Used")
    factories.task(template=template)
    factories.task(template=template)
    template.prompt = "Another {topic}"
    template.save()
    [row] = admin_client.get(f"{LIST}?q=Used").context["cl"].result_list
    assert (row.latest_number, row.tasks_total) == (2, 2)


def test_list_costs_the_same_for_many_rows(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(12):
        factories.task(template=factories.template())
    with django_assert_max_num_queries(8):
        admin_client.get(LIST)


@pytest.mark.parametrize(
    ("query", "count"), [("q=dragons", 1), ("type__exact=summary", 1), ("is_enabled__exact=0", 1)]
)
def test_list_can_be_searched_and_filtered(admin_client: Client, query: str, count: int) -> None:
    PromptTemplate.objects.all().delete()
    factories.template(prompt="Tell of {topic} and dragons.")
    factories.template(type="summary")
    factories.template(is_enabled=False)
    assert admin_client.get(f"{LIST}?{query}").context["cl"].result_count == count


def test_starters_are_marked(admin_client: Client) -> None:
    PromptTemplate.objects.all().delete()
    factories.template(is_starter=True)
    assert "Starter" in admin_client.get(LIST).content.decode()


def test_hostile_texts_stay_text(admin_client: Client) -> None:
    template = factories.template(
        name=HOSTILE,
        description=HOSTILE,
        prompt=f"{HOSTILE} {{topic}}",
        system_prompt=HOSTILE,
        variables=[{"name": "topic", "type": "text", "default": HOSTILE, "description": HOSTILE}],
        examples=[{"input": HOSTILE, "output": {"question": HOSTILE, "answer": HOSTILE}}],
    )
    for name in ("change", "versions", "try_it", "delete", "duplicate"):
        assert HOSTILE not in admin_client.get(page(template, name)).content.decode()
    assert HOSTILE not in admin_client.get(LIST).content.decode()


# The form


def test_saving_declares_variables_and_reads_the_schema(admin_client: Client) -> None:
    admin_client.post(ADD, form(prompt=guide.SECOND))
    template = PromptTemplate.objects.get(name="Quiz")
    assert [row["name"] for row in template.variables] == ["subject", "grade"]
    assert list(template.output_schema["properties"]) == [
        "id",
        "question",
        "answer",
        "explanation",
        "difficulty",
        "knowledge_points",
    ]


def test_the_author_is_kept(admin_client: Client, admin_user: User) -> None:
    admin_client.post(ADD, form())
    assert PromptTemplate.objects.get(name="Quiz").created_by == admin_user


def test_parameters_are_fields_of_their_own(admin_client: Client) -> None:
    given = {"temperature": "0.7", "max_tokens": "2048", "stop": "END\n\n。", "top_p": ""}
    admin_client.post(ADD, form(**given))
    template = PromptTemplate.objects.get(name="Quiz")
    assert template.parameters == {
        "temperature": 0.7,
        "max_tokens": 2048,
        "stop": ["END", "。"],
    }
    html = admin_client.get(page(template)).content.decode()
    assert 'name="temperature" value="0.7"' in html
    assert 'name="parameters"' not in html


def test_an_emptied_parameter_goes_away(admin_client: Client) -> None:
    template = factories.template(parameters={"temperature": 0.5, "top_p": 0.9})
    admin_client.post(page(template), form(temperature="0.5"))
    template.refresh_from_db()
    assert template.parameters == {"temperature": 0.5}


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        (
            {"prompt": "  "},
            {"prompt": ["The prompt is empty. Write what the model should generate."]},
        ),
        ({"temperature": "3"}, {"temperature": ["temperature must be a number from 0 to 2."]}),
        ({"max_tokens": "many"}, {"max_tokens": ["Enter a whole number."]}),
        ({"variables": "{}"}, {"variables": ["Variables are a list of at most 100 JSON objects."]}),
        ({"variables": "no"}, {"variables": ["Enter a valid JSON."]}),
        (
            {"variables": '[{"name": "a b", "type": "text"}]'},
            {
                "variables": [
                    "a b cannot be the name of a variable: use letters, digits and underscores."
                ]
            },
        ),
        (
            {"examples": "[1]"},
            {"examples": ["Examples are a JSON list of objects that have an “output”."]},
        ),
    ],
)
def test_a_mistake_stops_at_its_field(
    admin_client: Client, fields: dict[str, str], found: dict[str, list[str]]
) -> None:
    assert errors(admin_client.post(ADD, form(**fields))) == found
    assert not PromptTemplate.objects.filter(name="Quiz").exists()


def test_an_impossible_schema_is_refused(admin_client: Client) -> None:
    schema = {"type": "object", "properties": {"a": {"enum": []}}, "required": ["a"]}
    response = admin_client.post(ADD, form(output_schema=json.dumps(schema)))
    assert list(errors(response)) == ["output_schema"]


def test_structures_are_shown_indented_with_chinese_as_it_is(admin_client: Client) -> None:
    template = factories.template(examples=[{"output": {"question": "问", "answer": "答"}}])
    html = admin_client.get(page(template)).content.decode()
    assert "&quot;question&quot;: &quot;问&quot;,\n" in html


def test_the_editor_is_a_table_over_the_list(admin_client: Client) -> None:
    html = admin_client.get(page(factories.template())).content.decode()
    assert 'x-data="variablesEditor"' in html
    assert 'x-ref="source"' in html
    for label in ("text", "whole number", "number", "choice", "list", "yes or no"):
        assert f">{label}</option>" in html


def test_saving_without_a_change_makes_no_version(admin_client: Client) -> None:
    admin_client.post(ADD, form())
    template = PromptTemplate.objects.get(name="Quiz")
    same = form(
        variables=json.dumps(template.variables),
        output_schema=json.dumps(template.output_schema),
        description="new words only",
    )
    admin_client.post(page(template), same)
    assert template.versions.count() == 1
    admin_client.post(page(template), {**same, "temperature": "0.1"})
    assert template.versions.count() == 2


def test_a_starter_can_be_edited_and_stays_one(admin_client: Client) -> None:
    template = factories.template(is_starter=True)
    admin_client.post(page(template), form(name=template.name, prompt="New {topic}"))
    template.refresh_from_db()
    assert (template.is_starter, template.prompt) == (True, "New {topic}")
    assert template.versions.count() == 2


# Buttons


def test_create_task_leads_to_the_tasks_form(admin_client: Client) -> None:
    template = factories.template()
    response = admin_client.get(page(template, "create_task"))
    add = reverse("admin:synthesis_synthesistask_add")
    assert response.headers["Location"] == f"{add}?template={template.pk}"


def test_create_template_leads_to_the_form(admin_client: Client) -> None:
    response = admin_client.get(reverse("admin:synthesis_prompttemplate_create_template"))
    assert response.headers["Location"] == ADD


def test_a_copy_is_made_by_post_only(admin_client: Client) -> None:
    template = factories.template(name="Origin")
    count = PromptTemplate.objects.count()
    admin_client.get(page(template, "duplicate"))
    assert PromptTemplate.objects.count() == count
    response = admin_client.post(page(template, "duplicate"), {"_form_submitted": "True"})
    copy = PromptTemplate.objects.get(name="Origin (2)")
    assert copy.content() == template.content()
    assert response.headers["HX-Redirect"] == page(copy)


# Versions


def test_versions_show_what_changed(admin_client: Client) -> None:
    template = factories.template(prompt="Old {topic}")
    template.prompt = "New {topic}"
    template.save()
    html = admin_client.get(page(template, "versions")).content.decode()
    assert '<div class="is-removed">-Old {topic}</div>' in html
    assert '<div class="is-added">+New {topic}</div>' in html


def test_an_older_version_can_be_restored(admin_client: Client) -> None:
    template = factories.template(prompt="Old {topic}")
    template.prompt = "New {topic}"
    template.save()
    response = admin_client.post(restore(template, 1), follow=True)
    template.refresh_from_db()
    assert (template.prompt, template.latest_version.number) == ("Old {topic}", 3)
    assert "Version 1 is the newest content again." in response.content.decode()
    assert LogEntry.objects.latest("pk").object_id == str(template.pk)


def test_a_version_that_is_not_there_is_not_restored(admin_client: Client) -> None:
    assert admin_client.post(restore(factories.template(), 9)).status_code == 404


def test_restoring_is_a_post(admin_client: Client) -> None:
    assert admin_client.get(restore(factories.template(), 1)).status_code == 405


# Permissions


@pytest.mark.parametrize(
    ("name", "codename"),
    [
        ("try_it", "change_prompttemplate"),
        ("restore", "change_prompttemplate"),
        ("duplicate", "add_prompttemplate"),
        ("create_task", "add_synthesistask"),
        ("versions", "view_prompttemplate"),
    ],
)
def test_each_page_asks_for_its_permission(name: str, codename: str) -> None:
    template = factories.template()
    url = restore(template, 1) if name == "restore" else page(template, name)
    method = "get" if name == "versions" else "post"
    given = {"_form_submitted": "True"}
    assert getattr(staff(), method)(url, given).status_code == 403
    author = User.objects.create_user("author", is_staff=True)
    author.user_permissions.add(Permission.objects.get(codename=codename))
    client = Client()
    client.force_login(author)
    assert getattr(client, method)(url, given).status_code in (200, 302)


def test_changes_need_the_token_of_the_form(admin_user: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    template = factories.template()
    for url in (restore(template, 1), page(template, "try_it"), page(template, "duplicate")):
        assert client.post(url).status_code == 403
