"""Texts as arrays of codes, and lists of them cut in handfuls."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality import characters
from quality.characters import codes_of, handfuls, text_of


@given(st.text(st.characters(exclude_categories=[])))
def test_codes_are_those_of_the_text(text: str) -> None:
    assert codes_of(text).tolist() == list(map(ord, text))
    assert text_of(codes_of(text)) == text


@pytest.mark.parametrize(
    ("texts", "cut"),
    [
        ([], []),
        ([""], [[""]]),
        (["ab", "c"], [["ab", "c"]]),
        (["abc", "d", "", "efg", "h"], [["abc", "d"], ["", "efg", "h"]]),
        (["abcdefgh", "i"], [["abcdefgh"], ["i"]]),
    ],
)
def test_a_handful_ends_with_the_text_that_fills_it(monkeypatch, texts, cut) -> None:
    monkeypatch.setattr(characters, "CHARACTERS_AT_ONCE", 4)
    assert list(handfuls(texts)) == cut
