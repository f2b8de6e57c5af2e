"""Templates of two steps over a source: a record is two calls, and a kill falls between them."""

from __future__ import annotations

from collections import Counter

import pytest

from synthesis.engine import continuation
from synthesis.engine.lanes import AHEAD_SHARE
from synthesis.models import Call, Record, Run
from tests import factories
from tests.faults.deployment import Deployment
from tests.stub_vendor import StubVendor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]

ROWS, EACH, CONCURRENCY = 12, 3, 8
STEPS = [{"prompt": "Answer: {question} N_RECORDS={count}", "fields": ["answer"]}]


def start(server: StubVendor) -> Run:
    prompt = "On {name}: N_RECORDS={count}"
    return factories.task(
        factories.language_model(server.openai_url),
        template=factories.template(prompt=prompt, variables=[], steps=STEPS),
        source=factories.source(*({"name": f"row {row}"} for row in range(ROWS))),
        records_per_item=EACH,
        concurrency=CONCURRENCY,
    ).start()


def kill_between_the_steps(run: Run, server: StubVendor, deployment: Deployment) -> None:
    """Kill the worker when some records are whole and second calls of others are in flight."""
    accepted, calls = run.records.accepted(), run.calls.filter(batch__kind="step", state="started")
    deployment.wait_for(lambda: accepted.count() >= ROWS, "record")
    server.set(latency=2)
    deployment.wait_for(calls.exists, "second step")
    deployment.kill_everything()
    server.set(latency=0.02)


def test_every_row_has_its_whole_records_and_no_stored_answer_is_bought_again(tmp_path):
    vendor = StubVendor(latency=0.05, p_duplicate=0.1, p_malformed=0.05, p500=0.05)
    with vendor as server, Deployment(tmp_path, DATAMATE_WORKERS="1") as deployment:
        run = start(server)
        deployment.start_worker()
        kill_between_the_steps(run, server, deployment)
        begun = set(run.calls.values_list("pk", flat=True))
        answered = set(run.calls.filter(state__in=Call.ANSWERED).values_list("batch", flat=True))
        deployment.start_worker()
        deployment.wait_until_ended(run)
    assert_every_row_has_its_records(run)
    assert not run.calls.filter(batch__in=answered).exclude(pk__in=begun).exists()
    assert_only_what_was_in_flight_was_paid_twice(run, server)


def assert_every_row_has_its_records(run: Run) -> None:
    """Each has both fields, and its answer is to its own question."""
    records = list(Record.objects.accepted().filter(run=run).select_related("source_item"))
    assert run.status == Run.Status.COMPLETED, run.reason
    assert Counter(row.source_item.position for row in records) == dict.fromkeys(range(ROWS), EACH)
    asked = continuation.makers(records)
    for record in records:
        assert list(record.content) == ["question", "answer"]
        assert asked[record.pk].values["question"] == record.content["question"]


def assert_only_what_was_in_flight_was_paid_twice(run: Run, server: StubVendor) -> None:
    answered = run.calls.filter(state__in=Call.ANSWERED).count()
    unknown = run.calls.filter(state=Call.State.UNKNOWN).count()
    assert unknown <= CONCURRENCY + CONCURRENCY // AHEAD_SHARE
    assert server.stats.repeat_ok <= CONCURRENCY
    assert answered <= server.stats.ok <= answered + unknown
