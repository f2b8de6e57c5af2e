"""Turn what the ledger holds into judged records, in groups.

The ledger's commit has kept what was paid for, as it came; this one parses it, sends
it through the checks and ends the batches, fenced by their tokens.
"""

from __future__ import annotations

import logging
import random
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from providers.errors import (
    ContentRefusedError,
    ProviderError,
    RateLimitedError,
    ReplyTooLargeError,
)
from synthesis import parsing
from synthesis.engine import settlement
from synthesis.engine.clock import database_now
from synthesis.engine.ledger import Outcome
from synthesis.models import Batch, Record, Run
from synthesis.models.bulk import update_each
from synthesis.sanitising import clean_text

logger = logging.getLogger(__name__)

LONGEST_BACKOFF_SECONDS = 60.0
LONGEST_RETRY_AFTER_SECONDS = 3600.0  # a vendor's word is taken, but asked again within the hour
OF_ONE_CALL = (ContentRefusedError, ReplyTooLargeError)  # permanent, but the run goes on

BATCH_FIELDS = (
    "state",
    "worker",
    "attempts",
    "throttles",
    "not_before",
    "error_code",
    "error_detail",
    "accepted",
    "duplicate",
    "malformed",
    "rejected",
    "surplus",
    "ended_at",
)


def write(outcomes: list[Outcome]) -> None:
    """Finish a group; one bad batch does not take the others with it."""
    by_run: dict[int, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_run[outcome.claim.batch.run_id].append(outcome)
    for run_id, group in by_run.items():
        try:
            finish(run_id, group)
        except Exception:
            logger.exception(
                "A group of %s batches could not be written; one by one now", len(group)
            )
            finish_one_by_one(run_id, group)


def finish_one_by_one(run_id: int, outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        try:
            finish(run_id, [outcome])
        except Exception as error:
            logger.exception("Batch %s could not be written", outcome.claim.batch.pk)
            postpone(run_id, outcome, str(error))


def finish(run_id: int, outcomes: list[Outcome]) -> None:
    """Turn a run's outcomes into records and batch ends in one transaction."""
    run = Run.objects.select_related("dataset", "template_version").filter(pk=run_id).first()
    if run is None:
        return
    schema = run.template_version.output_schema
    parsed = {o.claim.batch.pk: drafts(o, schema) for o in outcomes if o.reply is not None}
    with transaction.atomic():
        run.dataset.lock()
        if not list(Run.objects.select_for_update().filter(pk=run_id).values_list("pk")):
            return
        held = held_batches(outcomes)
        kept = [outcome for outcome in outcomes if outcome.claim.batch.pk in held]
        records = [
            record
            for outcome in kept
            for record in new_records(run, outcome, parsed.get(outcome.claim.batch.pk, []))
        ]
        Record.objects.write(records, dataset=run.dataset, run=run)
        end_batches(run, kept, held, records)
        settlement.settle(run)


def drafts(outcome: Outcome, schema: dict[str, Any]) -> list[parsing.Draft]:
    reply = outcome.reply
    assert reply is not None  # noqa: S101  narrows the type
    if reply.finish_reason == "refused":
        return [parsing.Draft(content=None, raw=clean_text(reply.text), problem="refused")]
    is_cut = reply.finish_reason == "length"
    return parsing.parse_reply(reply.text, truncated=is_cut, schema=schema or None).drafts


def held_batches(outcomes: list[Outcome]) -> dict[int, Batch]:
    """Lock the batches that are still this worker's: same token, still running."""
    tokens = {outcome.claim.batch.pk: outcome.claim.batch.token for outcome in outcomes}
    running = Batch.objects.filter(pk__in=tokens, state=Batch.State.RUNNING)
    rows = running.select_for_update().defer("values")
    return {batch.pk: batch for batch in rows.order_by("pk") if batch.token == tokens[batch.pk]}


def new_records(run: Run, outcome: Outcome, drafts: list[parsing.Draft]) -> list[Record]:
    batch = outcome.claim.batch
    return [
        Record(
            dataset_id=run.dataset_id,
            run_id=run.pk,
            batch_id=batch.pk,
            position=position,
            language_model_id=batch.language_model_id,
            category=run.category,
            content=draft.content,
            raw=draft.raw if draft.problem else "",
            status=Record.Status.MALFORMED if draft.problem else Record.Status.ACCEPTED,
            findings=[{"check": "parse", "code": draft.problem}] if draft.problem else [],
        )
        for position, draft in enumerate(drafts)
    ]


def end_batches(
    run: Run, outcomes: list[Outcome], held: dict[int, Batch], records: list[Record]
) -> None:
    for record in records:
        batch = held[record.batch_id]
        setattr(batch, record.status, getattr(batch, record.status) + 1)
    now = database_now()
    fatal = None
    for outcome in outcomes:
        batch = held[outcome.claim.batch.pk]
        if outcome.error is None:
            batch.state, batch.ended_at = Batch.State.DONE, now
            batch.error_code = batch.error_detail = ""
        else:
            fail_or_retry(run, batch, outcome.error, now)
            fatal = outcome.error if is_fatal(outcome.error) else fatal
    update_each(list(held.values()), BATCH_FIELDS)
    stop_for(run, fatal, outcomes)


def is_fatal(error: ProviderError) -> bool:
    return error.permanent and not isinstance(error, OF_ONE_CALL)


def stop_for(run: Run, fatal: ProviderError | None, outcomes: list[Outcome]) -> None:
    if fatal is not None:
        run.stop(Run.Status.FAILED, fatal.code, clean_text(fatal.detail))
        return
    errors = [outcome.error for outcome in outcomes if outcome.error is not None]
    if errors and len(errors) == len(outcomes):
        detail = clean_text(errors[-1].detail)
        settlement.stop_when_nothing_works(run, errors[-1].code, detail)


def fail_or_retry(run: Run, batch: Batch, error: ProviderError, now: datetime) -> None:
    """Plan the batch again after a pause, or end it; being throttled costs no attempt."""
    batch.error_code, batch.error_detail = error.code, clean_text(error.detail)
    if isinstance(error, RateLimitedError):
        batch.attempts -= 1
        batch.throttles += 1
    if error.permanent or batch.attempts >= run.max_attempts:
        batch.state, batch.ended_at = Batch.State.FAILED, now
        return
    batch.state, batch.worker_id = Batch.State.PLANNED, None
    tries = batch.attempts + batch.throttles
    batch.not_before = now + timedelta(seconds=pause_seconds(tries, error.retry_after_seconds))


def pause_seconds(tries: int, retry_after_seconds: float | None) -> float:
    """What the vendor asks for, else exponential back-off with full jitter."""
    if retry_after_seconds is not None:
        return min(retry_after_seconds, LONGEST_RETRY_AFTER_SECONDS)
    ceiling = min(LONGEST_BACKOFF_SECONDS, 2.0 ** min(tries, 10))
    return random.uniform(ceiling / 4, ceiling)  # noqa: S311  jitter is no secret


def postpone(run_id: int, outcome: Outcome, detail: str) -> None:
    """Leave a batch whose records could not be written; its answer stays stored."""
    with transaction.atomic():
        run = Run.objects.select_for_update().filter(pk=run_id).first()
        if run is None:
            return
        for batch in held_batches([outcome]).values():
            batch.error_code, batch.error_detail = "write_failed", clean_text(detail)
            batch.state, batch.worker_id = Batch.State.PLANNED, None
            batch.not_before = database_now() + timedelta(
                seconds=pause_seconds(batch.attempts, None)
            )
            if batch.attempts >= run.max_attempts:
                batch.state, batch.ended_at = Batch.State.FAILED, database_now()
            update_each([batch], BATCH_FIELDS)
        settlement.settle(run)
