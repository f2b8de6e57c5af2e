"""Rows of the sheets of an XLSX workbook, unpacked only when it is small enough."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, BinaryIO

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from synthesis.tables import delimited
from synthesis.tables.rows import MOST_ROWS, Row, UnreadableFileError, row_of

MOST_UNPACKED_BYTES = 1024**3
MOST_EXPANSION = 200  # times; an honest workbook packs to a tenth, a bomb to a thousandth
# What openpyxl and its XML and ZIP readers raise, which do not check what they read.
DAMAGES = (
    ArithmeticError,
    AttributeError,
    EOFError,
    InvalidFileException,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


def every_table(file: BinaryIO) -> Iterator[Row]:
    """Yield the rows of all sheets; one without a header has none. Errors: as below."""
    for sheet in sheets_of(file):
        try:
            yield from rows_of(sheet)
        except UnreadableFileError as error:
            if error.code != "no_header":
                raise


def table(file: BinaryIO) -> Iterator[Row]:
    """Yield a row for each row below the first sheet's header.

    Errors: UnreadableFileError for a damaged workbook or a bomb.
    """
    for sheet in islice(sheets_of(file), 1):
        yield from rows_of(sheet)


def sheets_of(file: BinaryIO) -> Iterator[Any]:
    """Yield the sheets of a workbook that is opened once; formulas give their stored results."""
    check_size(file)
    try:
        workbook = openpyxl.load_workbook(file, read_only=True, data_only=True)
    except DAMAGES as error:
        raise UnreadableFileError("not_a_workbook") from error
    with closing(workbook):
        if not workbook.worksheets:
            raise UnreadableFileError("not_a_workbook")
        yield from workbook.worksheets


def rows_of(sheet: Any) -> Iterator[Row]:
    lines = lines_of(sheet)
    names = delimited.header(["" if cell is None else plain(cell) for cell in next(lines, ())])
    for number, line in enumerate(lines, start=2):
        if number > MOST_ROWS:
            yield Row(number=number, problem="too_many_rows", detail=str(MOST_ROWS))
            return
        if any(cell is not None for cell in line):
            yield row_of(number, delimited.content(names, [plain(cell) for cell in line]))


def lines_of(sheet: Any) -> Iterator[tuple[Any, ...]]:
    try:
        sheet.reset_dimensions()  # what wrote the file may have stated too few rows
        yield from sheet.iter_rows(values_only=True)
    except DAMAGES as error:
        raise UnreadableFileError("not_a_workbook") from error


def check_size(file: BinaryIO) -> None:
    """Refuse what unpacks to more than memory and patience hold, before unpacking it."""
    try:
        with zipfile.ZipFile(file) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise UnreadableFileError("not_a_workbook") from error
    packed = file.seek(0, 2)
    file.seek(0)
    if unpacked > MOST_UNPACKED_BYTES or unpacked > MOST_EXPANSION * max(packed, 100_000):
        raise UnreadableFileError("bomb", str(unpacked // 1024**2))


def plain(cell: Any) -> Any:
    """Return a cell's value as JSON holds it."""
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return cell
