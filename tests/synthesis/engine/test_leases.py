"""Who may call what and how often, and what the dead leave behind."""

from __future__ import annotations

import datetime
import os
import socket

import pytest
from django.utils import timezone

from synthesis.engine import leases, ledger
from synthesis.models import Batch, Call, Run, Seat, Worker
from tests import factories
from tests.synthesis.engine.outcomes import answer, batch_of, claims, running

pytestmark = pytest.mark.django_db
NOBODY = 2**22 + 1  # above the kernel's largest process number


def silent(worker: Worker, seconds: float, **fields: object) -> None:
    then = timezone.now() - datetime.timedelta(seconds=seconds)
    Worker.objects.filter(pk=worker.pk).update(heartbeat_at=then, **fields)


def test_claims_in_the_order_of_the_plan():
    run = running(target_count=50)
    assert [claim.batch.index for claim in claims(run, 2)] == [1, 2]
    assert [claim.batch.index for claim in claims(run, 10)] == [3, 4, 5]
    assert claims(run, 10) == []


def test_enters_a_call_before_it_is_made():
    run = running()
    worker = leases.register("runner")
    (claim,) = claims(run, worker=worker)
    call = Call.objects.get()
    assert (call.pk, call.state, call.worker, call.number) == (claim.call_id, "started", worker, 1)
    assert call.provider == claim.batch.language_model.provider
    batch = batch_of(claim)
    assert (batch.state, batch.worker) == (Batch.State.RUNNING, worker)
    assert (batch.token, batch.attempts, call.token) == (1, 1, 1)


def test_leaves_a_batch_alone_until_its_pause_is_over():
    run = running(target_count=20)
    later = timezone.now() + datetime.timedelta(hours=1)
    earlier = timezone.now() - datetime.timedelta(seconds=1)
    run.batches.filter(index=1).update(not_before=later)
    run.batches.filter(index=2).update(not_before=earlier)
    assert [claim.batch.index for claim in claims(run, 10)] == [2]


@pytest.mark.parametrize("state", ["running", "done", "failed", "cancelled"])
def test_claims_only_planned_batches(state):
    run = running(target_count=20)
    run.batches.filter(index=1).update(state=state)
    assert [claim.batch.index for claim in claims(run, 10)] == [2]


def test_claims_nothing_of_another_run():
    run, other = running(), running()
    claims(run, 10)
    assert other.batches.planned().count() == 1
    assert not other.calls.exists()


# with 2 attempts and 3 deaths allowed, the fifth begin is the last one
@pytest.mark.parametrize(("attempts", "state"), [(4, "running"), (5, "failed"), (9, "failed")])
def test_takes_a_batch_for_poison_after_so_many_deaths(attempts, state):
    run = running(max_attempts=2)
    run.batches.update(attempts=attempts)
    claims(run)
    assert run.batches.get().state == state
    assert (run.batches.get().error_code == "poison") == (state == "failed")


def test_claims_what_comes_after_the_poison():
    run = running(target_count=3, batch_size=1)
    run.batches.filter(index__lte=2).update(attempts=99)
    assert claims(run, wanted=2) == []
    assert [claim.batch.index for claim in claims(run, wanted=2)] == [3]
    assert run.batches.failed().count() == 2


def test_hands_a_stored_answer_on_to_a_batch_with_fresh_attempts():
    run = running()
    (claim,) = claims(run)
    ledger.store([answer(claim, "Paid for?")])
    run.batches.update(state=Batch.State.FAILED)
    run.batches.failed().replan()
    (again,) = claims(run)
    assert (again.call_id, again.batch.attempts) == (claim.call_id, 1)
    assert again.stored == answer(claim, "Paid for?").raw.body


def test_hands_a_stored_answer_on_without_a_new_call():
    run = running()
    first = leases.register("runner")
    (claim,) = claims(run, worker=first)
    ledger.store([answer(claim, "Paid for?")])
    leases.dismiss(first.pk)
    (again,) = claims(run)
    assert again.stored == answer(claim, "Paid for?").raw.body
    assert again.call_id == claim.call_id
    assert Call.objects.count() == 1


