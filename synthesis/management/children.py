"""Processes of one command that start and stop together, in one process group."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

TICK_SECONDS = 0.2
SETTLED_SECONDS = 60.0  # one that lived so long starts again without a pause
LONGEST_PAUSE_SECONDS = 30.0
HURRY_SECONDS = 5.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_PDEATHSIG = 1  # Linux, prctl(2)


class Child:
    def __init__(self, name: str, command: list[str]) -> None:
        self.name = name
        self.command = command
        self.pause_seconds = 1.0
        self.start_at = 0.0

    def start(self, environment: Mapping[str, str], group: int) -> None:
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603  our own commands
            self.command,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            process_group=group,
            preexec_fn=end_with_parent(),
        )

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def plan_restart(self) -> None:
        """Wait longer each time one ends soon after its start."""
        if time.monotonic() - self.started_at > SETTLED_SECONDS:
            self.pause_seconds = 1.0
        self.start_at = time.monotonic() + self.pause_seconds
        self.pause_seconds = min(2 * self.pause_seconds, LONGEST_PAUSE_SECONDS)


class Children:
    """The first child is the one without which the others are stopped too."""

    def __init__(
        self,
        commands: Mapping[str, list[str]],
        *,
        grace_seconds: float,
        report: Callable[[str, int, bool], Any],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Report is called with a child's name, its exit code, and whether it starts again."""
        self.children = [Child(name, command) for name, command in commands.items()]
        self.grace_seconds = grace_seconds
        self.report = report
        self.environment = environment or {}
        self.is_stopping = False
        self.is_hurried = False

    @property
    def first(self) -> Child:
        return self.children[0]

    def start(self) -> None:
        for number in STOP_SIGNALS:
            signal.signal(number, self.ask_to_stop)
        # A group of their own: the terminal's Ctrl-C reaches this process, which passes on one
        # signal; a second one would make the worker drop its calls.
        self.first.start(self.environment, 0)
        for child in self.children[1:]:
            child.start(self.environment, self.first.process.pid)

    def ask_to_stop(self, number: int, _frame: object) -> None:
        # A group's SIGTERM may come twice, from make too; only a second Ctrl-C is impatience.
        self.is_hurried |= self.is_stopping and number == signal.SIGINT
        self.is_stopping = True

    def is_over(self) -> bool:
        return self.is_stopping or self.first.has_ended()

    def watch(self) -> int:
        """Keep the children running until told to stop; returns the exit code."""
        while not self.is_stopping:
            if self.first.has_ended():
                self.report(self.first.name, self.first.process.returncode, False)
                return 1
            for child in self.children[1:]:
                self.revive(child)
            time.sleep(TICK_SECONDS)
        return 0

    def revive(self, child: Child) -> None:
        if not child.has_ended():
            return
        if not child.start_at:
            self.report(child.name, child.process.returncode, True)
            child.plan_restart()
        elif time.monotonic() >= child.start_at:
            child.start_at = 0.0
            child.start(self.environment, self.first.process.pid)

    def stop(self) -> None:
        """End all that was started, by force where the grace does not do."""
        self.terminate()
        self.await_end(self.grace_seconds, lambda: self.is_hurried)
        if self.is_hurried:
            self.terminate()
            self.await_end(HURRY_SECONDS, lambda: False)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.first.process.pid, signal.SIGKILL)
        for child in self.children:
            child.process.wait()

    def terminate(self) -> None:
        for child in self.children:
            if not child.has_ended():
                child.process.terminate()

    def await_end(self, seconds: float, gives_up: Callable[[], bool]) -> None:
        deadline = time.monotonic() + seconds
        while not all(child.has_ended() for child in self.children):
            if gives_up() or time.monotonic() > deadline:
                return
            time.sleep(TICK_SECONDS)


def end_with_parent() -> Callable[[], None] | None:
    """Return what a child does first, so that it ends when this process is killed."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
