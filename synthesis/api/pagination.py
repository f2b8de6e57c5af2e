from __future__ import annotations

from rest_framework.pagination import CursorPagination


class KeyPagination(CursorPagination):
    """Page by id: no row is counted, and page one thousand costs what page one does."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    ordering = "-id"
