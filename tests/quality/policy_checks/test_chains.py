"""The table of keys, against the same as a dictionary of lists."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.policy_checks.chains import Chains
from quality.shelves import FULLEST_BUCKET, warned

KEYS = st.sampled_from([0, -1, 1, 2**63 - 1, -(2**63), 12345])
pytestmark = pytest.mark.any_database


@given(st.lists(st.tuples(KEYS, KEYS), max_size=20), st.tuples(KEYS, KEYS))
def test_counts_the_shared_keys_of_each_id(rows: list[tuple[int, int]], asked: tuple[int, int]):
    # A key belongs to one column: here the second one's are odd by their place.
    chains = Chains(20, 2)
    for number, (one, other) in enumerate(rows):
        chains.add(100 + number, [one, other ^ 7])

    expected: Counter[int] = Counter()
    for number, row in enumerate(rows):
        expected[100 + number] = sum(a == b for a, b in zip(row, asked, strict=True))

    assert chains.sharing([asked[0], asked[1] ^ 7]) == +expected


def test_holds_as_many_ids_as_were_announced_when_no_two_share_a_key():
    chains = Chains(300, 3)
    for number in range(300):
        chains.add(number, [3 * number, 3 * number + 1, 3 * number + 2])

    assert [list(chains.ids_with(3 * number)) for number in range(300)] == [
        [number] for number in range(300)
    ]


def test_takes_the_latest_of_a_key_that_very_many_share(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("quality.shelves.warned", warned | {"full"})
    chains = Chains(FULLEST_BUCKET + 9, 1)
    for number in range(FULLEST_BUCKET + 9):
        chains.add(number, [5])

    assert set(chains.sharing([5])) == set(range(9, FULLEST_BUCKET + 9))


def test_knows_nobody_at_first():
    assert list(Chains(0, 1).ids_with(0)) == []
    assert Chains(0, 12).sharing(range(12)) == Counter()


def test_room_that_nobody_takes_costs_no_memory():
    """A million records' room is reserved at once; only what is written is backed by memory."""
    chains = Chains(1_000_000, 12)
    chains.add(1, list(range(12)))

    assert list(chains.ids_with(3, 3)) == [1]


def keys_of_slot(chains: Chains, slot: int, count: int) -> list[int]:
    """Find keys that an empty table would put into one place."""
    return [key for key in range(-500, 500) if chains.slot(key) == slot][:count]


@pytest.mark.parametrize("slot", [0, 7, 15])
def test_keys_that_fall_on_one_place_are_told_apart(slot: int):
    chains = Chains(10, 1)
    keys = keys_of_slot(chains, slot, 10)
    for number, key in enumerate(keys):
        chains.add(number, [key])

    assert len(set(keys)) == 10
    assert [list(chains.ids_with(key)) for key in keys] == [[number] for number in range(10)]


def test_a_key_nobody_has_is_not_found_behind_those_of_its_place():
    chains = Chains(10, 1)
    *keys, other = keys_of_slot(chains, 15, 9)
    for number, key in enumerate(keys):
        chains.add(number, [key])

    assert list(chains.ids_with(other)) == []


def test_the_latest_with_a_key_comes_first():
    chains = Chains(3, 1)
    for pk in (9, 2**62, 4):
        chains.add(pk, [-(2**63)])

    assert list(chains.ids_with(-(2**63))) == [4, 2**62, 9]
