"""Files with rows: JSON, JSONL, CSV and XLSX in, objects out, one at a time.

Files are hostile input: sizes are bounded before and while they are read, and a row that
cannot be read does not take the others with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import PurePath
from typing import BinaryIO

from synthesis.tables import delimited, objects, sheets
from synthesis.tables.rows import Row, UnreadableFileError

__all__ = ["FORMATS", "SUFFIXES", "Row", "UnreadableFileError", "format_of", "read"]

FORMATS: dict[str, Callable[[BinaryIO], Iterator[Row]]] = {
    "jsonl": objects.lines,
    "json": objects.array,
    "csv": delimited.table,
    "tsv": partial(delimited.table, delimiter="\t"),
    "xlsx": sheets.table,
}
ALIASES = {"ndjson": "jsonl", "txt": "csv"}
SUFFIXES = (*FORMATS, *ALIASES)


def format_of(name: str) -> str:
    """Return the format that a file's name ends with.

    Errors: UnreadableFileError when it is none of FORMATS.
    """
    suffix = PurePath(name).suffix.lower().removeprefix(".")
    known = ALIASES.get(suffix, suffix)
    if known not in FORMATS:
        raise UnreadableFileError("unknown_format", suffix or name)
    return known


def read(file: BinaryIO, format: str) -> Iterator[Row]:
    """Yield the rows of a file, from its beginning, in memory that does not grow.

    Errors: UnreadableFileError when the file as a whole cannot be read.
    """
    file.seek(0)
    return FORMATS[format](file)
