"""When a run is complete, when it is extended, and when it must stop and say why."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone, translation

from synthesis.engine import settlement
from synthesis.models import Batch, Call, Run
from tests import factories
from tests.synthesis.engine.outcomes import running

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def window_of_four(settings) -> None:
    settings.DATAMATE_STALL_WINDOW_BATCHES = 4
    settings.DATAMATE_STALL_MIN_ACCEPTANCE = 0.1


def ended(run: Run, *, accepted: int = 0, failed: int = 0, empty: int = 0) -> None:
    """End planned batches of 10 records, in this order, a second after each other."""
    kinds = [("done", 10)] * accepted + [("done", 0)] * empty + [("failed", 0)] * failed
    # in the past of a run that began earlier still, as after an hour of work
    Run.objects.filter(pk=run.pk).update(created_at=timezone.now() - datetime.timedelta(hours=1))
    run.refresh_from_db()
    start = run.created_at + datetime.timedelta(minutes=run.batches.ended().count() + 1)
    for second, (state, good) in enumerate(kinds):
        batch = run.batches.planned().earliest("index")
        batch.state, batch.accepted = state, good
        batch.ended_at = start + datetime.timedelta(seconds=second)
        batch.error_code = "timeout" if state == "failed" else ""
        batch.save()


def status_after_settling(run: Run) -> tuple[str, str]:
    settlement.settle(run)
    run.refresh_from_db()
    return run.status, run.reason_code


# a window of 4 batches asks for 40 records; at 0.1, more than 4 of them must be accepted
@pytest.mark.parametrize(
    ("accepted", "empty", "failed", "expected"),
    [
        (0, 3, 0, ("running", "")),  # one batch short of a window
        (0, 4, 0, ("stalled", "low_acceptance")),
        (0, 3, 1, ("stalled", "low_acceptance")),  # a quarter failed
        (0, 2, 2, ("failed", "calls_failing")),  # half failed
        (0, 0, 4, ("failed", "calls_failing")),
        (1, 3, 0, ("running", "")),
        (1, 0, 3, ("running", "")),  # 10 of 40 are accepted still
        (1, 4, 0, ("stalled", "low_acceptance")),  # the good batch has left the window
    ],
)
def test_judges_a_run_by_its_latest_batches(accepted, empty, failed, expected):
    run = running(target_count=500)
    ended(run, accepted=accepted, empty=empty, failed=failed)
    assert status_after_settling(run) == expected


# of the 40 records asked for, 4 are exactly a tenth: not more, so the run stalls
@pytest.mark.parametrize(("good", "status"), [(3, "stalled"), (4, "stalled"), (5, "running")])
def test_stalls_up_to_the_least_acceptance(good, status):
    run = running(target_count=500)
    ended(run, empty=4)
    Batch.objects.filter(index=1).update(accepted=good)
    assert status_after_settling(run)[0] == status


def test_counts_neither_cancelled_nor_running_batches():
    run = running(target_count=500)
    ended(run, empty=4)
    run.batches.filter(index=1).update(state="cancelled")
    run.batches.filter(index=9).update(state="running")
    assert status_after_settling(run) == ("running", "")


def test_forgets_the_batches_before_a_resume():
    run = running(target_count=500)
    ended(run, empty=4)
    assert status_after_settling(run)[0] == "stalled"
    run.resume()
    assert status_after_settling(run) == ("pending", "")
    assert run.batches.planned().exists()


def test_judges_the_batches_after_a_resume():
    run = running(target_count=500)
    ended(run, failed=4)
    settlement.settle(run)
    run.resume()
    run.batches.ended().update(ended_at=run.resumed_at)
    assert status_after_settling(run) == ("failed", "calls_failing")


def test_tells_the_latest_failure_in_the_vendors_words():
    run = running(target_count=500)
    ended(run, failed=4)
    run.batches.filter(index=4).update(error_detail="Overloaded {0} 100%")
    settlement.settle(run)
    run.refresh_from_db()
    assert run.reason == (
        "The latest calls all failed, the last one with: Overloaded {0} 100% Look at the failures"
        " below, mend the cause, then resume."
    )


def test_names_the_error_where_the_vendor_said_nothing():
    run = running(target_count=500)
    ended(run, failed=4)
    settlement.settle(run)
    run.refresh_from_db()
    assert run.reason_detail == "timeout"


def test_tells_the_figures_of_a_stalled_run_in_either_language():
    run = factories.run(accepted=1, duplicate=6, malformed=2, rejected=1)
    run.stop("stalled", "low_acceptance")
    run.refresh_from_db()
    assert run.reason.startswith(
        "Hardly any new record was accepted lately: of 10 made, 1 were accepted,"
        " 6 were duplicates, 2 malformed and 1 rejected."
    )
    with translation.override("zh-hans"):
        chinese = run.reason
    assert "Hardly" not in chinese
    assert all(figure in chinese for figure in ("10", "6", "2", "1"))


@pytest.mark.parametrize("status", ["pending", "running", "paused", "stalled", "failed"])
def test_completes_a_full_run_from_any_state_but_a_final_one(status):
    run = running(target_count=30)
    Run.objects.update(status=status, accepted=30, reason_code="timeout", reason_detail="Old.")
    assert status_after_settling(run) == ("completed", "")
    assert (run.reason_detail, run.finished_at is None) == ("", False)
    assert set(run.batches.values_list("state", flat=True)) == {"cancelled"}


def test_leaves_a_cancelled_run_cancelled_even_when_it_is_full():
    run = running(target_count=30)
    run.cancel()
    then = run.finished_at
    Run.objects.update(accepted=30)
    assert status_after_settling(run)[0] == "cancelled"
    assert run.finished_at == then


def test_does_not_move_the_end_of_a_completed_run():
    run = running(target_count=30)
    Run.objects.update(accepted=30)
    settlement.settle(run)
    run.refresh_from_db()
    then = run.finished_at
    settlement.settle(run)
    run.refresh_from_db()
    assert run.finished_at == then


def test_lets_the_calls_in_flight_of_a_full_run_end():
    run = running(target_count=30)
    run.batches.filter(index=1).update(state="running")
    Run.objects.update(accepted=30)
    settlement.settle(run)
    states = run.batches.order_by("index").values_list("state", flat=True)
    assert list(states) == ["running", "cancelled", "cancelled"]


@pytest.mark.parametrize("status", ["completed", "stalled", "failed", "cancelled"])
def test_tidies_up_what_is_given_back_to_an_ended_run(status):
    run = running(target_count=30)
    Run.objects.update(status=status)
    run.refresh_from_db()
    settlement.tidy(run)
    assert not run.batches.planned().exists()


@pytest.mark.parametrize("status", ["pending", "running", "paused"])
def test_leaves_the_plan_of_an_unfinished_run_alone(status):
    run = running(target_count=30)
    Run.objects.update(status=status)
    run.refresh_from_db()
    settlement.tidy(run)
    assert run.batches.planned().count() == 3


def test_plans_nothing_for_a_paused_run():
    run = factories.run(factories.task(target_count=30))
    run.pause()
    settlement.settle(run)
    assert not run.batches.exists()


def entered(
    run: Run, count: int, state: str = "failed", *, seconds: float = settlement.BLIP_SECONDS
) -> None:
    """Enter calls of one batch in the ledger that took so long."""
    now = timezone.now()
    batch = run.batches.select_related("language_model").earliest("index")
    Call.objects.bulk_create(
        Call(
            run=run,
            batch=batch,
            provider=batch.language_model.provider,
            language_model=batch.language_model,
            number=number,
            token=number,
            state=state,
            started_at=now,
            ended_at=now + datetime.timedelta(seconds=seconds),
        )
        for number in range(count)
    )


# an address that is wrong shows sooner than a vendor's bad hour; throttling takes longest
@pytest.mark.parametrize(
    ("code", "needed"),
    [("unreachable", 3), ("timeout", 10), ("unavailable", 10), ("rate_limited", 50)],
)
def test_gives_up_after_so_many_calls_without_one_answer(code, needed):
    run = running()
    entered(run, needed - 1)
    assert settlement.stop_when_nothing_works(run, code, "No.") is False
    entered(run, 1)
    assert settlement.stop_when_nothing_works(run, code, "No.") is True
    run.refresh_from_db()
    assert (run.status, run.reason_code, run.reason_detail) == ("failed", code, "No.")


@pytest.mark.parametrize(("seconds", "stops"), [(1, False), (14, False), (15, True)])
def test_takes_failures_within_a_few_seconds_for_a_blip(seconds, stops):
    run = running()
    entered(run, 60, seconds=seconds)
    assert settlement.stop_when_nothing_works(run, "unavailable", "No.") is stops


@pytest.mark.parametrize("state", ["stored", "late"])
def test_goes_on_after_a_single_answer(state):
    run = running()
    entered(run, 1, state)
    entered(run, 60)
    assert settlement.stop_when_nothing_works(run, "unreachable", "") is False


@pytest.mark.parametrize("state", ["started", "unknown"])
def test_does_not_take_an_open_call_for_a_failure(state):
    run = running()
    entered(run, 2)
    entered(run, 60, state)
    assert settlement.stop_when_nothing_works(run, "unreachable", "") is False


def test_counts_failures_anew_after_a_resume():
    run = running()
    entered(run, 3)
    run.pause()
    run.resume()
    assert settlement.stop_when_nothing_works(run, "unreachable", "") is False
    entered(run, 3)
    assert settlement.stop_when_nothing_works(run, "unreachable", "") is True


def test_does_not_take_an_answer_before_a_resume_for_a_sign_of_life():
    run = running()
    entered(run, 1, "stored")
    run.pause()
    run.resume()
    entered(run, 3)
    assert settlement.stop_when_nothing_works(run, "unreachable", "") is True
