from __future__ import annotations

import pytest
from django.utils import translation

from synthesis import jobs
from synthesis.engine import background, leases
from synthesis.engine.background import Assignment, JobFailedError, JobStoppedError
from synthesis.errors import WrongStateError
from synthesis.models import Dataset, Job, Worker

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind(monkeypatch):
    """Register a kind of work whose function a test chooses."""

    def choose(work):
        registered = background.Kind(title="Counting", work=work)
        monkeypatch.setitem(background.KINDS, "counting", registered)
        return jobs.submit("counting", {"to": 3})

    return choose


def count(assignment: Assignment) -> None:
    for number in range(assignment.job.arguments["to"]):
        assignment.report(number + 1, assignment.job.arguments["to"])


def break_off(_assignment: Assignment) -> None:
    raise RuntimeError("no more paper")


def test_work_ends_done_and_tells_its_progress(kind):
    seen = []
    job = background.perform_here(kind(count), lambda *progress: seen.append(progress))
    assert (job.state, job.progress_percent, job.worker, job.attempts) == ("done", 100, None, 1)
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert job.ended_at >= job.started_at


def test_progress_stands_on_the_row(kind, monkeypatch):
    monkeypatch.setattr(background, "REPORT_SECONDS", 0.0)
    shown = []

    def work(assignment):
        assignment.report(1, 4)
        shown.append(Job.objects.get().progress_percent)

    background.perform_here(kind(work))
    assert shown == [25]


def test_a_failure_says_why_in_both_languages(kind):
    def work(_assignment):
        raise JobFailedError("bad_setup", "nothing to count.")

    job = background.perform_here(kind(work))
    assert job.state == "failed"
    assert job.reason == "The run cannot go on as it is set up: nothing to count."
    with translation.override("zh-hans"):
        assert job.reason == "按当前配置无法继续执行：nothing to count."


def test_an_error_nobody_foresaw_fails_the_job_with_its_words(kind):
    job = background.perform_here(kind(break_off))
    assert job.state == "failed"
    assert job.reason == (
        "The job broke off: RuntimeError: no more paper Look at the worker's log,"
        " then start it again."
    )


def test_a_cancelled_job_stops_at_its_next_report(kind):
    def work(assignment):
        Job.objects.get().cancel()
        assignment.report(1)
        raise AssertionError("went on")

    job = background.perform_here(kind(work))
    assert job.state == "cancelled"


def test_a_job_that_has_ended_cannot_be_cancelled(kind):
    job = background.perform_here(kind(count))
    with pytest.raises(WrongStateError, match="not possible while the run is “done”"):
        job.cancel()


def test_a_cancelled_job_stores_nothing(kind):
    def work(assignment):
        Job.objects.get().cancel()
        with assignment.commit():
            Dataset.objects.create(name="too late")

    background.perform_here(kind(work))
    assert not Dataset.objects.exists()


def test_results_are_stored_while_the_job_is_held(kind):
    def work(assignment):
        with assignment.commit():
            Dataset.objects.create(name="result")

    background.perform_here(kind(work))
    assert Dataset.objects.get().name == "result"


def test_a_dead_workers_job_is_begun_again(kind):
    job = kind(count)
    worker = leases.register(Worker.Role.JOB)
    assert background.claim(worker) == job
    assert background.claim(leases.register(Worker.Role.JOB)) is None
    leases.dismiss(worker.pk)
    assert background.perform_here(job).state == "done"
    job.refresh_from_db()
    assert job.attempts == 2


def test_whoever_lost_a_job_to_another_ends(kind):
    job = kind(count)
    first, second = (leases.register(Worker.Role.JOB) for _worker in range(2))
    late = Assignment(background.claim(first), first)
    leases.dismiss(first.pk)
    background.claim(second)
    with pytest.raises(JobStoppedError):
        late.report(1)
    late.end(Job.State.DONE)
    job.refresh_from_db()
    assert (job.state, job.worker) == ("running", second)


def test_a_draining_worker_gives_its_job_back_and_ends(kind):
    begun = []

    def work(assignment):
        begun.append(assignment)
        assert len(begun) == 1, "It took the job again."
        leases.ask_to_drain()
        assignment.report(1)

    kind(work)
    background.serve()
    job = Job.objects.get()
    assert (job.state, job.worker, job.attempts) == ("waiting", None, 0)


def test_a_job_at_which_workers_die_is_given_up(kind):
    job = kind(count)
    Job.objects.update(attempts=background.MOST_ATTEMPTS, state="running")
    job = background.perform_here(job)
    assert job.state == "failed"
    assert job.reason.startswith("The job was begun several times and its worker died each time.")


def test_a_worker_works_off_what_waits(kind):
    waiting = [kind(count), kind(count)]
    background.serve()
    assert {job.state for job in Job.objects.filter(pk__in=[job.pk for job in waiting])} == {"done"}
    assert not Worker.objects.exists()


def test_one_host_does_as_many_jobs_at_once_as_it_may(kind, settings):
    settings.DATAMATE_JOB_WORKERS = 1
    leases.register(Worker.Role.JOB)
    kind(count)
    background.serve()
    assert Job.objects.get().state == "waiting"


def test_the_first_of_two_workers_launched_at_once_does_the_job(kind, monkeypatch):
    register = leases.register

    def registered_before_another(role):
        first = register(role)
        register(role)
        return first

    monkeypatch.setattr(leases, "register", registered_before_another)
    kind(count)
    background.serve()
    assert Job.objects.get().state == "done"


def test_an_unknown_kind_shows_its_code():
    assert background.title("gone") == "gone"
