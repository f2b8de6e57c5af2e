"""The elements of a JSON list, cut out of its text one at a time.

Only brackets, commas and quotes are looked at, so that neither depth nor length nor a bad
element can hurt: each is parsed by itself afterwards, like a line of JSONL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import TextIOBase

from synthesis.tables.rows import LONGEST_ROW_BYTES, UnreadableFileError

CHUNK_CHARACTERS = 64 * 1024
DEEPEST_LIST = 2  # objects around it
OUTSIDE = re.compile(r'["\[\]{},]')
DEPTHS = {"[": 1, "{": 1, "]": -1, "}": -1}
INSIDE = re.compile(r'["\\]')


def marks(text: TextIOBase) -> Iterator[tuple[str, str]]:
    """Yield each bracket and comma that is in no string, after the text before it.

    A text that a chunk ends in comes with an empty mark.
    """
    quoted, skipped = False, 0
    while chunk := text.read(CHUNK_CHARACTERS):
        start, position = 0, skipped
        while found := (INSIDE if quoted else OUTSIDE).search(chunk, position):
            position, mark = found.end(), found.group()
            if mark == '"':
                quoted = not quoted
            elif mark == "\\":
                position += 1
            else:
                yield chunk[start : found.start()], mark
                start = position
        skipped = max(0, position - len(chunk))
        yield chunk[start:], ""


def place_of_list(text: TextIOBase) -> int | None:
    """Count the lists that open before the one with the rows; None where there is none.

    It is the document itself, else the first list of objects, else the first value that is a list.
    """
    opened, depth, first = 0, 0, None
    blank, fresh = True, False
    for before, mark in marks(text):
        blank = blank and not before.strip()
        if mark and depth == 0:
            if mark != "{" or not blank:
                return 0 if mark == "[" and blank else None
        elif mark == "{" and fresh and blank:
            return opened - 1
        elif mark == "[" and depth == 1 and first is None:
            first = opened
        if mark:
            fresh, blank = mark == "[" and depth <= DEEPEST_LIST, True
            opened += mark == "["
            depth += DEPTHS.get(mark, 0)
    return first


def of_list(text: TextIOBase, place: int) -> Iterator[str]:
    """Yield the text of each element of a list, the beginning only of one that is too long.

    Errors: UnreadableFileError when the list breaks off, or other text follows the document.
    """
    found = marks(text)
    depth_of_list = enter(found, place)
    element, depth = Element(), 0
    for before, mark in found:
        element.add(before)
        if depth or mark not in (",", "]"):
            element.add(mark)
            depth = max(0, depth + DEPTHS.get(mark, 0))
            continue
        yield element.take()
        if mark == "]":
            if depth_of_list == 0 and any(rest.strip() or more for rest, more in found):
                raise UnreadableFileError("bad_json", "more follows the list")
            return
    raise UnreadableFileError("bad_json", "the list breaks off")


def enter(found: Iterator[tuple[str, str]], place: int) -> int:
    """Go to the beginning of a list, and tell how deep it lies."""
    depth = 0
    for _before, mark in found:
        if mark == "[":
            if place == 0:
                return depth
            place -= 1
        depth += DEPTHS.get(mark, 0)
    raise UnreadableFileError("not_a_list")


class Element:
    """The text of one element, kept no further than shows that it is too long."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.room = LONGEST_ROW_BYTES + 1

    def add(self, text: str) -> None:
        if not self.parts:
            text = text.lstrip()
        if self.room > 0 and text:
            self.parts.append(text[: self.room])
            self.room -= len(text)

    def take(self) -> str:
        text = "".join(self.parts)
        self.parts, self.room = [], LONGEST_ROW_BYTES + 1
        return text
