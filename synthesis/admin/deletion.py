"""Ask before deleting, with counts: what goes along may be a million rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext

Preview = tuple[list[str], dict[str, int], set[str], list[str]]


def preview(
    objects: Iterable[Model], counted: Iterable[QuerySet[Any]], protected: list[str]
) -> Preview:
    """Return what Django's confirmation page shows, without loading what is deleted."""
    rows = list(objects)
    lines = [describe(row) for row in rows]
    counts: dict[str, int] = {}
    if rows:
        counts[str(rows[0]._meta.verbose_name_plural)] = len(rows)
    for queryset in counted:
        counts[str(queryset.model._meta.verbose_name_plural)] = queryset.count()
    return lines, counts, set(), protected


def describe(row: Model) -> str:
    return gettext("%(kind)s: %(name)s") % {
        "kind": capfirst(row._meta.verbose_name),
        "name": row,
    }
