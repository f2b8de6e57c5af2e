"""Which processes a local server outlives, and which it does not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

pytestmark = pytest.mark.any_database

USE = """
import sys
from providers import local
print(local.ensure_server(), flush=True)
for line in sys.stdin:
    print(local.ensure_server(), flush=True)
"""


class User:
    """A process that uses the server until its input is closed or it is killed."""

    def __init__(self, data_dir: Path, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USE],
            env={**os.environ, "DATAMATE_DATA_DIR": str(data_dir), **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def address(self) -> str:
        return self.process.stdout.readline().strip()

    def ask_again(self) -> str:
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.address()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def leave(self) -> None:
        self.process.communicate()


@pytest.fixture
def user(tmp_path):
    users = []

    def start(**environment):
        users.append(User(tmp_path, **environment))
        return users[-1]

    yield start
    for one in users:
        if one.process.returncode is None:
            one.kill()


def server_pids(data_dir: Path) -> list[int]:
    files = (data_dir / "local-model").glob("*/address.json")
    return [json.loads(file.read_text())["pid"] for file in files]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # Where nobody reaps orphans a dead process stays as a zombie.
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and ") Z " in status.read_text())


def await_end(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_alive(pid)


def is_healthy(address: str) -> bool:
    return httpx2.get(address.removesuffix("/v1") + "/health", timeout=5).is_success


def await_other_address(user: User, stale: str) -> str:
    """Ask as callers do: a killed process holds its locks until its last thread has gone."""
    deadline = time.monotonic() + 5
    while (address := user.ask_again()) == stale and time.monotonic() < deadline:
        time.sleep(0.02)
    return address


def test_starts_on_demand_and_answers(user):
    assert is_healthy(user().address())


def test_two_processes_share_one_server(user, tmp_path):
    first = user().address()
    assert user().address() == first
    assert len(server_pids(tmp_path)) == 1


def test_four_processes_that_start_at_once_start_one_server(user, tmp_path):
    users = [user() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        addresses = set(pool.map(User.address, users))
    assert len(addresses) == 1
    assert len(server_pids(tmp_path)) == 1


def test_stays_while_one_user_is_left_and_stops_with_the_last(user, tmp_path):
    first, second = user(), user()
    address = first.address()
    second.address()
    (pid,) = server_pids(tmp_path)
    first.leave()
    assert not await_end(pid, 3.5)
    assert is_healthy(address)
    second.leave()
    assert await_end(pid, 5)


def test_stops_when_its_last_user_is_killed(user, tmp_path):
    only = user()
    only.address()
    (pid,) = server_pids(tmp_path)
    only.kill()
    assert await_end(pid, 5)


def test_outlives_an_interrupted_terminal(user, tmp_path):
    first = user()
    first.address()
    (pid,) = server_pids(tmp_path)
    assert os.getsid(pid) != os.getsid(first.process.pid)
    assert os.getpgid(pid) != os.getpgid(first.process.pid)


def test_a_killed_server_is_started_anew(user, tmp_path):
    only = user()
    address = only.address()
    (pid,) = server_pids(tmp_path)
    os.kill(pid, signal.SIGKILL)
    assert is_healthy(await_other_address(only, address))
    assert server_pids(tmp_path) != [pid]


def test_a_user_that_comes_while_the_server_ends_gets_a_new_one(user, tmp_path):
    only = user()
    only.address()
    (pid,) = server_pids(tmp_path)
    only.kill()
    time.sleep(2)
    newcomer = user()
    assert is_healthy(newcomer.address())
    await_end(pid, 1)
    assert is_healthy(newcomer.ask_again())


def test_another_model_gets_a_server_of_its_own(user, tmp_path):
    from providers import local

    copy = tmp_path / "other.gguf"
    copy.symlink_to(local.description().path)
    first = user().address()
    second = user(DATAMATE_LOCAL_MODEL_PATH=str(copy)).address()
    assert first != second
    assert is_healthy(first)
    assert is_healthy(second)


def test_writes_to_the_log_of_the_data_directory(user, tmp_path):
    user().address()
    assert (tmp_path / "logs" / "local-model.log").exists()
