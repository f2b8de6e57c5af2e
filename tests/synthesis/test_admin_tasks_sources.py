"""Tasks that generate from a source: their form and their page."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from providers.models import LanguageModel
from quality.record_cases import case_of, sourced_batches
from synthesis import copying, item_coverage
from synthesis.engine import planner
from synthesis.errors import TaskNotReadyError
from synthesis.models import PromptTemplate, Record, Run, Source, SynthesisTask
from tests import factories
from tests.synthesis.test_admin_tasks_form import ADD, VARIABLES, posted
from tests.synthesis.test_admin_tasks_list import viewer

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

TARGET = reverse("admin:synthesis_synthesistask_target")
LACKING = (
    "Give a value for question: the source has no column of this name. It has {answer}, {text}."
)
STARTED = "The task was created and has started."


@pytest.fixture
def model() -> LanguageModel:
    return factories.language_model(is_default=True)


@pytest.fixture
def template() -> PromptTemplate:
    return factories.template(prompt="Rewrite {question} as {style}", variables=[])


@pytest.fixture
def source() -> Source:
    return factories.source({"question": "Why?"}, {"question": "How?"})


def order(template: PromptTemplate, source: Source, **fields: Any) -> dict[str, Any]:
    given = {"source": source.pk, "values-style": "verse", "values-topic": "", **fields}
    return posted(template, **given)


def errors(client: Client, data: dict[str, Any]) -> dict[str, list[str]]:
    return dict(client.post(ADD, data).context["adminform"].form.errors)


def messages(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


class TestForm:
    def test_a_source_fills_its_variables_and_makes_up_the_target(
        self, admin_client, model, template, source
    ):
        response = admin_client.post(ADD, order(template, source, records_per_item=3))
        assert messages(response) == [STARTED]
        task = SynthesisTask.objects.get()
        run = task.latest_run
        assert (task.target_count, task.items_per_call, task.values) == (6, 1, {"style": "verse"})
        assert (run.source, run.records_per_item, run.target_count) == (source, 3, 6)

    @pytest.mark.parametrize("typed", ["", "many", "0", "7"])
    def test_the_records_wanted_that_were_typed_count_for_nothing_beside_records_per_item(
        self, admin_client, model, template, source, typed
    ):
        data = order(template, source, records_per_item=3, target_count=typed)
        assert messages(admin_client.post(ADD, data)) == [STARTED]
        assert SynthesisTask.objects.get().target_count == 6

    def test_the_records_wanted_are_required_where_they_are_spread(
        self, admin_client, model, template, source
    ):
        data = order(template, source, target_count="")
        assert errors(admin_client, data) == {"target_count": ["This field is required."]}

    def test_shows_what_the_source_makes_up_and_keeps_what_was_typed(
        self, admin_client, template, source
    ):
        data = order(template, source, records_per_item=3, target_count=77)
        html = admin_client.post(TARGET, data).content.decode()
        assert 'value="6"' in html
        assert "disabled" in html
        assert '<input type="hidden" name="target_count" value="77">' in html
        assert "Items of the source: 2; records of each: 3." in html

    def test_keeps_what_was_typed_when_the_form_comes_back(self, admin_client, template, source):
        data = order(template, source, records_per_item=3, target_count=77, name="")
        html = admin_client.post(ADD, data).content.decode()
        assert '<input type="hidden" name="target_count" value="77">' in html

    def test_asks_for_the_records_wanted_where_no_source_decides(self, admin_client, template):
        given = posted(template, records_per_item=3, target_count=77)
        html = admin_client.post(TARGET, given).content.decode()
        assert 'value="77"' in html
        assert "hidden" not in html

    def test_only_who_may_order_sees_the_records_wanted(self, template):
        assert viewer().post(TARGET, posted(template)).status_code == 403

    def test_asks_for_what_the_source_does_not_fill(self, admin_client, model, template, source):
        response = admin_client.post(VARIABLES, order(template, source, **{"values-style": ""}))
        html = response.content.decode()
        assert 'name="values-style"' in html
        assert 'name="values-question"' not in html
        assert "Filled by the source:" in html
        assert "Give a value" not in html
        assert "&#123;question&#125;" in html

    def test_refuses_a_prompt_with_a_column_that_is_not_there(
        self, admin_client, model, template, source
    ):
        source.columns = ["answer"]
        source.save()
        page = admin_client.post(ADD, order(template, source))
        assert page.context["adminform"].form.errors == {
            "values": ["Some variables need another value."]
        }
        assert LACKING in page.content.decode()

    def test_refuses_a_source_without_items(self, admin_client, model, template):
        empty = factories.source(name="Nothing", columns=["question"])
        assert errors(admin_client, order(template, empty)) == {
            "source": ["The source “Nothing” holds nothing to generate from. Load it first."]
        }

    def test_refuses_more_items_in_a_call_than_records(self, admin_client, model, template, source):
        data = order(template, source, batch_size=3, items_per_call=4)
        assert errors(admin_client, data) == {
            "items_per_call": [
                "A call asks for a record of each item: the batch size must be 4 or more."
            ]
        }

    def test_refuses_more_records_than_a_run_may_want(self, admin_client, model, template, source):
        Source.objects.update(item_count=20_000)
        assert errors(admin_client, order(template, source, records_per_item=1000)) == {
            "records_per_item": ["That makes 20000000 records; a run can want at most 10000000."]
        }

    def test_refuses_records_per_item_of_no_source(self, admin_client, model):
        data = posted(factories.template(), records_per_item=2)
        assert errors(admin_client, data) == {
            "records_per_item": ["Choose the source that the records are made from."]
        }

    def test_warns_of_a_prompt_that_shows_nothing_of_the_source(self, admin_client, model, source):
        response = admin_client.post(ADD, posted(factories.template(), source=source.pk))
        assert messages(response) == [
            "The prompt uses no variable of the source, so the model does not see it:"
            " {question}, {text}.",
            STARTED,
        ]


def test_a_copy_and_a_second_run_keep_the_source(source, template):
    task = factories.task(
        source=source, template=template, values={"style": "x"}, records_per_item=2
    )
    copy = task.clone()
    assert (copy.source, copy.records_per_item) == (source, 2)
    assert copy.start().target_count == 4


def test_a_source_that_was_emptied_refuses_the_start(source, template):
    task = factories.task(source=source, template=template, values={"style": "x"})
    Source.objects.update(item_count=0)
    with pytest.raises(TaskNotReadyError, match="holds nothing to generate from"):
        task.start()


# What was true of the source when the task was saved need not be true at its start.
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"item_count": 6_000_000},
            "That makes 12000000 records; a run can want at most 10000000.",
        ),
        ({"columns": ["answer"]}, LACKING),
    ],
)
def test_a_source_that_fits_the_task_no_more_refuses_the_start(source, template, change, sentence):
    task = factories.task(
        source=source, template=template, values={"style": "x"}, records_per_item=2
    )
    Source.objects.update(**change)
    with pytest.raises(TaskNotReadyError) as refused:
        task.start()
    assert (refused.value.code, str(refused.value)) == ("source_not_ready", sentence)
    assert not task.runs.exists()


def test_a_draft_wants_what_its_source_holds_now(admin_client, source, template):
    task = factories.task(
        source=source, template=template, values={"style": "x"}, records_per_item=2
    )
    assert task.wanted == 4
    Source.objects.update(item_count=9)
    page = admin_client.get(reverse("admin:synthesis_synthesistask_change", args=[task.pk]))
    html = page.content.decode()
    assert "0/18" in html
    assert "<dt>Records wanted</dt><dd>18</dd>" in html
    assert admin_client.get(f"/api/v1/tasks/{task.pk}/").json()["target_count"] == 18


class TestPages:
    """A run of two items, of which the first has its record and the second has none."""

    @pytest.fixture
    def run(self) -> Run:
        source = factories.source({"question": "Why <b>?"}, {"question": "How?"}, name="Doubts")
        prompt = factories.template(prompt="Rewrite {question}", variables=[])
        task = factories.task(source=source, template=prompt, records_per_item=1)
        run = factories.run(task)
        planner.top_up(run)
        for batch in run.batches.filter(items=[source.items.get(position=0).pk]):
            factories.records(1, of_run=run, batch=batch, source_item_id=batch.items[0])
        run.refresh_from_db()
        return run

    @pytest.mark.parametrize("kind", ["run", "synthesistask"])
    def test_say_which_items_lack_records_once_the_run_stopped(self, admin_client, run, kind):
        run.pause()
        row = run if kind == "run" else run.task
        url = reverse(f"admin:synthesis_{kind}_change", args=[row.pk])
        html = " ".join(admin_client.get(url).content.decode().split())
        assert "<dt>Records per item</dt><dd>1</dd>" in html
        assert "Doubts</a>: 1 of 2 items are complete (1 accepted from each)." in html
        lacking = run.source.items.get(position=1)
        assert f"source_item__id__exact={lacking.pk}" in html
        assert "0/1" in html

    def test_name_no_item_as_lacking_while_the_run_is_at_work(self, run):
        found = item_coverage.of(run)
        assert (found.done, found.lacking, found.more) == (1, [], 0)

    def test_show_the_source_beside_the_record(self, admin_client, run):
        record = run.records.get()
        html = admin_client.get(record_url(record)).content.decode()
        assert "Why &lt;b&gt;?" in html
        assert "Rewrite Why &lt;b&gt;?" in html
        assert f"{source_url(run.source)}?from=0#items" in html

    def test_show_the_source_of_a_copy(self, admin_client, run):
        copying.copy(run.records.all(), factories.dataset())
        copy = Record.objects.get(run=None)
        assert "Why &lt;b&gt;?" in admin_client.get(record_url(copy)).content.decode()

    def test_list_the_records_of_a_source_or_of_one_item(self, admin_client, run):
        factories.records(1)
        url, item = reverse("admin:synthesis_record_changelist"), run.records.get().source_item_id
        for query in (f"run__source__id__exact={run.source_id}", f"source_item__id__exact={item}"):
            page = admin_client.get(f"{url}?{query}")
            assert list(page.context["cl"].result_list) == list(run.records.all())

    def test_judges_are_told_the_source_and_the_prompt(self, run):
        case = case_of(run.records.get())
        assert case.source == "question: Why <b>?"
        assert case.prompts[0].startswith("Rewrite Why <b>?")
        assert sourced_batches(run.records.all()) == {run.records.get().batch_id}


def test_a_run_that_spreads_its_target_counts_the_items_with_records():
    source = factories.source("tea", "rice")
    task = factories.task(source=source, values={"topic": "x"})
    run = factories.run(task)
    factories.records(2, of_run=run, source_item=source.items.get(position=0))
    found = item_coverage.of(run)
    assert (found.items, found.done, found.lacking, found.more) == (2, 1, [], 0)


def test_many_items_are_counted_only_when_the_run_has_ended(monkeypatch):
    monkeypatch.setattr(item_coverage, "COUNTED_WHILE_ACTIVE", 1)
    monkeypatch.setattr(item_coverage, "SHOWN", 1)
    source = factories.source("tea", "rice")
    run = factories.run(factories.task(source=source, records_per_item=1))
    assert item_coverage.of(run) is None
    run.cancel()
    found = item_coverage.of(run)
    assert (found.done, len(found.lacking), found.more) == (0, 1, 1)


def record_url(record: Record) -> str:
    return reverse("admin:synthesis_record_change", args=[record.pk])


def source_url(source: Source) -> str:
    return reverse("admin:synthesis_source_change", args=[source.pk])
