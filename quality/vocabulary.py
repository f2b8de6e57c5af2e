"""What the guard against false duplicates knows about words, read from quality/words/."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent / "words"
NEGATING_PREFIXES = ("un", "in", "im", "ir", "il", "dis", "non", "mis", "anti", "de")
NEGATING_ENDINGS = (("less", "ful"), ("less", ""), ("free", ""))
WORD_LISTS = ("function_words_en", "negations_en", "names_zh")
REMEMBERED_WORDS = 50_000
ENDINGS = ("ies", "es", "s", "ied", "ed", "d", "ing", "ly", "er", "est")


def lines(name: str) -> Iterator[list[str]]:
    for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split()


@cache
def listed(name: str) -> frozenset[str]:
    """Return the words of one list."""
    return frozenset(word for words in lines(name) for word in words)


@cache
def written_numbers() -> dict[str, str]:
    return dict(lines("numbers_en"))


@cache
def synonyms() -> dict[str, frozenset[int]]:
    """Map words to the numbers of the groups that they stand in."""
    found: dict[str, set[int]] = defaultdict(set)
    number = 0
    for name in ("synonyms_en", "synonyms_more_en", "synonyms_zh"):
        for words in lines(name):
            number += 1
            for word in words:
                found[word].add(number)
    return {word: frozenset(groups) for word, groups in found.items()}


@cache
def antonyms() -> frozenset[tuple[str, str]]:
    pairs = {
        (one, other)
        for name in ("antonyms_en", "antonyms_more_en", "antonyms_zh")
        for one, other in lines(name)
    }
    return frozenset(pairs | {(other, one) for one, other in pairs})


@cache
def opposites_of_words() -> frozenset[str]:
    return frozenset(word for pair in antonyms() for word in pair)


@lru_cache(REMEMBERED_WORDS)
def is_known(word: str) -> bool:
    """Say whether any list has the word; what is in none may be a name or a slip."""
    lists = (synonyms(), opposites_of_words(), *map(listed, WORD_LISTS))
    return any(stem in known for known in lists for stem in stems(word))


def are_synonyms(one: str, other: str) -> bool:
    groups = synonyms()
    return any(
        groups.get(a, frozenset()) & groups.get(b, frozenset()) or a == b
        for a in stems(one)
        for b in stems(other)
    )


def are_opposites(one: str, other: str) -> bool:
    """Say whether two English words, or two Chinese ones of any length, are opposites."""
    known = antonyms()
    if (one, other) in known or any((a, b) in known for a in stems(one) for b in stems(other)):
        return True
    return negates(one, other) or negates(other, one)


def negates(one: str, other: str) -> bool:
    """Say whether one is other with a negating prefix or ending: unable, careless."""
    if one.isascii() and len(other) > 3 and one.endswith(other):
        return one[: -len(other)] in NEGATING_PREFIXES
    return any(
        one.endswith(ending) and other == one[: -len(ending)] + instead
        for ending, instead in NEGATING_ENDINGS
        if len(one) > len(ending) + 2
    )


@lru_cache(REMEMBERED_WORDS)
def stems(word: str) -> tuple[str, ...]:
    """Return the word and what it may be a form of."""
    if not word.isascii() or len(word) < 4:
        return (word,)
    found = {word: None}
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            stem = word[: -len(ending)]
            if ending in ("ies", "ied"):
                stem += "y"
            found[stem] = None
            if ending in ("ed", "ing", "er", "est", "es"):
                found[stem + "e"] = None
                if len(stem) > 2 and stem[-1] == stem[-2]:
                    found[stem[:-1]] = None
    return tuple(found)