def test_gives_a_stored_answer_back_without_losing_it():
    run = running()
    (claim,) = claims(run)
    ledger.store([answer(claim, "Paid for?")])
    leases.release([leases.Claim(batch=claim.batch, call_id=claim.call_id, stored=b"[]")])
    assert Call.objects.get().state == Call.State.STORED
    assert (batch_of(claim).state, batch_of(claim).attempts) == (Batch.State.PLANNED, 0)


def test_gives_back_nothing_that_another_worker_holds():
    run = running()
    worker = leases.register("runner")
    (old,) = claims(run, worker=worker)
    leases.dismiss(worker.pk)
    (new,) = claims(run)
    leases.release([old])
    assert (batch_of(new).state, batch_of(new).attempts) == (Batch.State.RUNNING, 2)
    assert set(Call.objects.values_list("state", flat=True)) == {"unknown", "started"}


def test_claims_many_batches_with_few_queries(django_assert_max_num_queries):
    run = running(target_count=1000)
    worker = leases.register("runner")
    with django_assert_max_num_queries(12):
        assert len(claims(run, 100, worker)) == 100


# 16 calls in flight are allowed, 3 are: the plan of 10 batches fits; 5 would leave 2, and so on
@pytest.mark.parametrize(("most", "expected"), [(16, 10), (5, 2), (4, 1), (3, 0), (1, 0)])
def test_keeps_to_the_calls_at_once_over_all_runs(most, expected):
    provider = factories.provider(max_concurrency=most)
    model = factories.language_model(provider=provider)
    first = running(factories.task(model, target_count=30))
    provider.max_concurrency = 16
    provider.save()
    assert len(claims(first, 10)) == 3
    provider.max_concurrency = most
    provider.save()
    second = running(factories.task(model, target_count=100))
    assert len(claims(second, 20)) == expected


def test_counts_only_the_calls_of_the_last_minute():
    provider = factories.provider(requests_per_minute=2)
    run = running(factories.task(factories.language_model(provider=provider), target_count=50))
    assert len(claims(run, 10)) == 2
    assert claims(run, 10) == []
    Call.objects.update(started_at=timezone.now() - datetime.timedelta(seconds=61))
    assert len(claims(run, 10)) == 2


def test_limits_one_provider_of_a_mix_and_not_the_other():
    slow = factories.language_model(provider=factories.provider(requests_per_minute=1))
    fast = factories.language_model(name="fast")
    run = running(factories.task(slow, fast, target_count=300))
    taken = claims(run, 30)
    used = [claim.batch.language_model_id for claim in taken]
    assert used.count(slow.pk) == 1
    assert used.count(fast.pk) == run.batches.filter(language_model=fast).count() > 1


@pytest.mark.parametrize(
    ("limit", "known", "expected"),
    [
        (1000, [100, 100], 8),  # 10 calls of 100 fit, 2 were made
        (1000, [1000], 0),  # one call of 1,000 fits, and was made
        (1000, [3000], 0),
        (100, [0, 0], 98),  # a call counts as one token at least
    ],
)
def test_takes_the_next_call_to_be_as_large_as_the_mean(limit, known, expected):
    provider = factories.provider(tokens_per_minute=limit)
    model = factories.language_model(provider=provider)
    run = running(factories.task(model, target_count=2000, batch_size=1))
    batch = run.batches.earliest("index")
    for number, tokens in enumerate(known):
        fields = {"provider": provider, "language_model": model, "started_at": timezone.now()}
        counts = {"prompt_tokens": tokens, "completion_tokens": 0, "number": number, "token": 0}
        run.calls.create(batch=batch, state="late", **fields, **counts)
    assert leases.headroom(provider, timezone.now()) == expected


def test_tells_a_dismissed_worker_that_it_is_dead():
    worker = leases.register("runner")
    assert leases.beat(worker) is True
    leases.dismiss(worker.pk)
    assert leases.beat(worker) is False
    assert not Worker.objects.exists()


def test_registers_under_this_host_and_process():
    worker = leases.register("supervisor")
    assert (worker.host, worker.pid) == (socket.gethostname(), os.getpid())
    assert not leases.local_runners().exists()


