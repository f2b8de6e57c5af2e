from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthesis.engine import item_planning, planner
from synthesis.engine.item_planning import Ask, Need, Stop, Tour
from synthesis.models import Batch, Record, Run, SourceItem
from tests import factories

sizes = st.integers(1, 12)
tours = st.builds(
    Tour,
    items=st.integers(1, 40),
    target=st.integers(1, 300),
    batch_size=sizes,
    items_per_call=sizes,
    seed=st.integers(0, 99),
)


def stops(tour: Tour) -> list[Stop]:
    return [tour.stop(number) for number in range(len(tour))]


@given(tours)
def test_a_first_pass_asks_for_the_target_in_even_parts(tour):
    asked = Counter()
    for stop in stops(tour):
        asked.update(dict.fromkeys(tour.positions(stop), stop.each))
    parts = [asked[position] for position in range(tour.items)]
    assert sum(parts) == tour.target
    assert max(parts) - min(parts) <= 1


@given(tours)
def test_no_call_asks_for_more_than_fits(tour):
    for stop in stops(tour):
        assert 0 < stop.items <= tour.items_per_call
        assert 0 < stop.items * stop.each <= tour.batch_size


@given(tours, st.integers(0, 500), st.integers(1, 50))
def test_a_call_after_the_pass_asks_for_no_more_than_lacks(tour, number, records):
    stop = tour.again(number, records)
    assert 0 < stop.items * stop.each <= records
    assert len(set(tour.positions(stop))) == stop.items


def test_a_pass_goes_round_by_round():
    tour = Tour(items=3, target=15, batch_size=2, items_per_call=1, seed=1)
    assert [stop.each for stop in stops(tour)] == [2, 2, 2, 2, 2, 2, 1, 1, 1]


def test_the_seed_decides_the_order_of_the_items():
    orders = {
        tuple(tour.positions(Stop(0, 20, 1)))
        for tour in (Tour(20, 20, 1, 1, seed) for seed in (1, 1, 2))
    }
    assert len(orders) == 2


def test_items_that_lack_as_many_share_a_call_and_the_last_found_comes_last():
    tour = Tour(items=9, target=27, batch_size=4, items_per_call=2, seed=1)
    found = [(1, 3), (2, 1), (3, 3), (4, 1), (5, 1)]
    assert list(item_planning.grouped(found, tour)) == [
        Ask(4, (1, 3)),
        Ask(2, (1, 3)),
        Ask(2, (2, 4)),
        Ask(1, (5,)),
    ]


@given(st.integers(1, 400), st.integers(0, 99))
def test_a_round_comes_to_every_item_once(items, seed):
    tour = Tour(items, items, 1, 1, seed)
    assert sorted(tour.positions(Stop(0, items, 1))) == list(range(items))


@given(st.integers(3, 400), st.integers(0, 99))
def test_neighbours_in_the_source_do_not_follow_each_other(items, seed):
    tour = Tour(items, items, 1, 1, seed)
    _start, step = tour.stride
    assert 1 < step < items
    first, second = tour.positions(Stop(5, 2, 1))
    assert (second - first) % items == step


def test_an_order_of_items_goes_on_where_it_began_after_the_last():
    tour = Tour(7, 7, 1, 1, 3)
    assert tour.positions(Stop(7, 7, 1)) == tour.positions(Stop(0, 7, 1))


@given(tours)
def test_an_items_number_in_whole_parts_leaves_no_rest(tour):
    whole = Tour(tour.items, tour.items * tour.most * 2, tour.batch_size, tour.items_per_call, 1)
    assert {stop.each for stop in stops(whole)} == {whole.most}
    assert len(whole) == 2 * whole.calls(whole.items)


@pytest.mark.parametrize("seed", range(5))
def test_a_call_is_worked_out_without_those_before_it(seed):
    rng = random.Random(seed)  # noqa: S311  reproducible, not secret
    sizes = rng.randint(1, 40), rng.randint(1, 300), rng.randint(1, 12), rng.randint(1, 12)
    tour, other = Tour(*sizes, seed), Tour(*sizes, seed)
    numbers = rng.sample(range(len(tour)), len(tour))
    shuffled = {number: other.positions(other.stop(number)) for number in numbers}
    assert [shuffled[number] for number in range(len(tour))] == [
        tour.positions(stop) for stop in stops(tour)
    ]


