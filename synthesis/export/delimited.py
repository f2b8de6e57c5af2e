"""Records as a CSV table that spreadsheets open without running anything."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from synthesis.export import columns
from synthesis.models import Record
from synthesis.tables.delimited import FORMULA


def table(
    records: QuerySet[Record], *, safe: bool = True, metadata_key: str = ""
) -> Iterator[bytes]:
    """Write a table with a column for each key, in UTF-8 with a mark that Excel needs."""
    names, values = columns.named_values(records, metadata_key)
    return _pages(values, names, safe)


def neutral(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would take for a formula."""
    return f"'{text}" if FORMULA.match(text) else text


def cell(value: Any, *, safe: bool = True) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return neutral(value) if safe else value
    return json.dumps(value, ensure_ascii=False)


def _pages(
    pages: Iterable[list[dict[str, Any]]], names: Sequence[str], safe: bool
) -> Iterator[bytes]:
    yield codecs.BOM_UTF8
    if names:
        yield _rows([[cell(name, safe=safe) for name in names]])
    for page in pages:
        if page:
            yield _rows([cell(values.get(name), safe=safe) for name in names] for values in page)


def _rows(rows: Iterable[Sequence[str]]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue().encode(errors="replace")
