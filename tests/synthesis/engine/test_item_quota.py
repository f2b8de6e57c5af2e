"""The number of records that each item may have, whoever changes what became of them."""

from __future__ import annotations

import pytest

from synthesis.models import Record, Run
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> Run:
    source = factories.source({"question": "a"}, {"question": "b"})
    return factories.run(factories.task(source=source, records_per_item=2))


def add(run: Run, count: int, place: int | None = None, **fields: object) -> list[Record]:
    item = None if place is None else run.source.items.get(position=place)
    return factories.records(count, of_run=run, source_item=item, **fields)


def statuses(run: Run) -> list[str]:
    run.refresh_from_db()
    rows = list(Record.objects.filter(run=run).order_by("pk").values_list("status", flat=True))
    assert {name: rows.count(name) for name in Run.COUNTERS} == {
        name: getattr(run, name) for name in Run.COUNTERS
    }
    return rows


def restate(run: Run, status: str, *records: Record) -> None:
    before = {record.pk: record.status for record in records}
    for record in records:
        record.status = status
    Record.objects.restate(list(records), before)


def test_what_comes_beyond_an_items_number_is_surplus(run):
    add(run, 3, 0)
    add(run, 1, 1)
    assert statuses(run) == ["accepted", "accepted", "surplus", "accepted"]


def test_a_record_of_no_item_is_surplus(run):
    add(run, 1)
    assert statuses(run) == ["surplus"]


def test_what_waits_for_its_judge_is_surplus_once_its_item_is_full(run):
    add(run, 2, 0)
    add(run, 1, 0, status="pending")
    add(run, 1, 1, status="pending")
    assert statuses(run)[2:] == ["surplus", "pending"]


def test_a_record_that_people_approve_later_takes_no_place_of_a_full_item(run):
    refused = add(run, 2, 0, status="rejected")
    add(run, 2, 0)
    add(run, 1, 1)
    restate(run, "accepted", *refused)
    assert statuses(run) == ["surplus", "surplus", "accepted", "accepted", "accepted"]


def test_a_record_that_leaves_makes_room_for_another_of_its_item_at_once(run):
    first, _second = add(run, 2, 0)
    third = add(run, 1, 0)[0]
    first.status, third.status = "rejected", "accepted"
    Record.objects.restate([first, third], {first.pk: "accepted", third.pk: "surplus"})
    assert statuses(run) == ["rejected", "accepted", "accepted"]


def test_a_full_run_that_lost_records_takes_surplus_of_the_same_item(run):
    lost = add(run, 3, 0)[0]
    add(run, 3, 1)
    Run.objects.filter(pk=run.pk).update(status=Run.Status.COMPLETED)
    lost.delete()
    run.refresh_from_db()
    run.top_up()
    assert statuses(run) == ["accepted", "accepted", "accepted", "accepted", "surplus"]
    assert run.status == Run.Status.COMPLETED


def test_tells_the_room_of_every_item(run):
    add(run, 1, 0)
    run.refresh_from_db()
    room, items = run.room(), list(run.source.items.values_list("pk", flat=True))
    assert (room.left, [room.of_item[pk] for pk in items]) == (3, [1, 2])
