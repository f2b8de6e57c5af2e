"""What must hold of the shares and counts of an order's rows, and the counts that follow."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

from django.utils.translation import gettext as _

from synthesis.allocation import HUNDRED, allocate, shares_of
from synthesis.content_rules import Problems
from synthesis.models import RatioTask
from synthesis.models.order import MOST_RECORDS


class Part(Protocol):
    """A row as it was typed; what is missing is None."""

    share: Decimal | None
    count: int | None


class RatioRefusedError(Exception):
    """The order cannot be carried out: whole is by field of the order, rows by row and field."""

    def __init__(self, whole: Problems, rows: Sequence[Problems]) -> None:
        super().__init__(whole, rows)
        self.whole = whole
        self.rows = rows


def divide(
    parts: Sequence[Part], *, split: str, total: int | None, found: Sequence[Problems]
) -> tuple[list[Decimal], list[int]]:
    """Return shares and counts of rows that nothing else was found against.

    Split by count, the counts decide: they make the total, and the shares follow.
    Errors: RatioRefusedError.
    """
    whole = sum_problems(parts, split, total)
    if whole or any(found):
        raise RatioRefusedError(whole, found)
    if split == RatioTask.Split.COUNTS:
        counts = [part.count or 0 for part in parts]
        return shares_of(counts), counts
    shares = [part.share or Decimal(0) for part in parts]
    counts = allocate(total or 0, shares)
    empty = _("Of %(total)s records this share is none. Raise the share or the total.")
    found = [{} if n else {"share": [empty % {"total": total}]} for n in counts]
    if any(found):
        raise RatioRefusedError({}, found)
    return shares, counts


def sum_problems(parts: Sequence[Part], split: str, total: int | None) -> Problems:
    if split == RatioTask.Split.COUNTS:
        return total_problems(sum(part.count or 0 for part in parts), total)
    if total is None:
        return {"total": [_("Say how many records there shall be.")]}
    sum_of_shares = sum((part.share or Decimal(0) for part in parts), Decimal(0))
    if sum_of_shares != HUNDRED:
        return {"categories": [wrong_sum(f"{sum_of_shares.normalize():f}")]}
    return {}


def wrong_sum(sum_of_shares: str) -> str:
    return _("The shares add up to %(sum)s%%, not to 100%%.") % {"sum": sum_of_shares}


def total_problems(sum_of_counts: int, total: int | None) -> Problems:
    if total not in (None, sum_of_counts):
        text = _("The counts add up to %(sum)s, not to the total of %(total)s.")
        return {"total": [text % {"sum": sum_of_counts, "total": total}]}
    if sum_of_counts > MOST_RECORDS:
        text = _("The counts add up to %(sum)s; at most %(limit)s are possible.")
        return {"total": [text % {"sum": sum_of_counts, "limit": MOST_RECORDS}]}
    return {}
