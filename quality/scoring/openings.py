"""How the texts of a dataset begin: what a hundred records say alike, the next should not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from quality.scoring.texts import Leaves

LEAST_RECORDS = 20


class Openings:
    """Count the openings of the records seen so far; the same order gives the same counts."""

    def __init__(self, contents: Iterable[Any] = ()) -> None:
        self.counts = Counter(Leaves(content).opening for content in contents)
        self.total = self.counts.total()

    @classmethod
    def of(cls, openings: Iterable[str]) -> Openings:
        """Count openings that were read before."""
        found = cls()
        found.counts.update(openings)
        found.total = found.counts.total()
        return found

    def add(self, leaves: Leaves) -> None:
        self.counts[leaves.opening] += 1
        self.total += 1

    def share(self, leaves: Leaves) -> float:
        """Return the share of the records that begin like this one, 0 to 1."""
        if self.total < LEAST_RECORDS:
            return 0.0
        return self.counts[leaves.opening] / self.total
