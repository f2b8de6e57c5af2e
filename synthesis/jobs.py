"""Entry points of the queue: a launch carries no state, every truth is a row.

Each host has a queue of its own: a wake-up call that another host's cluster takes would
leave this one asleep, and nobody could tell that from a cluster that hangs.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django_q.brokers import get_broker
from django_q.tasks import async_task
from redis.exceptions import RedisError

if TYPE_CHECKING:
    from synthesis.models import Job

logger = logging.getLogger(__name__)

LONGEST_JOB_SECONDS = 24 * 3600  # the queue's own time limit is made for runners


def queue_of(host: str) -> str:
    """Name a host's queue, as Q_CLUSTER does for the host it is read on."""
    return f"{settings.Q_CLUSTER['name']}-{host}"[:100]


def wake() -> None:
    """Ask for one runner job once the caller's transaction commits."""
    transaction.on_commit(lambda: call_a_worker(enqueue_runner))


def call_a_worker(enqueue: Callable[[str], None]) -> None:
    """Launch something where a worker lives: here, else at the liveliest host.

    Where none lives nobody is called: a worker that starts looks for work by itself.
    """
    from synthesis.engine.leases import worker_hosts

    hosts, here = worker_hosts(), socket.gethostname()
    if hosts:
        enqueue(here if here in hosts else hosts[0])


def enqueue_runner(host: str = "") -> None:
    launch("synthesis.jobs.serve_runs", host)


def enqueue_job_worker(host: str = "") -> None:
    launch("synthesis.jobs.serve_jobs", host, timeout=LONGEST_JOB_SECONDS)


def launch(function: str, host: str, **options: Any) -> None:
    """Put a launch into a host's queue, this host's unless another is named."""
    queue = queue_of(host or socket.gethostname())
    try:
        async_task(function, q_options={**options, "cluster": queue})
    except RedisError:
        logger.exception("The queue is away; workers look for work by themselves")


def waiting_count() -> int | None:
    """How many jobs wait in this host's queue; None while the queue is away."""
    try:
        return int(get_broker().queue_size())
    except RedisError:
        logger.exception("The queue is away; trying again")
        return None


def submit(kind: str, arguments: dict[str, Any], user: Any = None) -> Job:
    """Order long work of a registered kind; it begins once the caller's transaction commits."""
    from synthesis.models import Job

    job = Job.objects.create(kind=kind, arguments=arguments, created_by=user)
    transaction.on_commit(lambda: call_a_worker(enqueue_job_worker))
    return job


def serve_jobs() -> None:
    """Work off the background jobs. Returns nothing: results may not be picklable."""
    from synthesis.engine import background

    try:
        background.serve()
    except Exception:  # the outermost frame of a launch: the queue would keep the traceback
        logger.exception("Job worker failed")


def serve_runs() -> None:
    """Serve active runs for one time slice. Returns nothing: results may not be picklable."""
    from synthesis.engine.runner import serve

    try:
        serve(on_drain=enqueue_runner)
    except Exception:  # the outermost frame, as above
        logger.exception("Runner job failed")
