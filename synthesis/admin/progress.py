"""The parts of a task's row and page that move while it runs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Max
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from synthesis.admin.commands import possible
from synthesis.models import Run, SynthesisTask, Worker

CELLS = ("status", "progress", "records", "actions")
POLLING_ENDED = 286  # HTMX stops polling when it sees this status
WORKER_SILENT = timedelta(seconds=30)


def cell(name: str, task: SynthesisTask, *, can_change: bool, is_swap: bool = False) -> SafeString:
    """Render one cell of a task's row; a swap replaces the one that the page has."""
    return render_to_string(
        f"admin/synthesis/synthesistask/cell_{name}.html",
        {
            "task": task,
            "run": task.latest_run,
            "bar": bar(task.latest_run),
            "commands": possible(task) if can_change else [],
            "can_change": can_change,
            "is_swap": is_swap,
        },
    )


def bar(run: Run | None) -> dict[str, Any]:
    """Say how long the parts of a run's bar are; it is full when the quota is.

    Units: records. Those that did not count make the whole longer, not the rest shorter.
    """
    if run is None:
        return {"whole": 0}
    wasted = run.duplicate + run.malformed + run.rejected
    return {"whole": run.target_count + wasted, "run": run}


def is_worker_missing(run: Run | None) -> bool:
    """Tell whether a run waits although no worker has shown a heartbeat lately."""
    if run is None or not run.is_active:
        return False
    latest = Worker.objects.aggregate(latest=Max("heartbeat_at"))["latest"]
    return latest is None or latest < timezone.now() - WORKER_SILENT
