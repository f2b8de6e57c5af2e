"""DOCX documents: paragraphs, headings and tables, and what only looks like one."""

from __future__ import annotations

import io
import zipfile

import docx
import pytest
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from synthesis.documents import word
from synthesis.documents.blocks import Block, DocumentError
from tests.synthesis.documents import files

pytestmark = pytest.mark.any_database


def blocks(data):
    return list(word.blocks(io.BytesIO(data)))


def problem(data):
    with pytest.raises(DocumentError) as caught:
        blocks(data)
    return caught.value.code, caught.value.detail


def element(xml):
    """Make a document whose body begins with a piece of XML."""
    name, _end, rest = xml.partition(">")
    document = docx.Document()
    document.element.body.insert(0, parse_xml(f"{name} {nsdecls('w')}>{rest}"))
    return files.saved(document)


def test_paragraphs_headings_and_tables_come_in_their_order():
    data = files.word(("One", 1), "Text.", ("Two", 2), [["a", "b"], ["", "d"]], "End.")
    assert blocks(data) == [
        Block("One", 1),
        Block("Text."),
        Block("Two", 2),
        Block("a | b\n | d"),
        Block("End."),
    ]


def test_a_title_without_outline_is_no_heading():
    assert blocks(files.word(("Title", 0))) == [Block("Title")]


def test_an_outline_level_makes_a_heading_in_any_style():
    xml = '<w:p><w:pPr><w:outlineLvl w:val="2"/></w:pPr><w:r><w:t>Own</w:t></w:r></w:p>'
    assert blocks(element(xml)) == [Block("Own", 3)]


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        ("<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r></w:p>", "a\tb\nc"),
        ("<w:p><w:ins><w:r><w:t>new</w:t></w:r></w:ins></w:p>", "new"),
        ("<w:p><w:hyperlink><w:r><w:t>link</w:t></w:r></w:hyperlink></w:p>", "link"),
        (
            "<w:p><w:r><w:t>a</w:t></w:r><w:del><w:r><w:delText>old</w:delText></w:r></w:del></w:p>",
            "a",
        ),
        (
            "<w:sdt><w:sdtContent><w:p><w:r><w:t>form</w:t></w:r></w:p></w:sdtContent></w:sdt>",
            "form",
        ),
    ],
    ids=["breaks", "inserted", "link", "deleted", "content control"],
)
def test_every_text_that_is_seen_is_read(xml, text):
    assert blocks(element(xml)) == [Block(text)]


def run(text):
    return f"<w:r><w:t>{text}</w:t></w:r>"


def table(*rows):
    cells = ("".join(f"<w:tc>{cell}</w:tc>" for cell in row) for row in rows)
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"


def paragraph(text):
    return f"<w:p>{run(text)}</w:p>"


def test_a_table_within_a_table_is_read_once():
    inner = table([paragraph("x"), paragraph("y")], [paragraph("z")])
    outer = table([paragraph("a") + inner, paragraph("b")], [paragraph("c")])
    assert blocks(element(outer)) == [Block("a x y z | b\nc")]


def test_rows_and_cells_in_content_controls_are_read():
    cell = f"<w:sdt><w:sdtContent><w:tc>{paragraph('a')}</w:tc></w:sdtContent></w:sdt>"
    row = f"<w:sdt><w:sdtContent><w:tr>{cell}</w:tr></w:sdtContent></w:sdt>"
    assert blocks(element(f"<w:tbl>{row}</w:tbl>")) == [Block("a")]


def test_cells_of_several_lines_stay_in_their_row():
    data = files.word([["one\ntwo", "three"], ["", ""], ["", "four"]])
    assert blocks(data) == [Block("one two | three\n | four")]


def test_what_was_moved_stands_only_where_it_went():
    moved = f"<w:moveFrom>{run('old')}</w:moveFrom><w:moveTo>{run('new')}</w:moveTo>"
    assert blocks(element(f"<w:p>{moved}</w:p>")) == [Block("new")]


@pytest.mark.parametrize("value", ["9", "99", "-1", "x", ""])
def test_an_outline_level_that_is_none_makes_no_heading(value):
    xml = f'<w:p><w:pPr><w:outlineLvl w:val="{value}"/></w:pPr>{run("Own")}</w:p>'
    assert blocks(element(xml)) == [Block("Own", 0)]


def test_instructions_of_fields_are_no_text():
    xml = f"<w:p><w:r><w:instrText>PAGE</w:instrText></w:r>{run(3)}</w:p>"
    assert blocks(element(xml)) == [Block("3")]


