"""Candidates that have too little in common are put aside unread."""

from __future__ import annotations

from quality.fingerprints import fingerprints
from quality.normalise import normalise
from quality.readings import FARTHEST, Reading


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


def test_what_nobody_fingerprinted_is_read():
    (known,) = readings("Green tea is made of leaves.")
    assert not known.is_far_from(Reading("A diesel motor burns its fuel."))


def test_signs_of_stored_fingerprints_do_not_matter():
    assert not Reading("a", -1).is_far_from(Reading("b", -1))
    assert Reading("a", -1).is_far_from(Reading("b", 0))
    assert FARTHEST < 32
