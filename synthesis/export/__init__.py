"""Datasets as files: records in, bytes out, page by page."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext

from synthesis import metadata as record_metadata
from synthesis.export import delimited, objects, workbook
from synthesis.export.columns import ColumnsChangedError as ColumnsChangedError
from synthesis.export.columns import NotATableError as NotATableError
from synthesis.export.columns import TooManyColumnsError as TooManyColumnsError
from synthesis.models import Dataset, Record

CONTENT_TYPES = {
    "jsonl": "application/x-ndjson; charset=utf-8",
    "json": "application/json; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
NAME_CHARACTERS = 100

_UNSAFE_IN_NAMES = re.compile(r'[\\/:*?"<>|\s]+')
_WRITERS: dict[str, Callable[..., Iterator[bytes]]] = {
    "jsonl": objects.lines,
    "json": objects.array,
    "csv": delimited.table,
    "xlsx": workbook.sheet,
}


class UnknownFormatError(ValueError):
    code = "unknown_format"

    def __init__(self, name: str) -> None:
        known = {"name": name, "known": ", ".join(CONTENT_TYPES)}
        super().__init__(
            gettext("There is no export format “%(name)s”; choose one of %(known)s.") % known
        )


def stream(
    records: QuerySet[Record], format: str, *, metadata: bool = False, **options: Any
) -> Iterator[bytes]:
    """Write the records' contents in the order of their ids, in memory that does not grow.

    Records that come in meanwhile are left out, and so are those without a content. With
    metadata, each carries what else is known of it. For csv and xlsx, safe=False keeps texts
    that a spreadsheet would run as formulas.
    Errors: UnknownFormatError; NotATableError for csv and xlsx. Both before the first byte.
    """
    if format not in _WRITERS:
        raise UnknownFormatError(format)
    key = record_metadata.key_of(records) if metadata else ""
    return _WRITERS[format](records, metadata_key=key, **options)


def file_name(dataset: Dataset, format: str) -> str:
    """Name a download after its dataset, without what file systems refuse."""
    visible = "".join(
        letter for letter in dataset.name if not unicodedata.category(letter).startswith("C")
    )
    stem = _UNSAFE_IN_NAMES.sub("_", visible).strip("._")[:NAME_CHARACTERS]
    return f"{stem or 'dataset'}.{format}"
