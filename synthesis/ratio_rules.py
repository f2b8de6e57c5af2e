"""What must hold before a ratio task is saved, as sentences per row and field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from providers.models import LanguageModel
from synthesis import content_rules
from synthesis.allocation import HUNDRED, allocate, shares_of
from synthesis.content_rules import Problems
from synthesis.errors import TaskNotReadyError
from synthesis.models import CategoryOrder, RatioTask, TemplateVersion
from synthesis.models.ratio import MOST_CATEGORIES

MOST_RECORDS = 10_000_000


@dataclass(frozen=True, kw_only=True)
class Row:
    """One category as it was typed; what is missing is None. The mix is model id to weight."""

    name: str
    share: Decimal | None = None
    count: int | None = None
    version: TemplateVersion | None = None
    values: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    mix: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Plan:
    total: int
    orders: list[CategoryOrder]


class RatioRefusedError(Exception):
    """The order cannot be carried out: whole is by field of the task, rows by row and field."""

    def __init__(self, whole: Problems, rows: list[Problems]) -> None:
        super().__init__(whole, rows)
        self.whole = whole
        self.rows = rows


def plan(rows: Sequence[Row], *, split: str, total: int | None) -> Plan:
    """Turn rows into orders whose counts add up to the total.

    Split by count, the counts decide: they make the total, and the shares follow.
    Errors: RatioRefusedError.
    """
    found = [row_problems(row, rows, split) for row in rows]
    whole = whole_problems(rows, split, total)
    if whole or any(found):
        raise RatioRefusedError(whole, found)
    if split == RatioTask.Split.COUNTS:
        counts = [row.count or 0 for row in rows]
        shares = shares_of(counts)
    else:
        shares = [row.share or Decimal(0) for row in rows]
        counts = allocate(total or 0, shares)
    empty = _("Of %(total)s records this share is none. Raise the share or the total.")
    found = [{} if n else {"share": [empty % {"total": total}]} for n in counts]
    if any(found):
        raise RatioRefusedError({}, found)
    orders = [order(*parts) for parts in zip(rows, shares, counts, strict=True)]
    return Plan(total=sum(counts), orders=orders)


def order(row: Row, share: Decimal, count: int) -> CategoryOrder:
    assert row.version is not None  # noqa: S101  row_problems() has refused such a row
    return CategoryOrder(
        name=row.name,
        share=share,
        count=count,
        version=row.version,
        values=row.values,
        parameters=row.parameters,
        mix=row.mix,
    )


def whole_problems(rows: Sequence[Row], split: str, total: int | None) -> Problems:
    if not rows:
        return {"categories": [_("Add at least one category.")]}
    if len(rows) > MOST_CATEGORIES:
        return {"categories": [_("At most %(limit)s categories.") % {"limit": MOST_CATEGORIES}]}
    if split == RatioTask.Split.COUNTS:
        return total_problems(sum(row.count or 0 for row in rows), total)
    if total is None:
        return {"total": [_("Say how many records there shall be.")]}
    sum_of_shares = sum((row.share or Decimal(0) for row in rows), Decimal(0))
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


def row_problems(row: Row, rows: Sequence[Row], split: str) -> Problems:
    found: Problems = {}
    if not row.name:
        found["name"] = [_("Name the category.")]
    elif Counter(other.name for other in rows)[row.name] > 1:
        found["name"] = [_("Another category has this name too. Give each its own.")]
    if split == RatioTask.Split.COUNTS and not (row.count or 0) > 0:
        found["count"] = [_("Say how many records this category is to have.")]
    if split == RatioTask.Split.SHARES and not (row.share or 0) > 0:
        found["share"] = [_("Give a share above 0%.")]
    if row.version is None:
        found["template"] = [_("Choose a template.")]
        return found
    found |= content_rules.task_problems(row.version.variables, row.values, row.parameters)
    if sentence := unusable(row.version, row.mix):
        found["models"] = [sentence]
    return found


def unusable(version: TemplateVersion, mix: dict[int, int]) -> str:
    """Say which model of a mix cannot be called, or that there is none; empty when all can."""
    chosen = list(LanguageModel.objects.select_related("provider").filter(pk__in=mix))
    if not chosen:
        fallback = version.language_model or LanguageModel.objects.default()
        if fallback is None:
            return str(TaskNotReadyError("no_model"))
        chosen = [fallback]
    for model in chosen:
        if not (model.is_enabled and model.provider.is_enabled):
            return str(TaskNotReadyError("model_disabled", str(model)))
    return ""
