from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from providers.models import LanguageModel
from synthesis.models import Batch, Record, Run
from tests import factories
from tests.synthesis.test_admin_tasks_list import viewer
from tests.synthesis.test_admin_tasks_page import HOSTILE, call

pytestmark = pytest.mark.django_db

LIST = reverse("admin:synthesis_record_changelist")


@pytest.fixture
def model() -> LanguageModel:
    return factories.language_model(input_price=Decimal(1), output_price=Decimal(1))


@pytest.fixture
def run(model: LanguageModel) -> Run:
    return factories.run(factories.task(model), status="completed")


def page_url(record: Record) -> str:
    return reverse("admin:synthesis_record_change", args=[record.pk])


def texts(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def write(run: Run, *contents: Any, **fields: Any) -> list[Record]:
    rows = [Record(dataset=run.dataset, run=run, content=content, **fields) for content in contents]
    return Record.objects.write(rows, dataset=run.dataset, run=run)


def drawn(run: Run, model: LanguageModel) -> Batch:
    """Return a batch whose call was answered for 0.3."""
    made = call(run, model, "stored", cost=Decimal("0.3"))
    Batch.objects.update(values={"topic": "rice", "count": 2, "seed": 7}, seed=7)
    made.batch.refresh_from_db()
    return made.batch


def test_lists_what_became_of_each_record(admin_client: Client, run: Run) -> None:
    content = {"question": "Why?", "answer": "So."}
    first, twin = write(run, content, content)
    write(
        run, None, raw="Sorry", status="malformed", findings=[{"check": "parse", "code": "refused"}]
    )
    page = admin_client.get(LIST).content.decode()
    assert "Why? · So." in page
    assert "The dataset holds a record with the same content already." in page
    assert f"Repeats record {first.pk}" in page
    assert twin.duplicate_of_id == first.pk
    assert "The model refused to answer." in page
    assert "Sorry" in page


def test_lists_with_few_queries_and_without_counting(
    admin_client: Client, run: Run, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    factories.records(30, into=run.dataset)
    with django_assert_max_num_queries(10) as queries:
        admin_client.get(LIST)
    assert not [
        query for query in queries if "COUNT(*)" in query["sql"] and "record" in query["sql"]
    ]


@pytest.mark.parametrize("query", ["status__exact=malformed", "run__id__exact={run}"])
def test_filters(admin_client: Client, run: Run, query: str) -> None:
    factories.records(2)
    (broken,) = write(run, {"question": 1})
    rows = admin_client.get(f"{LIST}?{query.format(run=run.pk)}").context["cl"].result_list
    assert list(rows) == [broken]


def test_shows_the_prompt_beside_the_record(
    admin_client: Client, run: Run, model: LanguageModel
) -> None:
    (record,) = write(run, {"question": "Why?", "answer": "So."}, batch=drawn(run, model))
    page = admin_client.get(page_url(record)).content.decode()
    assert "Write 2 questions and answers about rice." in page
    assert "0.30 USD" in page
    assert "Why?" in page


def test_splits_the_cost_over_the_records_of_a_call(
    admin_client: Client, run: Run, model: LanguageModel
) -> None:
    batch = drawn(run, model)
    rows = [
        Record(
            dataset=run.dataset,
            run=run,
            batch=batch,
            position=position,
            content={"question": f"{position}", "answer": "A"},
        )
        for position in range(3)
    ]
    Record.objects.write(rows, dataset=run.dataset, run=run)
    context = admin_client.get(page_url(rows[0])).context
    assert context["cost_share"] == Decimal("0.1")


def test_says_when_the_prompt_cannot_be_rendered(
    admin_client: Client, run: Run, model: LanguageModel
) -> None:
    batch = drawn(run, model)
    Batch.objects.update(values={"count": 2})
    (record,) = write(run, {"question": "Why?", "answer": "So."}, batch=batch)
    page = admin_client.get(page_url(record)).content.decode()
    assert "Give a value for each of these variables: topic, seed." in page


def test_shows_a_record_without_a_run(admin_client: Client) -> None:
    (record,) = factories.records(1)
    assert admin_client.get(page_url(record)).status_code == 200


def test_escapes_what_a_model_wrote(admin_client: Client, run: Run) -> None:
    (record,) = write(run, {HOSTILE: HOSTILE, "question": "Q", "answer": "A"})
    (broken,) = write(run, None, raw=HOSTILE, status="malformed")
    for address in (LIST, page_url(record), page_url(broken)):
        page = admin_client.get(address).content.decode()
        assert "<script>alert(1)" not in page
        assert "<img src=x" not in page
        assert 'href="javascript:' not in page


def test_saves_an_edit_through_the_checks(admin_client: Client, run: Run) -> None:
    (record,) = write(run, {"question": "Why?", "answer": "So."})
    changed = json.dumps({"question": "为什么？", "answer": "So."})
    admin_client.post(page_url(record), {"content": changed})
    record.refresh_from_db()
    assert record.content["question"] == "为什么？"
    assert record.edited_at is not None


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ({"question": "Taken?", "answer": "Yes."}, "duplicate"),
        ({"question": "No answer"}, "malformed"),
    ],
)
def test_tells_when_an_edit_spoils_a_record(
    admin_client: Client, run: Run, content: dict[str, str], status: str
) -> None:
    write(run, {"question": "Taken?", "answer": "Yes."})
    (record,) = write(run, {"question": "Why?", "answer": "So."})
    response = admin_client.post(page_url(record), {"content": json.dumps(content)}, follow=True)
    assert f"The record was accepted; after the checks it is {status}." in texts(response)
    run.refresh_from_db()
    assert (run.accepted, getattr(run, status)) == (1, 1)


def test_mends_a_malformed_record(admin_client: Client, run: Run) -> None:
    (record,) = write(run, None, raw="Sorry", status="malformed")
    content = json.dumps({"question": "Why?", "answer": "So."})
    admin_client.post(page_url(record), {"content": content})
    record.refresh_from_db()
    assert record.status == "accepted"


@pytest.mark.parametrize("typed", ['{"question": ', "", "nope"])
def test_keeps_what_was_typed_when_it_is_no_json(
    admin_client: Client, run: Run, typed: str
) -> None:
    (record,) = write(run, {"question": "Why?", "answer": "So."})
    response = admin_client.post(page_url(record), {"content": typed})
    form = response.context["adminform"].form
    assert form.errors["content"]
    assert form["content"].value() == typed


def test_keeps_counts_right_when_records_are_deleted(admin_client: Client, run: Run) -> None:
    one, two, three = factories.records(3, of_run=run)
    admin_client.post(reverse("admin:synthesis_record_delete", args=[one.pk]), {"post": "yes"})
    admin_client.post(
        LIST,
        {"action": "delete_selected", "_selected_action": [two.pk], "post": "yes"},
    )
    run.refresh_from_db()
    assert run.accepted == 1
    assert list(Record.objects.all()) == [three]


def test_cannot_be_added_by_hand(admin_client: Client) -> None:
    assert admin_client.get(reverse("admin:synthesis_record_add")).status_code == 403


def test_lets_a_viewer_look_and_nothing_else(run: Run) -> None:
    (record,) = factories.records(1, of_run=run)
    client = viewer("view_record")
    assert client.get(page_url(record)).status_code == 200
    assert client.post(page_url(record), {"content": "{}"}).status_code == 403
    delete = reverse("admin:synthesis_record_delete", args=[record.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403
