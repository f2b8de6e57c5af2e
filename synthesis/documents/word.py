"""The text of a DOCX document, with its headings, tables, text boxes and notes."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeAlias

import docx
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import OpcError
from docx.oxml import parse_xml
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
NOT_PARTS = {qn("w:sectPr"), qn("w:del"), qn("w:moveFrom"), FALLBACK}
TEXT_BOX = qn("w:txbxContent")
# By the element that refers to a note: where notes of its kind are.
NOTES = {
    qn("w:footnoteReference"): RELATIONSHIP_TYPE.FOOTNOTES,
    qn("w:endnoteReference"): RELATIONSHIP_TYPE.ENDNOTES,
}
Notes: TypeAlias = dict[tuple[str, str], Any]  # by reference and number


def blocks(file: BinaryIO) -> Iterator[Block]:
    """Yield the paragraphs, headings and tables of the document's body, text boxes and notes.

    Errors: DocumentError when it is none, is locked, or unpacks to too much.
    """
    if file.read(len(OLE_SIGNATURE)) == OLE_SIGNATURE:
        raise DocumentError("password")
    try:
        check_size(file)
        document = docx.Document(file)
        levels = {style.style_id: level_of(style) for style in document.styles}
        yield from Reading(levels, notes_of(document)).blocks(document.element.body)
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


def notes_of(document: Document) -> Notes:
    """Find the footnotes and endnotes, which are documents of their own."""
    return {
        (reference, note.get(qn("w:id"), "")): note
        for relation in document.part.rels.values()
        for reference, kind in NOTES.items()
        if relation.reltype == kind and not relation.is_external
        for note in parse_xml(relation.target_part.blob)
    }


@dataclass
class Reading:
    levels: dict[str, int]
    notes: Notes  # those that nothing has referred to so far

    def blocks(self, parent: Any) -> Iterator[Block]:
        """Go through paragraphs and tables, into content controls and other wrappings too."""
        for child in parent:
            if child.tag in {PARAGRAPH, TABLE}:
                is_table = child.tag == TABLE
                text = table_text(child) if is_table else text_of(child).strip()
                if text:
                    yield Block(text, 0 if is_table else paragraph_level(child, self.levels))
                yield from self.asides(child)
            elif child.tag not in NOT_PARTS:
                yield from self.blocks(child)

    def asides(self, element: Any) -> Iterator[Block]:
        """Go through what stands beside a paragraph or table: text boxes, and notes to it."""
        for part in parts_of(element):
            if part.tag == TEXT_BOX:
                yield from self.blocks(part)
            elif part.tag in NOTES:
                # Taken out, so that a note that refers to itself has an end.
                yield from self.blocks(self.notes.pop((part.tag, part.get(qn("w:id"), "")), ()))


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
    texts = []
    for part in parts_of(element):
        if part.tag == TEXT:
            texts.append(part.text or "")
        elif part.tag == PARAGRAPH and texts:
            texts.append("\n")
        else:
            texts.append(TEXTS.get(part.tag, ""))
    return "".join(texts)


def parts_of(element: Any) -> Iterator[Any]:
    """Go through all that is in an element, but not into its text boxes."""
    walker = etree.iterwalk(element, events=("start",))
    for _event, part in walker:
        if part.tag in NOT_PARTS or part.tag == TEXT_BOX:
            walker.skip_subtree()
        if part.tag not in NOT_PARTS:
            yield part
