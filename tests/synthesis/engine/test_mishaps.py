"""What goes wrong beside the vendor: rows that vanish, keys that cannot be sent."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.db import transaction

from providers import secrets
from providers.models import LanguageModel
from synthesis.engine import lanes, leases, ledger, supervisor, writer
from synthesis.engine.lanes import Lane
from synthesis.engine.runner import serve
from synthesis.errors import TaskNotReadyError
from synthesis.models import Call, Run, SynthesisTask
from tests import factories
from tests.stub_vendor import StubVendor
from tests.synthesis.engine.outcomes import answer, claims, running
from tests.synthesis.engine.serving import serve_until_ended

pytestmark = pytest.mark.django_db(transaction=True)


def test_stops_a_run_whose_key_cannot_be_sent(monkeypatch, caplog) -> None:
    monkeypatch.setattr("providers.secrets.check_key", lambda _key: None)  # as an old row may be
    with StubVendor() as server:
        account = factories.provider(server.openai_url)
        # As it may lie in the database from before keys were checked.
        account.sealed_key = secrets.seal("sk-ключ-0123456789", account.seal_context)
        account.save()
        run = serve_until_ended(factories.task(factories.language_model(provider=account)).start())
    assert (run.status, run.reason_code) == (Run.Status.FAILED, "invalid_request")
    assert "A call broke off: UnicodeEncodeError" in caplog.text
    assert "ключ" not in run.reason_detail + caplog.text


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


def test_serves_the_others_when_a_run_cannot_be_served(monkeypatch, caplog) -> None:
    with StubVendor() as server:
        model = factories.language_model(server.openai_url)
        broken, sound = (factories.task(model, target_count=10).start() for _run in range(2))
        genuine = lanes.step

        def step(worker, lane):
            if lane.run_id == broken.pk:
                raise KeyError("mix")
            return genuine(worker, lane)

        monkeypatch.setattr(lanes, "step", step)
        serve(slice_seconds=20)
    broken.refresh_from_db()
    sound.refresh_from_db()
    assert (sound.status, sound.accepted) == (Run.Status.COMPLETED, 10)
    assert (broken.status, broken.reason_code) == (Run.Status.FAILED, "not_servable")
    assert broken.reason == (
        "The run could not be served: KeyError: 'mix' Look at the worker's log; resume when the"
        " cause is mended."
    )
    assert f"Run {broken.pk} cannot be served" in caplog.text


def test_fails_a_run_whose_model_was_deleted_before_its_first_plan() -> None:
    run = factories.run(factories.task(factories.language_model(name="gone")))
    run.task.set_mix({})
    LanguageModel.objects.all().delete()
    serve(slice_seconds=20)
    run.refresh_from_db()
    assert (run.status, run.reason_code) == (Run.Status.FAILED, "model_gone")
    assert run.reason.endswith(
        "gone was deleted after the run had started. Choose another model for the task and start"
        " it again."
    )


def test_buys_again_what_the_vendor_of_today_cannot_read(monkeypatch) -> None:
    monkeypatch.setattr(writer, "pause_seconds", lambda *_args: 0)
    with StubVendor() as server:
        run = running(factories.task(factories.language_model(server.openai_url)))
        worker = leases.register("runner")
        with transaction.atomic():
            (claim,) = claims(run, worker=worker)
        ledger.store([answer(claim, "Whose form is this?")])
        Call.objects.update(response=b"not the form of this vendor")
        leases.dismiss(worker.pk)
        serve_until_ended(run)
    assert (run.status, run.accepted) == (Run.Status.COMPLETED, 10)
    assert sorted(run.calls.values_list("state", flat=True)) == ["failed", "stored"]


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
