"""The text of a PDF file, page by page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

import pypdfium2

from synthesis.documents.blocks import Block, DocumentError

MOST_PAGES = 10_000
# PDFium's mark for a hyphen at a line's end that belongs to no word.
BROKEN_WORD = re.compile("[\x02\ufffe](?:\r?\n)?")


def blocks(file: BinaryIO) -> Iterator[Block]:
    """Yield a block for each page.

    Errors: DocumentError when it is none, is locked, has no text or too many pages.
    """
    try:
        with pypdfium2.PdfDocument(file) as document:
            yield from pages(document)
    except pypdfium2.PdfiumError as error:
        code = "password" if "password" in str(error).lower() else "not_a_pdf"
        raise DocumentError(code) from error


def pages(document: pypdfium2.PdfDocument) -> Iterator[Block]:
    count = len(document)
    if count > MOST_PAGES:
        raise DocumentError("too_many_pages", str(count))
    has_text = False
    for number in range(count):
        text = page_text(document, number)
        has_text = has_text or bool(text.strip())
        yield Block(text, page=number + 1)
    if not has_text:
        raise DocumentError("scanned_pdf", str(count))


def page_text(document: pypdfium2.PdfDocument, number: int) -> str:
    page = document[number]
    text_page = page.get_textpage()
    text = text_page.get_text_bounded()
    text_page.close()
    page.close()
    return BROKEN_WORD.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
