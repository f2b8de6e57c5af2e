"""Entry points of the queue: a launch carries no state, every truth is a row."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django_q.tasks import async_task

if TYPE_CHECKING:
    from synthesis.models import Job

logger = logging.getLogger(__name__)

LONGEST_JOB_SECONDS = 24 * 3600  # the queue's own time limit is made for runners


def wake() -> None:
    """Ask the queue for one runner job once the caller's transaction commits."""
    transaction.on_commit(enqueue_runner)


def enqueue_runner() -> None:
    async_task("synthesis.jobs.serve_runs")


def submit(kind: str, arguments: dict[str, Any], user: Any = None) -> Job:
    """Order long work of a registered kind; it begins once the caller's transaction commits."""
    from synthesis.models import Job

    job = Job.objects.create(kind=kind, arguments=arguments, created_by=user)
    transaction.on_commit(enqueue_job_worker)
    return job


def enqueue_job_worker() -> None:
    async_task("synthesis.jobs.serve_jobs", q_options={"timeout": LONGEST_JOB_SECONDS})


def serve_jobs() -> None:
    """Work off the background jobs. Returns nothing: results may not be picklable."""
    from synthesis.engine import background

    try:
        background.serve()
    except Exception:
        logger.exception("Job worker failed")


def serve_runs() -> None:
    """Serve active runs for one time slice. Returns nothing: results may not be picklable."""
    from synthesis.engine.runner import serve

    try:
        serve(on_drain=enqueue_runner)
    except Exception:
        logger.exception("Runner job failed")
