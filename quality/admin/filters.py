from __future__ import annotations

from typing import Any

from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from quality import review
from synthesis.models import Record

ME, NOBODY = "me", "nobody"


class AssignedFilter(DropdownFilter):
    """By reviewer; mine and nobody's first, for those are asked for most."""

    title = _("assigned to")
    parameter_name = "assigned"

    def lookups(self, _request: HttpRequest, _admin: ModelAdmin) -> list[tuple[str, Any]]:
        people = [(str(user.pk), str(user)) for user in review.reviewers()]
        return [(ME, _("me")), (NOBODY, _("nobody")), *people]

    def queryset(self, request: HttpRequest, records: QuerySet[Record]) -> QuerySet[Record]:
        who = self.value()
        if who == NOBODY:
            return records.filter(assigned_to=None)
        if who == ME:
            return records.filter(assigned_to=request.user)
        return records.filter(assigned_to=int(who)) if (who or "").isdecimal() else records
