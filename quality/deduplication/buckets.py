"""Which places share a key, in arrays of numbers: a million records fit beside other work."""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt

from quality.shelves import FULLEST_BUCKET, warn_of_full_bucket

Keys = npt.NDArray[np.int64]
NOBODY = -1


class Buckets:
    """The places added so far, by the keys that they share with others.

    Cost: 21 bytes a place and column while it is made, 8 to 12 after that.
    """

    def __init__(self, keys: Keys) -> None:
        """Take the keys of all places, a row each; they are overwritten."""
        self.numbers = numbered(keys)
        count = int(self.numbers.max(initial=NOBODY)) + 1
        self.latest = np.full(count, NOBODY, dtype=np.int32)
        self.before = np.full(self.numbers.shape, NOBODY, dtype=np.int32)

    def crowded(self) -> list[int]:
        """List the places that share a key with any other, in their order."""
        shares: npt.NDArray[np.bool_] = (self.numbers != NOBODY).any(axis=1)
        return [int(place) for place in np.flatnonzero(shares)]

    def add(self, place: int) -> None:
        row = self.numbers[place]
        columns = np.flatnonzero(row != NOBODY)
        self.before[place, columns] = self.latest[row[columns]]
        self.latest[row[columns]] = place

    def latest_in(self, place: int, column: int) -> int:
        """Return who was added last with the place's key in a column, or NOBODY."""
        number = self.numbers[place, column]
        return NOBODY if number == NOBODY else int(self.latest[number])

    def sharing(self, place: int) -> Counter[int]:
        """Count for each place added the keys that it shares, for the latest of each key."""
        found: Counter[int] = Counter()
        for column in range(self.numbers.shape[1]):
            other = self.latest_in(place, column)
            for _step in range(FULLEST_BUCKET):
                if other == NOBODY:
                    break
                found[other] += 1
                other = int(self.before[other, column])
            else:
                warn_of_full_bucket()
        return found


def numbered(keys: Keys) -> npt.NDArray[np.int32]:
    """Number the keys that stand in more than one row of their column; the others are NOBODY."""
    numbers = np.empty(keys.shape, dtype=np.int32)
    start = 0
    for column in range(keys.shape[1]):
        _found, places, counts = np.unique(keys[:, column], return_inverse=True, return_counts=True)
        is_shared = counts > 1
        names = np.cumsum(is_shared, dtype=np.int32) - 1 + start
        names[~is_shared] = NOBODY
        numbers[:, column] = names[places]
        start += int(is_shared.sum())
    return numbers
