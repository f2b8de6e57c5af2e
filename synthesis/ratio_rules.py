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
from synthesis.content_rules import Problems
from synthesis.errors import TaskNotReadyError
from synthesis.models import CategoryOrder, RatioTask, TemplateVersion
from synthesis.models.ratio import MOST_CATEGORIES
from synthesis.share_rules import RatioRefusedError, divide


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


def plan(rows: Sequence[Row], *, split: str, total: int | None) -> Plan:
    """Turn rows into orders whose counts add up to the total.

    Errors: RatioRefusedError.
    """
    found = [row_problems(row, rows, split) for row in rows]
    if whole := number_problems(rows):
        raise RatioRefusedError(whole, found)
    shares, counts = divide(rows, split=split, total=total, found=found)
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


def number_problems(rows: Sequence[Row]) -> Problems:
    if not rows:
        return {"categories": [_("Add at least one category.")]}
    if len(rows) > MOST_CATEGORIES:
        return {"categories": [_("At most %(limit)s categories.") % {"limit": MOST_CATEGORIES}]}
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
