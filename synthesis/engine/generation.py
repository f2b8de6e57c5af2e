"""The engine's own work: prompts become records."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from providers.clients.types import ChatRequest, Reply
from providers.sanitising import clean_text
from synthesis import parsing, source_prompts, steps
from synthesis.engine import continuation, prompting, works
from synthesis.models import Batch, Record, Run, SourceItem
from synthesis.models.bulk import copies
from synthesis.models.template import PromptContent


class Generation(works.Work):
    def requests(self, run: Run, batches: Sequence[Batch]) -> dict[int, ChatRequest | None]:
        rows = rows_of(batches)
        return {batch.pk: request(run, batch, rows) for batch in batches}

    def read(self, run: Run, batch: Batch, reply: Reply) -> list[parsing.Draft]:
        if reply.finish_reason == "refused":
            return [parsing.Draft(content=None, raw=clean_text(reply.text), problem="refused")]
        is_cut = reply.finish_reason == "length"
        schema = steps.part(run.template_version, batch.step).output_schema or None
        drafts = parsing.parse_reply(reply.text, truncated=is_cut, schema=schema).drafts
        return drafts[:1] if batch.step else drafts

    def finish(
        self, run: Run, results: Sequence[tuple[Batch, list[parsing.Draft]]]
    ) -> list[Record]:
        records = [
            record for batch, drafts in results for record in new_records(run, batch, drafts)
        ]
        batches = {batch.pk: batch for batch, _drafts in results}
        if run.template_version.steps:
            records = continuation.go_on(run, batches, records)
        Record.objects.write(records, dataset=run.dataset, run=run)
        count(records, batches)
        return records


def rows_of(batches: Sequence[Batch]) -> dict[int, Mapping[str, Any]]:
    """Return what the source items of batches say, by their ids."""
    shown = {pk for batch in batches for pk in batch.items}
    return dict(SourceItem.objects.filter(pk__in=shown).values_list("pk", "values"))


def request(run: Run, batch: Batch, rows: Mapping[int, Mapping[str, Any]]) -> ChatRequest:
    content, values = asked(run, batch, rows)
    return prompting.build_request(content, values, batch.language_model, run.parameters)


def asked(
    run: Run, batch: Batch, rows: Mapping[int, Mapping[str, Any]]
) -> tuple[PromptContent | steps.Part, dict[str, Any]]:
    """Return what a batch asks, and with which values; rows are what its source items say."""
    content, values = steps.part(run.template_version, batch.step), batch.values
    if run.source is None or not batch.items:
        return content, values
    shown = [rows.get(pk, {}) for pk in batch.items]
    filled = steps.filled(run.template_version, batch.step, values)
    if len(shown) > 1:
        each = batch.requested // len(shown)
        content = source_prompts.with_numbers(content, len(shown), each)
    return content, {**values, **source_prompts.values(run.source.columns, shown), **filled}


def count(records: Sequence[Record], batches: Mapping[int, Batch]) -> None:
    """Count records for their batches: those at hand are stored later, others now."""
    of_others: dict[int, Counter[str]] = defaultdict(Counter)
    for record in records:
        batch = batches.get(record.batch_id)
        if batch is None:
            of_others[record.batch_id][record.status] += 1
        else:
            setattr(batch, record.status, getattr(batch, record.status) + 1)
    for pk, counts in of_others.items():
        Batch.shift(pk, counts, Counter())


def new_records(run: Run, batch: Batch, drafts: Sequence[parsing.Draft]) -> list[Record]:
    blank = Record(
        dataset_id=run.dataset_id,
        run_id=run.pk,
        batch_id=batch.pk,
        language_model_id=batch.language_model_id,
        source_item_id=batch.items[0] if len(batch.items) == 1 else None,
        category=run.category,
    )
    records = copies(blank, len(drafts))
    for position, (record, draft) in enumerate(zip(records, drafts, strict=True)):
        if len(batch.items) > 1:
            draft, record.source_item_id = linked(draft, batch.items)
        record.position, record.content = position, draft.content
        if draft.problem:
            record.raw, record.status = draft.raw, Record.Status.MALFORMED
            record.findings = [{"check": "parse", "code": draft.problem}]
    return records


def linked(draft: parsing.Draft, items: Sequence[int]) -> tuple[parsing.Draft, int | None]:
    """Find the source item that a record names; one that names none is malformed."""
    if draft.problem:
        return draft, None
    number = source_prompts.take_number(draft.content, len(items))
    if number is None:
        raw = json.dumps(draft.content, ensure_ascii=False)
        return parsing.Draft(content=None, raw=raw, problem="no_item"), None
    return draft, items[number - 1]
