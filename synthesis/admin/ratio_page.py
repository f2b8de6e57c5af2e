"""The parts of a ratio task's row and page that move while it runs."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from synthesis.admin import task_page
from synthesis.admin.progress import bar
from synthesis.admin.ratio_commands import possible
from synthesis.models import RatioCategory, RatioTask, Record, Run

CELLS = ("status", "progress", "records", "actions")
RECORDS_SHOWN = 20
FOLDER = "admin/synthesis/ratiotask"


def cell(
    name: str, task: RatioTask, *, can_change: bool, can_add: bool, is_swap: bool = False
) -> SafeString:
    """Render one cell of a ratio task's row; a swap replaces the one that the page has."""
    context = {
        "task": task,
        "commands": possible(task) if can_change else [],
        "can_add": can_add,
        "is_swap": is_swap,
        **whole_bar(task),
    }
    return render_to_string(f"{FOLDER}/cell_{name}.html", context)


def whole_bar(task: RatioTask) -> dict[str, Any]:
    """Let the bar of a run show the sums over all categories."""
    counts = task.counts
    failed = counts["duplicate"] + counts["malformed"] + counts["rejected"]
    run = SimpleNamespace(**counts, failed=failed, target_count=task.total)
    return {"run": run if task.has_run else None, "bar": bar(run if task.has_run else None)}


def overview(task: RatioTask) -> dict[str, Any]:
    """Collect what moves while the task runs. Cost: three queries."""
    commands = possible(task)
    primary = [command for command in commands if command.is_primary][:1]
    categories = list(task.categories.all())
    runs = [category.run for category in categories if category.run]
    calls, costs = task_page.ledger_sums(runs)
    return {
        "task": task,
        "primary": primary,
        "secondary": [command for command in commands if command not in primary],
        "rows": [row(category, calls, costs) for category in categories],
        "largest": max((category.count for category in categories), default=0),
        "calls": sum(calls.values()),
        "costs": sum_of_costs(costs),
        **whole_bar(task),
    }


def row(category: RatioCategory, calls: dict[int, int], costs: dict[int, Any]) -> dict[str, Any]:
    run = category.run
    return {
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


def newest_records(task: RatioTask) -> list[Record]:
    """Return the newest accepted records of the latest runs."""
    runs = [category.run.pk for category in task.categories.all() if category.run]
    if not runs:
        return []
    return list(Record.objects.accepted().filter(run__in=runs).order_by("-pk")[:RECORDS_SHOWN])


def records_of(task: RatioTask) -> Any:
    return Record.objects.filter(run__in=Run.objects.filter(ratio_task=task))
