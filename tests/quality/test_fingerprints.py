"""Fingerprints of many texts at once are those of each alone, and the package's."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import pytest

from bench.texts import contents
from quality.fingerprints import (
    LONGEST_TEXT,
    common_grams,
    fingerprints,
    gram_hash,
    is_as_defined,
    simhash_of,
)

TEXTS = ["", "a", "哈" * 300, "abc 中文 def", "the quick brown fox jumps over the lazy dog", "😀"]


@pytest.mark.parametrize("text", TEXTS)
def test_the_simhash_is_that_of_the_package(text):
    assert fingerprints([text])[0].simhash % 2**64 == simhash_of(text)
    assert is_as_defined(text)


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


def test_texts_made_of_the_same_words_hardly_ever_share_a_key():
    texts = [f"{text['question']} {text['answer']}" for text in islice(contents(7), 600)]
    holders = Counter(key for found in fingerprints(texts) for key in found.keys)
    assert sum(number - 1 for number in holders.values()) < 15  # 43 by four letters


def test_common_grams_are_known_by_their_hashes():
    is_common = [bool(common_grams()[gram_hash(gram) >> 44]) for gram in (" the", "我们", "tea ")]
    assert is_common == [True, True, False]


def test_texts_of_common_grams_alone_still_have_keys_of_their_own():
    one, other = fingerprints(["this and that", "with and for the"])
    assert not set(one.keys) & set(other.keys)


def test_texts_meet_by_what_is_rare_in_them():
    first, alike, other = fingerprints(
        [
            "this is the one that we have with chlorophyll and photosynthesis",
            "this is the other one with chlorophyll and photosynthesis that is",
            "this is the one that we have with whisky and barley",
        ]
    )
    assert len(set(first.keys) & set(alike.keys)) > len(set(first.keys) & set(other.keys))
