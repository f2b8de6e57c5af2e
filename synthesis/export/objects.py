"""Records as JSON: one object a line, or one array."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from synthesis.export import columns, pages
from synthesis.models import Record


def lines(records: QuerySet[Record], *, metadata_key: str = "", **_options: Any) -> Iterator[bytes]:
    for page in _texts(records, metadata_key):
        yield "".join(f"{text}\n" for text in page).encode(errors="replace")


def array(records: QuerySet[Record], *, metadata_key: str = "", **_options: Any) -> Iterator[bytes]:
    separator = "[\n"
    for page in _texts(records, metadata_key):
        yield (separator + ",\n".join(page)).encode(errors="replace")
        separator = ",\n"
    yield b"[]\n" if separator == "[\n" else b"\n]\n"


def _texts(records: QuerySet[Record], metadata_key: str) -> Iterator[list[str]]:
    names = columns.named(records)
    for page in pages.contents(records, pages.label_of(records), metadata_key):
        if page:
            yield [
                json.dumps(columns.ordered(content, names), ensure_ascii=False) for content in page
            ]
