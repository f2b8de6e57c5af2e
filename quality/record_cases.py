"""What a judge must know about a record of ours: its prompts and its source."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from quality.judge import Case
from synthesis import source_prompts, steps, templating
from synthesis.engine import generation, prompting
from synthesis.models import Batch, Record
from synthesis.models.template import PromptContent
from synthesis.steps import Part

# What a case reads of each record: without it, each would cost several queries.
JOINED = ("batch", "source_item__source", "run__template_version", "run__source")

SOURCE_VALUE = "text"


def case_of(record: Record) -> Case:
    if record.batch is None or record.run is None:
        return Case(content=record.content)
    return Case(content=record.content, prompts=prompts_of(record), source=source_of(record))


def source_of(record: Record) -> str:
    if record.source_item is not None:
        item = record.source_item
        return source_prompts.values(item.source.columns, [item.values])[SOURCE_VALUE].strip()
    return source_in(record.batch.values) if record.batch else ""


def source_in(values: Mapping[str, Any]) -> str:
    return templating.printed(values.get(SOURCE_VALUE)).strip()


def sourced_batches(records: Iterable[Record]) -> set[int]:
    """Return the ids of those generating batches that were given a source text."""
    ids = {record.batch_id for record in records}
    batches = Batch.objects.filter(pk__in=ids).values_list("pk", "items", "values")
    return {pk for pk, items, values in batches if items or source_in(values)}


def prompts_of(record: Record) -> tuple[str, ...]:
    """Render the prompts that the record was written for; none when that cannot be done."""
    try:
        return tuple(
            prompting.messages(content, values, instruct=False)[-1].content
            for content, values in asked_in_steps(record)
        )
    except templating.TemplatingError:
        return ()


def asked_in_steps(record: Record) -> Iterator[tuple[PromptContent | Part, Mapping[str, Any]]]:
    """Yield what each step asked; records that were begun together share even the later ones.

    Those therefore keep the names of what the judge is told anyway: fields, and the source.
    """
    run, begun = record.run, copy.copy(record.batch)
    begun.step = 0  # a repair may have begun later
    content, values = generation.asked(run, begun, generation.rows_of([begun]))
    yield content, values
    names = source_prompts.names(run.source.columns) if run.source else [SOURCE_VALUE]
    named = {name: f"{{{name}}}" for name in names if values.get(name)}
    later = list(steps.shown(run.template_version, {**values, **named}))
    yield from later[1:]
