"""How varied texts are, in three figures that cost milliseconds."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from quality.scoring.measures import TOKEN

SHINGLE = 3
COMPRESSED_CHARACTERS = 1_000_000


class Likeness(NamedTuple):
    mean: float
    """Of two texts taken at random, 0 to 1."""
    nearest: float
    """Of a text and the one that is most like it, 0 to 1."""


def tokens(text: str) -> list[str]:
    return TOKEN.findall(text.lower())


def distinct_share(texts: Sequence[Sequence[str]], size: int) -> float | None:
    """Return the share of different ones among all runs of size tokens; None without any.

    Source: distinct-n of Li et al., A Diversity-Promoting Objective Function, 2016.
    """
    seen: set[tuple[str, ...]] = set()
    total = 0
    for words in texts:
        grams = list(zip(*(words[start:] for start in range(size)), strict=False))
        seen.update(grams)
        total += len(grams)
    return len(seen) / total if total else None


def compression_ratio(texts: Sequence[str]) -> float | None:
    """Return how many times smaller zlib makes the texts together; None for no text.

    Varied prose gives about 2 to 3, one sentence filled in again and again 8 and more.
    """
    whole = "\n".join(texts)[:COMPRESSED_CHARACTERS].encode(errors="replace")
    return len(whole) / len(zlib.compress(whole, 6)) if whole else None


def self_similarity(texts: Sequence[Sequence[str]]) -> Likeness | None:
    """Compare every text with every other by the triples of tokens they share (Jaccard).

    Cost: quadratic; 300 texts take a fraction of a second. None for less than two texts.
    """
    sets = [shingles(words) for words in texts]
    if len(sets) < 2:
        return None
    nearest = [0.0] * len(sets)
    total = 0.0
    for one, first in enumerate(sets):
        for other in range(one + 1, len(sets)):
            likeness = jaccard(first, sets[other])
            total += likeness
            nearest[one] = max(nearest[one], likeness)
            nearest[other] = max(nearest[other], likeness)
    pairs = len(sets) * (len(sets) - 1) / 2
    return Likeness(total / pairs, sum(nearest) / len(nearest))


def shingles(words: Sequence[str]) -> frozenset[tuple[str, ...]]:
    if len(words) < SHINGLE:
        return frozenset((tuple(words),))
    return frozenset(
        (first, second, third)
        for (first, second), third in zip(pairwise(words), words[2:], strict=False)
    )


def jaccard(first: frozenset[tuple[str, ...]], second: frozenset[tuple[str, ...]]) -> float:
    shared = len(first & second)
    return shared / (len(first) + len(second) - shared) if shared else 0.0
