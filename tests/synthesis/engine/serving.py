"""Run the engine inside the test's own process."""

from __future__ import annotations

import time

from synthesis.engine.runner import serve
from synthesis.models import Record, Run


def serve_until_ended(run: Run, *, seconds: float = 60) -> Run:
    """Serve slices until the run leaves the engine's hands."""
    ends_at = time.monotonic() + seconds
    while run.is_active:
        assert time.monotonic() < ends_at, f"{run} is still {run.status}: {counts(run)}"
        serve(slice_seconds=seconds)
        run.refresh_from_db()
    return run


def counts(run: Run) -> dict[str, int]:
    """Count the run's records by status, by query."""
    rows = Record.objects.filter(run=run).values_list("status", flat=True)
    return {status: list(rows).count(status) for status in Record.Status.values}
