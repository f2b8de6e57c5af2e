from __future__ import annotations

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
