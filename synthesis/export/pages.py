"""Read any number of records in the order of their ids.

Pages by key rather than a server-side cursor: a slow download must not hold a
transaction open, and SQLite has no such cursors.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Max, QuerySet

from synthesis.models import Record

PAGE_RECORDS = 500


def contents(records: QuerySet[Record]) -> Iterator[list[Any]]:
    """Yield pages of the contents that exist now; later records do not prolong it."""
    return _contents_until(records, latest_id(records))


def latest_id(records: QuerySet[Record]) -> int:
    return records.order_by().aggregate(latest=Max("pk"))["latest"] or 0


def _contents_until(records: QuerySet[Record], end: int) -> Iterator[list[Any]]:
    rows = records.order_by("pk").filter(pk__lte=end).values_list("pk", "content")
    after = 0
    while page := list(rows.filter(pk__gt=after)[:PAGE_RECORDS]):
        yield [content for _pk, content in page if content is not None]
        after = page[-1][0]