def box(*texts):
    content = "".join(map(paragraph, texts))
    return f"<w:r><w:pict><w:txbxContent>{content}</w:txbxContent></w:pict></w:r>"


def test_a_text_box_follows_the_paragraph_that_it_is_fixed_to():
    xml = f"<w:p>{run('A sen')}{box('Box.', 'More.')}{run('tence.')}</w:p>"
    assert blocks(element(xml)) == [Block("A sentence."), Block("Box."), Block("More.")]


def test_a_text_box_in_a_table_or_in_another_one_is_read_once():
    inner = f"<w:p>{run('a')}{box('x')}</w:p>"
    assert blocks(element(table([inner, paragraph("b")]))) == [Block("a | b"), Block("x")]
    nested = box("outer").replace("</w:p>", f"{box('inner')}</w:p>")
    assert blocks(element(f"<w:p>{nested}</w:p>")) == [Block("outer"), Block("inner")]


def test_a_drawing_that_stands_twice_in_the_file_is_read_once():
    space = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    twice = f"<m:Choice>{box('new')}</m:Choice><m:Fallback>{box('old')}</m:Fallback>"
    xml = f'<w:p><m:AlternateContent xmlns:m="{space}">{twice}</m:AlternateContent></w:p>'
    assert blocks(element(xml)) == [Block("new")]


def noted(body, **notes):
    """Make a document with footnotes or endnotes, by their numbers from 1."""
    document = docx.Document()
    document.element.body.insert(0, parse_xml(body.replace(">", f" {nsdecls('w')}>", 1)))
    for kind, xmls in notes.items():
        rows = (f'<w:{kind} w:id="{number}">{xml}</w:{kind}>' for number, xml in enumerate(xmls, 1))
        xml = f"<w:{kind}s {nsdecls('w')}>{''.join(rows)}</w:{kind}s>"
        part = Part(PackURI(f"/word/{kind}s.xml"), "application/xml", xml.encode())
        document.part.relate_to(part, word.NOTES[qn(f"w:{kind}Reference")])
    return blocks(files.saved(document))


def reference(number, kind="footnote"):
    return f'<w:r><w:{kind}Reference w:id="{number}"/></w:r>'


def test_notes_follow_the_paragraph_that_refers_to_them():
    body = f"<w:p>{run('It ')}{reference(2)}{run('was.')}{reference(1, 'endnote')}</w:p>"
    found = noted(body, footnote=[paragraph("1"), paragraph("2")], endnote=[paragraph("e")])
    assert found == [Block("It was."), Block("2"), Block("e")]


def test_a_note_in_a_table_follows_it_and_one_that_refers_to_itself_is_read_once():
    body = table([f"<w:p>{run('a')}{reference(1)}</w:p>", paragraph("b")])
    note = f"<w:p>{run('n')}{reference(1)}</w:p>"
    assert noted(body, footnote=[note]) == [Block("a | b"), Block("n")]


@pytest.mark.parametrize("body", [reference(7), f"<w:del>{reference(1)}</w:del>"])
def test_a_note_that_is_not_there_or_was_deleted_is_not_read(body):
    assert noted(f"<w:p>{run('a')}{body}</w:p>", footnote=[paragraph("1")]) == [Block("a")]


def test_a_paragraph_of_white_space_is_no_block():
    assert blocks(files.word(" \u3000\t", ("", 1), "a")) == [Block("a")]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04junk", b"text"])
def test_what_is_no_document_is_refused(data):
    assert problem(data) == ("not_a_docx", "")


def test_an_archive_of_other_things_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "text")
    assert problem(file.getvalue()) == ("not_a_docx", "")


def test_a_locked_or_old_document_says_so():
    assert problem(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") == ("password", "")


def replaced(data, name, content):
    """Put another content into a document's archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", 8) as new:
        for entry in old.infolist():
            new.writestr(entry, content if entry.filename == name else old.read(entry))
    return file.getvalue()


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(word, "MOST_XML_BYTES", 2 * 1024**2)
    bomb = replaced(files.word("a"), "word/document.xml", b" " * 3 * 1024**2)
    assert problem(bomb) == ("document_bomb", "3")


@pytest.mark.parametrize(
    "xml",
    [
        '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>',
        "<a>" * 5000,
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    ],
    ids=["entities", "deep", "outside"],
)
def test_hostile_xml_gives_no_text(xml):
    data = replaced(files.word("a"), "word/document.xml", xml.encode())
    assert problem(data) == ("not_a_docx", "")
