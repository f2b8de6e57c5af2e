"""What goes wrong beside the vendor: rows that vanish, keys that cannot be sent."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from synthesis.engine import lanes, leases, supervisor
from synthesis.engine.lanes import Lane
from synthesis.engine.runner import serve
from synthesis.errors import TaskNotReadyError
from synthesis.models import Run, SynthesisTask
from tests import factories
from tests.stub_vendor import StubVendor
from tests.synthesis.engine.serving import serve_until_ended

pytestmark = pytest.mark.django_db(transaction=True)


def test_stops_a_run_whose_key_cannot_be_sent() -> None:
    with StubVendor() as server:
        account = factories.provider(server.openai_url)
        account.set_key("sk-ключ-0123456789")
        account.save()
        run = serve_until_ended(factories.task(factories.language_model(provider=account)).start())
    assert (run.status, run.reason_code) == (Run.Status.FAILED, "invalid_request")
    assert "ключ" not in run.reason_detail


def test_drops_the_lane_of_a_run_that_was_deleted() -> None:
    run = factories.run()
    worker = leases.register("runner")
    Run.objects.filter(pk=run.pk).delete()
    assert lanes.step(worker, Lane(run.pk)).window == 0


def test_serves_the_others_when_a_task_is_deleted() -> None:
    with StubVendor(latency=0.05) as server:
        model = factories.language_model(server.openai_url)
        gone = factories.task(model, target_count=50).start()
        kept = factories.task(model, target_count=50).start()
        SynthesisTask.objects.filter(pk=gone.task_id).delete()
        serve(slice_seconds=20)
    kept.refresh_from_db()
    assert (kept.status, kept.accepted) == (Run.Status.COMPLETED, 50)


def test_keeps_a_task_while_its_run_is_unfinished() -> None:
    run = factories.run()
    with pytest.raises(TaskNotReadyError, match="still running"):
        run.task.delete()
    run.cancel()
    task = SynthesisTask.objects.get(pk=run.task_id)
    task.delete()
    assert not Run.objects.exists()


def test_calls_one_model_while_another_of_the_mix_is_blocked() -> None:
    with StubVendor() as good, StubVendor() as bad:
        bad.set(p500=1)
        models = [factories.language_model(server.openai_url) for server in (good, bad)]
        task = factories.task(*models, target_count=60, batch_size=2, max_attempts=20)
        run = task.start()
        serve(slice_seconds=4)
        run.refresh_from_db()
        assert run.accepted >= 20
        assert bad.stats.requests < 40


def test_counts_no_short_lived_child_as_a_member(monkeypatch: pytest.MonkeyPatch) -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    seen = iter([{1}, {1, 2}, {1}, {1}, {1}])
    monkeypatch.setattr(supervisor, "session_members", lambda _pid: next(seen))
    monkeypatch.setattr(supervisor.subprocess, "Popen", lambda *_args, **_kwargs: process)
    cluster = supervisor.Cluster()
    cluster.started_at -= 60
    assert [cluster.trouble() for _tick in range(5)] == [""] * 5
    assert os.getpid() not in cluster.members
    process.communicate(b"\n")
