"""Documents as users upload them, made by code."""

from __future__ import annotations

import io
from typing import Any

import docx
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from synthesis.documents import reading
from synthesis.documents.blocks import Document
from synthesis.tables import UnreadableFileError

FONT = "STSong-Light"  # for Chinese too; no file is needed


def pdf(*pages: str, **options: Any) -> bytes:
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    file = io.BytesIO()
    canvas = Canvas(file, **options)
    for page in pages:
        canvas.setFont(FONT, 12)
        for number, line in enumerate(page.splitlines()):
            canvas.drawString(50, 800 - 20 * number, line)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def scanned_pdf() -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file)
    canvas.drawImage(ImageReader(Image.new("RGB", (40, 40), "white")), 50, 50)
    canvas.showPage()
    canvas.save()
    return file.getvalue()


def word(*parts: tuple[str, int] | str | list[list[str]]) -> bytes:
    """Make a DOCX file of paragraphs, headings with their levels, and tables."""
    document = docx.Document()
    for part in parts:
        if isinstance(part, str):
            document.add_paragraph(part)
        elif isinstance(part, tuple):
            document.add_heading(*part)
        else:
            table = document.add_table(len(part), len(part[0]))
            for row, texts in zip(table.rows, part, strict=True):
                for cell, text in zip(row.cells, texts, strict=True):
                    cell.text = text
    return saved(document)


def saved(document: Any) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def read(data: bytes | str, name: str) -> Document:
    encoded = data.encode() if isinstance(data, str) else data
    return reading.read(io.BytesIO(encoded), reading.format_of(name))


def refusal(data: bytes | str, name: str) -> str:
    """Return the sentence with which a document is refused."""
    try:
        read(data, name)
    except UnreadableFileError as error:
        return str(error)
    return ""
