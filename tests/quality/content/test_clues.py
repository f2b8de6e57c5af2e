"""Words that finders wait for."""

from __future__ import annotations

import pytest

from quality.content import phrases
from quality.content.clues import awaited, clues_in
from quality.content.subject import Subject


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("it was said", set()),
        ("an ai, sorry", {" ai", "sorry"}),
        ("我很抱歉", {"抱歉"}),
        ("没有办法，没办法", {"没有办法", "没办法"}),
        ("", set()),
        ("quiet", set()),
    ],
)
def test_every_awaited_word_is_found_wherever_it_stands(text, found):
    assert clues_in(text) == found


def test_a_word_is_looked_for_from_when_it_is_awaited():
    assert clues_in("a zyzzyva") == set()
    words = awaited("zyzzyva")
    assert Subject(["A Zyzzyva"]).has_any(words)


@pytest.mark.parametrize("family", [phrases.REFUSALS, phrases.ZH_AI_SPEAK, phrases.PLACEHOLDERS])
def test_each_family_of_phrases_waits_for_its_words(family):
    words, _patterns = family
    assert all(Subject([f"so {word} it"]).has_any(words) for word in words)
    assert not Subject(["quiet"]).has_any(words)
