"""The parts of a task's row and page that move while it runs."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from synthesis.admin.commands import possible
from synthesis.models import Run, SynthesisTask

CELLS = ("status", "progress", "records", "actions")
POLLING_ENDED = 286  # HTMX stops polling when it sees this status


def cell(
    name: str, task: SynthesisTask, *, can_change: bool, can_add: bool, is_swap: bool = False
) -> SafeString:
    """Render one cell of a task's row; a swap replaces the one that the page has."""
    return render_to_string(
        f"admin/synthesis/synthesistask/cell_{name}.html",
        {
            "task": task,
            "run": task.latest_run,
            "bar": bar(task.latest_run),
            "commands": possible(task) if can_change else [],
            "can_add": can_add,
            "is_swap": is_swap,
        },
    )


def bar(run: Run | None) -> dict[str, Any]:
    """Say how long the parts of a run's bar are; it is full when the quota is.

    Units: records. Those that did not count make the whole longer, not the rest shorter.
    """
    if run is None:
        return {"whole": 0}
    return {"whole": max(run.target_count, run.accepted + run.pending) + run.failed, "run": run}
