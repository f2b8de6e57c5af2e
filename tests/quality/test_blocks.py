"""A stretch in which two texts differ, as a finding shows it."""

from __future__ import annotations

import pytest

from quality.blocks import LONGEST_SHOWN, Block, shown
from quality.likeness import compare
from quality.readings import Reading, Token, clauses_of


def tokens(text: str) -> list[Token]:
    return [token for clause in clauses_of(text) for token in clause]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param("Green TEA leaves", "Green TEA leaves", id="words keep their case"),
        pytest.param("绿茶 很香", "绿茶很香", id="Chinese without blanks"),
        pytest.param("喝 tea 茶", "喝tea茶", id="a word inside Chinese"),
        pytest.param("старую книгу", "старую книгу", id="Russian"),
        pytest.param("café olé", "café olé", id="accents at the end"),
        pytest.param("차를 마신다", "차를 마신다", id="Korean"),
        pytest.param("12 kg", "12 kg", id="a number and its unit"),
        pytest.param("三 本 书", "三本书", id="a Chinese numeral"),
        pytest.param("二〇 kg", "二〇kg", id="the round zero"),
        pytest.param("1,250 cups", "1,250 cups", id="a number as it was written"),
        pytest.param("five cups", "five cups", id="a number in letters"),
        pytest.param("3 + 4", "3 + 4", id="a sum"),
        pytest.param("don't go", "don't go", id="an apostrophe"),
        pytest.param("", "", id="nothing"),
        pytest.param("tea, milk. Sugar!", "tea milk Sugar", id="without its punctuation"),
    ],
)
def test_shows_tokens_as_a_person_reads_them(text, written):
    assert shown(tokens(text)) == written


@pytest.mark.parametrize(
    ("length", "written"),
    [
        (LONGEST_SHOWN - 1, "茶" * (LONGEST_SHOWN - 1)),
        (LONGEST_SHOWN, "茶" * LONGEST_SHOWN),
        (LONGEST_SHOWN + 1, "茶" * LONGEST_SHOWN + "…"),
    ],
    ids=["shorter", "just as long", "longer"],
)
def test_cuts_what_is_longer_than_a_finding_shows(length, written):
    assert shown(tokens("茶" * length)) == written


def test_a_block_knows_its_sides_and_its_size():
    block = Block(tokens("we drink green tea"), tokens("we drink tea"), 2, 3, 2, 2)
    assert ([token.text for token in block.ours], list(block.theirs)) == (["green"], [])
    assert block.size == 1


def test_a_finding_shows_words_of_other_alphabets_apart():
    one = Reading("Мы читаем старую книгу дома вечером вместе.")
    found = compare(one, Reading("Мы читаем новый журнал дома вечером вместе."))
    assert (found.ours, found.theirs) == ("старую книгу", "новый журнал")
