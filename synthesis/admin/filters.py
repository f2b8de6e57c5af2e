"""The filter of lists by a related row, which is found by typing."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import AutocompleteSelectFilter


class RelatedFilter(AutocompleteSelectFilter):
    """Choose nothing where an address names no row: SQLite fails on numbers it cannot hold."""

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet | None:
        if self.is_impossible():
            return queryset.none()
        return super().queryset(request, queryset)

    def is_impossible(self) -> bool:
        key = self.field.target_field
        try:
            key.run_validators(key.to_python(self.value() or None))
        except ValidationError:
            self.lookup_val = None  # nor can the field on the page show it
            return True
        return False
