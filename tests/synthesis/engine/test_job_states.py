"""Background jobs as a table: every state, every event, and what is then on the row."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.utils import translation

from synthesis import jobs, reasons
from synthesis.engine import background, leases
from synthesis.engine.background import Assignment, JobFailedError, JobStoppedError
from synthesis.errors import WrongStateError
from synthesis.models import Dataset, Job, Worker

pytestmark = pytest.mark.django_db
STATES = Job.State.values


@pytest.fixture
def worker() -> Worker:
    return leases.register(Worker.Role.JOB)


def job(state: str, worker: Worker | None = None, **fields: object) -> Job:
    return Job.objects.create(kind="counting", state=state, worker=worker, **fields)


def stored(row: Job) -> Job:
    return Job.objects.get(pk=row.pk)


@pytest.mark.parametrize(
    ("state", "is_held", "is_taken"),
    [
        ("waiting", False, True),
        ("running", False, True),  # its worker died
        ("running", True, False),
        ("done", False, False),
        ("failed", False, False),
        ("cancelled", False, False),
    ],
)
def test_what_nobody_works_on_is_taken(worker, state, is_held, is_taken):
    row = job(state, leases.register(Worker.Role.JOB) if is_held else None)
    assert (background.claim(worker) == row) == is_taken
    assert (stored(row).worker == worker) == is_taken


def test_the_oldest_waiting_job_is_taken_first(worker):
    rows = [job("waiting") for _job in range(3)]
    assert [background.claim(worker) for _job in rows] == rows
    assert background.claim(worker) is None


def test_a_job_is_taken_anew_without_what_an_earlier_worker_reported(worker):
    row = job("running", progress=7, total=9, attempts=1)
    background.claim(worker)
    found = stored(row)
    assert (found.progress, found.total, found.attempts) == (0, None, 2)


@pytest.mark.parametrize("attempts", [0, 1, 2, 3, 4])
def test_a_job_is_begun_three_times_at_most(worker, attempts):
    row = job("waiting", attempts=attempts)
    taken = background.claim(worker)
    is_given_up = attempts >= background.MOST_ATTEMPTS
    assert (taken is None) == is_given_up
    expected = ("failed", "job_poison") if is_given_up else ("running", "")
    assert (stored(row).state, stored(row).reason_code) == expected


def test_a_job_that_is_given_up_makes_way_for_the_next(worker):
    job("waiting", attempts=background.MOST_ATTEMPTS)
    healthy = job("waiting")
    assert background.claim(worker) == healthy


@pytest.mark.parametrize("state", STATES)
def test_only_what_has_not_ended_is_cancelled(worker, state):
    row = job(state, worker if state == "running" else None)
    if state in Job.OPEN:
        row.cancel()
        assert stored(row).state == "cancelled"
        assert stored(row).ended_at is not None
        return
    with pytest.raises(WrongStateError):
        row.cancel()
    assert stored(row).state == state


@pytest.mark.parametrize("state", [state for state in STATES if state != "running"])
@pytest.mark.parametrize("event", ["report", "commit", "end", "give back"])
def test_a_job_that_is_not_running_takes_nothing_from_a_worker(worker, state, event):
    row = job(state, worker)
    assignment = Assignment(row, worker)
    if event == "report":
        with pytest.raises(JobStoppedError):
            assignment.report(5, 10)
    elif event == "commit":
        with pytest.raises(JobStoppedError), assignment.commit():
            Dataset.objects.create(name="too late")
    elif event == "end":
        assignment.end(Job.State.DONE)
    else:
        background.give_back(assignment)
    assert (stored(row).state, stored(row).progress) == (state, 0)
    assert not Dataset.objects.exists()


def test_what_a_failing_commit_wrote_is_undone(worker):
    assignment = Assignment(job("running", worker), worker)
    with pytest.raises(ZeroDivisionError), assignment.commit():
        Dataset.objects.create(name="half")
        raise ZeroDivisionError
    assert not Dataset.objects.exists()


@pytest.mark.parametrize(
    ("raised", "state", "code", "detail", "attempts"),
    [
        (None, "done", "", "", 1),
        (JobFailedError("bad_setup", "x"), "failed", "bad_setup", "x", 1),
        (JobFailedError("empty_file"), "failed", "empty_file", "", 1),
        (JobStoppedError(), "waiting", "", "", 0),
        (ValueError("odd"), "failed", "broke_off", "ValueError: odd", 1),
        (ValueError("a\x00b\ud800"), "failed", "broke_off", "ValueError: ab\ufffd", 1),
        # the database will be back: the next worker begins it again
        (OperationalError("gone"), "running", "", "", 1),
    ],
    ids=["none", "failed", "failed without detail", "stopped", "any", "no text", "no database"],
)
def test_however_the_work_ends_the_row_says_so(
    worker, monkeypatch, raised, state, code, detail, attempts
):
    def work(_assignment):
        if raised is not None:
            raise raised

    monkeypatch.setitem(background.KINDS, "counting", background.Kind(title="Count", work=work))
    monkeypatch.setattr(background.connections, "close_all", lambda: None)
    row = job("waiting")
    background.perform(Assignment(background.claim(worker), worker))
    found = stored(row)
    assert (found.state, found.reason_code, found.reason_detail) == (state, code, detail)
    assert found.attempts == attempts
    assert (found.ended_at is None) == (state in Job.OPEN)


def test_a_kind_that_no_app_knows_any_more_fails_in_words(worker):
    row = job("waiting")
    background.perform(Assignment(background.claim(worker), worker))
    assert stored(row).reason.startswith("The job broke off: KeyError: 'counting'")


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("state", "progress", "total", "percent"),
    [
        ("waiting", 0, None, None),
        ("running", 5, None, None),
        ("running", 0, 10, 0),
        ("running", 1, 3, 33),
        ("running", 999, 1000, 99),
        ("running", 12, 10, 100),
        ("running", 0, 0, None),
        ("done", 3, None, 100),
        ("done", 0, 0, 100),
        ("failed", 5, 10, 50),
    ],
)
def test_progress_is_a_share_where_the_whole_is_known(state, progress, total, percent):
    assert Job(state=state, progress=progress, total=total).progress_percent == percent


@pytest.mark.any_database
@pytest.mark.parametrize(
    "code", ["job_poison", "broke_off", "bad_setup", "empty_file", "file_gone"]
)
def test_a_reason_is_a_sentence_in_both_languages(code):
    row = Job(reason_code=code, reason_detail="{detail} %s")
    english = row.reason
    with translation.override("zh-hans"):
        chinese = row.reason
    assert english != chinese
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)
    takes_detail = "{detail}" in str(reasons.SENTENCES[code])
    assert ("{detail} %s" in english) == takes_detail


def test_ordering_a_job_calls_one_worker_after_the_commit(
    monkeypatch, django_capture_on_commit_callbacks
):
    called = []
    monkeypatch.setattr(jobs, "call_a_worker", called.append)
    with django_capture_on_commit_callbacks(execute=True):
        row = jobs.submit("counting", {"to": 3})
        assert called == []
    assert called == [jobs.enqueue_job_worker]
    assert (stored(row).state, stored(row).arguments) == ("waiting", {"to": 3})
