"""Candidates that have too little in common are put aside unread."""

from __future__ import annotations

from pathlib import Path

import pytest

from quality.fingerprints import fingerprints
from quality.likeness import Verdict, compare
from quality.normalise import normalise
from quality.readings import FARTHEST, NEAREST, Reading

ROOT = Path(__file__).parent / "ordinary"


def readings(*texts: str) -> list[Reading]:
    prints = fingerprints([normalise(text) for text in texts])
    return [Reading(text, found.simhash) for text, found in zip(texts, prints, strict=True)]


def test_texts_that_share_nothing_are_far_from_each_other():
    tea, engine = readings(
        "Green tea is made of leaves that were heated soon after they were picked.",
        "A diesel motor burns its fuel by the heat of strongly compressed air.",
    )
    assert tea.is_far_from(engine)


def test_a_reworded_text_is_near():
    first, second = readings(
        "Green tea is made of leaves that were heated soon after they were picked.",
        "Green tea is produced from leaves that were heated soon after they were picked!",
    )
    assert not first.is_far_from(second)


def test_what_nobody_fingerprinted_is_put_aside_by_its_words():
    (known,) = readings("Green tea is made of leaves.")
    assert known.is_far_from(Reading("A diesel motor burns its fuel."))
    assert not known.is_far_from(Reading("Leaves are what green tea is made of."))


def test_signs_of_stored_fingerprints_do_not_matter():
    assert not Reading("a", -1).is_far_from(Reading("a", -1))
    assert Reading("a", -1).is_far_from(Reading("a", 0))
    assert FARTHEST < 32


def test_words_are_not_counted_where_the_fingerprints_hardly_differ():
    first = Reading("tea", 0)
    assert not first.is_far_from(Reading("milk", 2**NEAREST - 1))
    assert "words" not in vars(first)
    assert first.is_far_from(Reading("milk", 2 ** (NEAREST + 1) - 1))


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        ("red red tea", "red green tea", 4 / 6),  # the second red counts, too: it may have moved
        ("绿茶很香", "红茶很香", 6 / 8),
        ("3 + 4 = 7", "3 + 9 = 12", 6 / 10),
        ("", "", 1.0),
        ("", "tea", 0.0),
    ],
)
def test_counts_the_words_that_both_have(one, other, share):
    assert Reading(one).share_of_words(Reading(other)) == share


@pytest.mark.parametrize("name", ["en", "zh"])
def test_nothing_that_a_comparison_links_is_put_aside(name):
    texts = (ROOT / f"{name}.txt").read_text("utf-8").splitlines()
    for text in filter(None, texts):
        reading, half = Reading(text), Reading(text[: len(text) // 2])
        assert compare(reading, half).verdict == Verdict.NEW or not reading.is_far_from(half)
