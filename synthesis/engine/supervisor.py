"""Keep a django-q2 cluster alive, and the runs served.

The kill of one idle cluster process can wedge the whole cluster for ever, so any
death in it, and any silence, ends the cluster as a whole and starts another; runners
that still work may store the calls that they have in flight before. The
queue carries no state: what is launched twice or not at all does no harm.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connections
from django_q.models import Task as FinishedJob

from synthesis import jobs
from synthesis.engine import leases
from synthesis.engine.clock import database_now
from synthesis.engine.processes import command_line, is_alive, session_members
from synthesis.errors import WorkerRunningError
from synthesis.models import Job, Run, Worker
from synthesis.signals import worker_started

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.5
DRAIN_TICK_SECONDS = 0.1
START_SECONDS = 5.0  # the cluster's processes appear one after the other
WEDGED_SECONDS = 10.0
LONGEST_WEDGED_SECONDS = 300.0
SILENT_SECONDS = 30
JOB_PAUSE_SECONDS = 10.0
KEEP_FAILED_JOBS = timedelta(days=7)


class Cluster:
    """One django-q2 cluster in a session of its own."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603  our own command
            [sys.executable, str(settings.BASE_DIR / "manage.py"), "qcluster"],
            start_new_session=True,
            stdin=subprocess.DEVNULL,
        )
        self.started_at = time.monotonic()
        self.members: set[int] = set()
        self.newcomers: set[int] = set()
        cluster_file().write_text(str(self.process.pid), encoding="ascii")

    def trouble(self) -> str:
        """Say what is wrong with the cluster; empty when nothing is."""
        if self.process.poll() is not None:
            return f"its parent ended with code {self.process.returncode}"
        members = self.pids()
        if gone := self.members - members:
            return f"process {min(gone)} is gone"
        if time.monotonic() - self.started_at > START_SECONDS:
            # Seen twice in a row: an SDK's short-lived child is no member.
            self.members = members & self.newcomers
            self.newcomers = members
        return ""

    def pids(self) -> set[int]:
        """Return the processes that are there now."""
        return session_members(self.process.pid)

    def stop(self, grace_seconds: float) -> None:
        """Let the parent finish what runs, then kill what is left."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(grace_seconds)
        self.kill()

    def kill(self) -> None:
        kill_group(self.process.pid)
        self.process.wait()


class Supervisor:
    def __init__(self) -> None:
        self.is_stopping = False
        self.woke_at: float | None = None
        self.next_job_at = 0.0
        self.patience_seconds = WEDGED_SECONDS
        self.waiting_runs: set[int] = set()
        self.calm_until = 0.0

    def run(self) -> None:
        """Serve until told to stop.

        Errors: WorkerRunningError when another supervisor uses the same data directory.
        """
        with only_one():
            kill_left_over_cluster()
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, self.ask_to_stop)
            FinishedJob.objects.filter(stopped__lt=database_now() - KEEP_FAILED_JOBS).delete()
            self.worker = leases.register(Worker.Role.SUPERVISOR)
            worker_started.send(sender=Worker)
            self.cluster = self.start_cluster()
            try:
                self.watch()
            finally:
                self.stop_cluster()
                leases.dismiss(self.worker.pk)

    def ask_to_stop(self, _number: int, _frame: object) -> None:
        if self.is_stopping:
            self.cluster.kill()
        self.is_stopping = True

    def watch(self) -> None:
        while not self.is_stopping:
            try:
                self.tick()
            except DatabaseError:
                logger.exception("The database is away; trying again")
                connections.close_all()
                self.calm_until = time.monotonic() + SILENT_SECONDS
            time.sleep(TICK_SECONDS)

    def tick(self) -> None:
        if not leases.beat(self.worker):
            self.worker = leases.register(Worker.Role.SUPERVISOR)
        leases.free_dead_workers()
        trouble = self.cluster.trouble() or self.silence() or self.wedge()
        # A cluster does not start without its queue, and what still runs goes on without it.
        if trouble and jobs.waiting_count() is not None:
            logger.error("The cluster is started anew: %s", trouble)
            self.drain_cluster()
            if self.is_stopping:
                return
            self.cluster.kill()
            leases.free_dead_workers()
            self.cluster = self.start_cluster()
        self.top_up_queue()
        self.top_up_jobs()

    def drain_cluster(self) -> None:
        """Let the cluster's runners store what they have in flight: it would be paid again.

        Also those that a launch in the queue brings meanwhile; silent ones are not waited for.
        """
        ends_at = time.monotonic() + settings.DATAMATE_STOP_SECONDS
        while not self.is_stopping and time.monotonic() < ends_at:
            leases.beat(self.worker)
            leases.free_dead_workers()
            stale = database_now() - timedelta(seconds=SILENT_SECONDS)
            ours = leases.local_runners().filter(pid__in=self.cluster.pids())
            if not ours.filter(heartbeat_at__gte=stale).update(is_draining=True):
                return
            time.sleep(DRAIN_TICK_SECONDS)

    def start_cluster(self) -> Cluster:
        self.woke_at, self.cluster_since = None, database_now()
        return Cluster()

    def stop_cluster(self) -> None:
        with contextlib.suppress(DatabaseError):
            leases.ask_to_drain()
        self.cluster.stop(settings.DATAMATE_STOP_SECONDS)
        with contextlib.suppress(DatabaseError):
            leases.free_dead_workers()

    def silence(self) -> str:
        """Name a runner of this cluster that lives but has stopped beating.

        Only its own: a process number may be used again after a reboot, and nobody could
        beat while the database was away.
        """
        if time.monotonic() < self.calm_until:
            return ""
        stale = database_now() - timedelta(seconds=SILENT_SECONDS)
        ours = leases.local_runners().filter(
            pid__in=self.cluster.members, started_at__gte=self.cluster_since
        )
        for worker in ours.filter(heartbeat_at__lt=stale):
            return f"runner {worker.pid} has been silent for {SILENT_SECONDS} s"
        return ""

    def wedge(self) -> str:
        """Tell when a run waits and wake-up calls have brought no runner for too long.

        Patience doubles with each restart: a busy machine may just be slow.
        """
        if self.woke_at is None:
            return ""
        self.waiting_runs &= active_runs()
        if leases.local_runners().exists():
            self.patience_seconds = WEDGED_SECONDS
            self.waiting_runs = set()
        if not self.waiting_runs:
            self.woke_at = None
            return ""
        seconds = self.patience_seconds
        if time.monotonic() - self.woke_at < seconds:
            return ""
        self.patience_seconds = min(2 * seconds, LONGEST_WEDGED_SECONDS)
        return f"no runner came within {seconds:.0f} s"

    def top_up_queue(self) -> None:
        """Launch runner jobs while there is work and a cluster process without one."""
        if self.woke_at is not None or not (active := active_runs()):
            return
        missing = settings.DATAMATE_WORKERS - leases.local_runners().count()
        if missing <= 0 or (waiting := jobs.waiting_count()) is None:
            return
        # What the last slices launched on their way out may wait still: it must not pile up.
        for _job in range(min(missing, settings.Q_CLUSTER["workers"] - waiting)):
            jobs.enqueue_runner()
        self.waiting_runs, self.woke_at = active, time.monotonic()

    def top_up_jobs(self) -> None:
        """Launch a job worker while a job waits and this host has a process for it."""
        now = time.monotonic()
        if now < self.next_job_at or not Job.objects.claimable().exists():
            return
        if leases.local(Worker.Role.JOB).count() < settings.DATAMATE_JOB_WORKERS:
            jobs.enqueue_job_worker()
            self.next_job_at = now + JOB_PAUSE_SECONDS


def active_runs() -> set[int]:
    return set(Run.objects.active().values_list("pk", flat=True))


def cluster_file() -> Path:
    return Path(settings.DATA_DIR) / "cluster.pid"


def kill_group(group_id: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group_id, signal.SIGKILL)


def kill_left_over_cluster() -> None:
    """End the cluster of a supervisor that was killed: its processes go on without it."""
    with contextlib.suppress(FileNotFoundError, ValueError):
        group_id = int(cluster_file().read_text(encoding="ascii"))
        if any("qcluster" in command_line(pid) for pid in session_members(group_id)):
            logger.warning("Ending the cluster that an earlier worker left behind")
            kill_group(group_id)
            while any(is_alive(pid) for pid in session_members(group_id)):
                time.sleep(0.05)


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Hold the lock of this data directory; the kernel frees it when the process dies."""
    with (Path(settings.DATA_DIR) / "worker.lock").open("a+", encoding="ascii") as lock:
        take(lock)
        yield


def take(lock: IO[str]) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise WorkerRunningError("worker_running", str(settings.DATA_DIR)) from error
