"""A worker as a process of its own, on the database of the test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from django.db.models import Count

from synthesis.engine.processes import command_line, session_members
from synthesis.models import Call, Run, Worker


def database_url() -> str:
    """Name the test's database in the form that the settings read."""
    entry: dict[str, Any] = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{entry['NAME']}"
    account = f"{quote(entry['USER'])}:{quote(entry['PASSWORD'])}"
    host, port = quote(entry["HOST"], safe=""), entry["PORT"]
    return f"postgresql://{account}@{host}:{port}/{entry['NAME']}"


class Deployment:
    """Starts and ends worker processes; a context manager that leaves none behind."""

    def __init__(self, data_dir: Path, **environment: str) -> None:
        self.data_dir = data_dir
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "datamate.settings",
            "DATABASE_URL": database_url(),
            "DATAMATE_DATA_DIR": str(data_dir),
            "DATAMATE_SECRET_KEY": settings.SECRET_KEY,
            "DATAMATE_ENCRYPTION_KEYS": ",".join(settings.DATAMATE_ENCRYPTION_KEYS),
            "DATAMATE_ALLOWED_PRIVATE_HOSTS": "127.0.0.0/8",
            "DATAMATE_SLICE_SECONDS": "5",
            "DATAMATE_STOP_SECONDS": "10",
            **environment,
        }
        self.workers: list[subprocess.Popen[bytes]] = []
        self.log = (data_dir / "worker.log").open("ab")

    def __enter__(self) -> Deployment:
        return self

    def __exit__(self, *_error: object) -> None:
        for worker in self.workers:
            if worker.poll() is None:
                worker.terminate()
                worker.wait(20)
        kill_all(self.members())
        self.log.close()

    def start_worker(self) -> subprocess.Popen[bytes]:
        worker = subprocess.Popen(
            [sys.executable, str(settings.BASE_DIR / "manage.py"), "synthesis_worker"],
            env=self.environment,
            stdout=self.log,
            stderr=self.log,
        )
        self.workers.append(worker)
        return worker

    def kill_everything(self) -> None:
        """Kill the supervisors and all that they started, as a loss of power would."""
        orphans = self.members()
        for worker in self.workers:
            worker.kill()
        kill_all(orphans)
        for worker in self.workers:
            worker.wait()

    def cluster_id(self) -> int:
        path = self.data_dir / "cluster.pid"
        return int(path.read_text()) if path.exists() else 0

    def members(self) -> set[int]:
        return session_members(self.cluster_id())

    def runner_ids(self) -> set[int]:
        return self.members() & set(Worker.objects.runners().values_list("pid", flat=True))

    def log_text(self) -> str:
        return (self.data_dir / "worker.log").read_text(errors="replace")

    def wait_for(self, is_true: Callable[[], Any], what: str, seconds: float = 60) -> None:
        ends_at = time.monotonic() + seconds
        while not is_true():
            assert time.monotonic() < ends_at, f"no {what} in {seconds} s\n{self.state()}"
            time.sleep(0.05)

    def state(self) -> str:
        """Say how things stand: processes, workers, runs, calls and the log's end."""
        members = {pid: command_line(pid) for pid in self.members()}
        calls = Call.objects.values_list("run", "state").annotate(Count("pk"))
        parts = {
            "supervisors ended with": [worker.poll() for worker in self.workers],
            "cluster": members,
            "workers": list(Worker.objects.values()),
            "runs": list(Run.objects.values("pk", "status", "reason", *Run.COUNTERS)),
            "calls": list(calls),
            "log": self.log_text()[-3000:],
        }
        return "\n".join(f"{name}: {value}" for name, value in parts.items())

    def wait_until_ended(self, run: Run, seconds: float = 90) -> Run:
        """Wait for the end of the run and of the calls that were in flight then."""

        def has_ended() -> bool:
            run.refresh_from_db()
            return not run.is_active and not run.calls.filter(state="started").exists()

        self.wait_for(has_ended, f"end of the run ({run.status}, {run.accepted})", seconds)
        return run


def kill_all(pids: set[int]) -> None:
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
