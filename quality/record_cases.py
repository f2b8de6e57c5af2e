"""What a judge must know about a record of ours: its prompt and its source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from quality.judge import Case
from synthesis import source_prompts, templating
from synthesis.engine import generation, prompting
from synthesis.models import Batch, Record

SOURCE_VALUE = "text"


def case_of(record: Record) -> Case:
    if record.batch is None or record.run is None:
        return Case(content=record.content)
    return Case(content=record.content, prompt=prompt_of(record), source=source_of(record))


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


def prompt_of(record: Record) -> str:
    """Render the prompt that the record was written for; nothing when that cannot be done."""
    batch = record.batch
    content, values = generation.asked(record.run, batch, generation.rows_of([batch]))
    try:
        sent = prompting.messages(content, values, instruct=False)
    except templating.TemplatingError:
        return ""
    return sent[-1].content
