"""Which command a run takes in which state, and what it then is."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from providers.models import LanguageModel
from synthesis.errors import TaskNotReadyError, WrongStateError
from synthesis.models import Batch, Dataset, Record, Run
from tests import factories
from tests.synthesis.engine.outcomes import running

pytestmark = pytest.mark.django_db
ALLOWED = {
    "pause": {"pending", "running"},
    "resume": {"paused", "stalled", "failed"},
    "cancel": {"pending", "running", "paused", "stalled", "failed"},
    "retry_failed": {"pending", "running", "paused", "stalled", "failed"},
    "top_up": {"completed"},
}
REFUSED = [
    (name, status)
    for name, states in ALLOWED.items()
    for status in Run.Status.values
    if status not in states
]
TAKEN = [(name, status) for name, states in ALLOWED.items() for status in sorted(states)]
BECOMES = {"pause": "paused", "resume": "pending", "cancel": "cancelled"}


@pytest.mark.parametrize(("name", "status"), REFUSED)
def test_refuses_a_command_and_stays_as_it_is(name, status):
    run = factories.run(status=status)
    with pytest.raises(WrongStateError) as caught:
        getattr(run, name)()
    label = run.get_status_display()
    assert str(caught.value) == f"This is not possible while the run is “{label}”."
    with translation.override("zh-hans"):
        assert str(caught.value) == f"执行状态为“{label}”时无法进行此操作。"
    assert Run.objects.get().status == status


@pytest.mark.parametrize(("name", "status"), TAKEN)
def test_takes_a_command(name, status):
    run = factories.run(status=status)
    getattr(run, name)()
    stays = status if status in Run.ACTIVE else "pending"
    assert Run.objects.get().status == BECOMES.get(name, stays)


def test_obeys_a_stale_page_only_as_the_database_stands():
    run = factories.run()
    stale = Run.objects.get()
    run.cancel()
    with pytest.raises(WrongStateError):
        stale.pause()
    assert stale.status == Run.Status.CANCELLED


def test_forgets_on_resume_why_it_stopped():
    run = factories.run()
    run.stop("failed", "timeout", "Slow.")
    run.refresh_from_db()
    assert (run.reason_detail, run.finished_at is None) == ("Slow.", False)
    run.resume()
    assert (run.reason_code, run.reason_detail, run.reason) == ("", "", "")
    assert run.finished_at is None
    assert run.resumed_at > run.created_at


def test_is_not_topped_up_when_nothing_is_missing():
    run = factories.run(status="completed", accepted=10)
    with pytest.raises(WrongStateError):
        run.top_up()
    assert Run.objects.get().status == "completed"


def test_is_topped_up_with_surplus_records_first():
    run = factories.run(factories.task(target_count=2))
    first, _second, *surplus = factories.records(4, of_run=run)
    Record.objects.filter(pk=surplus[0].pk).update(content={"question": ""})
    Run.objects.update(status="completed")
    first.delete()
    Run.objects.get().top_up()
    run.refresh_from_db()
    assert (run.status, run.accepted, run.surplus, run.malformed) == ("completed", 2, 0, 1)
    assert list(Record.objects.accepted().order_by("pk"))[-1] == surplus[1]


def test_is_topped_up_with_judged_records_only_where_judges_decide():
    run = factories.run(factories.task(target_count=1))
    first, unjudged, judged = factories.records(3, of_run=run)
    model = run.task.task_models.get().language_model
    run.batches.create(kind="judge", index=1, requested=1, seed=1, language_model=model)
    Record.objects.filter(pk=judged.pk).update(judge_score=90)
    first.delete()
    Run.objects.update(status="completed")
    Run.objects.get().top_up()
    statuses = dict(Record.objects.values_list("pk", "status"))
    assert statuses == {unjudged.pk: "surplus", judged.pk: "accepted"}


def test_is_topped_up_with_new_records_where_surplus_ones_do_not_suffice():
    run = factories.run(factories.task(target_count=2), status="completed")
    factories.records(1, of_run=run)
    run.top_up()
    assert (run.status, run.accepted) == ("pending", 1)


@pytest.mark.parametrize("status", ["paused", "completed", "stalled", "failed", "cancelled"])
def test_is_stopped_only_while_it_is_active(status):
    run = factories.run(status=status)
    assert run.stop("failed", "timeout", "Too late.") is False
    assert (Run.objects.get().status, Run.objects.get().reason_code) == (status, "")


def test_keeps_the_first_of_two_reasons():
    run = factories.run()
    assert run.stop("failed", "authentication", "First.") is True
    assert run.stop("stalled", "low_acceptance", "Second.") is False
    assert Run.objects.get().reason_detail == "First."


def test_begins_only_once():
    run = factories.run()
    run.begin()
    then = run.started_at
    run.pause()
    run.begin()
    assert run.status == Run.Status.PAUSED
    run.resume()
    run.begin()
    assert (run.status, run.started_at) == (Run.Status.RUNNING, then)


def test_abandons_what_is_planned_but_not_what_is_in_flight_when_cancelled():
    run = running(target_count=30)
    run.batches.filter(index=1).update(state="running")
    run.cancel()
    states = run.batches.order_by("index").values_list("state", flat=True)
    assert list(states) == ["running", "cancelled", "cancelled"]


def test_gives_failed_batches_a_fresh_set_of_attempts():
    run = running(target_count=30)
    used = {"attempts": 5, "throttles": 3, "error_code": "timeout", "error_detail": "Slow."}
    run.batches.filter(index=2).update(state="failed", **used)
    run.batches.filter(index=3).update(state="done")
    assert run.retry_failed() == 1
    batch = run.batches.get(index=2)
    assert (batch.state, batch.attempts, batch.throttles) == (Batch.State.PLANNED, 0, 0)
    assert (batch.error_code, batch.error_detail) == ("", "")
    assert run.batches.get(index=3).state == Batch.State.DONE


def test_retries_nothing_of_a_run_that_is_full():
    run = running(target_count=10)
    Run.objects.update(accepted=10)
    run.batches.update(state="failed")
    with pytest.raises(WrongStateError):
        run.retry_failed()
    assert run.batches.get().state == Batch.State.FAILED


def test_leaves_a_completed_run_completed_when_records_were_deleted():
    run = running(target_count=10)
    Run.objects.update(accepted=9, status="completed")
    run.batches.update(state="failed")
    with pytest.raises(WrongStateError):
        run.retry_failed()
    assert run.batches.get().state == Batch.State.FAILED


@pytest.mark.parametrize("status", ["pending", "running", "paused"])
def test_does_not_start_a_task_twice(status):
    run = factories.run(status=status)
    run.task.refresh_from_db()
    with pytest.raises(TaskNotReadyError) as caught:
        run.task.start()
    assert str(caught.value) == "The task is still running. Cancel it, or wait until it ends."
    assert Run.objects.count() == 1


@pytest.mark.parametrize("status", ["completed", "stalled", "failed", "cancelled"])
def test_starts_an_ended_task_again_with_the_next_seed(status):
    task = factories.task(seed=7)
    factories.run(task, status=status)
    second = task.start()
    assert (second.number, second.seed, second.accepted) == (2, 8, 0)
    assert task.latest_run == second


def test_does_not_follow_a_task_that_is_changed_after_the_start():
    task = factories.task(target_count=10, parameters={"temperature": 0.5})
    run = factories.run(task)
    task.target_count, task.parameters = 99, {"temperature": 1}
    task.save()
    task.task_models.update(weight=9)
    run.refresh_from_db()
    assert (run.target_count, run.parameters["temperature"]) == (10, 0.5)
    assert [row["weight"] for row in run.mix] == [1]


def test_does_not_start_without_any_model():
    task = factories.task()
    task.set_mix({})
    LanguageModel.objects.update(is_enabled=False)
    with pytest.raises(TaskNotReadyError) as caught:
        task.start()
    assert str(caught.value) == (
        "No language model is chosen and there is no default one. Choose a model."
    )
    with translation.override("zh-hans"):
        assert str(caught.value) == "没有选择模型，也没有默认模型。请选择模型。"
    assert not Run.objects.exists()


@pytest.mark.parametrize("part", ["model", "provider"])
def test_does_not_start_with_a_model_that_is_switched_off(part):
    model = factories.language_model()
    task = factories.task(model)
    row = model if part == "model" else model.provider
    row.is_enabled = False
    row.save()
    with pytest.raises(TaskNotReadyError) as caught:
        task.start()
    assert str(caught.value).startswith(f"The model {model}, or its provider, is switched off.")
    assert task.status == "draft"


# 10 wanted: the third of 3 more records finds room for 2 only
def test_counts_accepted_records_beyond_the_target_as_surplus():
    run = factories.run(factories.task(target_count=10), accepted=8)
    statuses = [row.status for row in factories.records(3, of_run=run)]
    run.refresh_from_db()
    assert statuses == ["accepted", "accepted", "surplus"]
    assert (run.accepted, run.surplus, run.progress_percent) == (10, 1, 100)


def test_cannot_hold_more_than_its_target():
    run = factories.run(factories.task(target_count=10))
    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.filter(pk=run.pk).update(accepted=11)


def test_wants_another_record_for_each_that_is_deleted():
    run = factories.run(factories.task(target_count=3))
    rows = factories.records(4, of_run=run)
    Record.objects.filter(pk__in=[rows[0].pk, rows[3].pk]).delete()
    run.refresh_from_db()
    assert (run.accepted, run.surplus, run.is_full) == (2, 0, False)


# progress is rounded down, so that 100 % says that nothing is missing
@pytest.mark.parametrize(
    ("accepted", "target", "percent"), [(0, 10, 0), (1, 3, 33), (999, 1000, 99), (7, 7, 100)]
)
def test_rounds_progress_down(accepted, target, percent):
    run = factories.run(factories.task(target_count=target), accepted=accepted)
    assert run.progress_percent == percent


# surplus records are good ones: (3 + 1) of 3 + 4 + 0 + 0 + 1 made
@pytest.mark.parametrize(
    ("counts", "rate"),
    [({}, None), ({"accepted": 3, "duplicate": 4, "surplus": 1}, 0.5), ({"malformed": 2}, 0.0)],
)
def test_takes_surplus_for_good_in_its_success_rate(counts, rate):
    assert factories.run(**counts).success_rate == rate


def test_counts_deleted_records_only_when_no_writer_is_left(monkeypatch):
    run = factories.run(factories.task(target_count=10))
    factories.records(3, of_run=run)
    genuine, waited = Dataset.lock, []

    def wait_for_a_writer(dataset):
        """Let another writer commit a record before the lock is ours."""
        genuine(dataset)
        if not waited:
            waited.append(dataset.pk)
            factories.records(1, of_run=run)

    monkeypatch.setattr(Dataset, "lock", wait_for_a_writer)
    Record.objects.filter(run=run).delete()
    run.refresh_from_db()
    assert (waited, run.accepted, run.records.count()) == ([run.dataset_id], 0, 0)


def test_locks_datasets_and_runs_in_the_order_of_their_ids(monkeypatch):
    locked = []
    runs = [factories.run() for _run in range(3)]
    for run in reversed(runs):
        factories.records(1, of_run=run)
    monkeypatch.setattr(Dataset, "lock", lambda dataset: locked.append(dataset.pk))
    Record.objects.order_by("pk").delete()
    assert locked == sorted(run.dataset_id for run in runs)
    assert [Run.objects.get(pk=run.pk).accepted for run in runs] == [0, 0, 0]
