from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from synthesis.engine.processes import is_alive
from synthesis.management.children import LONGEST_PAUSE_SECONDS, Child, Children

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
DEAF = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)",
]


@pytest.fixture
def started():
    """Start children, and put back the signals that they took over."""
    kept = {
        number: signal.getsignal(number)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    reports = []
    all_children = []

    def start(grace_seconds=5.0, **commands):
        children = Children(
            commands, grace_seconds=grace_seconds, report=lambda *words: reports.append(words)
        )
        children.start()
        children.reports = reports
        all_children.append(children)
        return children

    yield start
    for children in all_children:
        children.stop()
    for number, handler in kept.items():
        signal.signal(number, handler)


def pids(children):
    return [child.process.pid for child in children.children]


def after(seconds, action):
    timer = threading.Timer(seconds, action)
    timer.daemon = True
    timer.start()


def test_are_one_process_group_apart_from_the_terminals(started):
    children = started(web=SLEEP, worker=SLEEP)
    groups = {os.getpgid(pid) for pid in pids(children)}
    assert groups == {children.first.process.pid}
    assert os.getpgid(0) not in groups


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_end_when_a_signal_asks_for_it(started, number):
    children = started(web=SLEEP, worker=SLEEP)
    after(0.3, lambda: os.kill(os.getpid(), number))
    assert children.watch() == 0
    children.stop()
    assert not any(is_alive(pid) for pid in pids(children))


def test_end_with_the_first_one_which_is_reported(started):
    children = started(web=[sys.executable, "-c", "raise SystemExit(3)"], worker=SLEEP)
    assert children.watch() == 1
    assert children.reports == [("web", 3, False)]


def test_a_killed_worker_is_reported_and_started_again(started):
    children = started(web=SLEEP, worker=SLEEP)
    _web, worker = pids(children)
    os.kill(worker, signal.SIGKILL)
    after(2.5, lambda: children.ask_to_stop(0, None))
    children.watch()
    assert children.reports == [("worker", -9, True)]
    assert pids(children)[1] != worker
    assert is_alive(pids(children)[1])


def test_one_that_ignores_the_signal_is_killed_after_the_grace(started):
    children = started(grace_seconds=0.5, web=DEAF)
    time.sleep(1)
    begun = time.monotonic()
    children.stop()
    assert time.monotonic() - begun < 3
    assert children.first.process.returncode == -signal.SIGKILL


def test_a_second_ctrl_c_ends_the_wait(started):
    children = started(grace_seconds=60, web=DEAF)
    time.sleep(1)
    for _press in range(2):
        children.ask_to_stop(signal.SIGINT, None)
    begun = time.monotonic()
    children.stop()
    assert time.monotonic() - begun < 20


def test_a_second_sigterm_leaves_the_grace_as_it_is(started):
    children = started(web=SLEEP)
    for _signal in range(2):
        children.ask_to_stop(signal.SIGTERM, None)
    assert not children.is_hurried


def test_pause_grows_when_one_keeps_ending_soon():
    child = Child("worker", SLEEP)
    child.started_at = time.monotonic()
    pauses = []
    for _death in range(7):
        pauses.append(child.pause_seconds)
        child.plan_restart()
    assert pauses == [1, 2, 4, 8, 16, LONGEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS]


def test_one_that_lived_long_is_started_again_soon():
    child = Child("worker", SLEEP)
    child.pause_seconds = LONGEST_PAUSE_SECONDS
    child.started_at = time.monotonic() - 120
    child.plan_restart()
    assert child.start_at - time.monotonic() < 1.1


def test_end_when_their_parent_is_killed():
    program = (
        "import sys, time\n"
        "from synthesis.management.children import Children\n"
        f"children = Children({{'web': {SLEEP!r}}}, grace_seconds=1, report=print)\n"
        "children.start()\n"
        "print(children.first.process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    deadline = time.monotonic() + 5
    while is_alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(child)
