"""Which records rows draw: by the seed, the narrowest row first, none of them twice."""

from __future__ import annotations

import random
from array import array
from itertools import islice
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthesis import drawing
from synthesis.drawing import Draws, Forecast

pytestmark = pytest.mark.any_database


class Found:
    """What a queryset of ids does, over a list."""

    def __init__(self, ids: list[int]) -> None:
        self.ids = ids

    def count(self) -> int:
        return len(self.ids)

    def order_by(self, *_names: str) -> Found:
        return self

    def values_list(self, *_names: str, flat: bool) -> Found:
        return self

    def iterator(self, chunk_size: int) -> Any:
        return iter(sorted(self.ids))


def row(position: int, ids: range, count: int, source: int = 1) -> Any:
    return SimpleNamespace(
        position=position, source_id=source, count=count, candidates=lambda: Found(list(ids))
    )


def rng(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  reproducible, not secret


def drawn(rows: list[Any], seed: int = 1) -> dict[int, list[int]]:
    draws = Draws(rows, seed)
    return {one.position: list(draws.of(one)) for one in draws.rows}


def test_the_same_seed_draws_the_same_records_in_the_same_order():
    rows = [row(0, range(50), 5), row(1, range(50, 90), 5, source=2)]
    assert drawn(rows, 7) == drawn(rows, 7)
    assert drawn(rows, 7) != drawn(rows, 8)


def test_a_row_draws_alike_whatever_other_sources_give():
    alone = drawn([row(0, range(50), 5)])[0]
    assert drawn([row(0, range(50), 5), row(1, range(9), 5, source=2)])[0] == alone


def test_two_rows_of_the_same_records_draw_in_different_orders():
    one, other = drawn([row(0, range(50), 5), row(1, range(50), 5, source=2)]).values()
    assert sorted(one) == sorted(other)
    assert one != other


def test_no_record_is_drawn_by_two_rows():
    found = drawn([row(0, range(100), 5), row(1, range(30, 60), 5), row(2, range(50, 80), 5)])
    whole = [pk for ids in found.values() for pk in ids]
    assert sorted(whole) == list(range(100))


def test_the_row_that_finds_the_fewest_draws_first():
    wide, narrow = row(0, range(100), 90), row(1, range(40, 50), 10)
    assert Draws([wide, narrow], 1).rows == [narrow, wide]
    assert drawing.forecasts([wide, narrow], 1) == {
        0: Forecast(found=100, drawable=90),
        1: Forecast(found=10, drawable=10),
    }


def test_of_rows_that_find_as_many_the_first_draws_first():
    rows = [row(place, range(10), 5) for place in range(3)]
    assert Draws(rows, 1).rows == rows
    found = drawing.forecasts(rows, 1)
    assert [found[place].drawable for place in range(3)] == [5, 5, 0]


def test_a_forecast_of_one_row_a_source_reads_no_ids(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(drawing, "ids_of", None)
    rows = [row(0, range(10), 20), row(1, range(30), 20, source=2)]
    assert drawing.forecasts(rows, 1) == {
        0: Forecast(found=10, drawable=10),
        1: Forecast(found=30, drawable=20),
    }


@pytest.mark.parametrize(("found", "is_read"), [(30, False), (29, True)])
def test_a_forecast_reads_ids_only_where_rows_of_a_source_may_run_short(
    monkeypatch: pytest.MonkeyPatch, found: int, is_read: bool
):
    ids_of, seen = drawing.ids_of, []
    monkeypatch.setattr(drawing, "ids_of", lambda one: (seen.append(one), ids_of(one))[1])
    rows = [row(0, range(100), 20), row(1, range(found), 10)]
    assert [forecast.drawable for forecast in drawing.forecasts(rows, 1).values()] == [10, 20]
    assert bool(seen) is is_read


@given(st.lists(st.integers(0, 2**62), max_size=50), st.integers())
def test_a_shuffle_yields_every_id_once(ids: list[int], seed: int):
    assert sorted(drawing.shuffled(array("q", ids), rng(seed))) == sorted(ids)


def test_every_order_is_as_likely():
    firsts = [next(drawing.shuffled(array("q", range(4)), rng(n))) for n in range(400)]
    assert all(70 < firsts.count(pk) < 130 for pk in range(4))


def test_who_stops_early_leaves_the_rest():
    ids = array("q", range(1000))
    assert len(list(islice(drawing.shuffled(ids, rng(1)), 3))) == 3
    assert len(ids) == 997
