"""The parts of a task's row and page that move while it runs."""

from __future__ import annotations

from typing import Any

from synthesis.models import Run

POLLING_ENDED = 286  # HTMX stops polling when it sees this status


def bar(run: Run | None) -> dict[str, Any]:
    """Say how long the parts of a run's bar are; it is full when the quota is.

    Units: records. Those that did not count make the whole longer, not the rest shorter.
    """
    if run is None:
        return {"whole": 0}
    return {"whole": max(run.target_count, run.accepted + run.pending) + run.failed, "run": run}
