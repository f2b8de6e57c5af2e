"""What a judge is told of the prompts that a record was written for."""

from __future__ import annotations

from typing import Any

import pytest

from quality.record_cases import case_of, prompts_of
from synthesis.models import Batch, Record, Run, SynthesisTask, TemplateVersion
from tests import factories

ANSWER = {"prompt": "{text} On {topic}, answer: {question}", "fields": ["answer"]}


def record(*steps: dict[str, Any], batch: Batch | None = None, **version: Any) -> Record:
    """A record of no database, whose text was given as a value."""
    content = {"prompt": "{text} Ask {count} on {topic}.", "output_schema": factories.QA_SCHEMA}
    version = TemplateVersion(**{**content, "steps": list(steps), **version})
    values = {"text": "Tea is hot.", "topic": "tea", "count": 9}
    run = Run(task=SynthesisTask(), template_version=version)
    return Record(run=run, batch=batch or Batch(values=values), content={"question": "Why?"})


def test_a_template_of_one_step_has_one_prompt() -> None:
    assert prompts_of(record()) == ("Tea is hot. Ask 9 on tea.",)


def test_a_later_prompt_keeps_the_names_of_fields_and_source_that_stand_beside_it() -> None:
    assert prompts_of(record(ANSWER)) == (
        "Tea is hot. Ask 9 on tea.",
        "{text} On tea, answer: {question}",
    )


def test_a_record_whose_later_step_was_repaired_shows_the_prompts_of_all_steps() -> None:
    values = {"text": "Tea is hot.", "topic": "tea", "count": 1, "question": "Why?"}
    repair = Batch(values=values, kind="repair", step=1)
    shown = prompts_of(record(ANSWER, batch=repair))
    assert shown == ("Tea is hot. Ask 1 on tea.", "{text} On tea, answer: {question}")
    assert repair.step == 1


def test_no_prompt_is_shown_where_one_cannot_be_written_any_more() -> None:
    assert prompts_of(record({**ANSWER, "prompt": "{question} by {gone}"})) == ()


@pytest.mark.django_db
def test_records_of_one_call_over_several_items_share_their_later_prompts() -> None:
    source = factories.source({"place": "Xi'an"}, {"place": "Wuhan"})
    steps = [{"prompt": "{place}: {question}", "fields": ["answer"]}]
    template = factories.template(prompt="Ask about {place}", variables=[], steps=steps)
    run = factories.run(factories.task(template=template, source=source, records_per_item=1))
    items = list(source.items.order_by("position"))
    batch = Batch(items=[item.pk for item in items], requested=2, values={"count": 2})
    cases = [case_of(Record(run=run, batch=batch, source_item=item)) for item in items]
    assert [case.source for case in cases] == ["place: Xi'an", "place: Wuhan"]
    assert cases[0].prompts == cases[1].prompts
    assert cases[0].prompts[0].startswith("Ask about 1. Xi'an\n2. Wuhan")
    assert cases[0].prompts[1] == "{place}: {question}"
