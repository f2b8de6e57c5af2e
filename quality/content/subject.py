"""The texts of one record, prepared once for all rules."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

# No text of a record holds it, so nothing is found across two texts.
SEPARATOR = "\x00"

# Letters, digits and the signs of numbers and addresses; Chinese punctuation stays as it is.
_WIDE = "\uff03\uff0b\uff0d\uff0e\uff10-\uff19\uff20-\uff3a\uff41-\uff5a"
_ODD = re.compile(f"[\u2019\u3000{_WIDE}]")
_PLAIN: dict[int, int | str] = {
    code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if _ODD.match(chr(code))
}
_PLAIN |= {0x2019: "'", 0x3000: " "}


class Hit(NamedTuple):
    """A place in the joined texts: what it is, what may stand there instead, what to tell."""

    code: str
    start: int
    end: int
    mark: str
    shown: str


class Subject:
    """One record's texts, joined; every form of them has the same length, so places agree."""

    def __init__(self, texts: Sequence[str], prompts: Sequence[str] = ()) -> None:
        self.texts = texts
        self.prompts = tuple(prompts)
        self.joined = SEPARATOR.join(texts)

    @cached_property
    def plain(self) -> str:
        """The texts with letters and digits of one width."""
        return plain(self.joined)

    @cached_property
    def folded(self) -> str:
        """The plain texts in lower case."""
        return lowered(self.plain)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(len(text) + 1 for text in self.texts)]

    def place(self, position: int) -> tuple[int, int]:
        """Return which text holds a position of the joined ones, and where in it."""
        number = min(bisect_right(self._starts, position) - 1, len(self.texts) - 1)
        return number, position - self._starts[number]


def plain(text: str) -> str:
    if text.isascii() or not _ODD.search(text):
        return text
    return text.translate(_PLAIN)


def fold(text: str) -> str:
    """Return the text in lower case and one width, as long as it was."""
    return lowered(plain(text))


def lowered(text: str) -> str:
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    # A few letters become two: they stay as they are, so that places agree.
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
