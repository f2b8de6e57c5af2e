"""Rows that are JSON objects: one a line, or the elements of a list."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import TextIOBase
from itertools import islice
from typing import BinaryIO

from synthesis.tables import elements, encodings
from synthesis.tables.rows import (
    LONGEST_ROW_BYTES,
    MOST_ROWS,
    Row,
    UnreadableFileError,
    parsed,
)

BLANK = " \t\r\n\ufeff"


def lines(file: BinaryIO) -> Iterator[Row]:
    """Yield a row for each line that is not blank."""
    with encodings.text_of(file, newline="\n") as text:
        yield from listed(bounded_lines(text))


def bounded_lines(text: TextIOBase) -> Iterator[str]:
    """Yield lines; the rest of one that is too long is skipped, its beginning is kept."""
    while line := text.readline(LONGEST_ROW_BYTES + 2):
        yield line
        rest = line
        while rest and not rest.endswith("\n"):
            rest = text.readline(LONGEST_ROW_BYTES)


def array(file: BinaryIO) -> Iterator[Row]:
    """Yield the elements of a list, of one inside an object too, or JSON lines by another name.

    Errors: UnreadableFileError when there is none, or the list breaks off.
    """
    with encodings.text_of(file, newline="\n") as text:
        place = place_of_list(text)
        text.seek(0)
        texts = bounded_lines(text) if place is None else elements.of_list(text, place)
        yield from listed(texts)


def place_of_list(text: TextIOBase) -> int | None:
    """Say which list holds the rows; None when each line does.

    Errors: UnreadableFileError.
    """
    first = first_lines(text)
    if len(first) == 2 and all(map(is_object, first)):
        return None
    text.seek(0)
    place = elements.place_of_list(text)
    if place is None and not all(map(is_object, first or [""])):
        raise UnreadableFileError("not_a_list")
    return place


def listed(texts: Iterator[str]) -> Iterator[Row]:
    for number, text in enumerate(texts, start=1):
        if number > MOST_ROWS:
            yield Row(number=number, problem="too_many_rows", detail=str(MOST_ROWS))
            return
        if text := text.strip(BLANK):
            yield parsed(number, text)


def first_lines(text: TextIOBase) -> list[str]:
    return list(islice((line for line in bounded_lines(text) if line.strip()), 2))


def is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line.lstrip("\ufeff")), dict)
    except (ValueError, RecursionError):
        return False
