"""Rows that are JSON objects: one a line, or the elements of a list."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import BinaryIO

import ijson

from synthesis.tables import encodings
from synthesis.tables.rows import (
    LONGEST_ROW_BYTES,
    MOST_ROWS,
    Row,
    UnreadableFileError,
    parsed,
    row_of,
)

WHITE = b" \t\r\n"
END = object()


def lines(file: BinaryIO) -> Iterator[Row]:
    """Yield a row for each line that is not blank."""
    encoding = encodings.detect(file)
    number = 0
    for number, line in enumerate(bounded_lines(file), start=1):
        if number > MOST_ROWS:
            yield Row(number=number, problem="too_many_rows", detail=str(MOST_ROWS))
            return
        text = line.decode(encoding, errors="replace").lstrip("\ufeff")
        if text.strip():
            yield parsed(number, text)


def bounded_lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield lines; the rest of one that is too long is skipped, its beginning is kept."""
    while line := file.readline(LONGEST_ROW_BYTES + 2):
        yield line
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = file.readline(LONGEST_ROW_BYTES)


def array(file: BinaryIO) -> Iterator[Row]:
    """Yield the elements of a JSON list, also of one that is the only value of an object.

    Errors: UnreadableFileError when there is none, or the JSON breaks off.
    """
    if encodings.detect(file) not in ("utf-8", "utf-8-sig"):
        raise UnreadableFileError("bad_encoding")
    prefix = place_of_list(file)
    if prefix is None:
        yield from lines(file)
        return
    elements = ijson.items(file, prefix, use_float=True)
    for number in range(1, MOST_ROWS + 1):
        try:
            value = next(elements, END)
        except (ijson.JSONError, UnicodeDecodeError, RecursionError) as error:
            raise UnreadableFileError("bad_json", str(error).partition("\n")[0][:200]) from error
        if value is END:
            return
        yield row_of(number, value)
    yield Row(number=MOST_ROWS + 1, problem="too_many_rows", detail=str(MOST_ROWS))


def place_of_list(file: BinaryIO) -> str | None:
    """Find the first list of the document; None for JSON lines under the wrong name."""
    try:
        for prefix, event, _value in ijson.parse(skip_mark(file)):
            if event == "start_array":
                return f"{prefix}.item".lstrip(".")
            if prefix.count(".") > 1:
                break
    except (ijson.JSONError, UnicodeDecodeError):
        file.seek(0)
        first = file.readline(LONGEST_ROW_BYTES)
        if is_object(first):
            return None
        raise UnreadableFileError("not_a_list") from None
    finally:
        skip_mark(file)
    if is_object(file.readline(LONGEST_ROW_BYTES)):
        skip_mark(file)
        return None
    raise UnreadableFileError("not_a_list")


def skip_mark(file: BinaryIO) -> BinaryIO:
    file.seek(0)
    if file.read(3) != b"\xef\xbb\xbf":
        file.seek(0)
    return file


def is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line.strip(WHITE)), dict)
    except (ValueError, RecursionError):
        return False
