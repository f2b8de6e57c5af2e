"""Cut the text of a document in chunks, each with its place: text[start:end] is the chunk.

Pure, and linear in the text. Only white space between chunks and the delimiters are left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

Span: TypeAlias = tuple[int, int]

BLANK_LINE = re.compile(r"\n[^\S\n]*+\n\s*+")
# A stop begins where no stop is before it, so that a row of ten thousand is looked at once.
SENTENCE_END = re.compile(
    r"(?<![。！？…；])[。！？…；]++[”’」』）】]*+\s*+|(?<![.!?;])[.!?;]++[\"'”’)\]]*+\s++"
)
LINE_END = re.compile(r"\n\s*+")
SPACE = re.compile(r"\s++")
BOUNDARIES = (BLANK_LINE, SENTENCE_END, LINE_END, SPACE)  # the best first
JOINER = "\u200d"  # of several pictures in one
NEVER_FIRST = frozenset("。！？…；，、：”’」』）】》") | {JOINER}
SKIN_TONES = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
PATH = " > "


@dataclass(frozen=True, kw_only=True)
class Cutting:
    """How to cut. Units: characters; more than half of a chunk is never repeated."""

    by: str
    length: int
    overlap: int = 0
    delimiter: str = ""

    @property
    def repeated(self) -> int:
        return min(self.overlap, self.length // 2)


class Heading(NamedTuple):
    start: int
    level: int
    title: str


class Chunk(NamedTuple):
    start: int
    end: int
    heading: str


def cut(text: str, cutting: Cutting, headings: Sequence[Heading] = ()) -> Iterator[Chunk]:
    """Yield the chunks in the order of the text, each under the path of its headings."""
    path = Path(headings)
    reached = 0
    for span in METHODS[cutting.by](text, cutting, headings):
        start, end = trimmed(text, *span)
        # A last window of white space alone would repeat what the one before it ends in.
        if start < end and end > reached:
            reached = end
            yield Chunk(start, end, path.at(start))


class Path:
    """The headings above a place; places are asked for in the order of the text."""

    def __init__(self, headings: Sequence[Heading]) -> None:
        self.rest = iter(headings)
        self.following = next(self.rest, None)
        self.open: list[Heading] = []

    def at(self, start: int) -> str:
        while self.following is not None and self.following.start <= start:
            level = self.following.level
            self.open = [heading for heading in self.open if heading.level < level]
            self.open.append(self.following)
            self.following = next(self.rest, None)
        return PATH.join(heading.title for heading in self.open)


def by_length(text: str, cutting: Cutting, _headings: Sequence[Heading]) -> Iterator[Span]:
    return windows(text, (0, len(text)), cutting.length, cutting.repeated)


def by_paragraph(text: str, cutting: Cutting, _headings: Sequence[Heading]) -> Iterator[Span]:
    """Merge what blank lines part, as long as it fits; cut what does not."""
    start = end = 0
    for first, last in parted(text, BLANK_LINE):
        if last - start > cutting.length and start < end:
            yield from windows(text, (start, end), cutting.length, 0)
            start = first
        end = last
    yield from windows(text, (start, end), cutting.length, 0)


def by_heading(text: str, cutting: Cutting, headings: Sequence[Heading]) -> Iterator[Span]:
    """Make a chunk of each section, more of a long one; without headings, of paragraphs."""
    if not headings:
        yield from by_paragraph(text, cutting, headings)
        return
    starts = [0, *(heading.start for heading in headings)]
    for span in zip(starts, [*starts[1:], len(text)], strict=True):
        yield from windows(text, span, cutting.length, cutting.repeated)


def by_delimiter(text: str, cutting: Cutting, _headings: Sequence[Heading]) -> Iterator[Span]:
    for span in parted(text, re.compile(re.escape(cutting.delimiter))):
        yield from windows(text, span, cutting.length, cutting.repeated)


METHODS: dict[str, Callable[[str, Cutting, Sequence[Heading]], Iterator[Span]]] = {
    "length": by_length,
    "paragraph": by_paragraph,
    "heading": by_heading,
    "delimiter": by_delimiter,
}


def parted(text: str, separator: re.Pattern[str]) -> Iterator[Span]:
    start = 0
    for match in separator.finditer(text):
        yield start, match.start()
        start = match.end()
    yield start, len(text)


def windows(text: str, span: Span, length: int, overlap: int) -> Iterator[Span]:
    """Cut a span at the best boundary in the last part of each window.

    Each window goes on by a quarter of its length at least, whatever it repeats.
    """
    start, end = after_space(text, *span), span[1]
    least = max(length // 2, overlap + length // 4)
    while end - start > length:
        stop = best_boundary(text, start + least, start + length)
        yield start, stop
        start = after_space(text, resumption(text, stop - overlap, stop), end)
    yield start, end


def after_space(text: str, start: int, end: int) -> int:
    found = SPACE.match(text, start, end)
    return found.end() if found else start


def best_boundary(text: str, low: int, high: int) -> int:
    for boundary in BOUNDARIES:
        ends = [match.end() for match in boundary.finditer(text, low, high)]
        if ends and is_inside(text, ends[-1]):
            ends.pop()
        if ends:
            return ends[-1]
    return next((place for place in range(high, low, -1) if not is_inside(text, place)), high)


def is_inside(text: str, place: int) -> bool:
    """Tell whether a cut would part a letter from its marks, or a sentence from its end."""
    before, after = text[place - 1], text[place]
    if before == JOINER:
        return True
    belongs = after in NEVER_FIRST or after in SKIN_TONES or unicodedata.category(after)[0] == "M"
    return belongs and not before.isspace()


def resumption(text: str, low: int, stop: int) -> int:
    """Begin what is repeated at a sentence, else at a word."""
    for boundary in (SENTENCE_END, SPACE):
        found = boundary.search(text, low, stop)
        if found and found.end() < stop:
            return found.end()
    return next((place for place in range(low, stop) if not is_inside(text, place)), low)


def trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    begun = piece.lstrip()
    return start + len(piece) - len(begun), end - (len(piece) - len(piece.rstrip()))
