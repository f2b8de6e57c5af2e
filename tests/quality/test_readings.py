"""A text as the comparison reads it: words, numbers, signs and names, clause by clause."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.readings import Reading, clauses_of, counted, remembered_tokens_of

DIGITS = "零一二三四五六七八九"
SECTIONS = ((1000, "千"), (100, "百"), (10, "十"), (1, ""))


def tokens(text: str) -> list[tuple[str, str]]:
    clauses = Reading(text).clauses
    return [(token.text, token.kind) for clause in clauses for token in clause]


def names(text: str) -> list[str]:
    return [token.shown for clause in clauses_of(text) for token in clause if token.is_name]


def section(number: int) -> str:
    """Write a number below 10,000 as a Chinese speaker does."""
    written, has_gap = "", False
    for unit, sign in SECTIONS:
        digit, number = divmod(number, unit)
        if digit:
            written += ("零" if has_gap and written else "") + DIGITS[digit] + sign
        has_gap = not digit
    return written


def numeral(number: int) -> str:
    written = ""
    for unit, sign in ((10**8, "亿"), (10**4, "万"), (1, "")):
        count, number = divmod(number, unit)
        if count:
            gap = "零" if written and count < 1000 else ""
            written += gap + section(count) + sign
    return written or DIGITS[0]


@given(st.integers(0, 10**12 - 1) | st.integers(0, 20_000))
def test_reads_every_chinese_numeral_that_is_written_as_usual(number):
    assert counted(numeral(number)) == str(number)


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        pytest.param("十五", "15", id="ten without a one"),
        pytest.param("两千", "2000", id="the other two"),
        pytest.param("一百零五", "105", id="a gap"),
        pytest.param("一万零五", "10005", id="a wide gap"),
        pytest.param("一亿二千万", "120000000", id="two large units"),
        pytest.param("二〇二六", "2026", id="a year"),
        pytest.param("一九八四", "1984", id="a year in digits"),
        pytest.param("万", "10000", id="a unit alone"),
        pytest.param("一十一百", "一十一百", id="units that grow"),
        pytest.param("三四百", "三四百", id="three or four hundred"),
        pytest.param("一万一万", "一万一万", id="a unit twice"),
        pytest.param("百百", "百百", id="units alone"),
    ],
)
def test_reads_the_numeral(written, digits):
    assert counted(written) == digits


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("It's 12.", [("its", "word"), ("12", "number")], id="an apostrophe"),
        pytest.param("1,234.50", [("1234.50", "number")], id="thousands"),
        pytest.param("1,234,567", [("1234567", "number")], id="millions"),
        pytest.param("3,5", [("3,5", "number")], id="a decimal comma"),
        pytest.param("1,2345", [("1,2345", "number")], id="a longer decimal"),
        pytest.param("1,2,3", [("1,2,3", "number")], id="a list without blanks"),
        pytest.param("3:30", [("3:30", "number")], id="a time"),
        pytest.param("2024-05-06", [("2024", "number"), ("-", "sign"), ("05", "number")], id="day"),
        pytest.param("１２ ａｂ", [("12", "number"), ("ab", "word")], id="full width"),
        pytest.param("twelve", [("12", "number")], id="a number in letters"),
        pytest.param("十二", [("12", "number")], id="a number in Chinese"),
        pytest.param("5 + 3", [("5", "number"), ("+", "sign"), ("3", "number")], id="a sum"),
        pytest.param("5 - 3", [("5", "number"), ("-", "sign"), ("3", "number")], id="a minus"),
        pytest.param("well-known", [("well", "word"), ("known", "word")], id="a hyphen"),
        pytest.param("-5", [("-", "sign"), ("5", "number")], id="below zero"),
        pytest.param("x != y", [("x", "word"), ("!=", "sign"), ("y", "word")], id="unequal"),
        pytest.param("10²", [("10", "number"), ("^", "sign"), ("2", "number")], id="a power"),
        pytest.param("½", [("1/2", "number")], id="a half"),
        pytest.param("漢字", [("汉", "cjk"), ("字", "cjk")], id="traditional characters"),
        pytest.param("喝tea茶", [("喝", "cjk"), ("tea", "word"), ("茶", "cjk")], id="both scripts"),
        pytest.param("一起", [("一", "cjk"), ("起", "cjk")], id="a word that holds a numeral"),
        pytest.param("STRASSE straße", [("strasse", "word")] * 2, id="case that changes letters"),
        pytest.param("5%", [("5", "number"), ("%", "sign")], id="percent"),
        pytest.param("$5", [("$", "sign"), ("5", "number")], id="money"),
        pytest.param("😀 _ * #", [], id="nothing that is read"),
    ],
)
def test_takes_a_text_apart(text, found):
    assert tokens(text)[: len(found) or None] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("Yesterday Li met Ann.", ["Li", "Ann"], id="inside a sentence"),
        pytest.param("Tea is old. Tea is good.", [], id="at the beginning of sentences"),
        pytest.param("NASA flew. IBM stayed.", ["NASA", "IBM"], id="capitals at a beginning"),
        pytest.param("He said: Tea is old.", [], id="after a colon"),
        pytest.param("So I drink, and I sleep.", [], id="I"),
        pytest.param("the iPhone of eBay", ["iPhone", "eBay"], id="capitals inside"),
        pytest.param("tea, Tea and TEA", ["Tea", "TEA"], id="after a comma"),
        pytest.param("我在 Paris 喝茶", ["Paris"], id="in Chinese"),
    ],
)
def test_knows_names_by_how_they_are_written(text, found):
    assert names(text) == found


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("... !!! ，，", 0),
        ("One.", 1),
        ("One, two; three. four!", 4),
        ("一，二；三。四！", 4),
        ("One\n\n\ntwo", 2),
        ("a|b|c", 3),
        (". one .", 1),
    ],
)
def test_parts_a_text_in_clauses_none_of_them_empty(text, count):
    assert len(clauses_of(text)) == count
    assert all(clauses_of(text))


@pytest.mark.parametrize(
    ("text", "places"),
    [
        pytest.param("1. Tea. 2. Milk. 3. Sugar.", {0, 2, 4}, id="a list"),
        pytest.param("2. Milk. 3. Sugar.", {0, 2}, id="a list without its first item"),
        pytest.param("1. Tea.", set(), id="one item"),
        pytest.param("1. Tea. 1. Milk.", set(), id="one number twice"),
        pytest.param("1. Tea. 9. Milk.", set(), id="numbers that are no list"),
        pytest.param("Tea, 1, milk, 2.", set(), id="numbers inside a sentence"),
        pytest.param("1. 2.", {0, 1}, id="numbers alone"),
    ],
)
def test_tells_the_numbers_of_a_list(text, places):
    assert Reading(text).markers == places


@given(st.text(st.sampled_from("aB1 .,!?-+茶一十。，'\n😀"), max_size=20))
def test_any_text_can_be_read(text):
    for clause in clauses_of(text):
        assert clause
        assert {token.kind for token in clause} <= {"word", "number", "sign", "cjk"}
        assert all(token.text and token.shown for token in clause)


@given(st.lists(st.sampled_from(["tea", "12", "milk", "A"]), min_size=1, max_size=6))
def test_blanks_change_nothing(parts):
    assert tokens("  ".join(parts)) == tokens("\t".join(parts)) == tokens(" ".join(parts))


@pytest.mark.parametrize(("word", "number"), [("tea", 1), ("tea" * 11, 0)], ids=["word", "run"])
def test_words_are_remembered_and_longer_runs_are_not(word, number):
    remembered_tokens_of.cache_clear()
    assert tokens(f"{word} {word}") == [(word, "word")] * 2
    assert remembered_tokens_of.cache_info().currsize == 2 * number  # it starts a sentence once
