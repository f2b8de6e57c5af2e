"""Words that a finder waits for before it tries its patterns: all of them cost one look at a text.

Trying the patterns at every letter would take many times as long.
"""

from __future__ import annotations

from functools import cache

import ahocorasick

_awaited: set[str] = set()


def awaited(*words: str) -> frozenset[str]:
    """Have words, in lower case, looked for in every text; return them."""
    _awaited.update(words)
    _automaton.cache_clear()
    return frozenset(words)


def clues_in(folded: str) -> set[str]:
    return {word for _end, word in _automaton().iter(folded)}


@cache
def _automaton() -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for word in _awaited:
        automaton.add_word(word, word)
    automaton.make_automaton()
    return automaton
