"""Runs that generate from a source, against the stub vendor: every item gets its number."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from synthesis.models import Record, Run
from tests import factories
from tests.stub_vendor import StubVendor
from tests.synthesis.engine.serving import serve_until_ended

pytestmark = pytest.mark.django_db(transaction=True)

PROMPT = "Rewrite: {question} N_RECORDS={count} SEED={seed}"


def start(server: StubVendor, rows: int, **fields: Any) -> Run:
    model = fields.pop("model", None) or factories.language_model(server.openai_url)
    source = factories.source(*({"question": f"What is {number}?"} for number in range(rows)))
    template = fields.pop("template", None) or factories.template(prompt=PROMPT, variables=[])
    return factories.task(model, template=template, source=source, **fields).start()


def accepted(run: Run) -> list[int]:
    """Count the accepted records of each item, in the source's order, by query."""
    records = Record.objects.accepted().filter(run=run)
    counts = Counter(records.values_list("source_item__position", flat=True))
    return [counts.pop(position, 0) for position in range(run.source.item_count)] + list(counts)


def test_gives_every_row_exactly_its_records_from_a_bad_vendor():
    with StubVendor(p_duplicate=0.1, p_malformed=0.05, p500=0.05, latency=0.005) as server:
        run = serve_until_ended(start(server, 60, records_per_item=3, concurrency=16))
    assert (run.status, run.accepted, run.target_count) == (Run.Status.COMPLETED, 180, 180)
    assert accepted(run) == [3] * 60


def test_items_in_one_call_each_get_their_records_by_the_numbers_in_the_reply():
    capabilities = ["seed", "json_schema"]
    with StubVendor() as server:
        model = factories.language_model(server.openai_url, capabilities=capabilities)
        run = start(server, 7, model=model, records_per_item=2, items_per_call=3)
        serve_until_ended(run)
        asked = server.requests[0].body.decode()
    assert accepted(run) == [2] * 7
    assert "source_item" not in run.records.first().content
    assert "consists of 3 numbered items. Write exactly 2 record(s) for each" in asked


def test_an_item_that_is_always_refused_stalls_the_run_when_the_others_are_complete(settings):
    settings.DATAMATE_STALL_WINDOW_BATCHES = 4
    with StubVendor(refuse_at="What is 5?") as server:
        run = serve_until_ended(start(server, 12, records_per_item=3))
    assert run.status == Run.Status.STALLED
    assert accepted(run) == [3, 3, 3, 3, 3, 0, 3, 3, 3, 3, 3, 3]
    assert run.reason.startswith("Items of the source that still lack records: 1.")


@pytest.mark.parametrize("written", [2, 5])
def test_spreads_a_target_evenly_whatever_number_is_written(written):
    with StubVendor(count=written) as server:
        run = serve_until_ended(start(server, 4, target_count=10, batch_size=2))
    assert sorted(accepted(run)) == [2, 2, 3, 3]


def test_asks_no_more_of_some_items_than_the_target():
    with StubVendor(p_duplicate=0.3) as server:
        run = serve_until_ended(start(server, 50, target_count=5))
    assert (sum(accepted(run)), run.status) == (5, Run.Status.COMPLETED)


def test_replaces_records_that_an_item_lost_by_others_of_the_same_item():
    with StubVendor() as server:
        run = serve_until_ended(start(server, 4, records_per_item=2))
        Record.objects.filter(source_item__position=1).delete()
        run.refresh_from_db()
        run.top_up()
        serve_until_ended(run)
    assert (accepted(run), run.accepted) == ([2, 2, 2, 2], 8)
    assert run.status == Run.Status.COMPLETED


def test_every_item_gets_its_records_in_two_steps_and_they_know_it():
    steps = [{"prompt": "Say no to {question}: {wrong}", "fields": ["reason"]}]
    properties = {name: {"type": "string", "minLength": 1} for name in ("wrong", "reason")}
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    template = factories.template(prompt=PROMPT, variables=[], output_schema=schema, steps=steps)
    capabilities = ["seed", "json_schema"]
    with StubVendor(p_duplicate=0.1, p_malformed=0.05, count=1) as server:
        model = factories.language_model(server.openai_url, capabilities=capabilities)
        fields = {"records_per_item": 2, "items_per_call": 3, "batch_size": 6}
        run = serve_until_ended(start(server, 9, template=template, model=model, **fields))
    assert accepted(run) == [2] * 9
    step = run.batches.filter(kind="step").first()
    asked = [request.body.decode() for request in server.requests]
    assert len(step.items) == 1
    assert any("Say no to What is 7?: " in body for body in asked)
