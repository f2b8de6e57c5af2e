"""The text of a DOCX document, with its headings and tables."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

import docx
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from lxml import etree

from synthesis.documents.blocks import Block, DocumentError

MOST_XML_BYTES = 100 * 1024**2
OLE_SIGNATURE = b"\xd0\xcf\x11\xe0"  # of old DOC files, and of DOCX files with a password
DAMAGES = (
    *(AttributeError, EOFError, LookupError, NotImplementedError, OSError, OpcError),
    *(RuntimeError, TypeError, ValueError, etree.LxmlError, zipfile.BadZipFile, zlib.error),
)
PARAGRAPH, TABLE, ROW, CELL = (qn(f"w:{name}") for name in ("p", "tbl", "tr", "tc"))
TEXTS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
TEXT = qn("w:t")
# A drawing stands twice in the file: as it is, and for older programs.
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
MOVED_AWAY = qn("w:moveFrom")
NOT_PARTS = {qn("w:sectPr"), qn("w:del"), MOVED_AWAY}


def blocks(file: BinaryIO) -> Iterator[Block]:
    """Yield the paragraphs, headings and tables of the document's body.

    Errors: DocumentError when it is none, is locked, or unpacks to too much.
    """
    if file.read(len(OLE_SIGNATURE)) == OLE_SIGNATURE:
        raise DocumentError("password")
    try:
        check_size(file)
        document = docx.Document(file)
        levels = {style.style_id: level_of(style) for style in document.styles}
        yield from body_blocks(document.element.body, levels)
    except DAMAGES as error:
        raise DocumentError("not_a_docx") from error


def check_size(file: BinaryIO) -> None:
    file.seek(0)
    with zipfile.ZipFile(file) as archive:
        entries = [entry for entry in archive.infolist() if is_xml(entry.filename)]
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MOST_XML_BYTES:
        raise DocumentError("document_bomb", str(unpacked // 1024**2))
    file.seek(0)


def is_xml(name: str) -> bool:
    return name.lower().endswith((".xml", ".rels"))


def level_of(style: Any) -> int:
    """Return the heading level of a paragraph style, from 1; 0 for other styles."""
    outline = outline_level(style.element.find(qn("w:pPr")))
    if outline:
        return outline
    name, _space, number = str(style.name).lower().partition(" ")
    return int(number) if name == "heading" and number in set("123456789") else 0


def outline_level(properties: Any) -> int:
    found = None if properties is None else properties.find(qn("w:outlineLvl"))
    value = "" if found is None else found.get(qn("w:val"), "")
    return int(value) + 1 if value in set("012345678") else 0


def body_blocks(parent: Any, levels: dict[str, int]) -> Iterator[Block]:
    """Go through paragraphs and tables, into content controls and other wrappings too."""
    for child in parent:
        if child.tag == PARAGRAPH:
            if text := text_of(child).strip():
                yield Block(text, paragraph_level(child, levels))
        elif child.tag == TABLE:
            if text := table_text(child):
                yield Block(text)
        elif child.tag not in NOT_PARTS:
            yield from body_blocks(child, levels)


def paragraph_level(paragraph: Any, levels: dict[str, int]) -> int:
    properties = paragraph.find(qn("w:pPr"))
    if properties is None:
        return 0
    style = properties.find(qn("w:pStyle"))
    of_style = 0 if style is None else levels.get(style.get(qn("w:val"), ""), 0)
    return outline_level(properties) or of_style


def table_text(table: Any) -> str:
    rows = (
        " | ".join(" ".join(text_of(cell).split()) for cell in nearest(row, CELL))
        for row in nearest(table, ROW)
    )
    return "\n".join(row for row in rows if row.strip("| "))


def nearest(parent: Any, tag: str) -> Iterator[Any]:
    """Find the rows of a table, or the cells of a row, but not those of a table inside it."""
    for child in parent:
        if child.tag == tag:
            yield child
        else:
            yield from nearest(child, tag)


def text_of(element: Any) -> str:
    parts = []
    walker = etree.iterwalk(element, events=("start",))
    for _event, part in walker:
        if part.tag in {FALLBACK, MOVED_AWAY}:
            walker.skip_subtree()
        elif part.tag == TEXT:
            parts.append(part.text or "")
        elif part.tag == PARAGRAPH and parts:
            parts.append("\n")
        else:
            parts.append(TEXTS.get(part.tag, ""))
    return "".join(parts)
