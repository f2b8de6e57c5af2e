"""Turn what the ledger holds into judged records, in groups.

The ledger's commit has kept what was paid for, as it came; this one parses it, sends
it through the checks and ends the batches, fenced by their tokens.
"""

from __future__ import annotations

import logging
import random
from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from providers.errors import ProviderError
from providers.sanitising import clean_text
from synthesis.engine import ledger, settlement, works
from synthesis.engine.clock import database_now
from synthesis.engine.ledger import Outcome
from synthesis.models import Batch, Run
from synthesis.models.bulk import update_each

logger = logging.getLogger(__name__)

LONGEST_BACKOFF_SECONDS = 60.0
LONGEST_RETRY_AFTER_SECONDS = 3600.0  # a vendor's word is taken, but asked again within the hour

BATCH_FIELDS = (
    "state",
    "worker",
    "attempts",
    "throttles",
    "not_before",
    "error_code",
    "error_detail",
    *Batch.COUNTERS,
    "ended_at",
)
OF_THE_CLAIM = ("values", "subject", "items")  # nobody changes them, so nobody reads them again


def write(outcomes: list[Outcome]) -> None:
    """Finish groups, each of one run."""
    by_run: dict[int, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_run[outcome.claim.batch.run_id].append(outcome)
    for run_id, group in by_run.items():
        finish_or_split(run_id, group)


def finish_or_split(run_id: int, outcomes: list[Outcome]) -> None:
    """Finish a group; one bad batch does not take the others with it."""
    try:
        finish(run_id, outcomes)
    except Exception as error:  # the outermost frame of a batch: its answer stays stored
        first = outcomes[0].claim.batch.pk
        logger.exception("%s batches from %s on could not be written", len(outcomes), first)
        if len(outcomes) == 1:
            postpone(run_id, outcomes[0], str(error))
            return
        for outcome in outcomes:
            finish_or_split(run_id, [outcome])


def finish(run_id: int, outcomes: list[Outcome]) -> None:
    """Turn a run's outcomes into records and batch ends in one transaction."""
    run = Run.objects.select_related("dataset", "template_version").filter(pk=run_id).first()
    if run is None:
        return
    read = [read_outcome(run, outcome) for outcome in outcomes]
    with transaction.atomic():
        run.dataset.lock()
        if not list(Run.objects.select_for_update().filter(pk=run_id).values_list("pk")):
            return
        held = held_batches(outcomes)
        kept = [(outcome, what) for outcome, what in read if outcome.claim.batch.pk in held]
        finish_works(run, kept, held)
        end_batches(run, [outcome for outcome, _what in kept], held)
        settlement.settle(run)


def read_outcome(run: Run, outcome: Outcome) -> tuple[Outcome, Any]:
    """Parse a reply; one that is no good makes its call a failed one."""
    batch = outcome.claim.batch
    if outcome.reply is None:
        return outcome, None
    try:
        return outcome, works.WORKS[batch.kind].read(run, batch, outcome.reply)
    except ProviderError as error:
        return replace(outcome, reply=None, error=error, is_discarded=True), None


def finish_works(run: Run, kept: list[tuple[Outcome, Any]], held: dict[int, Batch]) -> None:
    """Let each kind of work store what its calls brought, and all plan what follows from it."""
    for outcome, _what in kept:
        if outcome.is_discarded and outcome.error is not None:
            ledger.discard(outcome.claim, outcome.error)
    answered = [(held[o.claim.batch.pk], what) for o, what in kept if o.reply is not None]
    for kind, results in works.by_kind(answered).items():
        works.plan(run, works.WORKS[kind].finish(run, results))


def held_batches(outcomes: list[Outcome]) -> dict[int, Batch]:
    """Lock the batches that are still this worker's: same token, still running."""
    claimed = {outcome.claim.batch.pk: outcome.claim.batch for outcome in outcomes}
    running = Batch.objects.filter(pk__in=claimed, state=Batch.State.RUNNING)
    rows = running.select_for_update().defer(*OF_THE_CLAIM)
    held = {batch.pk: batch for batch in rows.order_by("pk")}
    for pk, batch in list(held.items()):
        if batch.token != claimed[pk].token:
            del held[pk]
        else:
            for name in (*OF_THE_CLAIM, "language_model"):
                setattr(batch, name, getattr(claimed[pk], name))
    return held


def end_batches(run: Run, outcomes: list[Outcome], held: dict[int, Batch]) -> None:
    now = database_now()
    for outcome in outcomes:
        batch = held[outcome.claim.batch.pk]
        if outcome.error is None:
            batch.state, batch.ended_at = Batch.State.DONE, now
            batch.error_code = batch.error_detail = ""
        else:
            fail_or_retry(run, batch, outcome.error, now)
    update_each(list(held.values()), BATCH_FIELDS)
    failed = [(batch, None) for batch in held.values() if batch.state == Batch.State.FAILED]
    for kind, group in works.by_kind(failed).items():
        works.WORKS[kind].failed(run, [batch for batch, _none in group])
    settlement.stop_for_errors(run, outcomes)


def fail_or_retry(run: Run, batch: Batch, error: ProviderError, now: datetime) -> None:
    """Plan the batch again after a pause, or end it; being throttled costs no attempt."""
    batch.error_code, batch.error_detail = error.code, clean_text(error.detail)
    if settlement.costs_no_attempt(batch, error):
        batch.attempts -= 1
        batch.throttles += 1
    elif error.permanent or batch.attempts >= run.max_attempts:
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
