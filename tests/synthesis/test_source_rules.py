"""What a task and its source ask of each other, without a database."""

from __future__ import annotations

import pytest
from django.utils import translation

from synthesis import source_rules
from synthesis.models import Job, PromptTemplate, Source, SynthesisTask

pytestmark = pytest.mark.any_database


def source(**fields):
    return Source(**{"name": "Tea", "item_count": 3, "columns": ["question"], **fields})


def task(of=None, **fields):
    return SynthesisTask(**{"source": of, "batch_size": 5, **fields})


def test_a_task_without_a_source_has_nothing_to_answer_for():
    assert source_rules.problems(task()) == {}


def test_records_per_item_ask_for_a_source():
    expected = ["Choose the source that the records are made from."]
    assert source_rules.problems(task(records_per_item=1)) == {"records_per_item": expected}


@pytest.mark.parametrize("state", [Job.State.WAITING, Job.State.RUNNING])
def test_a_source_that_is_being_loaded_is_waited_for_whatever_it_holds(state):
    expected = "The source “Tea” is still being loaded. Wait until it is there."
    assert source_rules.not_ready(source(job=Job(state=state))) == expected


@pytest.mark.parametrize("state", [Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED])
def test_a_source_is_ready_by_its_items_once_its_job_has_ended(state):
    assert source_rules.not_ready(source(job=Job(state=state))) == ""
    assert source_rules.not_ready(source(job=Job(state=state), item_count=0)) == (
        "The source “Tea” holds nothing to generate from. Load it first."
    )


@pytest.mark.parametrize(("per_item", "is_refused"), [(10_000_000, False), (10_000_001, True)])
def test_a_run_may_want_ten_million_records_and_no_more(per_item, is_refused):
    found = source_rules.problems(task(source(item_count=1), records_per_item=per_item))
    expected = "That makes 10000001 records; a run can want at most 10000000."
    assert found == ({"records_per_item": [expected]} if is_refused else {})


def test_each_field_says_its_own_problem():
    found = source_rules.problems(task(source(item_count=0), records_per_item=1, items_per_call=6))
    assert found == {
        "source": ["The source “Tea” holds nothing to generate from. Load it first."],
        "items_per_call": [
            "A call asks for a record of each item: the batch size must be 6 or more."
        ],
    }


def test_a_call_may_show_as_many_items_as_it_asks_for_records():
    assert source_rules.problems(task(source(), records_per_item=1, items_per_call=5)) == {}


def test_a_source_with_a_percent_sign_in_its_name_is_named_as_it_is():
    found = source_rules.not_ready(source(name="50 % {text} %s", item_count=0))
    assert found.startswith("The source “50 % {text} %s” holds nothing")


@pytest.mark.parametrize(
    "content",
    [
        {"prompt": "Answer {question}"},
        {"prompt": "Rewrite {text}"},
        {"prompt": "Write", "system_prompt": "About {question}"},
        {"prompt": "Write", "steps": [{"prompt": "Answer {question}", "fields": ["a"]}]},
    ],
)
def test_a_prompt_uses_its_source_in_any_part(content):
    assert source_rules.unused(PromptTemplate(**content), source()) == ""


@pytest.mark.parametrize("prompt", ["", "{{question}}", "{ question }", "{Question}", "{count}"])
def test_what_only_looks_like_a_variable_of_the_source_is_remarked(prompt):
    columns = ["question", "count"]
    assert source_rules.unused(PromptTemplate(prompt=prompt), source(columns=columns)) == (
        "The prompt uses no variable of the source, so the model does not see it:"
        " {question}, {text}."
    )


def test_the_sentences_are_there_in_chinese():
    with translation.override("zh-hans"):
        assert "Tea" in source_rules.not_ready(source(item_count=0))
        assert "holds" not in source_rules.not_ready(source(item_count=0))
        assert "records" not in source_rules.too_many(10**8)
