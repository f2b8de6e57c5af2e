from __future__ import annotations

import os
import signal

import pytest

from synthesis.engine.lanes import AHEAD_SHARE
from synthesis.engine.processes import session_members
from synthesis.models import Call, Record, Run, Worker
from tests import factories
from tests.faults.deployment import Deployment, kill_all
from tests.stub_vendor import StubVendor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]
CONCURRENCY = 8


@pytest.fixture
def server():
    with StubVendor(latency=0.1, p_duplicate=0.1) as vendor:
        yield vendor


@pytest.fixture
def deployment(tmp_path):
    with Deployment(tmp_path) as started:
        yield started


def start(server: StubVendor) -> Run:
    model = factories.language_model(server.openai_url)
    return factories.task(model, target_count=600, batch_size=5, concurrency=CONCURRENCY).start()


def has_accepted(run: Run, count: int):
    return lambda: Run.objects.get(pk=run.pk).accepted >= count


def assert_whole(run: Run, server: StubVendor, kills: int) -> None:
    """Exactly the target, nothing doubled, and only calls in flight at a kill paid again."""
    stored = Record.objects.filter(run=run, status="accepted")
    assert (run.status, run.accepted, stored.count()) == ("completed", 600, 600), run.reason
    assert len(set(stored.values_list("content_hash", flat=True))) == 600
    answered = run.calls.filter(state__in=Call.ANSWERED).count()
    unknown = run.calls.filter(state=Call.State.UNKNOWN).count()
    assert unknown <= kills * (CONCURRENCY + CONCURRENCY // AHEAD_SHARE)
    assert server.stats.repeat_ok <= kills * CONCURRENCY
    assert answered <= server.stats.ok <= answered + unknown
    assert run.batches.filter(records__isnull=False, state="done").exists()


def test_finishes_after_the_whole_worker_is_killed(server, deployment):
    run = start(server)
    supervisor = deployment.start_worker()
    deployment.wait_for(has_accepted(run, 150), "record")
    cluster = session_members(deployment.cluster_id())
    supervisor.kill()
    kill_all(cluster)
    supervisor.wait()
    deployment.start_worker()
    assert_whole(deployment.wait_until_ended(run), server, kills=1)


def test_finishes_after_a_busy_runner_is_killed(server, deployment):
    run = start(server)
    deployment.start_worker()
    deployment.wait_for(has_accepted(run, 150), "record")
    os.kill(min(deployment.runner_ids()), signal.SIGKILL)
    assert_whole(deployment.wait_until_ended(run), server, kills=1)


def test_serves_after_every_idle_process_of_the_cluster_is_killed_in_turn(server, deployment):
    deployment.start_worker()
    deployment.wait_for(lambda: len(session_members(deployment.cluster_id())) >= 6, "cluster")
    first = deployment.cluster_id()
    deployment.wait_for(lambda: Worker.objects.supervisors().exists(), "supervisor")
    os.kill(max(session_members(first)), signal.SIGKILL)
    run = start(server)
    assert_whole(deployment.wait_until_ended(run), server, kills=1)


def test_ends_the_cluster_that_a_killed_supervisor_left_behind(server, deployment):
    run = start(server)
    supervisor = deployment.start_worker()
    deployment.wait_for(has_accepted(run, 50), "record")
    orphans = session_members(deployment.cluster_id())
    supervisor.kill()
    supervisor.wait()
    deployment.start_worker()
    assert_whole(deployment.wait_until_ended(run), server, kills=1)
    assert not orphans & session_members(deployment.cluster_id())


def test_hands_its_calls_back_when_asked_to_stop(server, deployment):
    run = start(server)
    supervisor = deployment.start_worker()
    deployment.wait_for(has_accepted(run, 50), "record")
    supervisor.terminate()
    assert supervisor.wait(20) == 0
    assert not run.calls.filter(state__in=("started", "unknown")).exists()
    deployment.start_worker()
    assert_whole(deployment.wait_until_ended(run), server, kills=0)


def test_refuses_a_second_worker_on_the_same_data(deployment):
    deployment.start_worker()
    deployment.wait_for(lambda: Worker.objects.supervisors().exists(), "supervisor")
    assert deployment.start_worker().wait(20) == 1
    assert "Another worker already runs on the data directory" in deployment.log_text()
