"""Find the words of a list, however long it is, in one pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import ahocorasick

from quality.characters import FIRST_UNSPACED
from quality.content.subject import Hit, Subject, fold


def finder(words: Iterable[str]) -> Callable[[Subject], list[Hit]]:
    """Return a function that finds the words; Latin ones only where they stand alone."""
    automaton = ahocorasick.Automaton()
    for word in words:
        folded = fold(word)
        if folded:
            automaton.add_word(folded, folded)
    if not automaton:
        return lambda _subject: []
    automaton.make_automaton()

    def find(subject: Subject) -> list[Hit]:
        text = subject.folded
        return [
            Hit("words", last - len(word) + 1, last + 1, "*" * len(word), word)
            for last, word in automaton.iter(text)
            if _stands_alone(text, last - len(word) + 1, last + 1)
        ]

    return find


def _stands_alone(text: str, start: int, end: int) -> bool:
    is_cut_before = start > 0 and _joins(text[start]) and _joins(text[start - 1])
    is_cut_after = end < len(text) and _joins(text[end - 1]) and _joins(text[end])
    return not (is_cut_before or is_cut_after)


def _joins(letter: str) -> bool:
    return letter < FIRST_UNSPACED and letter.isalnum()
