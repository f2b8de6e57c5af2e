"""What is counted in many texts at once is what anybody would count in one."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality import scoring
from quality.scoring import Weights, measures, texts
from quality.scoring.measures import GRAM, LEAST_TOKENS, MAX_TOKENS, TOKEN, measured, portions
from synthesis.models import Record

LETTERS = "ab Z9_.,!?\n茶水ー・。，ㄅＡ😀é²İΣς([{<【“ÿ锟鐨\ufffd\x00\ud800\udc00…-"
some_texts = st.lists(st.text(st.sampled_from(LETTERS), max_size=30), max_size=8)
any_texts = st.lists(st.text(max_size=20), max_size=8)
# Few words, so that they come again.
said_again = st.lists(st.text(st.sampled_from("a b茶"), max_size=60), max_size=8)


def counted(text: str) -> dict[str, Any]:
    tokens = TOKEN.findall(text.lower())
    ideographs = sum(token >= "\u3040" for token in tokens)
    is_short = len(tokens) < LEAST_TOKENS
    first = tokens[:MAX_TOKENS]
    grams = tokens if is_short else list(zip(*(first[at:] for at in range(GRAM)), strict=False))
    return {
        "symbols": len(re.findall(r"[^\w\s,.!?;:'\"()\-–—，。！？；：、“”‘’（）《》…]", text)),
        "stops": len(re.findall(r"[.!?。！？；;\n…]", text)),
        "brackets": len(re.findall(r"[(\[{<（“《「【]", text)),
        "tokens": len(tokens),
        "words": len(tokens) - ideographs + 0.6 * ideographs,
        "grams": len(grams),
        "distinct": len(set(grams)),
    }


@given(some_texts | any_texts | said_again)
def test_measures_each_of_many_texts_as_it_would_be_counted_alone(many):
    found = [one._asdict() for one in measured(many)]
    assert found == [one | counted(text) for one, text in zip(found, many, strict=True)]


@given(some_texts)
def test_what_stands_beside_a_text_changes_nothing(many):
    assert measured(many) == [one for text in many for one in measured([text])]


@pytest.mark.parametrize(
    ("name", "text", "count"),
    [
        pytest.param("unreadable", "a\x00b\ufffd\ue000\x85", 4, id="what cannot be shown"),
        pytest.param("unreadable", "a\tb\nc\rd é", 0, id="blanks and letters"),
        pytest.param("suspects", "cafÃ© 鐨 锟", 4, id="what wrong encodings make"),
        pytest.param("suspects", "Чай 茶 cafe", 0, id="what they do not"),
        pytest.param("letter_runs", "h" + "a" * 12 + "!", 1, id="twelve letters"),
        pytest.param("letter_runs", "Aa" * 6, 1, id="in whatever case"),
        pytest.param("letter_runs", "a" * 11, 0, id="eleven letters"),
        pytest.param("long_words", "a" * 31, 1, id="an endless word"),
        pytest.param("long_words", "a" * 29, 0, id="a long word"),
        pytest.param("long_words", "茶" * 31, 0, id="no endless word of ideographs"),
    ],
)
def test_counts_what_is_to_be_looked_at(name, text, count):
    assert getattr(measured(["茶", text, "x"])[1], name) == count


def test_only_the_first_tokens_are_compared():
    (found,) = measured(["a " * (MAX_TOKENS + 50)])
    assert (found.tokens, found.grams, found.distinct) == (5050, MAX_TOKENS - GRAM + 1, 1)


def test_words_of_the_same_letters_differ():
    assert measured(["listen silent enlist"])[0].distinct == 3


@pytest.mark.parametrize(
    ("lengths", "sizes"),
    [
        pytest.param([], [], id="none"),
        pytest.param([3, 3], [2], id="all in one"),
        pytest.param([3, 3, 2], [2, 1], id="one too many"),
        pytest.param([50, 3, 50], [1, 1, 1], id="texts beyond the limit alone"),
        pytest.param([0] * 12, [10, 2], id="empty ones count, too"),
    ],
)
def test_takes_only_so_much_at_once(monkeypatch, lengths, sizes):
    monkeypatch.setattr(measures, "MOST_AT_ONCE", 10)
    many = ["a" * length for length in lengths]
    found = list(portions(many))
    assert [len(portion) for portion in found] == sizes
    assert [text for portion in found for text in portion] == many


def test_a_page_is_scored_as_its_records_are_alone(monkeypatch):
    monkeypatch.setattr(texts, "CHARACTERS_AT_ONCE", 60)
    contents = [{"question": "What is tea?", "answer": "Tea " * count} for count in range(1, 20)]
    rows = [Record(content=content) for content in [*contents, 17, []]]
    scoring.apply(rows, Weights())
    assert [(row.score, row.score_parts) for row in rows] == [
        tuple(scoring.score(row.content)) for row in rows
    ]
