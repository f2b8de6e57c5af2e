from __future__ import annotations

import os
import signal

import pytest

from synthesis.engine import supervisor as supervision
from synthesis.engine.lanes import AHEAD_SHARE
from synthesis.models import Call, Record, Run, Worker
from tests import factories, toy_judge
from tests.faults.deployment import Deployment
from tests.stub_vendor import StubVendor
from tests.synthesis.engine.serving import counts

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


def start(server: StubVendor, target_count: int = 600) -> Run:
    model = factories.language_model(server.openai_url)
    order = {"target_count": target_count, "batch_size": 5, "concurrency": CONCURRENCY}
    return factories.task(model, **order).start()


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
    deployment.start_worker()
    deployment.wait_for(has_accepted(run, 150), "record")
    deployment.kill_everything()
    deployment.start_worker()
    assert_whole(deployment.wait_until_ended(run), server, kills=1)


def test_delivers_exactly_what_was_judged_after_a_busy_runner_is_killed(server, tmp_path):
    server.set(p_pass=0.7)
    factories.language_model(server.openai_url, name=toy_judge.NAME, capabilities=[])
    settings = "tests.faults.judged_settings"
    with Deployment(tmp_path, DJANGO_SETTINGS_MODULE=settings) as deployment:
        run = start(server, target_count=150)
        deployment.start_worker()
        deployment.wait_for(has_accepted(run, 60), "record")
        os.kill(min(deployment.runner_ids()), signal.SIGKILL)
        deployment.wait_until_ended(run)
    run.refresh_from_db()
    found = counts(run)
    assert {name: getattr(run, name) for name in Run.COUNTERS} == found
    assert (run.status, found["accepted"], found["pending"]) == ("completed", 150, 0), run.reason
    assert Record.objects.accepted().filter(run=run, findings__0__code="judged").count() == 150
    assert server.stats.repeat_ok <= CONCURRENCY


def test_finishes_after_a_busy_runner_is_killed(server, deployment):
    run = start(server)
    deployment.start_worker()
    deployment.wait_for(has_accepted(run, 150), "record")
    os.kill(min(deployment.runner_ids()), signal.SIGKILL)
    # The supervisor ends the cluster then, but its other runner stores its calls before.
    assert_whole(deployment.wait_until_ended(run), server, kills=1)


def test_serves_after_every_idle_process_of_the_cluster_is_killed_in_turn(server, deployment):
    deployment.start_worker()
    deployment.wait_for(lambda: len(deployment.members()) >= 6, "cluster")
    deployment.wait_for(lambda: Worker.objects.supervisors().exists(), "supervisor")
    os.kill(max(deployment.members()), signal.SIGKILL)
    run = start(server)
    assert_whole(deployment.wait_until_ended(run), server, kills=1)


def test_ends_the_cluster_that_a_killed_supervisor_left_behind(server, deployment):
    run = start(server)
    supervisor = deployment.start_worker()
    deployment.wait_for(has_accepted(run, 50), "record")
    orphans = deployment.members()
    supervisor.kill()
    supervisor.wait()
    deployment.start_worker()
    assert_whole(deployment.wait_until_ended(run), server, kills=1)
    # The orphans may have ended the run before the new supervisor came to them.
    deployment.wait_for(lambda: deployment.members() - orphans, "new cluster")
    assert not orphans & deployment.members()


def test_hands_its_calls_back_when_asked_to_stop(server, deployment):
    run = start(server)
    supervisor = deployment.start_worker()
    deployment.wait_for(has_accepted(run, 50), "record")
    supervisor.terminate()
    assert supervisor.wait(20) == 0
    assert not run.calls.filter(state__in=("started", "unknown")).exists()
    deployment.start_worker()
    assert_whole(deployment.wait_until_ended(run), server, kills=0)


def test_refuses_a_second_worker_on_the_same_data(deployment, settings):
    settings.DATA_DIR = deployment.data_dir
    with supervision.only_one():
        assert deployment.start_worker().wait(60) == 1
    assert "Another worker already runs on the data directory" in deployment.log_text()
