"""The parts of a ratio task's row and page that move while it runs."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django.db.models import QuerySet

from synthesis.admin import task_page
from synthesis.admin.progress import bar
from synthesis.models import RatioCategory, RatioTask, Record, Run


def figures(task: RatioTask) -> dict[str, Any]:
    """Let the bar of a run show the sums over all categories."""
    counts = task.counts
    failed = counts["duplicate"] + counts["malformed"] + counts["rejected"]
    run = SimpleNamespace(**counts, failed=failed, target_count=task.total)
    return {"run": run if task.has_run else None, "bar": bar(run if task.has_run else None)}


def overview(task: RatioTask) -> dict[str, Any]:
    """Collect the rows of the categories. Cost: three queries."""
    categories = list(task.categories.all())
    runs = [category.latest_run for category in categories if category.latest_run]
    calls, costs = task_page.ledger_sums(runs)
    return {
        "rows": [row(category, calls, costs) for category in categories],
        "largest": max((category.count for category in categories), default=0),
        "calls": sum(calls.values()),
        "costs": sum_of_costs(costs),
    }


def row(category: RatioCategory, calls: dict[int, int], costs: dict[int, Any]) -> dict[str, Any]:
    run = category.latest_run
    return {
        "name": category.name,
        "target": category.count,
        "accepted": category.task.accepted_count,
        "category": category,
        "task": category.task,
        "run": run,
        "bar": bar(run),
        "calls": calls[run.pk] if run else 0,
        "costs": costs[run.pk] if run else {},
    }


def sum_of_costs(costs: dict[int, dict[str, Decimal]]) -> dict[str, Decimal]:
    total: dict[str, Decimal] = {}
    for by_currency in costs.values():
        for currency, cost in by_currency.items():
            total[currency] = total.get(currency, Decimal(0)) + cost
    return total


def runs_of(task: RatioTask) -> list[int]:
    return [category.latest_run.pk for category in task.categories.all() if category.latest_run]


def newest_records(task: RatioTask) -> QuerySet[Record]:
    """Return the accepted records of the latest runs, newest first."""
    return Record.objects.accepted().filter(run__in=runs_of(task)).order_by("-pk")


def records_of(task: RatioTask) -> QuerySet[Record]:
    return Record.objects.filter(run__in=Run.objects.filter(ratio_task=task))
