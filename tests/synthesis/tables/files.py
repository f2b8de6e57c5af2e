"""Files as users upload them, read with one call."""

from __future__ import annotations

import io
from typing import Any

import openpyxl

from synthesis import tables


def read(data: bytes | str, format: str) -> list[tables.Row]:
    encoded = data.encode() if isinstance(data, str) else data
    return list(tables.read(io.BytesIO(encoded), format))


def contents(data: bytes | str, format: str) -> list[object]:
    return [row.content for row in read(data, format)]


def problems(data: bytes | str, format: str) -> list[tuple[int, str, str]]:
    return [(row.number, row.problem, row.detail) for row in read(data, format) if row.problem]


def refusal(data: bytes | str, format: str) -> str:
    """Return the sentence with which a file is refused as a whole."""
    try:
        read(data, format)
    except tables.UnreadableFileError as error:
        return str(error)
    return ""


def saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def workbook(*lines: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    return saved(book)
