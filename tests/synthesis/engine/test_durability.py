"""What is stored is never bought again, and nothing half-judged is ever stored."""

from __future__ import annotations

from unittest import mock

import pytest
from django.db import OperationalError, transaction

from synthesis.engine import leases, ledger, writer
from synthesis.engine.runner import serve
from synthesis.models import Batch, Call, Record, Run, Seat, Worker
from synthesis.signals import records_saving
from tests import factories
from tests.stub_vendor import StubVendor
from tests.synthesis.engine.serving import serve_until_ended

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server():
    with StubVendor() as vendor:
        yield vendor


def started(server: StubVendor, **fields: object) -> Run:
    model = factories.language_model(server.openai_url)
    return factories.task(model, **{"target_count": 20, "batch_size": 5, **fields}).start()


class Died(BaseException):
    """Stands for the end of the process at one line."""


def test_reads_a_stored_answer_again_after_a_crash(server):
    run = started(server)
    with mock.patch.object(writer, "finish", side_effect=Died), pytest.raises(Died):
        serve(slice_seconds=5)
    stored = run.calls.filter(state=Call.State.STORED).count()
    assert stored > 0
    assert not Record.objects.exists()
    run = serve_until_ended(run)
    assert (run.accepted, server.stats.requests, server.stats.repeat_ok) == (20, 4, 0)


def test_stores_nothing_of_a_write_whose_check_raises(server):
    run = started(server, max_attempts=2)

    def refuse(records, **_kwargs):
        if any(record.batch.index == 2 for record in records):
            raise RuntimeError("The check is broken.")

    records_saving.connect(refuse)
    try:
        run = serve_until_ended(run)
    finally:
        records_saving.disconnect(refuse)
    broken = run.batches.get(index=2)
    assert (broken.state, broken.error_code) == (Batch.State.FAILED, "write_failed")
    assert broken.error_detail == "The check is broken."
    assert not broken.records.exists()
    assert broken.calls.filter(state=Call.State.STORED).count() == 1
    assert (run.status, run.accepted) == (Run.Status.COMPLETED, 20)


def test_waits_while_the_database_is_away(server):
    run = started(server)
    real, failures = ledger.store, iter([True, True])

    def store(outcomes):
        if next(failures, False):
            raise OperationalError("The server closed the connection.")
        return real(outcomes)

    with mock.patch.object(ledger, "store", store):
        run = serve_until_ended(run)
    assert (run.accepted, server.stats.requests) == (20, 4)


def claimed(run: Run, worker: Worker, wanted: int = 10) -> list[leases.Claim]:
    from synthesis.engine import planner

    with transaction.atomic():
        locked = Run.objects.select_for_update().get(pk=run.pk)
        planner.top_up(locked)
        return leases.claim(worker, locked, wanted)


def test_takes_back_what_a_dead_worker_held(server):
    run = started(server)
    worker = leases.register("runner")
    claimed(run, worker)
    Worker.objects.filter(pk=worker.pk).update(pid=2**22 + 1)
    assert leases.free_dead_workers() == 1
    assert run.batches.planned().count() == 4
    assert run.calls.filter(state=Call.State.UNKNOWN).count() == 4


def test_leaves_a_silent_worker_of_another_host_its_lease(server):
    run = started(server)
    worker = leases.register("runner")
    claimed(run, worker)
    Worker.objects.filter(pk=worker.pk).update(host="elsewhere")
    assert leases.free_dead_workers() == 0
    assert run.batches.filter(state=Batch.State.RUNNING).count() == 4


def test_keeps_a_late_answer_but_no_records_of_it(server):
    run = started(server)
    slow = claimed(run, leases.register("runner"), wanted=1)[0]
    leases.dismiss(slow.batch.worker_id or Worker.objects.get().pk)
    run = serve_until_ended(run)
    outcome = answer_for(slow)
    ledger.store([outcome])
    writer.write([outcome])
    late = Call.objects.get(pk=slow.call_id)
    assert late.state == Call.State.LATE
    assert bytes(late.response) == outcome.raw.body
    assert run.records.count() == 20


def answer_for(claim: leases.Claim) -> ledger.Outcome:
    from providers.clients.types import RawResponse, Reply, Usage

    return ledger.Outcome(
        claim=claim,
        reply=Reply(
            text='[{"question": "Late?", "answer": "Yes."}]',
            finish_reason="stop",
            model="stub-model",
            usage=Usage(prompt_tokens=1, completion_tokens=2),
        ),
        raw=RawResponse(body=b"{}", request_id="r", latency_seconds=1),
    )


def test_fails_a_batch_at_which_worker_after_worker_died(server):
    run = started(server, max_attempts=1)
    for _death in range(1 + leases.WORKER_DEATHS_ALLOWED):
        worker = leases.register("runner")
        claimed(run, worker, wanted=1)
        leases.dismiss(worker.pk)
    claimed(run, leases.register("runner"), wanted=1)
    assert run.batches.get(index=1).error_code == "poison"


def test_shares_the_seats_of_a_run_fairly(server):
    run = started(server, concurrency=10)
    first, second = leases.register("runner"), leases.register("runner")
    with transaction.atomic():
        assert leases.take_seat(first, run, in_flight=0, is_draining=False) == 5
        assert leases.take_seat(second, run, in_flight=0, is_draining=False) == 5


def test_gives_a_newcomer_only_the_seats_that_are_free(server):
    run = started(server, concurrency=10)
    first = leases.register("runner")
    with transaction.atomic():
        assert leases.take_seat(first, run, in_flight=0, is_draining=False) == 10
        second = leases.register("runner")
        assert leases.take_seat(second, run, in_flight=0, is_draining=False) == 0
        assert leases.take_seat(first, run, in_flight=8, is_draining=False) == 5
        assert leases.take_seat(second, run, in_flight=0, is_draining=False) == 2
        assert sum(Seat.objects.values_list("slots", flat=True)) == 10


def test_keeps_to_the_requests_of_a_minute(server):
    account = factories.provider(server.openai_url, requests_per_minute=3)
    run = factories.task(factories.language_model(provider=account), batch_size=1).start()
    worker = leases.register("runner")
    assert len(claimed(run, worker, wanted=10)) == 3
    assert claimed(run, worker, wanted=10) == []


def test_keeps_to_the_tokens_of_a_minute(server):
    account = factories.provider(server.openai_url, tokens_per_minute=1000)
    run = factories.task(factories.language_model(provider=account), batch_size=1).start()
    worker = leases.register("runner")
    assert len(claimed(run, worker, wanted=10)) == 1
    Call.objects.update(state="stored", prompt_tokens=100, completion_tokens=200)
    # 1,000 tokens hold three calls of 300; one has been made
    assert len(claimed(run, worker, wanted=10)) == 2


def test_gives_claims_back_that_it_will_not_use(server):
    run = started(server)
    leases.release(claimed(run, leases.register("runner")))
    assert run.batches.planned().filter(attempts=0).count() == 4
    assert not run.calls.exists()
