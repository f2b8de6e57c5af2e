"""Who works on what: heartbeats, seats, claims, and taking back what the dead held."""

from __future__ import annotations

import os
import socket
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, F, Q, QuerySet, Sum

from providers.models import LanguageModel, Provider
from synthesis.engine import samples
from synthesis.engine.clock import database_now
from synthesis.engine.processes import is_alive
from synthesis.models import Batch, Call, RatioTask, Run, Seat, Worker
from synthesis.models.bulk import insert_each

LEASE_MARGIN_SECONDS = 60
FRESH_SECONDS = 10
WORKER_DEATHS_ALLOWED = 3


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One batch in this worker's hands; stored is the answer of an earlier call, if any."""

    batch: Batch
    call_id: int
    stored: bytes | None = None


def lease_seconds() -> int:
    """Return how long a silent worker keeps its batches: longer than any call can last."""
    return int(settings.DATAMATE_CALL_DEADLINE_SECONDS) + LEASE_MARGIN_SECONDS


def register(role: str) -> Worker:
    now = database_now()
    return Worker.objects.create(
        role=role, host=socket.gethostname(), pid=os.getpid(), started_at=now, heartbeat_at=now
    )


def beat(worker: Worker) -> bool:
    """Renew the lease; False when the worker was declared dead meanwhile."""
    return bool(Worker.objects.filter(pk=worker.pk).update(heartbeat_at=database_now()))


def local(*roles: str) -> QuerySet[Worker]:
    """Return the workers of this host that have one of the roles."""
    return Worker.objects.filter(host=socket.gethostname(), role__in=roles)


def local_runners() -> QuerySet[Worker]:
    return local(Worker.Role.RUNNER)


def worker_hosts() -> list[str]:
    """Name the hosts whose supervisors are alive, the latest heard of first."""
    fresh = database_now() - timedelta(seconds=FRESH_SECONDS)
    alive = Worker.objects.supervisors().filter(heartbeat_at__gte=fresh)
    return list(alive.order_by("-heartbeat_at").values_list("host", flat=True))


def drain(worker: Worker) -> None:
    """Stop counting this worker when seats are shared out."""
    Worker.objects.filter(pk=worker.pk).update(is_draining=True)


def ask_to_drain() -> None:
    """Tell the runners of this host to end their slices now, and jobs to be given back."""
    local(Worker.Role.RUNNER, Worker.Role.JOB).update(is_draining=True)


def free_dead_workers() -> int:
    """Take back what workers held that are gone or have been silent for a lease."""
    stale = database_now() - timedelta(seconds=lease_seconds())
    host = socket.gethostname()
    dead = [
        worker.pk
        for worker in Worker.objects.filter(Q(heartbeat_at__lt=stale) | Q(host=host))
        if worker.heartbeat_at < stale or not is_alive(worker.pid)
    ]
    for pk in dead:
        dismiss(pk)
    return len(dead)


def dismiss(worker_id: int) -> None:
    """End a worker's lease: its batches are planned again, its open calls unknown."""
    with transaction.atomic():
        held = Batch.objects.filter(worker=worker_id, state=Batch.State.RUNNING)
        held.of_no_use().abandon()
        held.update(state=Batch.State.PLANNED, worker=None)
        Call.objects.filter(worker=worker_id, state=Call.State.STARTED).update(
            state=Call.State.UNKNOWN, ended_at=database_now()
        )
        Worker.objects.filter(pk=worker_id).delete()


