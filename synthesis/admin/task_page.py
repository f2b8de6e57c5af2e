"""What the page of a task shows: configuration, runs, results, failures and records."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Max, QuerySet, Sum
from django.utils import timezone

from synthesis import item_coverage, presets, templating
from synthesis.admin.progress import bar
from synthesis.models import Call, Record, Run, SynthesisTask

RUNS_SHOWN = 10


def figures(task: SynthesisTask) -> dict[str, Any]:
    return {"run": task.latest_run, "bar": bar(task.latest_run)}


def overview(task: SynthesisTask) -> dict[str, Any]:
    """Collect the runs, and what the latest one brought.

    Cost: seven queries at most, nine with a source.
    """
    run = task.latest_run
    return {
        "runs": recent_runs(task),
        "run_count": run.number if run else 0,
        **(results(run) if run else {}),
    }


def results(run: Run) -> dict[str, Any]:
    calls = run.call_counts()
    return {
        "calls": calls,
        "made": run.made,
        "unit_costs": {
            currency: cost / run.accepted
            for currency, cost in calls["costs"].items()
            if run.accepted
        },
        "failures": run.failure_counts(),
        "coverage": item_coverage.of(run),
    }


def recent_runs(task: SynthesisTask) -> list[dict[str, Any]]:
    """Return the newest runs with their calls and costs. Cost: two queries."""
    runs = list(task.runs.order_by("-number")[:RUNS_SHOWN])
    counts, costs = ledger_sums(runs)
    return [
        {"run": run, "span": span(run), "calls": counts[run.pk], "costs": costs[run.pk]}
        for run in runs
    ]


def ledger_sums(runs: list[Run]) -> tuple[dict[int, int], dict[int, dict[str, Decimal]]]:
    counts: dict[int, int] = defaultdict(int)
    costs: dict[int, dict[str, Decimal]] = defaultdict(dict)
    rows = (
        Call.objects.filter(run__in=[run.pk for run in runs])
        .order_by()
        .values("run", currency=F("language_model__currency"))
        .annotate(total=Count("pk"), cost=Sum("cost"))
    )
    for row in rows:
        counts[row["run"]] += row["total"]
        if row["cost"] is not None:
            costs[row["run"]][row["currency"]] = row["cost"]
    return counts, costs


def span(run: Run, now: datetime | None = None) -> timedelta | None:
    """Return how long a run took, or takes until now; None before it starts."""
    if run.started_at is None:
        return None
    return (run.finished_at or now or timezone.now()) - run.started_at


def configuration(task: SynthesisTask) -> dict[str, Any]:
    version = task.template_version
    latest = version.template.versions.aggregate(latest=Max("number"))["latest"]
    return {
        "version": version,
        "latest_number": latest,
        "is_stale": latest != version.number,
        "values": {name: templating.printed(value) for name, value in task.values.items()},
        "mix": list(task.task_models.select_related("language_model__provider")),
        "parameters": presets.effective(
            presets.PRESETS.get(version.preset, {}), version.parameters, task.parameters
        ),
        "own_parameters": task.parameters,
    }


def runs_of(task: SynthesisTask) -> list[int]:
    return [] if task.latest_run_id is None else [task.latest_run_id]


def newest_records(task: SynthesisTask) -> QuerySet[Record]:
    """Return the latest run's accepted records, newest first. Cost: one query on an index."""
    return Record.objects.accepted().filter(run__in=runs_of(task)).order_by("-pk")


def records_of(task: SynthesisTask) -> QuerySet[Record]:
    return Record.objects.for_task(task.pk)
