"""A trial of a template with several steps, without any call."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from providers.clients.types import Reply, Usage
from synthesis import steps, trial
from synthesis.models import TemplateVersion
from synthesis.trial import Prepared, Trial, TriedRecord
from tests.factories import QA_SCHEMA

ANSWER = {"prompt": "Answer {question}", "fields": ["answer"]}
CLOSED = {**QA_SCHEMA, "additionalProperties": False}
NOTHING = Prepared((), None, [])


def version(**fields: Any) -> TemplateVersion:
    return TemplateVersion(
        **{"prompt": "Ask", "output_schema": QA_SCHEMA, "steps": [ANSWER], **fields}
    )


def reply(text: str) -> Reply:
    usage = Usage(prompt_tokens=1, completion_tokens=1)
    return Reply(text=text, finish_reason="stop", model="m", usage=usage)


def tried(*records: TriedRecord, **fields: Any) -> Trial:
    return Trial(prepared=NOTHING, records=list(records), **{"reply": reply(""), **fields})


def later(cost: Decimal | None, seconds: float | None) -> Trial:
    return tried(cost=cost, latency_seconds=seconds)


def test_a_step_is_not_blamed_for_a_field_of_another():
    part = steps.part(version(output_schema=CLOSED), 0)
    [record] = trial.read(reply('{"question": "Why?", "answer": "too early"}'), part)
    assert record == TriedRecord({"question": "Why?"}, "", "")


def test_the_one_step_of_a_template_is_blamed_for_what_the_schema_does_not_know():
    [record] = trial.read(
        reply('{"question": "Why?", "answer": "So.", "more": 1}'),
        version(output_schema=CLOSED, steps=[]),
    )
    assert record.problem == "$ has more than the schema allows: more."


def test_a_draft_is_asked_for_what_the_next_prompt_uses():
    optional = {**QA_SCHEMA, "required": []}
    [record] = trial.read(
        reply('{"answer": "So."}'), steps.part(version(output_schema=optional), 0)
    )
    assert (record.content, record.problem) == ({}, "$ lacks question.")


def test_what_is_no_object_keeps_its_text():
    [record] = trial.read(reply("[7]"), steps.part(version(), 1))
    assert record == TriedRecord(None, "7", "The record is not a JSON object.")


@pytest.mark.parametrize(
    ("brought", "problem"),
    [({"answer": "So."}, ""), ({"answer": ""}, "$.answer has fewer characters than 1.")],
)
def test_the_last_step_is_held_to_the_whole_schema(brought, problem):
    result = tried(TriedRecord(brought, "", ""))
    record = trial.gone_on(version(), 1, {"question": "Why?", "topic": "tea"}, result)
    assert (record.content, record.problem) == ({"question": "Why?", **brought}, problem)


def test_a_step_between_is_held_to_its_own_part():
    third = {"prompt": "Sum up {answer}", "fields": ["sum"]}
    schema = {**QA_SCHEMA, "properties": {**QA_SCHEMA["properties"], "sum": {}}}
    content = version(output_schema=schema | {"required": ["sum"]}, steps=[ANSWER, third])
    result = tried(TriedRecord({"answer": "So."}, "", "as it was"))
    record = trial.gone_on(content, 1, {"question": "Why?"}, result)
    assert record == TriedRecord({"question": "Why?", "answer": "So."}, "", "as it was")


def test_only_the_first_record_of_a_later_step_counts():
    result = tried(
        TriedRecord({"answer": "So."}, "", ""), TriedRecord({"answer": "Or so."}, "", "")
    )
    record = trial.gone_on(version(), 1, {"question": "Why?"}, result)
    assert record.content["answer"] == "So."


def test_a_reply_without_a_record_tells_so():
    broken = TriedRecord(None, "no JSON", "The reply holds no JSON object that can be read.")
    assert trial.gone_on(version(), 1, {"question": "Why?"}, tried(broken)) == broken


def test_a_call_that_failed_leaves_what_was_begun_with_advice():
    failed = tried(reply=None, error_code="timeout")
    record = trial.gone_on(version(), 1, {"question": "Why?"}, failed)
    assert record == TriedRecord({"question": "Why?"}, "", str(failed.advice))
    assert record.problem


# calls of later steps are made at the same time: their costs add up, the slowest one's time counts
def test_a_trial_costs_all_calls_and_takes_the_slowest_of_a_step():
    first = tried(cost=Decimal("0.5"), latency_seconds=2.0)
    whole = first.with_later([later(Decimal("0.25"), 1.0), later(Decimal("0.25"), 4.0)])
    assert (whole.cost, whole.latency_seconds) == (Decimal("1.00"), 6.0)
    assert whole.reply == first.reply


def test_a_trial_with_a_price_that_is_not_known_has_none():
    assert tried(cost=Decimal(1)).with_later([later(None, 1.0)]).cost is None


def test_a_later_call_that_failed_costs_nothing():
    failed = tried(reply=None)
    assert tried(cost=Decimal(1), latency_seconds=1.0).with_later([failed]).cost == Decimal(1)


@pytest.mark.parametrize("first", [tried(reply=None, error_code="timeout"), tried()])
def test_without_later_calls_a_trial_is_what_it_was(first):
    assert first.with_later([]) is first
