"""The repair round as a kind of the engine's model calls: one malformed record, asked for again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from providers.clients.types import ChatRequest, Message, Reply
from quality import findings, policies, repair
from synthesis import schemas, templating
from synthesis.engine import continuation, generation, prompting, works
from synthesis.models import Batch, Record, Run
from synthesis.models.bulk import update_each
from synthesis.parsing import Draft

CHECK = "repair"
LONGEST_RAW = 20_000  # of what stands in the conversation twice
# Where there is nothing to mend: the model would not write it, or wrote nothing.
HOPELESS = {"refused", "empty"}


class RepairWork(works.Work):
    """A repair is a record of its own, made like any; the malformed one stays what it was."""

    def plan(self, run: Run, records: Sequence[Record]) -> list[Batch]:
        broken = [record for record in records if is_mendable(record)]
        if not broken or not policies.effective(run.dataset, run).policy.repair_rounds:
            return []
        origins = continuation.makers(broken)
        return [
            planned(record, origins[record.pk])
            for record in broken
            if record.pk in origins and is_first_try(record, origins[record.pk])
        ]

    def requests(self, run: Run, batches: Sequence[Batch]) -> dict[int, ChatRequest | None]:
        records, rows = malformed(batches), generation.rows_of(batches)
        return {
            batch.pk: request(run, batch, records[batch.subject[0]], rows)
            if batch.subject[0] in records
            else None
            for batch in batches
        }

    def read(self, run: Run, batch: Batch, reply: Reply) -> list[Draft]:
        return works.WORKS[Batch.Kind.GENERATE].read(run, batch, reply)[:1]

    def finish(self, run: Run, results: Sequence[tuple[Batch, list[Draft]]]) -> list[Record]:
        broken = malformed(batch for batch, _drafts in results)
        wanted = [pair for pair in results if pair[0].subject[0] in broken]
        made = works.WORKS[Batch.Kind.GENERATE].finish(run, wanted)
        by_batch = {batch.pk: broken[batch.subject[0]] for batch, _drafts in wanted}
        mended = {record.batch_id: record for record in made}
        for pk, record in by_batch.items():
            mark(record, mended.get(pk))
        update_each(list(by_batch.values()), ["findings"])
        return made


def is_mendable(record: Record) -> bool:
    if record.status != Record.Status.MALFORMED or not (record.raw or record.content):
        return False
    decided = findings.deciding(record.status, record.findings)
    return bool(decided) and decided.get("code") not in HOPELESS


def is_first_try(record: Record, origin: Batch) -> bool:
    """Tell a record that is no repair, and of which is known what it was made from."""
    is_known = record.source_item_id is not None or len(origin.items) < 2
    return origin.kind in Batch.MAKING and is_known


def planned(record: Record, origin: Batch) -> Batch:
    """Plan a repair with the values of the record's own prompt, which its judge will see."""
    return Batch(
        language_model_id=origin.language_model_id,
        subject=[record.pk],
        step=origin.step,
        items=[record.source_item_id] if record.source_item_id else origin.items,
        values=origin.values,
    )


def malformed(batches: Iterable[Batch]) -> dict[int, Record]:
    waiting = Record.objects.filter(status=Record.Status.MALFORMED)
    return waiting.in_bulk({pk for batch in batches for pk in batch.subject})


def request(
    run: Run, batch: Batch, record: Record, rows: Mapping[int, Mapping[str, Any]]
) -> ChatRequest:
    """Go on with the conversation: prompt, what came of it, and what is wrong with that."""
    (part, values), model = generation.asked(run, batch, rows), batch.language_model
    by_schema = bool(part.output_schema) and "json_schema" in model.capabilities
    told = prompting.messages(part, values, instruct=not by_schema)
    raw = (record.raw or json.dumps(record.content, ensure_ascii=False))[:LONGEST_RAW]
    language = templating.language(part.prompt)
    problem = findings.deciding(record.status, record.findings)
    complaint = repair.instruction(problem, raw, language)
    return ChatRequest(
        model=model.name,
        messages=(
            *told,
            Message(role="assistant", content=raw),
            Message(role="user", content=complaint),
        ),
        parameters=prompting.sent_parameters(model, run.parameters, 1),
        seed=batch.seed if "seed" in model.capabilities else None,
        json_schema=schemas.reply_schema(part.output_schema, 1) if by_schema else None,
    )


def mark(broken: Record, mended: Record | None) -> None:
    """Say on the malformed record what its repair became; its last finding stays the reason.

    A draft that was mended and goes on with later steps is no record yet.
    """
    is_good = mended is None or mended.status != Record.Status.MALFORMED
    found: dict[str, Any] = {"code": "repaired" if is_good else "not_repaired"}
    if mended is not None:
        found["record"] = mended.pk
    broken.findings = [{"check": CHECK, **found}, *broken.findings]
