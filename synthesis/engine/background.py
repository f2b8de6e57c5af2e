"""Long work outside the runs: rows say what is to be done, any process may do it.

A kind of work is registered by the app that knows it, when it starts. A job whose
process dies is begun again from its row, so work replaces what it stored before.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, connections, transaction
from django.db.models import F, QuerySet
from django.utils.functional import Promise

from providers.sanitising import clean_text
from synthesis.engine import leases
from synthesis.engine.clock import database_now
from synthesis.models import Job, Worker

logger = logging.getLogger(__name__)

REPORT_SECONDS = 0.5
BEAT_SECONDS = 5.0
MOST_ATTEMPTS = 3

Listener = Callable[[int, int | None], None]


class JobFailedError(Exception):
    """The work cannot be done; code is one of synthesis.reasons."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


class JobStoppedError(Exception):
    """The job was cancelled, given back or taken over: whoever works on it ends."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    title: str | Promise
    work: Callable[[Assignment], None]


KINDS: dict[str, Kind] = {}


def register(name: str, *, title: str | Promise, work: Callable[[Assignment], None]) -> None:
    KINDS[name] = Kind(title=title, work=work)


def title(name: str) -> str:
    """Name a kind of work to people; one that no app knows any more keeps its code."""
    return str(KINDS[name].title) if name in KINDS else name


class Assignment:
    """A job in this worker's hands."""

    def __init__(self, job: Job, worker: Worker, on_progress: Listener | None = None) -> None:
        self.job = job
        self.worker = worker
        self.on_progress = on_progress
        self.reported_at = float("-inf")

    def report(self, done: int, total: int | None = None) -> None:
        """Tell how far the work is; writes at most twice a second.

        Errors: JobStoppedError.
        """
        if self.on_progress is not None:
            self.on_progress(done, total)
        now = time.monotonic()
        if now - self.reported_at < REPORT_SECONDS:
            return
        self.reported_at = now
        if not self.mine().update(progress=done, total=total):
            raise JobStoppedError
        if is_draining(self.worker):
            raise JobStoppedError

    def mine(self) -> QuerySet[Job]:
        return Job.objects.filter(pk=self.job.pk, worker=self.worker, state=Job.State.RUNNING)

    @contextmanager
    def commit(self) -> Iterator[None]:
        """Store results in one transaction, if the job is still this worker's.

        Errors: JobStoppedError.
        """
        with transaction.atomic():
            if not list(self.mine().select_for_update().values_list("pk")):
                raise JobStoppedError
            yield

    def end(self, state: str, code: str = "", detail: str = "") -> None:
        self.mine().update(
            state=state,
            reason_code=code,
            reason_detail=clean_text(detail),
            worker=None,
            ended_at=database_now(),
        )


def serve() -> None:
    """Work off the jobs that nobody works on, unless this host has its hands full."""
    leases.free_dead_workers()
    worker = leases.register(Worker.Role.JOB)
    try:
        # Two launched at once must not give way to each other: the first one stays.
        ahead = leases.local(Worker.Role.JOB).filter(pk__lt=worker.pk)
        if ahead.count() < settings.DATAMATE_JOB_WORKERS:
            # One that was asked to stop would take the job again that it has just given back.
            while not is_draining(worker) and (job := claim(worker)) is not None:
                perform(Assignment(job, worker))
    finally:
        leases.dismiss(worker.pk)


def is_draining(worker: Worker) -> bool:
    return Worker.objects.filter(pk=worker.pk, is_draining=True).exists()


def perform_here(job: Job, on_progress: Listener | None = None) -> Job:
    """Do a job in this process, as commands do."""
    worker = leases.register(Worker.Role.JOB)
    try:
        taken = claim(worker, only=job)
        if taken is not None:
            perform(Assignment(taken, worker, on_progress))
    finally:
        leases.dismiss(worker.pk)
    job.refresh_from_db()
    return job


def claim(worker: Worker, only: Job | None = None) -> Job | None:
    """Take the oldest job that nobody works on; gives up one at which workers died."""
    with transaction.atomic():
        jobs = Job.objects.claimable().select_for_update(
            of=("self",), skip_locked=connection.features.has_select_for_update_skip_locked
        )
        job = (jobs.filter(pk=only.pk) if only else jobs).order_by("pk").first()
        if job is None:
            return None
        now = database_now()
        if job.attempts >= MOST_ATTEMPTS:
            job.state, job.reason_code, job.ended_at = Job.State.FAILED, "job_poison", now
        else:
            job.state, job.worker, job.started_at = Job.State.RUNNING, worker, now
            job.progress, job.total, job.attempts = 0, None, job.attempts + 1
        job.save()
    return job if job.worker_id else claim(worker, only)


def perform(assignment: Assignment) -> None:
    """Do the work, and say on the row how it ended."""
    job = assignment.job
    with heartbeat(assignment.worker):
        try:
            KINDS[job.kind].work(assignment)
        except JobStoppedError:
            give_back(assignment)
        except JobFailedError as error:
            assignment.end(Job.State.FAILED, error.code, error.detail)
        except (OperationalError, InterfaceError):
            logger.exception("The database went away during job %s", job.pk)
            connections.close_all()
        except Exception as error:  # a job's outermost frame: the row says what broke off
            logger.exception("Job %s broke off", job.pk)
            assignment.end(Job.State.FAILED, "broke_off", f"{type(error).__name__}: {error}")
        else:
            assignment.end(Job.State.DONE)


def give_back(assignment: Assignment) -> None:
    """Leave a job to the next worker; this one was asked to stop."""
    assignment.mine().update(worker=None, state=Job.State.WAITING, attempts=F("attempts") - 1)


@contextmanager
def heartbeat(worker: Worker) -> Iterator[None]:
    """Renew the worker's lease beside the work, which may take long between two reports."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(BEAT_SECONDS):
            try:
                leases.beat(worker)
            except (OperationalError, InterfaceError):
                logger.warning("The database is away; trying again")
            finally:
                connections.close_all()

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
