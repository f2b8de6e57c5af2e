"""Texts seen so far, found again by what they share: the index in memory."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from quality.likeness import DEFAULT_THRESHOLD, Likeness, Verdict, compare
from quality.readings import Reading

logger = logging.getLogger(__name__)

LIVE = ("accepted", "pending")  # what a repeat is measured against
FULLEST_BUCKET = 100  # texts that share one key; in longer queues only other keys tell texts apart
MOST_COMPARED = 12  # candidates a text, those that share most keys first


@dataclass(frozen=True)
class Rules:
    """What counts as a repeat."""

    near: bool = True
    """Find reworded texts too; without it, only the same content."""
    threshold: float = DEFAULT_THRESHOLD
    """Share of words that a repeat has in common with its twin."""
    fields: tuple[str, ...] | None = None
    """The names of the record's fields that are compared; None for all."""
    also_datasets: tuple[int, ...] = ()
    """Other datasets whose records must not come back here."""


class Stored(int):
    """The id of a twin that is stored; a plain int is a place in the list at hand."""


@dataclass(frozen=True)
class Match:
    place: int
    likeness: Likeness


class Shelf:
    """Buckets of places by key."""

    def __init__(self) -> None:
        self.buckets: dict[int, list[int]] = defaultdict(list)

    def add(self, place: int, keys: Iterable[int]) -> None:
        for key in keys:
            bucket = self.buckets[key]
            if len(bucket) < FULLEST_BUCKET:
                bucket.append(place)
                if len(bucket) == FULLEST_BUCKET:
                    warn_of_full_bucket()

    def sharing(self, keys: Iterable[int]) -> Counter[int]:
        """Count for each place the keys that it shares."""
        return sharing(self.buckets, keys)


def sharing(buckets: Mapping[int, list[int]], keys: Iterable[int]) -> Counter[int]:
    found: Counter[int] = Counter()
    for key in keys:
        if key in buckets:
            found.update(buckets[key])
    return found


warned: set[str] = set()


def warn_of_full_bucket() -> None:
    """Say once a process that many texts look alike, for it costs recall."""
    if not warned:
        warned.add("full")
        logger.warning(
            "More than %s texts share a part; what else they share tells them apart",
            FULLEST_BUCKET,
        )


def best(found: Counter[int]) -> list[int]:
    """Return the places that share most, the earliest first among equals."""
    if len(found) <= 1:
        return list(found)
    return sorted(found, key=lambda place: (-found[place], place))[:MOST_COMPARED]


def match(reading: Reading, others: Sequence[tuple[int, Reading]], rules: Rules) -> Match | None:
    """Return the first duplicate among candidates, else the variant that is most alike."""
    variant: Match | None = None
    for place, other in others:
        if reading.is_far_from(other):
            continue
        likeness = compare(reading, other, rules.threshold)
        if likeness.verdict == Verdict.DUPLICATE:
            return Match(place, likeness)
        if likeness.verdict == Verdict.VARIANT and (
            variant is None or likeness.similarity > variant.likeness.similarity
        ):
            variant = Match(place, likeness)
    return variant
