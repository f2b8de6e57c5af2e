"""Keys in arrays of numbers, and what the database proposes, without a database."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality import index
from quality.deduplication.buckets import NOBODY, Buckets, numbered
from quality.fingerprints import BANDS, fingerprints, number_of
from quality.models.band import NEAR, array_text, json_list
from quality.shelves import FULLEST_BUCKET, MOST_COMPARED

tables = st.lists(st.lists(st.integers(-2, 3), min_size=3, max_size=3), min_size=1, max_size=12)


@given(tables)
def test_numbers_keys_that_several_rows_have_and_no_others(rows):
    numbers = numbered(np.array(rows, dtype=np.int64))
    for column in range(3):
        keys = [row[column] for row in rows]
        for place, key in enumerate(keys):
            assert (numbers[place, column] == NOBODY) == (keys.count(key) == 1)


@given(tables)
def test_one_number_stands_for_one_key_of_one_column(rows):
    numbers = numbered(np.array(rows, dtype=np.int64))
    known: dict[int, tuple[int, int]] = {}
    for place, row in enumerate(rows):
        for column, key in enumerate(row):
            number = int(numbers[place, column])
            if number != NOBODY:
                assert known.setdefault(number, (column, key)) == (column, key)


@given(tables)
def test_everybody_who_was_added_and_shares_a_key_is_found(rows):
    buckets = Buckets(np.array(rows, dtype=np.int64))
    for place, row in enumerate(rows):
        shared = [sum(a == b for a, b in zip(row, other, strict=True)) for other in rows[:place]]
        expected = {other: count for other, count in enumerate(shared) if count}
        assert dict(buckets.sharing(place)) == expected
        buckets.add(place)


@pytest.mark.parametrize(
    ("digest", "number"),
    [("00" * 32, 0), ("ff" * 32, -1), ("7f" + "ff" * 31, 2**63 - 1), ("80" + "00" * 31, -(2**63))],
    ids=["nothing", "all bits", "largest", "smallest"],
)
def test_a_hash_is_a_signed_number_of_64_bits(digest, number):
    assert number_of(digest) == number


@pytest.mark.parametrize(
    ("numbers", "array", "listed"),
    [((), "{}", "[]"), ((5,), "{5}", "[5]"), ((-1, 2**62), f"{{-1,{2**62}}}", f"[-1,{2**62}]")],
    ids=["none", "one", "several"],
)
def test_writes_numbers_for_either_database(numbers, array, listed):
    assert (array_text(numbers), json_list(numbers)) == (array, listed)


def rows(*found):
    return np.array([*found], dtype=NEAR)


@pytest.mark.parametrize(
    ("found", "chosen"),
    [
        pytest.param([], [], id="nobody"),
        pytest.param([(0, 7, index.FARTHEST_BY_ONE, 1)], [7], id="one key, at the edge"),
        pytest.param([(0, 7, index.FARTHEST_BY_ONE + 1, 1)], [], id="one key, too far"),
        pytest.param([(0, 7, 24, 1), (1, 7, 24, 1)], [7], id="two keys, far"),
        pytest.param([(0, 9, 3, 1), (1, 8, 3, 1)], [8, 9], id="the oldest among equals"),
        pytest.param([(0, 9, 2, 1), (1, 8, 3, 1)], [9, 8], id="the nearer one first"),
        pytest.param(
            [(0, 9, 2, 1), (0, 8, 9, 1), (1, 8, 9, 1)], [8, 9], id="what shares more first"
        ),
        pytest.param(
            [(1, record, 0, 1) for record in range(30)],
            [*range(MOST_COMPARED)],
            id="no more than some",
        ),
    ],
)
def test_proposes_the_nearest(found, chosen):
    assert index.nearest(rows(*found), np.array([0, 0]), 1) == [chosen]


def test_proposes_for_each_text_by_itself():
    found = rows((0, 7, 24, 1), (1, 7, 24, 1), (2, 7, 3, 1))
    assert index.nearest(found, np.array([0, 1, 2]), 4) == [[], [], [7], []]


@pytest.mark.parametrize(
    ("count", "dataset", "full"),
    [
        pytest.param(FULLEST_BUCKET - 1, 1, set(), id="nearly"),
        pytest.param(FULLEST_BUCKET, 1, {55}, id="just"),
        pytest.param(FULLEST_BUCKET, 2, set(), id="of another dataset"),
    ],
)
def test_a_bucket_of_the_dataset_is_full(count, dataset, full):
    found = rows(*((1, record, 0, dataset) for record in range(count)))
    assert index.full_buckets(np.array([44, 55]), found, 1) == full


@given(st.lists(st.text(max_size=30), max_size=6))
def test_every_text_has_a_key_a_band_of_64_bits(texts):
    found = fingerprints(texts)
    assert [len(one.keys) for one in found] == [BANDS] * len(texts)
    for number in (number for one in found for number in (one.simhash, *one.keys)):
        assert -(2**63) <= number < 2**63


@given(st.lists(st.text(max_size=20), max_size=6))
def test_a_fingerprint_does_not_depend_on_the_company(texts):
    assert fingerprints(texts) == [fingerprints([text])[0] for text in texts]


def test_many_texts_are_fingerprinted_as_few_are():
    texts = [f"text number {number}" for number in range(600)]
    found = fingerprints(texts)
    assert [found[0], found[599]] == fingerprints([texts[0], texts[599]])
