"""Vowels and tones that stand on letters, and signs between operands, as words are compared."""

from __future__ import annotations

import pytest

from quality.dedup import duplicate_of
from quality.likeness import Verdict, compare
from quality.readings import Reading


def tokens(text: str) -> list[str]:
    return [token.text for clause in Reading(text).clauses for token in clause]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("हिन्दी में किताब", ["हिन्दी", "में", "किताब"]),
        ("กินข้าว", ["กิ", "น", "ข้", "า", "ว"]),
        ("முதல்", ["முதல்"]),
        ("résumé", ["résumé"]),
        ("x\u0302 is", ["x", "is"]),
        ("x ** 2", ["x", "**", "2"]),
        ("f(x) ** 2", ["f", "x", "**", "2"]),
        ("x**y", ["x", "**", "y"]),
        ("a * b", ["a", "*", "b"]),
        ("the **bold** word", ["the", "bold", "word"]),
        ("plan a\n* buy", ["plan", "a", "buy"]),
    ],
)
def test_reads(text: str, words: list[str]) -> None:
    assert tokens(text) == words


@pytest.mark.parametrize("text", ["हिन्दी में किताब", "กินข้าวที่บ้าน", "a ** 2 * b", "x\u0302 is"])
def test_the_quick_look_finds_the_words_that_the_comparison_reads(text: str) -> None:
    letters = [word for word in Reading(text).words if word != "*"]

    assert letters == [token for token in tokens(text) if "*" not in token]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("लड़का किताब पढ़ता है और घर जाता है", "लड़की किताब पढ़ती है और घर जाती है"),
        ("กินข้าวกับเพื่อนที่บ้าน", "กันข้าวกับเพื่อนที่บ้าน"),
        ("Compute x ** 2 for the value in the table", "Compute x * 2 for the value in the table"),
        ("What is x**2 when x is three here", "What is x*2 when x is three here"),
    ],
)
def test_what_only_a_mark_or_a_sign_tells_apart_is_kept(one: str, other: str) -> None:
    assert compare(Reading(one), Reading(other)).verdict != Verdict.DUPLICATE
    assert duplicate_of([one, other]) == [None, None]


def test_a_small_edit_is_found_in_a_script_without_blanks() -> None:
    text = "การเรียนภาษาไทยต้องฝึกฟังและพูดทุกวันเพื่อให้เข้าใจคนไทยได้ดีขึ้น"

    assert duplicate_of([text, text.replace("ได้ดีขึ้น", "ได้ดีขึ้นมาก")]) == [None, 0]
