"""What becomes of a batch, whichever way its call ended."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from providers import errors
from synthesis.engine import leases, writer
from synthesis.models import Batch, Record, Run
from synthesis.signals import records_saving
from tests import factories
from tests.synthesis.engine.outcomes import answer, batch_of, claims, failure, running

pytestmark = pytest.mark.django_db
RETRIED = [
    errors.UnavailableError,
    errors.CallTimeoutError,
    errors.UnreachableError,
    errors.ReplyMalformedError,
]
FATAL = [
    errors.QuotaExhaustedError,
    errors.AuthenticationError,
    errors.ModelNotFoundError,
    errors.InvalidRequestError,
    errors.ContextTooLongError,
    errors.BlockedAddressError,
    errors.LocalModelError,
]


@pytest.mark.parametrize("kind", RETRIED)
def test_plans_a_batch_again_after_an_error_that_may_pass(kind):
    run = running()
    (claim,) = claims(run)
    writer.write([failure(claim, kind("Try later."))])
    batch = batch_of(claim)
    assert (batch.state, batch.worker, batch.attempts) == (Batch.State.PLANNED, None, 1)
    assert (batch.error_code, batch.error_detail) == (kind.code, "Try later.")
    assert batch.ended_at is None
    assert batch.not_before > timezone.now()


@pytest.mark.parametrize("kind", RETRIED)
def test_ends_a_batch_at_its_last_attempt(kind):
    run = running(max_attempts=1)
    (claim,) = claims(run)
    writer.write([failure(claim, kind("Broken."))])
    batch = batch_of(claim)
    assert (batch.state, batch.attempts, batch.throttles) == (Batch.State.FAILED, 1, 0)
    assert batch.ended_at is not None
    assert Run.objects.get().status == Run.Status.RUNNING


@pytest.mark.parametrize("kind", FATAL)
def test_stops_the_run_at_an_error_that_no_call_can_pass(kind):
    run = running(target_count=30)
    (claim,) = claims(run)
    writer.write([failure(claim, kind("In the vendor's words."))])
    run.refresh_from_db()
    assert (run.status, run.reason_code) == (Run.Status.FAILED, kind.code)
    assert run.reason_detail == "In the vendor's words."
    assert run.reason == str(errors.advice(kind.code))
    assert batch_of(claim).state == Batch.State.FAILED
    assert run.batches.filter(state=Batch.State.CANCELLED).count() == 2


@pytest.mark.parametrize("kind", [errors.ContentRefusedError, errors.ReplyTooLargeError])
def test_gives_up_one_batch_but_not_the_run(kind):
    run = running(target_count=30)
    (claim,) = claims(run)
    writer.write([failure(claim, kind("Not this one."))])
    run.refresh_from_db()
    assert (run.status, run.reason_code) == (Run.Status.RUNNING, "")
    assert (batch_of(claim).state, batch_of(claim).error_code) == (Batch.State.FAILED, kind.code)
    # 2 batches of 10 are left of the 3, and one is planned in place of the third
    assert run.batches.planned().count() == 3


def test_does_not_count_being_throttled_as_an_attempt():
    run = running(max_attempts=1)
    for times in range(1, 4):
        (claim,) = claims(run)
        writer.write([failure(claim, errors.RateLimitedError(retry_after_seconds=0))])
        batch = batch_of(claim)
        assert (batch.state, batch.attempts, batch.throttles) == ("planned", 0, times)
    assert list(run.calls.order_by("pk").values_list("number", flat=True)) == [1, 2, 3]


def test_waits_as_long_as_the_vendor_asks():
    run = running()
    (claim,) = claims(run)
    before = timezone.now()
    writer.write([failure(claim, errors.RateLimitedError(retry_after_seconds=120))])
    pause = batch_of(claim).not_before - before
    assert datetime.timedelta(seconds=119) < pause < datetime.timedelta(seconds=150)
    assert claims(run) == []


# the ceiling is 2 to the power of the tries, at most 60; the pause is 1/4 to 4/4 of it
@pytest.mark.parametrize(
    ("tries", "ceiling"), [(0, 1), (1, 2), (2, 4), (5, 32), (6, 60), (10, 60), (10_000, 60)]
)
def test_backs_off_within_bounds(tries, ceiling):
    pauses = [writer.pause_seconds(tries, None) for _draw in range(200)]
    assert ceiling / 4 <= min(pauses) < max(pauses) <= ceiling
    assert len(set(pauses)) > 100


@pytest.mark.parametrize("seconds", [0, 0.5, 59.0, 3600.0])
def test_takes_the_vendors_pause_as_it_is(seconds):
    assert writer.pause_seconds(7, seconds) == seconds


def test_asks_again_within_the_hour_whatever_the_vendor_says():
    assert writer.pause_seconds(1, 8000 * 365.25 * 86400) == 3600


def test_keeps_the_vendors_words_fit_for_either_database():
    (claim,) = claims(running())
    writer.write([failure(claim, errors.UnavailableError("nul \x00 and \ud800 half"))])
    detail = batch_of(claim).error_detail
    assert detail.startswith("nul ") and detail.endswith(" half")
    assert "\x00" not in detail and "\ud800" not in detail


def test_forgets_an_earlier_error_once_the_batch_is_answered():
    run = running()
    (claim,) = claims(run)
    writer.write([failure(claim, errors.UnavailableError("Down.", retry_after_seconds=0))])
    (again,) = claims(run)
    writer.write([answer(again, "Up?")])
    batch = batch_of(again)
    assert (batch.state, batch.error_code, batch.error_detail) == (Batch.State.DONE, "", "")
    assert (batch.attempts, batch.accepted) == (2, 1)


def test_counts_what_became_of_each_record_of_a_batch():
    run = running(target_count=2)
    (claim,) = claims(run)
    rows = (
        '[{"question": "A", "answer": "1"}, {"question": "A", "answer": "1"},'
        ' {"question": "B"}, {"question": "C", "answer": "3"}, {"question": "D", "answer": "4"}]'
    )
    writer.write([answer(claim, text=rows)])
    batch = batch_of(claim)
    run.refresh_from_db()
    # A and C fill the target of 2, the second A repeats, B lacks its answer, D is too much
    expected = {
        "accepted": 2,
        "pending": 0,
        "duplicate": 1,
        "malformed": 1,
        "rejected": 0,
        "surplus": 1,
    }
    assert {name: getattr(batch, name) for name in Run.COUNTERS} == expected
    assert {name: getattr(run, name) for name in Run.COUNTERS} == expected
    assert run.status == Run.Status.COMPLETED


def test_numbers_records_by_their_place_in_the_reply():
    run = running()
    (claim,) = claims(run)
    writer.write([answer(claim, "First?", "Second?", "Third?")])
    rows = run.records.order_by("pk").values_list("position", "content__question")
    assert list(rows) == [(0, "First?"), (1, "Second?"), (2, "Third?")]
    assert {row.batch_id for row in run.records.all()} == {claim.batch.pk}
    assert {row.raw for row in run.records.all()} == {""}


def test_keeps_the_text_of_a_refusal():
    run = running()
    (claim,) = claims(run)
    writer.write([answer(claim, text="I cannot help with that.", finish_reason="refused")])
    row = Record.objects.get()
    assert (row.status, row.content) == (Record.Status.MALFORMED, None)
    assert row.raw == "I cannot help with that."
    assert row.findings[0] == {"check": "parse", "code": "refused"}
    assert batch_of(claim).state == Batch.State.DONE


def test_keeps_the_whole_records_of_a_reply_that_was_cut():
    (claim,) = claims(running())
    text = '[{"question": "Whole?", "answer": "Yes."}, {"question": "Cut'
    writer.write([answer(claim, text=text, finish_reason="length")])
    batch = batch_of(claim)
    assert (batch.state, batch.accepted, batch.malformed) == (Batch.State.DONE, 1, 1)
    assert Record.objects.get(status="malformed").findings[0]["code"] == "truncated"


def test_writes_nothing_for_a_batch_that_another_worker_took_over():
    run = running()
    worker = leases.register("runner")
    (old,) = claims(run, worker=worker)
    leases.dismiss(worker.pk)
    (new,) = claims(run)
    writer.write([answer(old, "Old?"), answer(old, "Old?")])
    assert not Record.objects.exists()
    assert (batch_of(new).state, batch_of(new).token) == (Batch.State.RUNNING, old.batch.token + 1)
    writer.write([answer(new, "New?")])
    assert Record.objects.get().content["question"] == "New?"


def test_writes_an_answer_only_once():
    (claim,) = claims(running())
    writer.write([answer(claim, "Once?")])
    writer.write([answer(claim, "Twice?")])
    assert Record.objects.get().content["question"] == "Once?"
    assert batch_of(claim).accepted == 1


def test_does_not_let_a_failure_undo_an_answer():
    (claim,) = claims(running())
    writer.write([answer(claim, "Once?")])
    writer.write([failure(claim, errors.AuthenticationError("Too late."))])
    assert batch_of(claim).state == Batch.State.DONE
    assert Run.objects.get().status == Run.Status.RUNNING


def test_writes_the_outcomes_of_several_runs_in_one_group():
    first, second = running(), running()
    groups = [answer(claims(first)[0], "One?"), answer(claims(second)[0], "One?", "Two?")]
    writer.write(groups)
    assert (first.records.count(), second.records.count()) == (1, 2)
    second.refresh_from_db()
    assert second.accepted == 2


def test_keeps_the_good_batches_of_a_group_with_a_bad_one():
    run = running(target_count=30)
    good, bad = claims(run, 2)

    def refuse(records, **_kwargs):
        if any(row.batch_id == bad.batch.pk for row in records):
            raise RuntimeError("The check is broken.")

    records_saving.connect(refuse)
    try:
        writer.write([answer(bad, "Bad?"), answer(good, "Good?")])
    finally:
        records_saving.disconnect(refuse)
    assert (batch_of(good).state, batch_of(good).accepted) == (Batch.State.DONE, 1)
    assert (batch_of(bad).state, batch_of(bad).error_code) == ("planned", "write_failed")
    assert batch_of(bad).error_detail == "The check is broken."
    assert Record.objects.get().content["question"] == "Good?"


def test_keeps_what_a_paused_runs_calls_bring_and_plans_no_more():
    run = running(target_count=30)
    (claim,) = claims(run)
    run.pause()
    writer.write([answer(claim, "Paid for?")])
    run.refresh_from_db()
    assert (run.status, run.accepted) == (Run.Status.PAUSED, 1)
    assert run.batches.planned().count() == 2


def test_keeps_what_a_cancelled_runs_calls_bring():
    run = running(target_count=30)
    (claim,) = claims(run)
    run.cancel()
    writer.write([answer(claim, "Paid for?")])
    run.refresh_from_db()
    assert (run.status, run.accepted) == (Run.Status.CANCELLED, 1)
    assert not run.batches.open().exists()


def test_does_not_plan_a_failed_batch_of_a_cancelled_run_again():
    run = running()
    (claim,) = claims(run)
    run.cancel()
    writer.write([failure(claim, errors.UnavailableError("Down."))])
    assert batch_of(claim).state == Batch.State.CANCELLED


def test_needs_as_many_queries_for_many_batches_as_for_few(django_assert_max_num_queries):
    run = running(factories.task(target_count=400, batch_size=10))
    group = [answer(claim, f"{claim.batch.index}?") for claim in claims(run, 40)]
    with django_assert_max_num_queries(40):
        writer.write(group)
    assert run.records.count() == 40
