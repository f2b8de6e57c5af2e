"""After each write: is the run full, does it still fill, or must it stop and say why?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db.models import Exists, Max, Min, OuterRef, QuerySet
from django.utils import timezone

from providers.errors import (
    ContentRefusedError,
    ContextTooLongError,
    ProviderError,
    RateLimitedError,
    ReplyTooLargeError,
    UnavailableError,
    UnreachableError,
)
from providers.sanitising import clean_text
from synthesis.engine import continuation, item_planning, planner, works
from synthesis.engine.ledger import Outcome
from synthesis.models import Batch, Call, Run

OF_ONE_CALL = (ContentRefusedError, ReplyTooLargeError)  # permanent, but the run goes on
OF_ONE_ITEM = {error.code for error in (*OF_ONE_CALL, ContextTooLongError)}
OUTAGES = (UnavailableError, UnreachableError)
CALLS_BEFORE_GIVING_UP = 10
BLIP_SECONDS = 15  # failures within less time than this may be one short outage
CALLS_BEFORE_GIVING_UP_ON = {"unreachable": 3, "rate_limited": 50}
JUDGE_PATIENCE_SECONDS = 300
JUDGEMENTS_BEFORE_PAUSE = 5


def settle(run: Run) -> None:
    """Complete, stop or extend a run. The caller holds the run's row lock."""
    run.refresh_from_db()
    if run.is_full:
        complete(run)
    elif run.is_active and not (stop_when_stalled(run) or pause_when_unjudged(run)):
        planner.top_up(run)
    tidy(run)


def tidy(run: Run) -> None:
    """Leave nothing planned in a run that has ended: what was given back comes too late."""
    if not run.is_unfinished:
        run.batches.planned().of_no_use().abandon()
    if run.status in Run.FINAL and run.pending:
        run.give_up_pending()


def complete(run: Run) -> None:
    """End a full run; answers still in flight will be kept as surplus."""
    changed = (
        Run.objects.filter(pk=run.pk)
        .exclude(status__in=Run.FINAL)
        .update(
            status=Run.Status.COMPLETED,
            reason_code="",
            reason_detail="",
            finished_at=timezone.now(),
        )
    )
    if changed:
        run.batches.planned().abandon()
        run.give_up_pending()


def stop_when_stalled(run: Run) -> bool:
    """End a run whose latest batches brought next to nothing; what waits for a judge may."""
    ended = latest_ended(run, Batch.Kind.GENERATE).filter(pending=0)
    latest = window(ended)
    if latest and not is_filling(latest) and run.template_version.steps:
        # What is on its way through later steps may yet be good.
        underway = Batch.objects.open().filter(origin=OuterRef("pk"))
        ended = ended.exclude(Exists(underway))
        latest = window(ended)
    if not latest or is_filling(latest):
        return False
    failed = [batch for batch in latest if batch["state"] == Batch.State.FAILED]
    failed += continuation.failures(batch["pk"] for batch in latest)
    if run.source_id is not None:
        failed = [batch for batch in failed if batch["error_code"] not in OF_ONE_ITEM]
    if 2 * len(failed) >= len(latest):
        detail = failed[0]["error_detail"] or failed[0]["error_code"]
        return run.stop(Run.Status.FAILED, "calls_failing", detail)
    total = {name: sum(batch[name] for batch in latest) for name in ("requested", *Batch.COUNTERS)}
    if run.records_per_item is not None and item_planning.has_toured(run):
        return stop_when_items_lack(run, ended, total["requested"] / len(latest))
    is_judged = run.batches.filter(kind=Batch.Kind.JUDGE).exists()
    is_low_judgement = is_judged and 2 * total["rejected"] > sum(
        total[name] for name in Batch.COUNTERS
    )
    return run.stop(Run.Status.STALLED, "low_judgement" if is_low_judgement else "low_acceptance")


def window(ended: QuerySet[Batch]) -> list[dict[str, Any]]:
    """Return the latest batches, as many as tell how a run fills; none where there are fewer."""
    size = settings.DATAMATE_STALL_WINDOW_BATCHES
    columns = ("pk", "requested", "state", "error_code", "error_detail", *Batch.COUNTERS)
    latest = list(ended.values(*columns)[:size])
    return latest if len(latest) == size else []


def is_filling(latest: Sequence[dict[str, Any]]) -> bool:
    accepted, asked = (sum(batch[name] for batch in latest) for name in ("accepted", "requested"))
    return bool(accepted > asked * settings.DATAMATE_STALL_MIN_ACCEPTANCE)


def stop_when_items_lack(run: Run, ended: QuerySet[Batch], requested: float) -> bool:
    """End a run whose items that lack records were all asked for once more, next to in vain.

    Units: requested are the records that a batch asks for in the mean.
    """
    missing = run.target_count - run.accepted
    size = max(settings.DATAMATE_STALL_WINDOW_BATCHES, math.ceil(missing / requested))
    if is_filling(list(ended.values("requested", "accepted")[:size])):
        return False
    return run.stop(Run.Status.STALLED, "items_lacking", str(item_planning.lacking(run).count()))


