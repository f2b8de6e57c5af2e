"""Which records the rows of a mixture draw, and in which order: by the seed alone.

The row that finds the fewest draws first, so that a wide filter leaves a narrow one its own.
"""

from __future__ import annotations

import random
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from synthesis.models import MixtureRow

PAGE_IDS = 10_000


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What a row's filters find, and how many of these it can draw beside the other rows."""

    found: int
    drawable: int


class Draws:
    """The records of every row, none of them twice.

    Cost: 8 bytes for each record that the row at work finds, and about 100 for each drawn
    from a dataset that several rows draw from.
    """

    def __init__(self, rows: Sequence[MixtureRow], seed: int) -> None:
        self.seed = seed
        self.found = {row.position: row.candidates().count() for row in rows}
        self.rows = sorted(rows, key=lambda row: (self.found[row.position], row.position))
        uses = Counter(row.source_id for row in rows)
        self.shared = {source for source, count in uses.items() if count > 1}
        wanted: Counter[int] = Counter()
        for row in rows:
            wanted[row.source_id] += row.count
        # Where each row finds what all want together, none can leave another short.
        scarce = {row.source_id for row in rows if self.found[row.position] < wanted[row.source_id]}
        self.contested = self.shared & scarce
        self.taken: set[int] = set()

    def of(self, row: MixtureRow) -> Iterator[int]:
        """Yield ids in random order, each as it is asked for."""
        rng = random.Random(f"{self.seed}:{row.position}")  # noqa: S311  reproducible, not secret
        for pk in shuffled(ids_of(row), rng):
            if pk in self.taken:
                continue
            if row.source_id in self.shared:
                self.taken.add(pk)
            yield pk

    def forecast(self, row: MixtureRow) -> Forecast:
        """Draw the row's count without reading any content; rows come in the order of rows."""
        found = self.found[row.position]
        if row.source_id not in self.contested:
            return Forecast(found=found, drawable=min(found, row.count))
        return Forecast(found=found, drawable=sum(1 for _pk in islice(self.of(row), row.count)))


def forecasts(rows: Sequence[MixtureRow], seed: int) -> dict[int, Forecast]:
    """Foretell by position what every row can draw."""
    draws = Draws(rows, seed)
    return {row.position: draws.forecast(row) for row in draws.rows}


def ids_of(row: MixtureRow) -> array[int]:
    ids = row.candidates().order_by("pk").values_list("pk", flat=True)
    return array("q", ids.iterator(chunk_size=PAGE_IDS))


def shuffled(ids: array[int], rng: random.Random) -> Iterator[int]:
    """Yield the ids in random order, and use up the array; who stops early pays for no more."""
    while ids:
        place = rng.randrange(len(ids))
        ids[place], ids[-1] = ids[-1], ids[place]
        yield ids.pop()
