"""The index in memory: who shares a key, who is compared, and which match counts."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality import shelves
from quality.dedup import duplicate_of, matches, variant_of
from quality.likeness import Verdict
from quality.readings import Reading
from quality.shelves import FULLEST_BUCKET, MOST_COMPARED, Rules, Shelf, best, match

TEA = "Green tea is made of leaves that were heated soon after they were picked."
SLIP = "Green tea is made of leaves that were heated soon after they were pickd."
FILLED = "Green tea is made only of leaves that were heated soon after they were picked."
MINUTES = "Steep the leaves for {} minutes in water that no longer boils, then pour it."
ROME = "The senate of Rome met in a house beside the forum every month."
keys = st.lists(st.integers(-3, 8), max_size=6, unique=True)


@pytest.fixture(autouse=True)
def unwarned(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(shelves, "warned", set())
    yield


def shelf_of(*rows: list[int]) -> Shelf:
    shelf = Shelf()
    for place, row in enumerate(rows):
        shelf.add(place, row)
    return shelf


@pytest.mark.parametrize(
    ("rows", "wanted", "found"),
    [
        pytest.param([[1, 2], [2, 3]], [2], {0: 1, 1: 1}, id="two under one key"),
        pytest.param([[1, 2], [2, 3]], [1, 2, 3], {0: 2, 1: 2}, id="several keys"),
        pytest.param([[1, 2]], [7, 8], {}, id="keys of nobody"),
        pytest.param([[1, 2]], [], {}, id="no keys"),
        pytest.param([], [1], {}, id="an empty shelf"),
        pytest.param([[-1]], [-1], {0: 1}, id="keys below zero"),
        pytest.param([[], [4]], [4], {1: 1}, id="a text without keys"),
    ],
)
def test_counts_the_keys_that_are_shared(rows, wanted, found):
    assert shelf_of(*rows).sharing(wanted) == Counter(found)


@given(st.lists(keys, max_size=8), keys)
def test_counts_what_a_comparison_with_each_counts(rows, wanted):
    expected = {place: len({*row} & {*wanted}) for place, row in enumerate(rows)}
    assert shelf_of(*rows).sharing(wanted) == Counter({p: n for p, n in expected.items() if n})


def test_looking_leaves_no_trace():
    shelf = shelf_of([1])
    shelf.sharing([5, 6])
    assert dict(shelf.buckets) == {1: [0]}


def test_a_full_bucket_keeps_the_first_and_takes_no_more():
    shelf = shelf_of(*[[1, place + 2] for place in range(FULLEST_BUCKET + 5)])
    assert list(shelf.sharing([1])) == list(range(FULLEST_BUCKET))
    assert shelf.sharing([FULLEST_BUCKET + 6]) == Counter({FULLEST_BUCKET + 4: 1})


@pytest.mark.parametrize(
    ("texts", "times"),
    [(FULLEST_BUCKET - 1, 0), (FULLEST_BUCKET, 1), (FULLEST_BUCKET + 1, 1)],
    ids=["nearly full", "full", "more than full"],
)
def test_says_once_that_a_bucket_is_full(texts, times, caplog):
    with caplog.at_level(logging.WARNING, logger="quality.shelves"):
        shelf_of(*[[1, 2]] * texts)
    said = "More than 100 texts share a part; what else they share tells them apart"
    assert caplog.messages == [said] * times


@pytest.mark.parametrize(
    ("found", "places"),
    [
        pytest.param({}, [], id="nobody"),
        pytest.param({4: 1}, [4], id="one"),
        pytest.param({1: 1, 2: 3, 3: 2}, [2, 3, 1], id="by what they share"),
        pytest.param({9: 2, 3: 2, 5: 2}, [3, 5, 9], id="the earliest among equals"),
        pytest.param(
            dict.fromkeys(range(20), 1), list(range(MOST_COMPARED)), id="no more than some"
        ),
        pytest.param(
            {**dict.fromkeys(range(20), 1), 99: 2},
            [99, *range(MOST_COMPARED - 1)],
            id="the best of many",
        ),
    ],
)
def test_compares_first_what_shares_most(found, places):
    assert best(Counter(found)) == places


def found_among(text: str, *others: str, **rules: float) -> tuple[int, str] | None:
    readings = [(place, Reading(other)) for place, other in enumerate(others)]
    said = match(Reading(text), readings, Rules(**rules))
    return said and (said.place, said.likeness.verdict.value)


@pytest.mark.parametrize(
    ("others", "found"),
    [
        pytest.param([], None, id="nobody"),
        pytest.param([ROME], None, id="another text"),
        pytest.param([SLIP], (0, "duplicate"), id="a slip"),
        pytest.param([ROME, SLIP], (1, "duplicate"), id="behind another text"),
        pytest.param([FILLED, SLIP], (0, "duplicate"), id="the first of two repeats"),
        pytest.param([TEA.replace("is", "is not"), SLIP], (1, "duplicate"), id="before a variant"),
        pytest.param([TEA.replace("is", "is not")], (0, "variant"), id="a variant"),
    ],
)
def test_matches_the_first_repeat_else_a_variant(others, found):
    assert found_among(TEA, *others) == found


def test_of_variants_the_most_alike_counts():
    far = MINUTES.format(4).replace("pour it", "pour all of it slowly")
    near = MINUTES.format(5)
    assert found_among(MINUTES.format(3), far, near) == (1, "variant")
    assert found_among(MINUTES.format(3), near, far) == (0, "variant")


def test_of_variants_just_as_alike_the_first_counts():
    assert found_among(MINUTES.format(3), MINUTES.format(4), MINUTES.format(5)) == (0, "variant")


@pytest.mark.parametrize(
    ("threshold", "found"),
    [(0.3, (0, "duplicate")), (0.66, (0, "duplicate")), (1.0, None)],
)
def test_a_threshold_decides_how_alike_a_repeat_is(threshold, found):
    assert found_among(TEA, SLIP, threshold=threshold) == found


class TestPlainTexts:
    """What `duplicate_of`, `variant_of` and `matches` say of a list of texts."""

    @pytest.mark.parametrize(
        ("texts", "repeats"),
        [
            pytest.param([], [], id="no texts"),
            pytest.param([TEA], [None], id="one text"),
            pytest.param([TEA, TEA, TEA], [None, 0, 0], id="one text thrice"),
            pytest.param([TEA, ROME, TEA.upper()], [None, None, 0], id="another case"),
            pytest.param([TEA, SLIP, FILLED], [None, 0, 0], id="two rewordings"),
            pytest.param([ROME, SLIP, TEA, ROME], [None, None, 1, 0], id="two pairs"),
            pytest.param(["", "", " "], [None, 0, 0], id="nothing"),
            pytest.param(["?!", "?!", "!?"], [None, 0, None], id="signs"),
            pytest.param(["茶", "茶", "水"], [None, 0, None], id="one character"),
            pytest.param(["７", "7", "8"], [None, 0, None], id="digits"),
        ],
    )
    def test_names_the_text_that_is_repeated(self, texts, repeats):
        assert duplicate_of(texts) == repeats

    @pytest.mark.parametrize(
        ("texts", "varied"),
        [
            pytest.param([MINUTES.format(3), MINUTES.format(4)], [None, 0], id="a number"),
            pytest.param([TEA, TEA], [None, None], id="a repeat is no variant"),
            pytest.param([TEA, ROME], [None, None], id="nor is another text"),
            pytest.param(
                [MINUTES.format(3), MINUTES.format(4), MINUTES.format(4)],
                [None, 0, None],
                id="a repeat of a variant",
            ),
        ],
    )
    def test_names_the_text_that_is_varied(self, texts, varied):
        assert variant_of(texts) == varied

    def test_without_near_ones_only_the_same_text_counts(self):
        texts = [TEA, SLIP, TEA.upper(), MINUTES.format(3), MINUTES.format(4)]
        assert duplicate_of(texts, Rules(near=False)) == [None, None, 0, None, None]
        assert variant_of(texts, Rules(near=False)) == [None] * 5

    def test_the_same_text_is_wholly_alike(self):
        found = matches([TEA, TEA])[1]
        assert found is not None
        assert (found.likeness.verdict, found.likeness.similarity) == (Verdict.DUPLICATE, 1.0)

    @given(st.lists(st.sampled_from([TEA, SLIP, FILLED, ROME, MINUTES.format(3)]), max_size=8))
    def test_what_is_repeated_is_an_earlier_text_that_repeats_none(self, texts):
        found = duplicate_of(texts)
        for place, twin in enumerate(found):
            assert twin is None or (twin < place and found[twin] is None)

    @given(st.lists(st.sampled_from([TEA, SLIP, ROME, "", "茶", MINUTES.format(3)]), max_size=8))
    def test_no_text_comes_twice_among_those_that_stay(self, texts):
        kept = [text for text, twin in zip(texts, duplicate_of(texts), strict=True) if twin is None]
        assert len({*kept}) == len(kept)

    @given(st.lists(st.sampled_from([TEA, SLIP, ROME, MINUTES.format(3), MINUTES.format(4)])))
    def test_later_texts_change_nothing_about_earlier_ones(self, texts):
        assert duplicate_of(texts)[:3] == duplicate_of(texts[:3])
