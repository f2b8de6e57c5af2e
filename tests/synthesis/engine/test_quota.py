from __future__ import annotations

import pytest

from synthesis.models import Batch, Record, Run
from tests import factories
from tests.stub_vendor import StubVendor
from tests.synthesis.engine.serving import counts, serve_until_ended

pytestmark = pytest.mark.django_db(transaction=True)


def start(server: StubVendor, **fields: object) -> Run:
    model = factories.language_model(server.openai_url)
    return factories.task(model, **fields).start()


def test_delivers_exactly_the_target_from_a_good_vendor():
    with StubVendor() as server:
        run = serve_until_ended(start(server, target_count=25, batch_size=10))
        calls = server.stats.requests
    assert (run.status, run.accepted, calls) == (Run.Status.COMPLETED, 25, 3)
    assert [batch.requested for batch in run.batches.order_by("index")] == [10, 10, 5]


def test_delivers_exactly_the_target_from_a_bad_vendor():
    with StubVendor(
        p429=0.05, retry_after=0.1, p500=0.05, p_malformed=0.05, p_duplicate=0.2, latency=0.005
    ) as server:
        run = serve_until_ended(start(server, target_count=200, batch_size=10, concurrency=16))
        seen = server.stats
    sums = run.call_counts()
    assert run.accepted == Record.objects.filter(run=run, status="accepted").count() == 200
    assert {name: getattr(run, name) for name in Run.COUNTERS} == counts(run)
    assert (sums["calls"], sums["answered"]) == (seen.requests, seen.ok)
    assert sums["failed"] == seen.e429 + seen.e500
    assert sums["retried"] == seen.e429 + seen.e500
    assert run.made == seen.records
    assert run.malformed == seen.malformed
    assert seen.repeat_ok == 0


def test_keeps_what_comes_beyond_the_target_as_surplus():
    with StubVendor(count=10) as server:
        factory_template = factories.template(prompt="Questions about {topic}, seed {seed}")
        run = serve_until_ended(
            start(server, template=factory_template, target_count=13, batch_size=7)
        )
    assert (run.accepted, run.surplus) == (13, 7)
    assert counts(run)["surplus"] == 7


def test_stalls_with_the_reason_when_nothing_new_comes(settings):
    settings.DATAMATE_STALL_WINDOW_BATCHES = 5
    with StubVendor(p_duplicate=1) as server:
        run = serve_until_ended(start(server, target_count=100, batch_size=5, concurrency=2))
    assert run.status == Run.Status.STALLED
    assert run.accepted == 5
    assert run.reason.startswith("Hardly any new record was accepted lately")
    assert not run.batches.filter(state=Batch.State.PLANNED).exists()


def test_never_calls_more_at_once_than_the_concurrency():
    with StubVendor(latency=0.02) as server:
        run = serve_until_ended(start(server, target_count=100, batch_size=2, concurrency=5))
        assert server.stats.max_inflight <= 5
    assert run.accepted == 100


def test_never_calls_a_provider_more_at_once_than_it_allows():
    with StubVendor(latency=0.02) as server:
        account = factories.provider(server.openai_url, max_concurrency=2)
        model = factories.language_model(provider=account)
        run = factories.task(model, target_count=20, batch_size=2, concurrency=9).start()
        serve_until_ended(run)
        assert server.stats.max_inflight <= 2
    assert run.accepted == 20


def test_draws_the_same_plan_from_the_same_seed():
    with StubVendor() as server:
        model = factories.language_model(server.openai_url)
        other = factories.language_model(server.openai_url, name="stub-two")
        shared = factories.template(
            variables=[{"name": "topic", "type": "list", "default": ["tea", "silk", "jade"]}]
        )
        plans = []
        for _time in range(2):
            row = factories.task(model, other, weights=(3, 1), template=shared, target_count=40)
            row.batch_size = 2
            run = serve_until_ended(row.start())
            plans.append(
                [
                    (batch.values["topic"], batch.seed, batch.language_model_id)
                    for batch in run.batches.order_by("index")
                ]
            )
    assert plans[0] == plans[1]
    assert len({topic for topic, _seed, _model in plans[0]}) == 3
    assert len({model for _topic, _seed, model in plans[0]}) == 2
