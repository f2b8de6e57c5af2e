from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality import diversity

TEXTS = [diversity.tokens(text) for text in ("The tea is hot.", "The tea is cold.")]


@pytest.mark.parametrize(
    ("size", "share"),
    [
        (1, 5 / 8),  # the tea is hot cold
        (2, 4 / 6),  # the-tea tea-is is-hot is-cold
        (3, 3 / 4),
        (5, None),
    ],
)
def test_counts_different_runs_of_words(size: int, share: float | None) -> None:
    assert diversity.distinct_share(TEXTS, size) == share


def test_ideographs_are_words_of_their_own() -> None:
    assert diversity.tokens("喝Green tea。") == ["喝", "green", "tea"]


def test_repeated_texts_are_compressed_more() -> None:
    ratio = diversity.compression_ratio
    assert (ratio(["Green tea is hot."] * 50) or 0) > 8 > (ratio(["Green tea is hot."]) or 0)


def test_no_text_has_no_ratio() -> None:
    assert diversity.compression_ratio([""]) is None


def test_similarity_is_the_share_of_common_triples() -> None:
    # the-tea-is is common; tea-is-hot and tea-is-cold are not
    assert diversity.self_similarity(TEXTS) == (1 / 3, 1 / 3)


def test_similarity_tells_the_mean_from_the_nearest() -> None:
    texts = [*TEXTS, diversity.tokens("Rome was not built in a day.")]
    assert diversity.self_similarity(texts) == (pytest.approx(1 / 9), pytest.approx(2 / 9))


@pytest.mark.parametrize("texts", [[], [["alone"]]])
def test_one_text_is_like_no_other(texts: list[list[str]]) -> None:
    assert diversity.self_similarity(texts) is None


@given(st.lists(st.text(max_size=30), min_size=2, max_size=6))
def test_any_texts_have_shares_between_0_and_1(texts: list[str]) -> None:
    words = [diversity.tokens(text) for text in texts]
    likeness = diversity.self_similarity(words)
    assert likeness is not None
    assert 0 <= likeness.mean <= likeness.nearest <= 1
