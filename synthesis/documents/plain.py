"""Texts that are their own document: plain ones, and Markdown with its headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from providers.sanitising import clean_text
from synthesis.chunking import Heading
from synthesis.documents.blocks import MOST_CHARACTERS, Document, check_length, title_of
from synthesis.tables import encodings

LINE = re.compile(r"[^\n]*+(?:\n|\Z)")
FRONT_MATTER = re.compile(
    r"---[ \t]*+\n(?=[\w\"'-]++[ \t]*+:)(?:[^\n]*+\n)*?(?:---|\.\.\.)[ \t]*+(?:\n|\Z)"
)
FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})")
HASHES = re.compile(r" {0,3}(#{1,6})(?:[ \t]+|$)")
CLOSING_HASHES = re.compile(r"[ \t]#+[ \t]*$")
UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*$")
NO_TITLE = re.compile(r" {0,3}(?:[-*+]\s|\d{1,9}[.)]\s|>)| {4}|\t")  # lists, quotations, code


def text(file: BinaryIO) -> Document:
    return Document(decoded(file))


def markdown(file: BinaryIO) -> Document:
    whole = decoded(file)
    return Document(whole, list(headings(whole)))


def decoded(file: BinaryIO) -> str:
    """Read a whole file as text with plain line ends, as the databases take it.

    Errors: DocumentError when it is too long; UnreadableFileError for what is no text.
    """
    with encodings.text_of(file, newline=None) as stream:
        whole = stream.read(MOST_CHARACTERS + 1)
    check_length(len(whole))
    return clean_text(whole.removeprefix("\ufeff"))


def headings(text: str) -> Iterator[Heading]:
    """Find the headings of Markdown, outside fenced code and the facts at its front."""
    fence, previous = "", (0, "")
    front = FRONT_MATTER.match(text)
    for match in LINE.finditer(text, front.end() if front else 0):
        line = match[0].rstrip("\n")
        mark = FENCE.match(line)
        if mark and (not fence or closes(line, fence)):
            fence = "" if fence else mark[1]
            line = ""
        if fence:
            line = ""
        if hashes := HASHES.match(line):
            title = CLOSING_HASHES.sub("", line[hashes.end() :])
            yield Heading(match.start(), len(hashes[1]), title_of(title))
            line = ""
        elif is_title(previous[1]) and (underline := UNDERLINE.match(line)):
            yield Heading(previous[0], 1 if underline[1][0] == "=" else 2, title_of(previous[1]))
            line = ""
        previous = (match.start(), line)


def closes(line: str, fence: str) -> bool:
    mark = line.strip()
    return mark.startswith(fence) and not mark.strip(fence[0])


def is_title(line: str) -> bool:
    return bool(line.strip()) and not NO_TITLE.match(line)
