"""After each write: is the run full, does it still fill, or must it stop and say why?"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Max, Min
from django.utils import timezone

from synthesis.engine import planner
from synthesis.models import Batch, Call, Run

CALLS_BEFORE_GIVING_UP = 10
BLIP_SECONDS = 15  # failures within less time than this may be one short outage
CALLS_BEFORE_GIVING_UP_ON = {"unreachable": 3, "rate_limited": 50}


def settle(run: Run) -> None:
    """Complete, stop or extend a run. The caller holds the run's row lock."""
    run.refresh_from_db()
    if run.is_full:
        complete(run)
    elif run.is_active and not stop_when_stalled(run):
        planner.top_up(run)
    tidy(run)


def tidy(run: Run) -> None:
    """Leave nothing planned in a run that has ended: what was given back comes too late."""
    if not run.is_unfinished:
        run.batches.planned().abandon()


def complete(run: Run) -> None:
    """End a full run; answers still in flight will be kept as surplus."""
    changed = (
        Run.objects.filter(pk=run.pk)
        .exclude(status__in=(Run.Status.COMPLETED, Run.Status.CANCELLED))
        .update(
            status=Run.Status.COMPLETED,
            reason_code="",
            reason_detail="",
            finished_at=timezone.now(),
        )
    )
    if changed:
        run.batches.planned().abandon()


def stop_when_stalled(run: Run) -> bool:
    """End a run whose latest batches brought next to nothing."""
    since = run.resumed_at or run.created_at
    window = settings.DATAMATE_STALL_WINDOW_BATCHES
    ended = run.batches.ended().filter(ended_at__gte=since).order_by("-ended_at", "-pk")
    latest = list(
        ended.values("requested", "accepted", "state", "error_code", "error_detail")[:window]
    )
    if len(latest) < window:
        return False
    asked = sum(batch["requested"] for batch in latest)
    accepted = sum(batch["accepted"] for batch in latest)
    if accepted > asked * settings.DATAMATE_STALL_MIN_ACCEPTANCE:
        return False
    failed = [batch for batch in latest if batch["state"] == Batch.State.FAILED]
    if 2 * len(failed) >= window:
        detail = failed[0]["error_detail"] or failed[0]["error_code"]
        return run.stop(Run.Status.FAILED, "calls_failing", detail)
    return run.stop(Run.Status.STALLED, "low_acceptance")


def stop_when_nothing_works(run: Run, code: str, detail: str) -> bool:
    """End a run of which no call has been answered since it was started or resumed."""
    since = run.resumed_at or run.created_at
    calls = run.calls.filter(started_at__gte=since)
    if calls.filter(state__in=Call.ANSWERED).exists():
        return False
    failed = calls.filter(state=Call.State.FAILED).aggregate(
        total=Count("pk"), first=Min("started_at"), latest=Max("ended_at")
    )
    if failed["total"] < CALLS_BEFORE_GIVING_UP_ON.get(code, CALLS_BEFORE_GIVING_UP):
        return False
    if failed["latest"] - failed["first"] < timedelta(seconds=BLIP_SECONDS):
        return False
    return run.stop(Run.Status.FAILED, code, detail)
