"""Ratio tasks in the engine: exact counts, one concurrency, stalls that stay alone."""

from __future__ import annotations

import time

import pytest
from django.db import transaction

from synthesis.engine import leases
from synthesis.engine.runner import serve
from synthesis.models import RatioTask, Record, Run
from synthesis.models.ratio import fresh
from tests import factories, stub_records
from tests.stub_vendor import StubVendor

pytestmark = pytest.mark.django_db(transaction=True)


def serve_until_ended(task: RatioTask, seconds: float = 60) -> RatioTask:
    ends_at = time.monotonic() + seconds
    while Run.objects.active().exists():
        assert time.monotonic() < ends_at, f"{task} is still {task.status}"
        serve(slice_seconds=seconds)
    return fresh(task)


def accepted(task: RatioTask) -> dict[str, int]:
    """Count the accepted records of each category, by query."""
    names = [category.name for category in task.categories.all()]
    records = Record.objects.accepted().filter(dataset=task.dataset)
    return {name: records.in_category(name).count() for name in names}


def test_ends_with_exactly_its_counts_from_a_bad_vendor():
    with StubVendor(p_duplicate=0.1, p_malformed=0.05, p500=0.05, latency=0.005) as server:
        model = factories.language_model(server.openai_url)
        shares = {"positive": 40, "negative": 30, "neutral": 30}
        task = factories.ratio_task(shares, model, total=100, batch_size=5)
        task.start()
        task = serve_until_ended(task)
        records = server.stats.records
    assert task.status == RatioTask.Status.COMPLETED
    assert accepted(task) == {"positive": 40, "negative": 30, "neutral": 30}
    assert (task.accepted_count, sum(task.counts.values())) == (100, records)


def test_keeps_seven_uneven_categories_with_two_templates_and_two_models():
    shares = {"a": 31, "b": 23, "c": 17, "d": 13, "e": 9, "f": 5, "g": 2}
    with StubVendor(p_duplicate=0.1) as server, StubVendor(p500=0.05, seed=2) as other:
        task = factories.ratio_task(
            shares,
            factories.language_model(server.openai_url),
            factories.language_model(other.openai_url),
            templates=[factories.template(), factories.template()],
            total=60,
            batch_size=4,
        )
        task.start()
        task = serve_until_ended(task)
        assert server.stats.requests
        assert other.stats.requests
    # quotas 18.6, 13.8, 10.2, 7.8, 5.4, 3.0, 1.2
    assert accepted(task) == {"a": 19, "b": 14, "c": 10, "d": 8, "e": 5, "f": 3, "g": 1}


def test_calls_never_more_at_once_than_the_task_allows_over_all_categories():
    with StubVendor(latency=0.02) as server:
        model = factories.language_model(server.openai_url)
        task = factories.ratio_task(
            {"a": 1, "b": 1, "c": 1}, model, total=60, batch_size=2, concurrency=5
        )
        task.start()
        serve_until_ended(task)
        assert server.stats.max_inflight <= 5


def test_a_category_that_stalls_says_why_and_the_others_finish(settings, monkeypatch):
    settings.DATAMATE_STALL_WINDOW_BATCHES = 5
    monkeypatch.setattr(stub_records, "POOL_SIZE", 10)
    with StubVendor() as good, StubVendor(p_duplicate=1, seed=2) as poor:
        models = [factories.language_model(row.openai_url) for row in (poor, good)]
        task = factories.ratio_task({"dull": 50, "fine": 50}, *models, total=40, batch_size=5)
        task.start()
        task = serve_until_ended(task)
    dull, fine = task.categories.all()
    assert (dull.status, fine.status) == (Run.Status.STALLED, Run.Status.COMPLETED)
    assert accepted(task) == {"dull": 10, "fine": 20}
    assert dull.latest_run.reason.startswith("Hardly any new record was accepted lately")
    assert task.status_label == "stopped: 1 of 2 categories complete"


@pytest.fixture
def runs() -> list[Run]:
    """Three runs of one ratio task that may make eight calls at once."""
    factories.ratio_task({"a": 1, "b": 1, "c": 1}, concurrency=8).start()
    return list(Run.objects.order_by("pk"))


def seat(worker, run, in_flight=0, *, is_draining=False) -> int:
    with transaction.atomic():
        return leases.take_seat(worker, run, in_flight, is_draining=is_draining)


def test_categories_share_the_seats_evenly(runs):
    worker = leases.register("runner")
    # fair are three of eight; the last category takes what is left
    assert [seat(worker, run) for run in runs] == [3, 3, 2]


def test_seats_of_a_category_that_has_ended_go_to_the_others(runs):
    worker = leases.register("runner")
    for run in runs:
        seat(worker, run)
    runs[0].cancel()
    seat(worker, runs[0], is_draining=True)
    assert [seat(worker, run) for run in runs[1:]] == [4, 4]


def test_calls_in_flight_keep_their_seats_when_another_worker_joins(runs):
    first, second = leases.register("runner"), leases.register("runner")
    assert seat(first, runs[0], 6) == 2
    assert [seat(second, run) for run in runs] == [2, 0, 0]
