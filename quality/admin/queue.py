"""The queue: one record after the other, with all that a decision needs."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from quality import review
from quality.admin.matches import matches
from synthesis.admin.records import origin_of
from synthesis.models import Dataset, Record

# What an address says beside the filter.
OWN = ("after", "record", "edit", "mine", "all", "latest")
MOST_COUNTED = 10_000
QUICK_REASONS = (
    _("Wrong facts"),
    _("Incomplete"),
    _("Off the topic"),
    _("Badly written"),
    _("Harmful"),
)
RELATED = (
    "dataset",
    "duplicate_of",
    "reviewer",
    "assigned_to",
    "language_model__provider",
    "run__task",
    "run__template_version",
    "batch__language_model__provider",
)


def number_in(query: QueryDict, name: str) -> int:
    text = query.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def address(query: QueryDict, **changes: Any) -> str:
    """Return the query of another place of the same queue."""
    changed = query.copy()
    for name in ("after", "record", "edit", "latest"):
        changed.pop(name, None)
    for name, value in changes.items():
        changed[name] = str(value)
    return f"?{changed.urlencode()}"


def scope_of(admin: Any, request: HttpRequest) -> QuerySet[Record]:
    """Return the records that somebody has decided on, and those that wait for a decision.

    Those that the checks refused wait only when they are asked for, or assigned.
    """
    records = matches(admin, request, OWN)
    if request.GET.get("mine"):
        return records.filter(assigned_to=request.user)
    names_status = any(name.startswith("status") for name in request.GET)
    if request.GET.get("all") or names_status:
        return records
    is_open = Q(review=Record.Review.UNREVIEWED)
    return records.exclude(is_open & ~Q(status=Record.Status.ACCEPTED))


def next_record(waiting: QuerySet[Record], after: int) -> Record | None:
    """Return the first record after an id, else the first of those that were passed over."""
    rows = waiting.select_related(*RELATED).order_by("pk")
    return rows.filter(pk__gt=after).first() or (rows.first() if after else None)


def bounded_count(records: QuerySet[Record]) -> int:
    """Count records up to a bound, so that a queue of a million costs no more."""
    return records.order_by().values("pk")[:MOST_COUNTED].count()


def shown(admin: Any, request: HttpRequest) -> Record | None:
    scope = scope_of(admin, request)
    if number := number_in(request.GET, "record"):
        return Record.objects.select_related(*RELATED).filter(pk=number).first()
    waiting = scope & review.waiting_for(request.user)
    return next_record(waiting, number_in(request.GET, "after"))


def context(admin: Any, request: HttpRequest) -> dict[str, Any]:
    """Collect what the page shows.

    Errors: IncorrectLookupParameters.
    """
    record, query = shown(admin, request), request.GET
    scope = scope_of(admin, request)
    total = bounded_count(scope)
    reviewed = bounded_count(scope.exclude(review=Record.Review.UNREVIEWED))
    page = {
        "record": record,
        "total": total,
        "reviewed": reviewed,
        "percent": reviewed * 100 // total if total else 100,
        "is_bounded": total == MOST_COUNTED,
        "dataset": dataset_of(query),
        "is_mine": bool(query.get("mine")),
        "is_all": bool(query.get("all")),
        "switch_mine": switched(query, "mine"),
        "switch_all": switched(query, "all"),
        "quick_reasons": QUICK_REASONS,
        **undoing(query),
        "may_change": admin.has_change_permission(request, record),
    }
    if record is None:
        return page
    return {**page, **origin_of(record), **places(query, record)}


def places(query: QueryDict, record: Record) -> dict[str, str]:
    """Where the buttons lead."""
    return {
        "next": address(query, after=record.pk),
        "next_decided": address(query, after=record.pk, latest=record.pk),
        "here": address(query, record=record.pk),
        "edit": address(query, record=record.pk, edit=1),
    }


def undoing(query: QueryDict) -> dict[str, Any]:
    """Which decision was the latest here, and where one lands that takes it back."""
    latest = number_in(query, "latest")
    return {"latest": latest, "undone": address(query, record=latest)} if latest else {}


def switched(query: QueryDict, name: str) -> str:
    changed = query.copy()
    if not changed.pop(name, None):
        changed[name] = "1"
    return address(changed)


def dataset_of(query: QueryDict) -> Dataset | None:
    try:
        return Dataset.objects.get(pk=number_in(query, "dataset__id__exact"))
    except ObjectDoesNotExist:
        return None
