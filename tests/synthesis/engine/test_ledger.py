"""What every call brought and cost is entered, whoever holds its batch by now."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from providers import errors
from synthesis.engine import leases, ledger
from synthesis.engine.ledger import Outcome
from synthesis.models import Batch, Call, Record
from tests import factories
from tests.synthesis.engine.outcomes import answer, batch_of, claims, failure, running

pytestmark = pytest.mark.django_db


def priced() -> dict[str, object]:
    return {"input_price": Decimal(2), "output_price": Decimal(6)}


def test_stores_an_answer_as_it_came_over_the_wire():
    (claim,) = claims(running())
    ledger.store([answer(claim, "东京？")])
    call = Call.objects.get()
    assert (call.state, call.status_code, call.request_id) == (Call.State.STORED, 200, "req-1")
    assert bytes(call.response) == answer(claim, "东京？").raw.body
    assert (call.latency_seconds, call.error_code) == (1, "")
    assert call.ended_at >= call.started_at


def test_enters_an_answer_before_it_becomes_records():
    (claim,) = claims(running())
    ledger.store([answer(claim, "One?")])
    assert not Record.objects.exists()
    assert batch_of(claim).state == Batch.State.RUNNING


# prices are for a million tokens: 10 x 2 + 10 x 6 = 80 millionths
@pytest.mark.parametrize(
    ("prices", "tokens", "cost"),
    [
        (priced(), 10, Decimal("0.00008000")),
        (priced(), 0, Decimal(0)),
        (priced(), None, None),
        ({}, 10, None),
        ({"input_price": Decimal(2)}, 10, None),
    ],
)
def test_enters_tokens_and_cost(prices, tokens, cost):
    run = running(factories.task(factories.language_model(**prices)))
    (claim,) = claims(run)
    ledger.store([answer(claim, "One?", tokens=tokens)])
    call = Call.objects.get()
    assert (call.prompt_tokens, call.completion_tokens, call.cost) == (tokens, tokens, cost)


def test_cuts_a_request_id_that_is_too_long():
    (claim,) = claims(running())
    outcome = answer(claim, "One?")
    raw = type(outcome.raw)(body=b"{}", request_id="x" * 1000, latency_seconds=1)
    ledger.store([Outcome(claim=claim, reply=outcome.reply, raw=raw)])
    assert Call.objects.get().request_id == "x" * 200


def test_enters_a_failure_with_the_vendors_words():
    (claim,) = claims(running())
    ledger.store([failure(claim, errors.UnavailableError("Down \x00.", status_code=503))])
    call = Call.objects.get()
    assert (call.state, call.status_code) == (Call.State.FAILED, 503)
    assert (call.error_code, call.response) == ("unavailable", None)
    assert "\x00" not in call.error_detail
    assert call.error_detail.startswith("Down ")


def test_keeps_the_body_that_could_not_be_read():
    (claim,) = claims(running())
    ledger.store([failure(claim, errors.ReplyMalformedError("No JSON."), b"\xff<html>")])
    call = Call.objects.get()
    assert (call.state, bytes(call.response)) == (Call.State.FAILED, b"\xff<html>")


def test_keeps_only_the_first_of_two_answers_to_a_batch():
    run = running()
    worker = leases.register("runner")
    (old,) = claims(run, worker=worker)
    leases.dismiss(worker.pk)
    (new,) = claims(run)
    ledger.store([answer(old, "Old?")])
    ledger.store([answer(new, "New?")])
    states = Call.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [Call.State.STORED, Call.State.LATE]


def test_keeps_only_the_first_of_two_answers_that_come_together():
    run = running()
    worker = leases.register("runner")
    (old,) = claims(run, worker=worker)
    leases.dismiss(worker.pk)
    (new,) = claims(run)
    ledger.store([answer(new, "New?"), answer(old, "Old?")])
    assert Call.objects.get(pk=new.call_id).state == Call.State.STORED
    assert Call.objects.get(pk=old.call_id).state == Call.State.LATE
    assert run.call_counts()["answered"] == 2


def test_enters_an_answer_again_whose_acknowledgement_was_lost():
    run = running()
    worker = leases.register("runner")
    claims(run, worker=worker)
    leases.dismiss(worker.pk)
    (second,) = claims(run)
    for _time in range(2):
        ledger.store([answer(second, "Paid for?")])
    assert Call.objects.get(pk=second.call_id).state == Call.State.STORED


def test_looks_for_other_answers_only_where_there_were_other_calls(django_assert_num_queries):
    (claim,) = claims(running())
    now = 1 if connection.vendor == "postgresql" else 0
    # the savepoint and its end, the lock, the database's time, the update
    with django_assert_num_queries(4 + now):
        ledger.store([answer(claim, "One?")])


def test_cannot_hold_two_stored_answers_to_a_batch():
    (claim,) = claims(running())
    ledger.store([answer(claim, "One?")])
    twin = Call.objects.get()
    twin.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()


def test_enters_the_late_failure_of_a_dismissed_worker():
    run = running()
    worker = leases.register("runner")
    (claim,) = claims(run, worker=worker)
    leases.dismiss(worker.pk)
    assert Call.objects.get().state == Call.State.UNKNOWN
    ledger.store([failure(claim, errors.CallTimeoutError(""))])
    assert (Call.objects.get().state, Call.objects.get().error_code) == ("failed", "timeout")


def test_enters_nothing_for_an_answer_that_was_read_again(django_assert_num_queries):
    run = running()
    worker = leases.register("runner")
    ledger.store([answer(claims(run, worker=worker)[0], "One?")])
    leases.dismiss(worker.pk)
    (again,) = claims(run)
    assert again.stored == bytes(Call.objects.get().response)
    with django_assert_num_queries(0):
        ledger.store([Outcome(claim=again, reply=answer(again, "One?").reply)])


def test_enters_any_number_of_outcomes_with_few_queries(django_assert_max_num_queries):
    run = running(factories.task(target_count=400))
    taken = claims(run, 40)
    odd = [failure(claim, errors.UnavailableError("Down.")) for claim in taken[1::2]]
    even = [answer(claim, "One?") for claim in taken[::2]]
    # savepoint in and out, the lock, the answers there are, the clock, and one update
    with django_assert_max_num_queries(8):
        ledger.store(even + odd)
    counts = run.call_counts()
    assert (counts["answered"], counts["failed"], counts["in_flight"]) == (20, 20, 0)
