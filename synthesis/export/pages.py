"""Read any number of records in the order of their ids.

Pages by key rather than a server-side cursor: a slow download must not hold a
transaction open, and SQLite has no such cursors.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Max, QuerySet

from synthesis import metadata
from synthesis.models import Record

PAGE_RECORDS = 500
WHOLE = "content"  # the key of contents that are no objects


def fields(content: Any) -> Mapping[str, Any]:
    return content if isinstance(content, dict) else {WHOLE: content}


def label_of(records: QuerySet[Record]) -> str:
    """Return the key for the records' categories, one that no content has; empty without any."""
    # Where there is no ratio task at all, an index says so without a look at the records.
    if not (Record.objects.exclude(category="").exists() and records.exclude(category="").exists()):
        return ""
    others = (f"ratio_category_{number}" for number in itertools.count(2))
    for name in itertools.chain(("category", "ratio_category"), others):
        if not records.filter(**{f"content__{name}__isnull": False}).exists():
            break
    return name


def contents(
    records: QuerySet[Record], label: str = "", metadata_key: str = ""
) -> Iterator[list[Any]]:
    """Yield pages of the contents that exist now; later records do not prolong it.

    A label is the key under which a content carries the category of its record, the other
    key the one under which it carries what else is known of it.
    """
    for page in rows_until(records, latest_id(records), with_metadata=bool(metadata_key)):
        contents = [labelled(record.content, record.category, label) for record in page]
        if metadata_key:
            known = metadata.of(page)
            contents = [
                {**fields(content), metadata_key: row}
                for content, row in zip(contents, known, strict=True)
            ]
        yield contents


def latest_id(records: QuerySet[Record]) -> int:
    return records.order_by().aggregate(latest=Max("pk"))["latest"] or 0


def rows_until(records: QuerySet[Record], end: int, *, with_metadata: bool) -> Iterator[list[Any]]:
    rows: Any = records.order_by("pk").filter(pk__lte=end)
    if with_metadata:
        rows = metadata.joined(rows)
    else:
        rows = rows.values_list("pk", "content", "category", named=True)
    after = 0
    while page := list(rows.filter(pk__gt=after)[:PAGE_RECORDS]):
        yield [record for record in page if record.content is not None]
        after = page[-1].pk


def labelled(content: Any, category: str, label: str) -> Any:
    if not (label and category):
        return content
    return {**fields(content), label: category}
