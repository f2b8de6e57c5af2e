"""What `make run` starts, it also ends; what dies, it notices."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import httpx2
import pytest
from django.db import connection

from synthesis.engine.processes import command_line, is_alive, stat_fields
from tests import product, tables
from tests.conftest import empty_database, name_of
from tests.product import Product

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

# Without a model nothing is generated, and the processes are all there is to look at.
START_TIME = 19  # of a process's fields; its number tells nothing, for numbers start anew
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
    """Return the one that was started first: the others are its workers."""
    found = [pid for pid, line in processes(folder).items() if words in line]
    return min(found, key=lambda pid: int(stat_fields(pid)[START_TIME]))


def await_started(folder: Path, words: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not any(words in line for line in processes(folder).values()):
        assert time.monotonic() < deadline, f"no {words} in {processes(folder)}"
        time.sleep(0.1)


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
def test_killed_worker_is_named_and_started_again(started, tmp_path):
    running = " ".join(processes(tmp_path).values())
    assert all(name in running for name in ("quickstart", "gunicorn", "synthesis_worker"))
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


@pytest.mark.any_database
def test_kill_of_it_ends_the_others_too(started, tmp_path):
    os.kill(started.process.pid, signal.SIGKILL)
    assert await_none(tmp_path) == {}


@pytest.mark.django_db
def test_start_after_a_setup_reuses_everything_and_ctrl_c_ends_all(tmp_path):
    with empty_database(tmp_path) as database_url:
        said = product.set_up(tmp_path, database_url, **NO_MODEL)
        assert_tables_are_those_of_the_models(database_url)
        second = Product(tmp_path, database_url, **NO_MODEL)
        try:
            second.await_ready()
            assert httpx2.get(f"{second.url}/admin/login/").status_code == 200
            await_started(tmp_path, "qcluster")
            assert second.interrupt() == 0
        finally:
            second.end()
    assert await_none(tmp_path, 0) == {}
    assert "Worker stopped." in second.output
    assert "shown only now" in said
    assert "Starter templates added" in said
    assert "shown only now" not in second.output
    assert "added" not in second.output


def assert_tables_are_those_of_the_models(database_url):
    """The tests' own database is made from the models, and this one was by migrations."""
    migrated = tables.beside(name_of(database_url))
    try:
        found = tables.described(migrated)
    finally:
        migrated.close()
    assert "quality_band" in found
    assert found == tables.described(connection)