@given(tours, st.integers(0, 300), st.integers(1, 2000))
def test_laps_ask_for_exactly_what_is_wanted_where_there_is_room(tour, number, wanted):
    need = Need(wanted=wanted, asked=0, judged=0, room=wanted)
    laps = list(item_planning.laps(tour, number, need))
    assert sum(stop.items * stop.each for stop in laps) == wanted


@pytest.mark.parametrize(
    ("wanted", "room", "calls"), [(0, 5, 0), (-3, 5, 0), (90, 2, 2), (9, 0, 0)]
)
def test_laps_are_as_many_as_there_is_room_for_and_none_for_nothing(wanted, room, calls):
    tour = Tour(items=5, target=50, batch_size=3, items_per_call=1, seed=1)
    need = Need(wanted=wanted, asked=0, judged=0, room=room)
    assert len(list(item_planning.laps(tour, 0, need))) == calls


@given(tours, st.lists(st.integers(1, 30), max_size=30))
def test_a_group_asks_of_each_item_exactly_what_it_lacks(tour, lacks):
    found = list(enumerate(lacks, 1))
    asked: Counter[int] = Counter()
    for ask in item_planning.grouped(found, tour):
        assert len(ask.items) <= tour.items_per_call
        assert 0 < ask.requested <= tour.batch_size
        asked.update(dict.fromkeys(ask.items, ask.requested // len(ask.items)))
    assert asked == Counter(dict(found))


@given(tours, st.lists(st.integers(1, 30), min_size=1, max_size=30))
def test_the_last_ask_of_a_group_is_about_the_last_item_found(tour, lacks):
    asks = list(item_planning.grouped(list(enumerate(lacks, 1)), tour))
    assert asks[-1].items[-1] == len(lacks)


@pytest.mark.django_db
class TestAsks:
    @pytest.fixture
    def run(self) -> Run:
        source = factories.source(*({"question": str(number)} for number in range(6)))
        return factories.run(factories.task(source=source, records_per_item=3, batch_size=3))

    def end(self, run: Run, *skipped: int) -> None:
        """End all batches, with all their records but those of the batches skipped."""
        for number, batch in enumerate(run.batches.open()):
            if number not in skipped:
                factories.records(3, of_run=run, source_item_id=batch.items[0])
        run.batches.open().update(state=Batch.State.DONE)
        run.refresh_from_db()

    def test_the_target_is_every_items_number(self, run):
        assert run.target_count == 18

    def test_plans_a_pass_over_all_items_at_once(self, run):
        assert planner.top_up(run) == 6
        items = SourceItem.objects.filter(source=run.source)
        assert {batch.items[0] for batch in run.batches.all()} == {item.pk for item in items}
        assert planner.top_up(run) == 0

    def test_asks_again_for_what_items_lack(self, run):
        planner.top_up(run)
        self.end(run, 2, 4)
        lacking = {batch.items[0] for batch in run.batches.filter(index__in=(3, 5))}
        assert planner.top_up(run) == 2
        again = run.batches.open()
        assert {batch.items[0] for batch in again} == lacking
        assert [batch.requested for batch in again] == [3, 3]

    def test_plans_no_second_batch_for_what_an_open_one_asks_for(self, run):
        planner.top_up(run)
        self.end(run, 2)
        planner.top_up(run)
        Record.objects.filter(source_item=run.batches.get(index=1).items[0]).delete()
        run.refresh_from_db()
        assert planner.top_up(run) == 1
        assert [batch.items[0] for batch in run.batches.open()] == [
            run.batches.get(index=index).items[0] for index in (3, 1)
        ]

    def test_goes_on_after_the_item_that_was_asked_for_latest(self, run):
        planner.top_up(run)
        run.batches.update(state=Batch.State.DONE)
        ids = list(SourceItem.objects.values_list("pk", flat=True))
        need = Need(wanted=18, asked=0, judged=0, room=2)
        tour = Tour.of(run)
        asks = item_planning.refills(run, tour, need, latest=[ids[3]])
        assert [ask.items for ask in asks] == [(ids[4],), (ids[5],)]
        need = Need(wanted=18, asked=0, judged=0, room=4)
        asks = item_planning.refills(run, tour, need, latest=[ids[3]])
        assert [ask.items[0] for ask in asks] == [ids[4], ids[5], ids[0], ids[1]]

    def test_a_run_whose_source_lost_items_fails_with_the_reason(self, run):
        run.source.items.filter(position=2).delete()
        assert planner.top_up(run) == 0
        run.refresh_from_db()
        assert run.status == Run.Status.FAILED
        assert run.reason.startswith("The source does not hold the items any more")

    def test_retrying_leaves_it_to_the_plan_to_ask_again(self, run):
        planner.top_up(run)
        run.batches.filter(index__gt=4).update(state=Batch.State.FAILED)
        assert run.retry_failed() == 2
        assert run.batches.filter(state=Batch.State.CANCELLED).count() == 2
        assert not run.batches.failed().exists()
        assert planner.top_up(run) == 2

    @pytest.mark.parametrize("seed", range(4))
    def test_refills_ask_for_no_more_than_items_lack_beyond_open_batches(self, run, seed):
        rng = random.Random(seed)  # noqa: S311  reproducible, not secret
        ids = list(run.source.items.values_list("pk", flat=True))
        held = {pk: rng.randint(0, 3) for pk in ids}
        for pk, count in held.items():
            factories.records(count, of_run=run, source_item_id=pk)
        planner.top_up(run)
        open_ones = {batch.items[0] for batch in run.batches.all() if rng.random() < 0.5}
        for batch in run.batches.all():
            batch.requested = max(1, 2 - held[batch.items[0]])
            batch.state = "planned" if batch.items[0] in open_ones else "done"
            batch.save()
        run.refresh_from_db()
        coming = item_planning.open_asks(run)
        assert set(coming) == open_ones
        need = Need(wanted=18, asked=0, judged=0, room=99)
        asked = Counter()
        for ask in item_planning.refills(run, Tour.of(run), need, latest=[]):
            asked.update(dict.fromkeys(ask.items, ask.requested // len(ask.items)))
        lacks = {pk: 3 - held[pk] - coming[pk] for pk in ids}
        assert asked == {pk: lack for pk, lack in lacks.items() if lack > 0}

    def test_open_batches_about_several_items_ask_as_much_of_each(self, run):
        planner.top_up(run)
        first, second, *_others = run.source.items.values_list("pk", flat=True)
        run.batches.update(state="done")
        shared = run.batches.get(index=1)
        shared.state, shared.items, shared.requested = "running", [first, second], 4
        shared.save()
        assert item_planning.open_asks(run) == {first: 2, second: 2}

    def test_a_judgement_that_is_open_asks_items_for_nothing(self, run):
        planner.top_up(run)
        run.batches.update(state="done")
        run.batches.filter(index=1).update(state="planned", kind=Batch.Kind.JUDGE)
        assert item_planning.open_asks(run) == {}

    @pytest.mark.parametrize("place", [0, 2, 5, None])
    def test_the_items_after_a_place_come_around_to_those_before_it(self, run, place):
        ids = list(run.source.items.values_list("pk", flat=True))
        latest = [] if place is None else [ids[place]]
        found = item_planning.after(item_planning.lacking(run), latest, most=6)
        cut = 0 if place is None else place + 1
        assert [pk for pk, _held in found] == ids[cut:] + ids[:cut]

    def test_no_more_items_are_looked_up_than_are_asked_for(self, run):
        ids = list(run.source.items.values_list("pk", flat=True))
        found = item_planning.after(item_planning.lacking(run), [ids[4]], most=2)
        assert found == [(ids[5], 0), (ids[0], 0)]

    def test_an_item_is_lacking_unless_a_judge_may_bring_the_rest(self, run):
        first = run.source.items.get(position=0)
        factories.records(2, of_run=run, source_item=first)
        factories.records(1, of_run=run, source_item=first, status="pending")
        assert first in item_planning.lacking(run)
        assert first not in item_planning.lacking(run, is_judged=True)

    def test_records_of_another_run_do_not_count_for_an_item(self, run):
        other = factories.run(factories.task(source=run.source, records_per_item=3))
        factories.records(3, of_run=other, source_item=run.source.items.get(position=0))
        assert item_planning.lacking(run).count() == 6

    def test_the_pass_is_over_when_its_last_call_is_planned(self, run):
        assert not item_planning.has_toured(run)
        planner.top_up(run)
        assert item_planning.has_toured(run)

    def test_a_judgement_is_no_call_of_the_pass(self, run):
        planner.top_up(run)
        run.batches.filter(index=6).update(kind=Batch.Kind.JUDGE)
        assert item_planning.latest_batch(run)[0] == 5
        assert not item_planning.has_toured(run)
