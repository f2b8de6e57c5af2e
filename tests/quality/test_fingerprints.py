"""Fingerprints of many texts at once are those of each alone, and the package's."""

from __future__ import annotations

import pytest
from simhash import Simhash

from quality.fingerprints import LONGEST_TEXT, fingerprints, gram_hash, grams

TEXTS = ["", "a", "哈" * 300, "abc 中文 def", "the quick brown fox jumps over the lazy dog", "😀"]


@pytest.mark.parametrize("text", TEXTS)
def test_the_simhash_is_that_of_the_package(text):
    value = Simhash(grams(text), hashfunc=lambda gram: gram_hash(gram.decode())).value
    assert fingerprints([text])[0].simhash % 2**64 == value


def test_a_text_has_the_same_fingerprint_in_any_company():
    assert fingerprints(TEXTS) == [fingerprints([text])[0] for text in TEXTS]


def test_alike_texts_share_keys_and_others_do_not():
    first, alike, other = fingerprints(
        [
            "the library closes at six on weekdays and stays open late on fridays",
            "the library closes at six on weekdays and stays open later on fridays",
            "mix flour water and yeast then let the dough rest in a warm place",
        ]
    )
    assert set(first.keys) & set(alike.keys)
    assert not set(first.keys) & set(other.keys)


def test_what_comes_after_the_longest_text_does_not_count():
    long = "x y z " * LONGEST_TEXT
    assert fingerprints([long])[0] == fingerprints([long + "more"])[0]
