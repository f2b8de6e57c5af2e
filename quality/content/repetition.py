"""Find texts that go round in circles, and runs of one character."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Sequence

from quality.characters import FIRST_UNSPACED
from quality.content.repeats import (
    FEWEST_REPEATS,
    LONGEST_WORDS,
    MOST_TOP_SHARE,
    PIECE,
    SHORTEST_LOOP,
)
from quality.content.subject import Hit, Subject

# Rulers, ellipses and rows of zeros are ordinary.
RUN = re.compile(r"([^\W\d_]|[!?。！？，,])\1{11,}")
_ROWS = re.compile(r"([\W\d_])\1{3,}")
SHORTEST_MEASURED = 60
# Below this a text cannot have a loop: the measures that cost more are left out.
SUSPICIOUS_RATIO = 1.9
MOST_REPEATED_SHARE = 0.35
LONGEST_SHOWN = 40


def find(subject: Subject) -> list[Hit]:
    hits = []
    start = 0
    for text, may_repeat in zip(subject.texts, subject.may_repeat, strict=True):
        hit = may_repeat and (_run(text, start) or _loop(text, start))
        if hit:
            hits.append(hit)
        start += len(text) + 1
    return hits


def _run(text: str, start: int) -> Hit | None:
    if not (match := RUN.search(text)):
        return None
    shown = f"{match[1]} × {len(match[0])}"
    return Hit("run", start + match.start(), start + match.end(), "", shown)


def _loop(text: str, start: int) -> Hit | None:
    for begin in range(0, len(text), PIECE):
        piece = text[begin : begin + PIECE]
        if (looped := _looped(piece)) is not None:
            end = start + begin + len(piece)
            return Hit("loop", start + begin, end, "", looped.strip()[:LONGEST_SHOWN])
    return None


def _looped(text: str) -> str | None:
    """Return what a text says again and again, or nothing."""
    if len(text) < SHORTEST_LOOP or _ratio(text) < SUSPICIOUS_RATIO:
        return None
    text = _ROWS.sub(r"\1\1", text)
    units, gap, sizes = _units(text)
    for size in sizes if len(text) >= SHORTEST_MEASURED else sizes[:1]:
        looped = _top(units, size, gap)
        if looped is not None:
            return looped
    return None


def _ratio(text: str) -> float:
    data = text.encode("utf-8", "replace")
    return len(data) / len(zlib.compress(data, 1))


def _units(text: str) -> tuple[Sequence[str], str, tuple[int, ...]]:
    """Take a text apart in words or letters; tell what joins them and how many are a repeat."""
    words = text.lower().split()
    is_spaced = text.isascii() or sum(letter >= FIRST_UNSPACED for letter in text) * 3 < len(text)
    if is_spaced and len(words) * LONGEST_WORDS > len(text):
        return words, " ", (4, 5)
    return "".join(words), "", (12, 16) if is_spaced else (4, 5)


def _top(units: Sequence[str], size: int, gap: str) -> str | None:
    """Return the most frequent run of so many units, if it or all repeated ones are too many."""
    grams = Counter(tuple(units[at : at + size]) for at in range(len(units) - size + 1))
    if not grams:
        return None
    gram, times = grams.most_common(1)[0]
    total = sum(grams.values())
    repeated = sum(count for count in grams.values() if count >= FEWEST_REPEATS)
    if times < FEWEST_REPEATS:
        return None
    if times * size / len(units) > MOST_TOP_SHARE or repeated / total > MOST_REPEATED_SHARE:
        return gap.join(gram)
    return None
