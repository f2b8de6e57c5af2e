"""Drafts of templates with several steps: each becomes a call of its own, until it is whole.

The record then belongs to the batch that began its draft, at the draft's place in that reply:
what is asked of batches (their counts, their yield, their judges) needs to know of no steps.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jsonschema.exceptions import best_match

from synthesis import schemas, steps, violations
from synthesis.engine import samples, works
from synthesis.models import Batch, Record, Run
from synthesis.models.bulk import insert_each


def go_on(run: Run, batches: Mapping[int, Batch], drafts: Sequence[Record]) -> list[Record]:
    """Plan the next step of each draft that is good so far; return the records that end here.

    The caller's transaction holds the run's row lock.
    """
    version = run.template_version
    ended: list[Record] = []
    following: list[Batch] = []
    for record in drafts:
        batch = batches[record.batch_id]
        is_last = batch.step == len(version.steps)
        if record.status != Record.Status.MALFORMED:
            fill(run, batch, record, is_checked=not is_last)
        if is_last or record.status == Record.Status.MALFORMED:
            ended.append(placed(record, batch))
        else:
            following.append(next_step(record, batch))
    if following:
        works.number(run, Batch.Kind.STEP, following)
        for batch in following:
            batch.seed = batch.values["seed"]
        insert_each(following)
    return ended


def fill(run: Run, batch: Batch, record: Record, *, is_checked: bool) -> None:
    """Put the draft together; one that no later step can make good is malformed now.

    A whole record is left to the checks that every record passes.
    """
    version = run.template_version
    part = steps.part(version, batch.step)
    draft = steps.own_fields(part, record.content)
    error = best_match(schemas.validator(part.output_schema).iter_errors(draft))
    if is_checked and error is not None:
        found = {"check": "schema", "code": "schema", "detail": error.json_path}
        record.content, record.status = draft, Record.Status.MALFORMED
        record.findings = [{**found, **violations.parts(error)}]
    else:
        record.content = steps.merged(version, batch.step, batch.values, draft)


def placed(record: Record, batch: Batch) -> Record:
    """Give a record to the batch that began its draft."""
    if batch.kind == Batch.Kind.STEP:
        record.batch_id, record.position = batch.origin_id, batch.subject[0]
    return record


def next_step(record: Record, batch: Batch) -> Batch:
    """Return the call that goes on with a draft; its seed depends on the draft's place alone."""
    is_step = batch.kind == Batch.Kind.STEP
    subject = batch.subject if is_step else [record.position]
    rng = random.Random(f"{batch.seed}:{subject[0]}")  # noqa: S311  reproducible, not secret
    drawn: dict[str, Any] = {"count": 1, "seed": rng.getrandbits(31)}
    if samples.AVOID in batch.values:
        drawn[samples.AVOID] = ""
    return Batch(
        language_model_id=batch.language_model_id,
        origin_id=batch.origin_id if is_step else batch.pk,
        subject=subject,
        step=batch.step + 1,
        items=[record.source_item_id] if record.source_item_id else batch.items,
        values={**batch.values, **drawn, **record.content},
    )


def later_steps(record: Record) -> list[Batch]:
    """Return the later steps that a record went through, in order."""
    if record.batch is None or record.run is None or not record.run.template_version.steps:
        return []
    of_draft = record.batch.later_steps.filter(subject=[record.position])
    return list(of_draft.order_by("step"))


def failures(begun: Iterable[int]) -> list[dict[str, Any]]:
    """Return a failed later step, if there is one, for each of the batches that began drafts."""
    failed = Batch.objects.failed().filter(origin__in=list(begun))
    rows = failed.order_by("ended_at").values("origin", "error_code", "error_detail")
    return list({row["origin"]: row for row in rows}.values())


def makers(records: Iterable[Record]) -> dict[int, Batch]:
    """Return by record id the batch whose reply made each record what it is.

    Cost: two queries.
    """
    rows = list(records)
    begun = Batch.objects.in_bulk({record.batch_id for record in rows if record.batch_id})
    later = Batch.objects.filter(origin__in=begun).order_by("step")
    latest = {(batch.origin_id, batch.subject[0]): batch for batch in later}
    return {
        record.pk: latest.get((record.batch_id, record.position), begun[record.batch_id])
        for record in rows
        if record.batch_id in begun
    }
