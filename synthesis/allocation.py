"""Split a number of records over shares so that the parts add up to it exactly."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

HUNDRED = Decimal(100)
SHARE_DIGITS = 4  # of a share in percent, where it follows from counts

Share = int | Decimal | Fraction


class AllocationError(ValueError):
    """Nothing can be split: a number is below zero, or there are no shares above it."""


def allocate(total: int, shares: Sequence[Share]) -> list[int]:
    """Split total by largest remainder; among equal remainders the earlier row gets more.

    Units: total and result in records; shares count in relation to each other.
    Errors: AllocationError.
    Source: largest-remainder (Hamilton) apportionment.
    """
    exact = [Fraction(share) for share in shares]
    whole = sum(exact, Fraction(0))
    if total < 0 or any(share < 0 for share in exact) or whole <= 0:
        raise AllocationError(f"cannot split {total} over {list(shares)}")
    quotas = [total * share / whole for share in exact]
    parts = [int(quota) for quota in quotas]
    # sorted() keeps the order of equal ones, and so the rows' own.
    by_remainder = sorted(range(len(parts)), key=lambda row: parts[row] - quotas[row])
    for row in by_remainder[: total - sum(parts)]:
        parts[row] += 1
    return parts


def shares_of(counts: Sequence[int]) -> list[Decimal]:
    """Return the percentages that counts amount to; rounded, they still add up to 100.

    Errors: AllocationError.
    """
    unit = Decimal(1).scaleb(-SHARE_DIGITS)
    return [part * unit for part in allocate(int(HUNDRED / unit), counts)]
