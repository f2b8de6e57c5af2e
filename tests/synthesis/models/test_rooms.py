"""The room of a run: what it still wants, in all and of each source item."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from synthesis.models import Record, Run
from synthesis.models.quota import Room
from tests import factories


def of(item: int | None) -> Record:
    return Record(source_item_id=item)


def test_a_room_without_items_counts_only_the_whole():
    room = Room(2)
    assert [room.take(of(item)) for item in (1, None, 1)] == [True, True, False]
    assert room.left == 0


def test_an_item_has_room_only_while_the_run_has():
    room = Room(1, Counter({1: 5, 2: 5}))
    assert room.take(of(1))
    assert not room.is_left_for(of(1))
    assert not room.is_left_for(of(2))


def test_a_full_item_leaves_the_room_of_the_others():
    room = Room(9, Counter({1: 1, 2: 1}))
    assert [room.take(of(item)) for item in (1, 1, 2)] == [True, False, True]
    assert (room.left, room.of_item) == (7, {1: 0, 2: 0})


def test_a_call_has_room_for_what_it_asked_of_an_item():
    room = Room(9, of_call=Counter({(4, 1): 2, (4, 2): 1}))
    first, other = Record(batch_id=4, source_item_id=1), Record(batch_id=5, source_item_id=1)
    assert [room.hold(first), room.take(first), room.take(first)] == [True, True, False]
    assert (room.take(other), room.left) == (True, 7)
    room.give_back(first)
    assert room.is_left_for(first)


@pytest.mark.parametrize("item", [None, 3])
def test_a_record_of_none_of_the_items_has_no_room(item):
    room = Room(9, Counter({1: 5}))
    assert not room.take(of(item))
    assert (room.left, room.of_item) == (9, {1: 5})


# more were accepted than are wanted now: an item's number is below zero, and stays closed
def test_an_item_that_has_too_many_opens_when_so_many_have_left():
    room = Room(9, Counter({1: -1}))
    room.give_back(of(1))
    assert not room.is_left_for(of(1))
    room.give_back(of(1))
    assert room.is_left_for(of(1))


def test_what_is_given_back_can_be_taken_once():
    room = Room(0, Counter({1: 0, 2: 0}))
    room.give_back(of(2))
    assert [room.take(of(item)) for item in (1, 2, 2)] == [False, True, False]


@pytest.mark.parametrize("seed", range(6))
def test_no_order_of_taking_and_giving_back_takes_a_room_below_zero(seed):
    rng = random.Random(seed)  # noqa: S311  reproducible, not secret
    room = Room(12, Counter({1: 3, 2: 5, 3: 7}))
    taken: list[Record] = []
    for _turn in range(200):
        if taken and rng.random() < 0.3:
            room.give_back(taken.pop(rng.randrange(len(taken))))
        elif room.take(record := of(rng.choice([1, 2, 3, 4, None]))):
            taken.append(record)
        held = Counter(record.source_item_id for record in taken)
        assert room.left == 12 - len(taken) >= 0
        assert {item: 3 + 2 * (item - 1) - held[item] for item in (1, 2, 3)} == {
            item: max(0, room.of_item[item]) for item in (1, 2, 3)
        }


@pytest.mark.django_db
class TestRoomsOfItems:
    @pytest.fixture
    def run(self) -> Run:
        source = factories.source(*({"question": str(number)} for number in range(5)))
        return factories.run(factories.task(source=source, records_per_item=2))

    def test_are_counted_page_by_page(self, run, monkeypatch):
        monkeypatch.setattr("synthesis.models.quota.ITEMS_AT_ONCE", 2)
        items = list(run.source.items.values_list("pk", flat=True))
        for place in (0, 3, 4):
            factories.records(1, of_run=run, source_item_id=items[place])
        assert [run.rooms_of(items)[item] for item in items] == [1, 2, 2, 1, 1]

    def test_know_nothing_of_another_run(self, run):
        item = run.source.items.first().pk
        other = factories.run(factories.task(source=run.source, records_per_item=2))
        factories.records(2, of_run=other, source_item_id=item)
        assert run.rooms_of([item]) == {item: 2}

    def test_are_not_taken_by_what_is_no_good_or_waits(self, run):
        item = run.source.items.first().pk
        for status in ("pending", "malformed", "rejected", "surplus"):
            factories.records(1, of_run=run, source_item_id=item, status=status)
        assert run.rooms_of([item]) == {item: 2}

    def test_of_calls_are_what_they_asked_without_what_they_brought(self, run):
        first, second = run.source.items.values_list("pk", flat=True)[:2]
        fields = {"requested": 4, "seed": 1, "language_model_id": run.mix[0]["language_model"]}
        batch = run.batches.create(index=9, items=[first, second], **fields)
        made = {"of_run": run, "source_item_id": first, "batch": batch}
        for position, status in enumerate(("accepted", "pending", "duplicate")):
            factories.records(1, status=status, position=position, **made)
        assert run.rooms_of_calls({batch.pk}) == {(batch.pk, first): 0, (batch.pk, second): 2}

    def test_of_a_spread_run_are_not_told_apart(self, run):
        task = factories.task(source=run.source, target_count=3)
        assert factories.run(task).room() == Room(3)
