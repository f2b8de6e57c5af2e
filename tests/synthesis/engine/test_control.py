"""Pause, resume, cancel, retry and rerun, from any state."""

from __future__ import annotations

import threading
import time

import pytest

from synthesis.engine.runner import serve
from synthesis.errors import TaskNotReadyError, WrongStateError
from synthesis.models import Batch, Run
from tests import factories
from tests.stub_vendor import StubVendor
from tests.synthesis.engine.serving import serve_until_ended

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server():
    with StubVendor(latency=0.05) as vendor:
        yield vendor


def started(server: StubVendor, **fields: object) -> Run:
    model = factories.language_model(server.openai_url)
    settings = {"target_count": 300, "batch_size": 5, "concurrency": 4, **fields}
    return factories.task(model, **settings).start()


def in_background(run: Run) -> threading.Thread:
    """Serve in a thread until the run is under way."""
    from django.db import connections

    def work() -> None:
        serve(slice_seconds=30)
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    ends_at = time.monotonic() + 20
    while Run.objects.get(pk=run.pk).accepted < 20:
        assert time.monotonic() < ends_at
        time.sleep(0.02)
    return thread


def test_starts_no_call_once_paused(server):
    run = started(server)
    thread = in_background(run)
    run.pause()
    time.sleep(1)
    seen = server.stats.requests
    thread.join(20)
    run.refresh_from_db()
    assert (run.status, server.stats.requests) == (Run.Status.PAUSED, seen)
    assert run.call_counts()["in_flight"] == 0
    assert not run.batches.filter(state=Batch.State.RUNNING).exists()


def test_delivers_the_rest_when_resumed(server):
    run = started(server)
    thread = in_background(run)
    run.pause()
    thread.join(20)
    run.resume()
    run = serve_until_ended(run)
    assert (run.status, run.accepted, server.stats.repeat_ok) == (Run.Status.COMPLETED, 300, 0)


def test_keeps_its_records_when_cancelled(server):
    run = started(server)
    thread = in_background(run)
    run.cancel()
    thread.join(20)
    run.refresh_from_db()
    assert run.status == Run.Status.CANCELLED
    assert run.records.accepted().count() == run.accepted >= 20
    assert not run.batches.open().exists()


def test_cannot_be_resumed_once_cancelled(server):
    run = started(server)
    run.cancel()
    with pytest.raises(WrongStateError) as caught:
        run.resume()
    assert str(caught.value) == "This is not possible while the run is “cancelled”."


def test_runs_a_task_only_once_at_a_time(server):
    run = started(server)
    with pytest.raises(TaskNotReadyError) as caught:
        run.task.start()
    assert str(caught.value).startswith("The task is still running.")


def test_reruns_with_new_records_into_the_same_dataset(server):
    run = serve_until_ended(started(server, target_count=10))
    run.task.refresh_from_db()
    second = serve_until_ended(run.task.start())
    assert (second.number, second.seed, second.accepted) == (2, run.seed + 1, 10)
    assert run.dataset.records.accepted().count() == 20


@pytest.mark.any_database
def test_retries_failed_batches(server):
    server.set(p500=1)
    run = serve_until_ended(started(server, target_count=40, max_attempts=1))
    assert run.status == Run.Status.FAILED
    server.set(p500=0)
    failed = run.batches.failed().count()
    assert run.retry_failed() == failed >= 8
    run = serve_until_ended(run)
    assert (run.status, run.accepted) == (Run.Status.COMPLETED, 40)


def test_clones_a_task_as_a_draft_with_its_own_dataset(server):
    task = started(server).task
    copy = task.clone()
    assert (copy.name, copy.latest_run, copy.status) == (f"{task.name} (2)", None, "draft")
    assert copy.dataset != task.dataset
    assert [row.language_model for row in copy.mix()] == [row.language_model for row in task.mix()]