def take_seat(worker: Worker, run: Run, in_flight: int, *, is_draining: bool) -> int:
    """Return how many calls of the run this worker may have in flight.

    The caller holds the run's row lock. Every worker gets a fair share; one that
    has more in flight keeps just those until they end, so the sum of the seats
    stays within the run's concurrency at all times. The categories of a ratio task
    sit on the same seats, those at work on an even share each.
    """
    shared, runs = shared_by(run)
    fresh = database_now() - timedelta(seconds=FRESH_SECONDS)
    serving = Worker.objects.runners().filter(heartbeat_at__gte=fresh, is_draining=False).count()
    others = shared.exclude(run=run, worker=worker)
    taken = others.aggregate(total=Sum("slots", default=0))["total"]
    fair = -(-run.concurrency // (max(1, serving) * max(1, runs)))
    allowed = 0 if is_draining else max(0, min(fair, run.concurrency - taken))
    slots = max(in_flight, allowed)
    if not run.seats.filter(worker=worker).update(slots=slots):
        Seat.objects.create(worker=worker, run=run, slots=slots)
    return allowed


def shared_by(run: Run) -> tuple[QuerySet[Seat], int]:
    """Return the seats that count against the run's concurrency, and how many runs sit there."""
    if run.ratio_task_id is None:
        return Seat.objects.filter(run=run), 1
    RatioTask(pk=run.ratio_task_id).lock()
    together = Run.objects.filter(ratio_task=run.ratio_task_id)
    return Seat.objects.filter(run__in=together), together.active().count()


def claim(worker: Worker, run: Run, wanted: int) -> list[Claim]:
    """Take up to wanted planned batches and enter a call for each in the ledger.

    The caller holds the run's row lock. Committing this is the intent that must
    stand before money is spent. A batch whose answer is stored gets no new call.
    """
    now = database_now()
    ready = (
        run.batches.planned()
        .filter(Q(not_before=None) | Q(not_before__lte=now))
        .select_for_update(
            of=("self",), skip_locked=connection.features.has_select_for_update_skip_locked
        )
        .order_by("-kind", "index")  # what is about records goes before making new ones
    )
    batches = without_poison(run, list(ready[:wanted]))
    batches = within_limits(with_models(batches), now)
    Batch.objects.filter(pk__in=[batch.pk for batch in batches]).update(
        state=Batch.State.RUNNING, worker=worker, token=F("token") + 1, attempts=F("attempts") + 1
    )
    for batch in batches:
        batch.token += 1
        batch.attempts += 1
    samples.choose(run, batches)
    return enter_calls(worker, batches, now)


def with_models(batches: list[Batch]) -> list[Batch]:
    """Attach each language model, loaded once with its provider."""
    models = LanguageModel.objects.select_related("provider").in_bulk(
        {batch.language_model_id for batch in batches}
    )
    for batch in batches:
        batch.language_model = models[batch.language_model_id]
    return batches


def without_poison(run: Run, batches: list[Batch]) -> list[Batch]:
    """Give up batches at which one worker after the other died."""
    most = run.max_attempts + WORKER_DEATHS_ALLOWED
    poisoned = [batch.pk for batch in batches if batch.attempts >= most]
    if poisoned:
        Batch.objects.filter(pk__in=poisoned).update(
            state=Batch.State.FAILED, error_code="poison", ended_at=database_now()
        )
    return [batch for batch in batches if batch.attempts < most]


def enter_calls(worker: Worker, batches: list[Batch], now: datetime) -> list[Claim]:
    again = [batch.pk for batch in batches if batch.token > 1]
    answered = Call.objects.filter(batch__in=again, state=Call.State.STORED) if again else []
    stored = {call.batch_id: call for call in answered}
    calls = [
        Call(
            run_id=batch.run_id,
            batch=batch,
            provider_id=batch.language_model.provider_id,
            language_model_id=batch.language_model_id,
            worker=worker,
            number=batch.attempts + batch.throttles,
            token=batch.token,
            started_at=now,
        )
        for batch in batches
        if batch.pk not in stored
    ]
    insert_each(calls)
    begun = {call.batch_id: call.pk for call in calls}
    return [
        Claim(batch=batch, call_id=stored[batch.pk].pk, stored=bytes(stored[batch.pk].response))
        if batch.pk in stored
        else Claim(batch=batch, call_id=begun[batch.pk])
        for batch in batches
    ]


def within_limits(batches: list[Batch], now: datetime) -> list[Batch]:
    """Drop the batches that would break their provider's limits just now."""
    limited = {
        batch.language_model.provider_id
        for batch in batches
        if is_limited(batch.language_model.provider)
    }
    if not limited:
        return batches
    providers = Provider.objects.select_for_update().filter(pk__in=limited).order_by("pk")
    room = {provider.pk: headroom(provider, now) for provider in providers}
    used: Counter[int] = Counter()
    kept = []
    for batch in batches:
        provider_id = batch.language_model.provider_id
        if provider_id not in room or used[provider_id] < room[provider_id]:
            used[provider_id] += 1
            kept.append(batch)
    return kept


def is_limited(provider: Provider) -> bool:
    return any((provider.max_concurrency, provider.requests_per_minute, provider.tokens_per_minute))


def headroom(provider: Provider, now: datetime) -> int:
    """How many more calls the provider's limits admit now, over all runs and machines."""
    minute = provider.calls.filter(started_at__gte=now - timedelta(seconds=60))
    room = []
    if provider.max_concurrency:
        in_flight = provider.calls.filter(state=Call.State.STARTED).count()
        room.append(provider.max_concurrency - in_flight)
    if provider.requests_per_minute:
        room.append(provider.requests_per_minute - minute.count())
    if provider.tokens_per_minute:
        room.append(room_for_tokens(provider.tokens_per_minute, minute))
    return max(0, min(room))


def room_for_tokens(limit: int, minute: QuerySet[Call]) -> int:
    """Calls that fit below the limit, each taken to be as large as the minute's mean."""
    tokens = F("prompt_tokens") + F("completion_tokens")
    sums = minute.aggregate(calls=Count("pk"), known=Count(tokens), tokens=Sum(tokens, default=0))
    if not sums["known"]:
        return 1 - sums["calls"]
    mean = max(1.0, sums["tokens"] / sums["known"])
    return int(limit / mean) - sums["calls"]


def withdraw(claims: list[Claim]) -> None:
    """Cancel batches about which there is nothing left to ask, and the calls entered for them."""
    with transaction.atomic():
        Call.objects.filter(pk__in=[claim.call_id for claim in claims]).delete()
        for claim in claims:
            held(claim).update(state=Batch.State.CANCELLED, worker=None)


def held(claim: Claim) -> QuerySet[Batch]:
    """The claim's batch while it is still in these hands."""
    return Batch.objects.filter(
        pk=claim.batch.pk, token=claim.batch.token, state=Batch.State.RUNNING
    )


def release(claims: list[Claim]) -> None:
    """Give back batches whose calls were never started."""
    with transaction.atomic():
        Call.objects.filter(
            pk__in=[claim.call_id for claim in claims if claim.stored is None],
            state=Call.State.STARTED,
        ).delete()
        for claim in claims:
            held(claim).update(state=Batch.State.PLANNED, worker=None, attempts=F("attempts") - 1)
