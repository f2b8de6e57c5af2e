from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from providers.local import locks

pytestmark = pytest.mark.any_database

HOLD = """
import sys, time
from pathlib import Path
from providers.local import locks
descriptor = locks.{how}(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.lock"


def hold_elsewhere(path, how: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", HOLD.format(how=how), str(path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"held\n"
    return process


def end(process) -> None:
    process.kill()
    process.communicate()


def test_a_new_lock_is_not_held(path):
    assert not locks.is_held(path)
    assert path.exists()


def test_a_lock_is_held_until_its_process_is_killed(path):
    process = hold_elsewhere(path, "wait_exclusive")
    assert locks.is_held(path)
    end(process)
    assert not locks.is_held(path)


def test_looking_at_a_lock_does_not_take_it(path):
    locks.is_held(path)
    descriptor = locks.open_lock(path)
    assert locks.try_exclusive(descriptor)
    os.close(descriptor)


def test_many_share_a_lock_and_keep_the_exclusive_one_out(path):
    process = hold_elsewhere(path, "share")
    mine = locks.share(path)
    asking = locks.open_lock(path)
    assert not locks.try_exclusive(asking)
    os.close(mine)
    assert not locks.try_exclusive(asking)
    end(process)
    assert locks.try_exclusive(asking)
    os.close(asking)


def test_a_forked_child_keeps_the_share_of_its_parent(path):
    mine = locks.share(path)
    child = os.fork()
    if child == 0:
        time.sleep(60)
        os._exit(0)
    os.close(mine)
    asking = locks.open_lock(path)
    assert not locks.try_exclusive(asking)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert locks.try_exclusive(asking)
    os.close(asking)


def test_a_child_forked_in_an_exclusive_block_does_not_keep_the_lock(path):
    with locks.exclusive(path):
        child = os.fork()
        if child == 0:
            time.sleep(60)
            os._exit(0)
        assert locks.is_held(path)
    assert not locks.is_held(path)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