def test_frees_a_worker_of_another_host_after_its_lease():
    worker = leases.register("runner")
    silent(worker, leases.lease_seconds() + 5, host="elsewhere")
    assert leases.free_dead_workers() == 1


@pytest.mark.parametrize(
    ("host", "pid", "freed"), [("elsewhere", NOBODY, 0), (None, NOBODY, 1), (None, None, 0)]
)
def test_asks_the_kernel_only_about_its_own_host(host, pid, freed):
    worker = leases.register("runner")
    fields = {"host": host or worker.host, "pid": pid or worker.pid}
    Worker.objects.filter(pk=worker.pk).update(**fields)
    assert leases.free_dead_workers() == freed


def test_keeps_a_lease_longer_than_any_call(settings):
    settings.DATAMATE_CALL_DEADLINE_SECONDS = 500
    assert leases.lease_seconds() == 560


def test_plans_nothing_anew_for_an_ended_run():
    run = running(target_count=20)
    worker = leases.register("runner")
    claims(run, 10, worker)
    run.cancel()
    leases.dismiss(worker.pk)
    assert set(run.batches.values_list("state", flat=True)) == {Batch.State.CANCELLED}
    assert set(run.calls.values_list("state", flat=True)) == {Call.State.UNKNOWN}


def test_dismisses_only_what_that_worker_held():
    run = running(target_count=30)
    dead, living = leases.register("runner"), leases.register("runner")
    claims(run, 1, dead)
    (kept,) = claims(run, 1, living)
    leases.dismiss(dead.pk)
    assert batch_of(kept).worker == living
    assert Call.objects.get(pk=kept.call_id).state == Call.State.STARTED


# 10 calls for 3 workers: each one may have 4 at most, and the last one gets what is left
def test_shares_out_no_more_seats_than_there_are():
    run = running(concurrency=10)
    workers = [leases.register("runner") for _number in range(3)]
    seats = [leases.take_seat(worker, run, 0, is_draining=False) for worker in workers]
    assert seats == [4, 4, 2]


@pytest.mark.parametrize("is_draining", [True, False])
def test_gives_the_seats_of_a_draining_worker_to_the_other(is_draining):
    run = running(concurrency=10)
    first, second = leases.register("runner"), leases.register("runner")
    leases.take_seat(first, run, 0, is_draining=False)
    if is_draining:
        leases.drain(first)
        leases.take_seat(first, run, 0, is_draining=True)
    assert leases.take_seat(second, run, 0, is_draining=False) == (10 if is_draining else 5)


def test_counts_what_a_draining_worker_still_has_in_flight():
    run = running(concurrency=10)
    first, second = leases.register("runner"), leases.register("runner")
    leases.drain(first)
    assert leases.take_seat(first, run, 7, is_draining=True) == 0
    assert leases.take_seat(second, run, 0, is_draining=False) == 3
    assert sum(Seat.objects.values_list("slots", flat=True)) == 10


def test_does_not_share_with_the_silent_or_the_supervisor():
    run = running(concurrency=10)
    worker = leases.register("runner")
    silent(leases.register("runner"), leases.FRESH_SECONDS + 5)
    leases.register("supervisor")
    assert leases.take_seat(worker, run, 0, is_draining=False) == 10


def test_asks_only_runners_of_this_host_to_drain():
    here, there = leases.register("runner"), leases.register("runner")
    chief = leases.register("supervisor")
    Worker.objects.filter(pk=there.pk).update(host="elsewhere")
    leases.ask_to_drain()
    assert Worker.objects.get(is_draining=True) == here
    assert Worker.objects.filter(pk__in=[there.pk, chief.pk], is_draining=False).count() == 2


def test_frees_the_seat_of_a_dismissed_worker():
    run = running(concurrency=4)
    worker = leases.register("runner")
    leases.take_seat(worker, run, 4, is_draining=False)
    leases.dismiss(worker.pk)
    assert leases.take_seat(leases.register("runner"), run, 0, is_draining=False) == 4
    assert Run.objects.get().seats.count() == 1
