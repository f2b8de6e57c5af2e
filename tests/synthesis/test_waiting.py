"""Commands that follow work: they do it where nobody else does, and wait where somebody does."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management.base import BaseCommand

from synthesis.engine import leases
from synthesis.management import waiting
from synthesis.models import Job, Worker

pytestmark = pytest.mark.any_database


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.naps: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(waiting, "time", clock)
    return clock


@pytest.fixture
def slices(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The lengths of the slices that were served."""
    found: list[float] = []
    monkeypatch.setattr(
        waiting.runner, "serve", lambda *, slice_seconds: found.append(slice_seconds)
    )
    return found


def performing(monkeypatch: pytest.MonkeyPatch, *states: str) -> None:
    """Let the job be found in these states, one look after the other."""
    jobs: Iterator[Job] = iter([Job(state=state, progress=n) for n, state in enumerate(states)])
    monkeypatch.setattr(waiting.background, "perform_here", lambda _job, _move: next(jobs))


def test_a_job_that_was_done_here_is_not_waited_for(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    performing(monkeypatch, "done")
    assert waiting.follow_job(Job(), "records").state == "done"
    assert clock.naps == []


@pytest.mark.parametrize("end", ["done", "failed", "cancelled"])
def test_a_job_in_other_hands_is_followed_to_its_end(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    performing(monkeypatch, "running", "waiting", "running", end)
    assert waiting.follow_job(Job(), "records").state == end
    assert clock.naps == [waiting.POLL_SECONDS] * 3


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["running", "done"])
def test_an_interrupt_cancels_a_job_that_a_worker_still_has(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    def interrupt(_seconds: float) -> None:
        Job.objects.update(state=state)
        raise KeyboardInterrupt

    job = Job.objects.create(kind="count", state="running")
    monkeypatch.setattr(waiting.background, "perform_here", lambda *_: job)
    monkeypatch.setattr(clock, "sleep", interrupt)
    with pytest.raises(KeyboardInterrupt):
        waiting.follow_job(job, "records")
    assert Job.objects.get().state == ("cancelled" if state == "running" else state)


@pytest.mark.parametrize(
    ("ends_in", "length"), [(1000.0, 30.0), (30.0, 30.0), (12.5, 12.5), (0.0, 0.0), (-5.0, 0.0)]
)
def test_a_slice_ends_when_the_waiting_does(
    clock: Clock,
    slices: list[float],
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    ends_in: float,
    length: float,
) -> None:
    settings.DATAMATE_SLICE_SECONDS = 30
    monkeypatch.setattr(waiting, "is_worker_running", lambda: False)
    waiting.serve_or_wait(clock.now + ends_in, serves=True)
    assert (slices, clock.naps) == ([length], [])


@pytest.mark.parametrize(("serves", "is_running"), [(False, False), (False, True), (True, True)])
def test_the_work_is_left_to_others_unless_nobody_else_does_it(
    clock: Clock,
    slices: list[float],
    monkeypatch: pytest.MonkeyPatch,
    serves: bool,
    is_running: bool,
) -> None:
    monkeypatch.setattr(waiting, "is_worker_running", lambda: is_running)
    waiting.serve_or_wait(clock.now + 9, serves=serves)
    assert (slices, clock.naps) == ([], [waiting.POLL_SECONDS])


def test_the_warning_says_what_to_do_on_standard_error() -> None:
    output, errors = io.StringIO(), io.StringIO()
    waiting.warn_of_no_worker(BaseCommand(stdout=output, stderr=errors, no_color=True))
    sentence = "No worker is running. Start one with “make worker”, or use --serve.\n"
    assert (output.getvalue(), errors.getvalue()) == ("", sentence)


@pytest.mark.django_db
class TestWorkerIsRunning:
    def test_not_where_none_ever_was(self) -> None:
        assert not waiting.is_worker_running()

    @pytest.mark.parametrize(("age", "is_running"), [(0.5, True), (1.5, False)])
    def test_while_its_heart_beats(self, age: float, is_running: bool) -> None:
        worker = leases.register(Worker.Role.JOB)
        beat_at = worker.heartbeat_at - age * waiting.FRESH
        Worker.objects.filter(pk=worker.pk).update(heartbeat_at=beat_at)
        assert waiting.is_worker_running() is is_running
