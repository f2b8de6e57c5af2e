"""What the readers of documents give, and the text that is put together of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from synthesis.chunking import Heading

MOST_CHARACTERS = 50_000_000
MOST_TITLE_CHARACTERS = 200
BETWEEN = "\n\n"


class DocumentError(Exception):
    """A document cannot be read; code is one of synthesis.documents.errors."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


class Block(NamedTuple):
    """A paragraph, table, heading or page. Units: level of a heading from 1; page from 1."""

    text: str
    level: int = 0
    page: int | None = None


@dataclass(frozen=True)
class Document:
    text: str
    headings: list[Heading] = field(default_factory=list)
    page_starts: list[int] = field(default_factory=list)

    def page_at(self, start: int) -> int | None:
        """Return the page that a place is on; None where the document has no pages."""
        return bisect_right(self.page_starts, start) if self.page_starts else None


def assembled(blocks: Iterable[Block]) -> Document:
    """Put blocks together, with a blank line between them.

    Errors: DocumentError when they are too much.
    """
    parts: list[str] = []
    headings: list[Heading] = []
    page_starts: list[int] = []
    start = 0
    for block in blocks:
        if block.level:
            headings.append(Heading(start, block.level, title_of(block.text)))
        if block.page is not None:
            page_starts.append(start)
        parts.append(block.text)
        start += len(block.text) + len(BETWEEN)
        check_length(start)
    return Document(BETWEEN.join(parts), headings, page_starts)


def title_of(text: str) -> str:
    return " ".join(text.split())[:MOST_TITLE_CHARACTERS]


def check_length(characters: int) -> None:
    if characters > MOST_CHARACTERS:
        raise DocumentError("document_too_long", f"{MOST_CHARACTERS // 1_000_000}")
