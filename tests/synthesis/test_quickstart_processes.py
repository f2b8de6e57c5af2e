"""What `make run` starts, it also ends; what dies, it notices."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import httpx2
import pytest

from synthesis.engine.processes import command_line, is_alive
from tests import product
from tests.conftest import empty_database
from tests.product import Product

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

# Without a model nothing is generated, and the processes are all there is to look at.
NO_MODEL = {"DATAMATE_LOCAL_MODEL_PATH": "/nonexistent.gguf"}


def processes(folder: Path) -> dict[int, str]:
    """Find by their environment all processes that were started on a data folder."""
    mark = f"DATAMATE_DATA_DIR={folder / 'data'}".encode()
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and mark in (entry / "environ").read_bytes().split(b"\0"):
                found[int(entry.name)] = command_line(int(entry.name))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return {pid: line for pid, line in found.items() if line and is_alive(pid)}


def pid_of(folder: Path, words: str) -> int:
    return min(pid for pid, line in processes(folder).items() if words in line)


def await_none(folder: Path, seconds: float = 15) -> dict[int, str]:
    deadline = time.monotonic() + seconds
    while processes(folder) and time.monotonic() < deadline:
        time.sleep(0.1)
    return processes(folder)


@pytest.fixture
def started(tmp_path):
    with product.running(tmp_path, **NO_MODEL) as running:
        yield running


@pytest.mark.any_database
def test_ctrl_c_ends_all_that_was_started(started, tmp_path):
    running = " ".join(processes(tmp_path).values())
    assert all(name in running for name in ("quickstart", "gunicorn", "synthesis_worker"))
    assert started.interrupt() == 0
    assert await_none(tmp_path, 0) == {}
    assert "Worker stopped." in started.output


@pytest.mark.any_database
def test_kill_of_it_ends_the_others_too(started, tmp_path):
    os.kill(started.process.pid, signal.SIGKILL)
    assert await_none(tmp_path) == {}


@pytest.mark.any_database
def test_killed_worker_is_named_and_started_again(started, tmp_path):
    killed = pid_of(tmp_path, "synthesis_worker")
    os.kill(killed, signal.SIGKILL)
    started.await_words("(?s)worker .* code -9; it is started again.*Worker started")
    assert pid_of(tmp_path, "synthesis_worker") != killed


@pytest.mark.any_database
def test_killed_web_server_is_named_and_stops_everything(started, tmp_path):
    os.kill(pid_of(tmp_path, "gunicorn"), signal.SIGKILL)
    assert started.process.wait(60) == 1
    started.await_words("The web process ended with code -9; everything is stopped.")
    assert await_none(tmp_path) == {}


def test_second_start_reuses_everything(tmp_path):
    with empty_database(tmp_path) as database_url:
        first, second = Product(tmp_path, database_url, **NO_MODEL), None
        try:
            first.await_ready()
            first.interrupt()
            second = Product(tmp_path, database_url, **NO_MODEL)
            second.await_ready()
            assert httpx2.get(f"{second.url}/admin/login/").status_code == 200
        finally:
            for one in filter(None, (first, second)):
                one.end()
    assert "shown only now" in first.output
    assert "Starter templates added" in first.output
    assert "shown only now" not in second.output
    assert "added" not in second.output