def latest_ended(run: Run, kind: str) -> QuerySet[Batch]:
    """Batches that have ended since the run was started or resumed, latest first."""
    ended = run.batches.filter(kind=kind, ended_at__gte=run.resumed_at or run.created_at).ended()
    return ended.order_by("-ended_at", "-pk")


def is_fatal(batch: Batch, error: ProviderError) -> bool:
    """Tell an error that no other call of its kind would escape."""
    is_of_one_call = batch.kind != Batch.Kind.GENERATE or batch.items
    if is_of_one_call and isinstance(error, ContextTooLongError):
        return False
    return error.permanent and not isinstance(error, OF_ONE_CALL)


def costs_no_attempt(batch: Batch, error: ProviderError) -> bool:
    """Tell an error that is no fault of the batch; records wait for their judge to come back."""
    if isinstance(error, RateLimitedError):
        return True
    is_away = isinstance(error, OUTAGES) or is_fatal(batch, error)
    return batch.kind == Batch.Kind.JUDGE and is_away


def stop_for_errors(run: Run, outcomes: Sequence[Outcome]) -> None:
    """Stop a run for an error that lasts, or for calls that all fail."""
    ended = [(outcome.claim.batch, outcome.error) for outcome in outcomes]
    for kind, group in works.by_kind(ended).items():
        failed = [(batch, error) for batch, error in group if error is not None]
        fatal = next((pair for pair in failed if is_fatal(*pair)), None)
        if fatal is not None:
            stop_for(run, *fatal)
        elif failed and len(failed) == len(group):
            batch, error = failed[-1]
            if kind == Batch.Kind.JUDGE:
                pause_when_judge_is_away(run, batch, error)
            elif kind in Batch.MAKING:
                stop_when_nothing_works(run, error.code, clean_text(error.detail))


def stop_for(run: Run, batch: Batch, error: Any) -> None:
    """Stop a run for good, or until its judge can be asked again."""
    code = getattr(error, "code", "bad_setup")
    detail = clean_text(getattr(error, "detail", "") or str(error))
    if batch.kind == Batch.Kind.JUDGE:
        run.hold(f"judge:{code}", f"{batch.language_model}: {detail}")
    else:
        run.stop(Run.Status.FAILED, code, detail)


def pause_when_unjudged(run: Run) -> bool:
    """Pause a run whose judgements all fail: making more records would not help."""
    if not run.pending:
        return False
    judgements = latest_ended(run, Batch.Kind.JUDGE).select_related("language_model__provider")
    latest = list(judgements[:JUDGEMENTS_BEFORE_PAUSE])
    failed = [batch for batch in latest if batch.state == Batch.State.FAILED]
    if len(failed) < JUDGEMENTS_BEFORE_PAUSE:
        return False
    detail = failed[0].error_detail or failed[0].error_code
    return run.hold("judge_failing", f"{failed[0].language_model}: {detail}")


def pause_when_judge_is_away(run: Run, batch: Batch, error: ProviderError) -> bool:
    """Pause a run whose judge has not answered for minutes."""
    since = run.resumed_at or run.created_at
    calls = run.calls.filter(batch__kind=Batch.Kind.JUDGE, started_at__gte=since)
    answered = calls.filter(state__in=Call.ANSWERED).aggregate(latest=Max("ended_at"))["latest"]
    if failing_seconds(calls.filter(started_at__gte=answered or since)) < JUDGE_PATIENCE_SECONDS:
        return False
    detail = clean_text(error.detail) or error.code
    return run.hold(f"judge:{error.code}", f"{batch.language_model}: {detail}")


def failing_seconds(calls: QuerySet[Call]) -> float:
    """How long calls have been failing, from the start of the first to the end of the last."""
    failed = calls.filter(state=Call.State.FAILED)
    span = failed.aggregate(first=Min("started_at"), latest=Max("ended_at"))
    if span["first"] is None or span["latest"] is None:
        return 0.0
    return float((span["latest"] - span["first"]).total_seconds())


def stop_when_nothing_works(run: Run, code: str, detail: str) -> bool:
    """End a run of which no call has been answered since it was started or resumed."""
    since = run.resumed_at or run.created_at
    calls = run.calls.filter(batch__kind__in=Batch.MAKING, started_at__gte=since)
    if calls.filter(state__in=Call.ANSWERED).exists():
        return False
    failed = calls.filter(state=Call.State.FAILED).count()
    if failed < CALLS_BEFORE_GIVING_UP_ON.get(code, CALLS_BEFORE_GIVING_UP):
        return False
    if failing_seconds(calls) < BLIP_SECONDS:
        return False
    return run.stop(Run.Status.FAILED, code, detail)
