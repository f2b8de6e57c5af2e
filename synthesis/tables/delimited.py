"""Rows of CSV and TSV tables, as spreadsheets and this product write them."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from synthesis.tables import encodings
from synthesis.tables.rows import (
    LONGEST_ROW_BYTES,
    MOST_COLUMNS,
    MOST_ROWS,
    Row,
    UnreadableFileError,
    row_of,
)

DELIMITERS = ",;\t|"
SNIFFED_CHARACTERS = 16 * 1024
QUOTED = re.compile(r'"[^"]*"')
# What Excel, LibreOffice and Google Sheets may take for a formula, spaces before it included;
# East Asian editions read the full-width signs too. OWASP, CSV Injection, seen 2026-08.
# An export puts an apostrophe before it, and before a text of which reading would take one away.
FORMULA = re.compile(r"'*(?:\s*[=+\-@＝＋－＠]|[\t\r\n])")


def table(file: BinaryIO, delimiter: str = "") -> Iterator[Row]:
    """Yield a row for each line below the header, which tells the delimiter if nobody does.

    Errors: UnreadableFileError for no text, no header, or one that names a column twice.
    """
    with encodings.text_of(file, newline="") as text:
        yield from rows(reader(text, delimiter or delimiter_of(text)))


def reader(text: io.TextIOBase, delimiter: str = ",") -> Iterator[list[str]]:
    """Yield the fields of each line; the text must have been opened with `newline=""`.

    Errors: csv.Error, for a field longer than LONGEST_ROW_BYTES.
    """
    # The limit is the whole process's: set before every use, it is the same for every reader.
    csv.field_size_limit(LONGEST_ROW_BYTES)
    return csv.reader(text, delimiter=delimiter)


def delimiter_of(text: io.TextIOWrapper) -> str:
    """Take the delimiter that the header has most of, outside quotes."""
    header = QUOTED.sub("", text.readline(SNIFFED_CHARACTERS))
    text.seek(0)
    return max(DELIMITERS, key=header.count)


def rows(lines: Iterator[list[str]]) -> Iterator[Row]:
    names = header(next_line(lines) or [])
    number = 1
    while (number := number + 1) <= MOST_ROWS:
        try:
            line = next(lines, None)
        except csv.Error as error:
            yield Row(number=number, problem="bad_table", detail=str(error))
            continue
        if line is None:
            return
        if any(line[len(names) :]):
            yield Row(number=number, problem="too_many_cells", detail=str(len(names)))
        elif sum(map(len, line)) > LONGEST_ROW_BYTES:
            yield Row(number=number, problem="too_long")
        elif any(line):
            yield row_of(number, content(names, line))
    yield Row(number=number, problem="too_many_rows", detail=str(MOST_ROWS))


def next_line(lines: Iterator[list[str]]) -> list[str] | None:
    try:
        return next(lines, None)
    except csv.Error as error:
        raise UnreadableFileError("bad_table", str(error)) from error


def header(names: Sequence[str]) -> list[str]:
    """Check the names of the columns.

    Errors: UnreadableFileError.
    """
    found = [genuine(str(name).strip().lstrip("\ufeff")) for name in names]
    named = [name for name in found if name]
    if not named:
        raise UnreadableFileError("no_header")
    if len(named) > MOST_COLUMNS:
        raise UnreadableFileError("too_many_columns", str(MOST_COLUMNS))
    for name in named:
        if named.count(name) > 1:
            raise UnreadableFileError("repeated_column", name[:100])
    return found


def content(names: Sequence[str], line: Sequence[Any]) -> dict[str, Any]:
    """Pair names and cells; an empty cell is no value, one without a name is left out."""
    pairs = zip(names, line, strict=False)
    return {name: value_of(cell) for name, cell in pairs if name and cell not in ("", None)}


def value_of(cell: Any) -> Any:
    """Read lists and objects back from the JSON that an export makes of them."""
    if not isinstance(cell, str):
        return cell
    if cell[:1] in "[{" and cell[-1:] in "]}":
        try:
            return json.loads(cell)
        except (ValueError, RecursionError):
            return cell
    return genuine(cell)


def genuine(text: str) -> str:
    """Take away the apostrophe that an export put before a text."""
    return text[1:] if text[:1] == "'" and FORMULA.match(text, 1) else text
