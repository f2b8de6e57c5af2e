from __future__ import annotations

import logging
from collections import Counter

import numpy as np

from quality.deduplication.buckets import NOBODY, Buckets
from quality.shelves import FULLEST_BUCKET, Shelf, warned


def buckets(*rows: tuple[int, ...]) -> Buckets:
    return Buckets(np.array(rows, dtype=np.int64).reshape(len(rows), -1))


def test_places_that_share_no_key_are_not_crowded():
    assert buckets((1, 2), (3, 4), (1, 5), (6, 4)).crowded() == [0, 1, 2, 3]
    assert buckets((1, 2), (2, 1), (3, 4), (3, 5)).crowded() == [2, 3]


def test_counts_the_shared_keys_of_those_that_were_added():
    row = buckets((1, 2, 3), (1, 2, 4), (1, 5, 3))
    row.add(0)
    assert row.sharing(2) == Counter({0: 2})
    row.add(1)
    assert row.sharing(2) == Counter({0: 2, 1: 1})


def test_names_the_latest_of_a_column():
    row = buckets((7, 1), (7, 2), (7, 3))
    assert row.latest_in(2, 0) == NOBODY
    row.add(0)
    assert (row.latest_in(2, 0), row.latest_in(2, 1)) == (0, NOBODY)


def test_finds_what_the_shelf_in_memory_finds():
    drawn = np.random.default_rng(5).integers(0, 12, (60, 4)) + np.arange(0, 400, 100)
    rows = [tuple(row) for row in drawn.tolist()]
    ours, shelf = buckets(*rows), Shelf()
    for place, keys in enumerate(rows):
        assert ours.sharing(place) == shelf.sharing(keys)
        ours.add(place)
        shelf.add(place, keys)


def test_looks_at_the_latest_of_a_full_bucket_and_says_so(caplog):
    warned.clear()
    count = FULLEST_BUCKET + 20
    row = buckets(*[(1,)] * (count + 1))
    for place in range(count):
        row.add(place)
    with caplog.at_level(logging.WARNING):
        assert set(row.sharing(count)) == set(range(20, count))
    assert f"More than {FULLEST_BUCKET} texts share a part" in caplog.text


def test_nothing_at_all_has_no_buckets():
    assert Buckets(np.empty((0, 13), dtype=np.int64)).crowded() == []
