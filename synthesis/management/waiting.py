"""What commands do while runs and jobs are at work: serve them where nobody else does."""

from __future__ import annotations

import contextlib
import sys
import time
from datetime import timedelta

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _
from tqdm import tqdm

from synthesis.engine import background, leases, runner
from synthesis.engine.clock import database_now
from synthesis.errors import WrongStateError
from synthesis.models import Job, Worker

POLL_SECONDS = 0.5
FRESH = timedelta(seconds=leases.FRESH_SECONDS)
INTERRUPTED = 130


def is_worker_running() -> bool:
    return Worker.objects.filter(heartbeat_at__gte=database_now() - FRESH).exists()


def serve_or_wait(ends_at: float, *, serves: bool) -> None:
    """Do a slice of the work, or leave it for a moment to the worker that runs."""
    if serves and not is_worker_running():
        left = max(0.0, ends_at - time.monotonic())
        runner.serve(slice_seconds=min(float(settings.DATAMATE_SLICE_SECONDS), left))
    else:
        time.sleep(POLL_SECONDS)


def warn_of_no_worker(command: BaseCommand) -> None:
    command.stderr.write(
        _("No worker is running. Start one with “make worker”, or use --serve."),
        command.style.WARNING,
    )


def follow_job(job: Job, unit: str) -> Job:
    """Do a job here, with a bar on a terminal; follow it where a worker was quicker.

    Errors: KeyboardInterrupt, which has cancelled the job, whoever is at work on it.
    """
    with tqdm(unit=unit, unit_scale=unit == "B", file=sys.stderr, disable=None) as bar:

        def move(done: int, total: int | None) -> None:
            bar.total = total
            bar.update(done - bar.n)

        try:
            while (job := background.perform_here(job, move)).is_open:
                move(job.progress, job.total)
                time.sleep(POLL_SECONDS)
        except KeyboardInterrupt:
            with contextlib.suppress(WrongStateError):  # it ended meanwhile
                job.cancel()
            raise
    return job
