"""Decide what to ask for next: batches as rows, seeded, planned before any call."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Max, Q, Sum
from django.utils import timezone

from providers.models import LanguageModel
from synthesis import variables
from synthesis.engine import item_planning
from synthesis.engine.item_planning import Ask, Need
from synthesis.models import Batch, Run
from synthesis.models.bulk import insert_each

PLAN_AHEAD_BATCHES = 1000
TRUSTED_SAMPLE_RECORDS = 50
LOWEST_TRUSTED_YIELD = 0.1


def top_up(run: Run) -> int:
    """Plan batches until the open ones are expected to fill the quota.

    The caller holds the run's row lock. Returns how many batches were planned.
    """
    totals = run.batches.open().aggregate(
        waiting=Count("pk", filter=Q(state=Batch.State.PLANNED, kind=Batch.Kind.GENERATE)),
        asked=Sum("requested", filter=Q(kind__in=Batch.MAKING), default=0),
        judged=Sum("requested", filter=Q(kind=Batch.Kind.JUDGE), default=0),
    )
    room = PLAN_AHEAD_BATCHES - totals["waiting"]
    if room < PLAN_AHEAD_BATCHES // 2:
        return 0
    share = expected_yield(run)
    coming = totals["asked"] * share + min(run.pending, totals["judged"]) * pass_share(run)
    missing = run.target_count - run.accepted - coming
    wanted = math.ceil(missing / share - 1e-9)
    if run.source_id is None:
        asks = [Ask(size) for size in batch_sizes(wanted, run.batch_size)[:room]]
    else:
        need = Need(wanted=wanted, asked=totals["asked"], judged=totals["judged"], room=room)
        asks = item_planning.asks(run, need)
    if not asks or stop_without_model(run):
        return 0
    insert_each(batches(run, asks))
    return len(asks)


def batches(run: Run, asks: list[Ask]) -> list[Batch]:
    generated = run.batches.filter(kind=Batch.Kind.GENERATE)
    start = (generated.aggregate(latest=Max("index"))["latest"] or 0) + 1
    resolved = run.resolved_values()
    planned = [draw(run, index, ask.requested, resolved) for index, ask in enumerate(asks, start)]
    for batch, ask in zip(planned, asks, strict=True):
        batch.items = list(ask.items)
    return planned


def stop_without_model(run: Run) -> bool:
    """End a run of whose models one is gone: a plan protects its model, a mix cannot."""
    there = LanguageModel.objects.in_bulk({row["language_model"] for row in run.mix})
    gone = [row["name"] for row in run.mix if row["language_model"] not in there]
    return bool(gone) and run.stop(Run.Status.FAILED, "model_gone", ", ".join(gone))


def expected_yield(run: Run) -> float:
    """Share of the records asked for that will be accepted, judged by those decided."""
    return observed_share(run.accepted + run.surplus, run.failed)


def pass_share(run: Run) -> float:
    """Share of the records waiting for their judge that will be accepted."""
    return observed_share(run.accepted + run.surplus, run.rejected)


def observed_share(good: int, bad: int) -> float:
    if good + bad < TRUSTED_SAMPLE_RECORDS:
        return 1.0
    return max(LOWEST_TRUSTED_YIELD, good / (good + bad))


def batch_sizes(records: int, batch_size: int) -> list[int]:
    """Cut an amount of records into batches; the last one takes the rest."""
    if records <= 0:
        return []
    full, rest = divmod(records, batch_size)
    return [batch_size] * full + ([rest] if rest else [])


def draw(run: Run, index: int, requested: int, resolved: Mapping[str, Any]) -> Batch:
    """Return one batch; run seed and index alone decide its draws."""
    rng = random.Random(f"{run.seed}:{index}")  # noqa: S311  reproducible, not secret
    seed = rng.getrandbits(31)
    chosen = rng.choices(run.mix, weights=[row["weight"] for row in run.mix])[0]
    return Batch(
        run=run,
        index=index,
        requested=requested,
        seed=seed,
        language_model_id=chosen["language_model"],
        values={
            **variables.draw(resolved, run.template_version.variables, rng),
            **built_in_values(index=index, seed=seed, count=requested, rng=rng),
        },
    )


def built_in_values(*, index: int, seed: int, count: int, rng: random.Random) -> dict[str, Any]:
    now = timezone.localtime()
    return {
        "index": index,
        "seed": seed,
        "count": count,
        "random_id": f"{rng.getrandbits(64):016x}",
        "current_date": now.date().isoformat(),
        "current_time": now.strftime("%H:%M:%S"),
    }
