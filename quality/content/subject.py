"""The texts of one record, prepared once for all rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from quality.content.clues import clues_in
from quality.content.repeats import may_repeat

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
        self.plain = plain(self.joined)
        self.folded = lowered(self.plain)

    def has_any(self, words: frozenset[str]) -> bool:
        """Tell whether the folded texts hold one of some awaited words."""
        return not self._clues.isdisjoint(words)

    @cached_property
    def may_repeat(self) -> list[bool]:
        """Tell of each text whether it may repeat itself."""
        return may_repeat(self.texts)

    @cached_property
    def _clues(self) -> set[str]:
        return clues_in(self.folded)

    def number_at(self, position: int) -> int:
        """Return the number of the text that holds a position of the joined ones."""
        end = -1
        for number, text in enumerate(self.texts):
            end += len(text) + 1
            if position <= end:
                return number
        return len(self.texts) - 1


def subjects(records: Sequence[Sequence[str]], prompts: Sequence[str]) -> Iterator[Subject]:
    """Prepare the texts of many records: that costs less than record by record."""
    flags = iter(may_repeat([text for texts in records for text in texts]))
    for texts in records:
        subject = Subject(texts, prompts)
        subject.may_repeat = list(islice(flags, len(texts)))
        yield subject


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
