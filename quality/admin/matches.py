"""The records that fit a list's filter, for pages that take the filter along."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.views import ChangeList

from synthesis.models import Record


class Matches(ChangeList):
    def get_results(self, request: HttpRequest) -> None:
        """Load no page of rows: only the queryset is wanted."""
        self.result_count, self.result_list = 0, self.queryset.none()


def matches(admin: Any, request: HttpRequest, own: tuple[str, ...] = ()) -> QuerySet[Record]:
    """Return the records that the address's filter chooses; own parameters are no filters.

    Errors: IncorrectLookupParameters; DisallowedModelAdminLookup.
    """
    asked, request.GET = request.GET, request.GET.copy()
    for name in own:
        request.GET.pop(name, None)
    try:
        return changelist(admin, request).queryset
    finally:
        request.GET = asked


def changelist(admin: Any, request: HttpRequest) -> Matches:
    return Matches(
        request,
        admin.model,
        list_display=(),
        list_display_links=(),
        list_filter=admin.get_list_filter(request),
        date_hierarchy=None,
        search_fields=admin.get_search_fields(request),
        list_select_related=False,
        list_per_page=admin.list_per_page,
        list_max_show_all=admin.list_max_show_all,
        list_editable=(),
        model_admin=admin,
        sortable_by=(),
        search_help_text="",
    )
