"""Entry points of the queue: a launch carries no state, every truth is a row."""

from __future__ import annotations

import logging

from django.db import transaction
from django_q.tasks import async_task

logger = logging.getLogger(__name__)


def wake() -> None:
    """Ask the queue for one runner job once the caller's transaction commits."""
    transaction.on_commit(enqueue_runner)


def enqueue_runner() -> None:
    async_task("synthesis.jobs.serve_runs")


def serve_runs() -> None:
    """Serve active runs for one time slice. Returns nothing: results may not be picklable."""
    from synthesis.engine.runner import serve

    try:
        serve(on_drain=enqueue_runner)
    except Exception:
        logger.exception("Runner job failed")
