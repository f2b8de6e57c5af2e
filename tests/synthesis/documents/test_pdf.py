"""PDF files: their pages, and those that hold nothing to read."""

from __future__ import annotations

import io

import pytest

from synthesis.documents import pdf
from synthesis.documents.blocks import DocumentError, assembled
from tests.synthesis.documents import files

pytestmark = pytest.mark.any_database


def document(data):
    return assembled(pdf.blocks(io.BytesIO(data)))


def problem(data):
    with pytest.raises(DocumentError) as caught:
        document(data)
    return caught.value.code, caught.value.detail


def test_every_place_knows_its_page():
    found = document(files.pdf("One.", "Two\nlines.", "三。"))
    assert found.text == "One.\n\nTwo\nlines.\n\n三。"
    assert [found.page_at(found.text.index(word)) for word in ("One", "lines", "三")] == [1, 2, 3]


def test_an_empty_page_among_others_keeps_the_count():
    found = document(files.pdf("One.", "", "Three."))
    assert found.page_at(found.text.index("Three")) == 3


def test_chinese_is_read():
    assert document(files.pdf("数据合成：从文档开始。")).text == "数据合成：从文档开始。"


def test_a_password_is_asked_for():
    assert problem(files.pdf("secret", encrypt="word")) == ("password", "")


@pytest.mark.parametrize("data", [b"", b"%PDF-1.4 rubbish", b"PK\x03\x04", b"\x00" * 5000])
def test_what_is_no_pdf_is_refused(data):
    assert problem(data) == ("not_a_pdf", "")


def test_a_pdf_that_breaks_off_is_read_or_refused():
    whole = files.pdf("One.")
    try:
        document(whole[: len(whole) // 2])
    except DocumentError as error:
        assert error.code in ("not_a_pdf", "scanned_pdf")


def test_pictures_alone_are_no_text():
    assert problem(files.scanned_pdf()) == ("scanned_pdf", "1")


def test_too_many_pages_are_refused(monkeypatch):
    monkeypatch.setattr(pdf, "MOST_PAGES", 1)
    assert problem(files.pdf("One.", "Two.")) == ("too_many_pages", "2")


def test_words_broken_at_a_lines_end_are_put_together():
    assert pdf.BROKEN_WORD.sub("", "syn\x02\r\nthesis and data\ufffe\r\nset") == (
        "synthesis and dataset"
    )
