"""Ids by the keys that they share, in arrays of numbers: a million fit beside other work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from quality.readings import ALL_BITS
from quality.shelves import FULLEST_BUCKET, warn_of_full_bucket

SPREAD = 0x9E3779B97F4A7C15  # 2**64 by the golden ratio: neighbours come to lie far apart


class Chains:
    """A table that leads from a key to the latest id with it, and from there to those before.

    Cost: 15 to 20 bytes a key that was added, and as much address space from the beginning.
    """

    def __init__(self, most: int, columns: int) -> None:
        """Make room for so many ids; a key always stands in the same column."""
        bits = max(4, (most * columns * 5 // 4).bit_length())
        self.shift, self.mask = 64 - bits, 2**bits - 1
        # A view gives plain numbers, three times as fast as an array; zeros cost nothing yet.
        self.keys = memoryview(np.zeros(2**bits, dtype=np.int64))
        self.latest = memoryview(np.zeros(2**bits, dtype=np.int32))
        self.before = memoryview(np.zeros((most + 1, columns), dtype=np.int32))
        self.ids = memoryview(np.zeros(most + 1, dtype=np.int64))
        self.count = 0  # places begin with 1, so that 0 is nobody

    def add(self, pk: int, keys: Sequence[int]) -> None:
        self.count += 1
        self.ids[self.count] = pk
        for column, key in enumerate(keys):
            at = self.slot(key)
            self.before[self.count, column] = self.latest[at]
            self.keys[at], self.latest[at] = key, self.count

    def slot(self, key: int) -> int:
        """Return where a key stands, or would stand."""
        at = (key * SPREAD & ALL_BITS) >> self.shift
        while self.latest[at] and self.keys[at] != key:
            at = (at + 1) & self.mask
        return at

    def ids_with(self, key: int, column: int = 0) -> Iterator[int]:
        """Yield the ids that share a key, the latest first."""
        place = self.latest[self.slot(key)]
        while place:
            yield self.ids[place]
            place = self.before[place, column]

    def sharing(self, keys: Sequence[int]) -> Counter[int]:
        """Count for each id the keys that it shares, for the latest of each key."""
        found: Counter[int] = Counter()
        for column, key in enumerate(keys):
            for number, pk in enumerate(self.ids_with(key, column)):
                if number == FULLEST_BUCKET:
                    warn_of_full_bucket()
                    break
                found[pk] += 1
        return found
