from __future__ import annotations

import pytest

from quality.content import Kind
from tests.quality.content.finding import found

WORDS = ("Fool", "赌博", "bad luck", "naïve", "AI写手")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("You fool!", "fool"),
        ("YOU FOOL", "fool"),
        ("Ｆｏｏｌ in wide letters", "fool"),
        ("他在网上赌博输了钱", "赌博"),
        ("说他是fool的人", "fool"),
        ("What bad luck.", "bad luck"),
        ("How naïve", "naïve"),
        ("这是ai写手的稿子", "ai写手"),
    ],
)
def test_finds_words_whatever_their_case_and_width(text: str, word: str) -> None:
    assert found(Kind.WORDS, text, words=WORDS) == [("words", word)]


@pytest.mark.parametrize("text", ["foolish", "buffool", "fool2", "naïveté", "赌 博", ""])
def test_leaves_a_word_alone_that_is_part_of_another(text: str) -> None:
    assert found(Kind.WORDS, text, words=WORDS) == []


def test_finds_a_short_word_where_a_longer_one_begins_but_goes_on() -> None:
    assert found(Kind.WORDS, "fool proofing", words=["fool", "fool proof"]) == [("words", "fool")]


@pytest.mark.parametrize("words", [[], ["", "  "]])
def test_finds_nothing_with_an_empty_list(words: list[str]) -> None:
    assert found(Kind.WORDS, "anything", words=[word.strip() for word in words]) == []


def test_keeps_places_where_lower_case_is_longer() -> None:
    assert found(Kind.WORDS, "İİİ fool", words=["fool"]) == [("words", "fool")]
