"""The process in which documents are read: what it gives, and how it ends."""

from __future__ import annotations

import io
import json

import pytest
from django.utils import translation

from synthesis.documents import errors, reading
from synthesis.documents.blocks import Block, DocumentError
from tests.synthesis.documents import files
from tests.synthesis.documents.files import read, refusal

pytestmark = pytest.mark.any_database


def lines(*values):
    return io.BytesIO("".join(f"{json.dumps(value)}\n" for value in values).encode())


def test_a_document_is_read_in_a_process_of_its_own():
    found = read(files.word(("One", 1), "Text."), "a.docx")
    assert (found.text, found.headings) == ("One\n\nText.", [(0, 1, "One")])


def test_a_page_in_gbk_is_read():
    assert read("<h1>标题</h1><p>正文。</p>".encode("gbk"), "a.html").text == "标题\n\n正文。"


def test_a_problem_in_the_process_is_a_sentence():
    assert refusal(b"nothing", "a.pdf") == "This is no PDF file, or it is damaged."


def test_a_reader_that_takes_too_long_is_ended():
    with pytest.raises(reading.UnreadableDocumentError) as caught:
        reading.read(io.BytesIO(files.pdf("One.")), "pdf", 0.0)
    assert str(caught.value) == "The file was not read within 0 seconds, and was given up."


def test_blocks_are_read_until_the_process_says_that_it_ends():
    found = lines(["a", 1, None], ["b\x00", 0, 2], {"code": "", "detail": ""})
    assert list(reading.blocks_of(found)) == [Block("a", 1), Block("b", 0, 2)]


@pytest.mark.parametrize("text", ["", " \n\t", "\u3000\xa0", "\u200b\u2060\n\ufeff\u200d"])
def test_what_nobody_sees_is_no_text(text):
    assert refusal(text, "a.txt") == "The file holds no text."


@pytest.mark.parametrize("text", ["\n\u200b.", "\u200b字", "☺"])
def test_one_letter_is_a_text(text):
    assert read(text, "a.txt").text == text


@pytest.mark.parametrize("data", [b"", b'["a", 0, null]\n', b'["a", 0, nu'])
def test_a_process_that_ends_without_a_word_broke_off(data):
    with pytest.raises(EOFError):
        list(reading.blocks_of(io.BytesIO(data)))


def test_a_reader_that_dies_is_told_from_one_that_is_late():
    with pytest.raises(reading.DocumentError, match="reader_died"):
        reading.read_apart("unknown", io.BytesIO(b"x"), 60.0)


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("a.b.MD", "md"),
        ("报告.Htm", "html"),
        ("a.ndjson", "jsonl"),
        (".hidden.txt", "txt"),
        ("a/b.xlsx", "xlsx"),
    ],
)
def test_the_last_part_of_a_name_tells_the_format(name, format):
    assert reading.format_of(name) == format


@pytest.mark.parametrize(
    ("name", "shown"), [("a.md.exe", ".exe"), ("a.tar.gz", ".gz"), ("README", ".README")]
)
def test_another_name_is_refused_with_what_it_ends_in(name, shown):
    with pytest.raises(reading.UnreadableDocumentError) as caught:
        reading.format_of(name)
    assert str(caught.value).startswith(f"Files called {shown} cannot be read; take TXT, MD,")


def test_a_problem_after_some_blocks_takes_them_with_it():
    found = lines(["a", 0, None], {"code": "too_many_pages", "detail": "12000"})
    with pytest.raises(DocumentError) as caught:
        list(reading.blocks_of(found))
    assert (caught.value.code, caught.value.detail) == ("too_many_pages", "12000")


def test_nothing_is_read_after_the_end():
    found = lines(["a", 0, None], {"code": "", "detail": ""}, ["b", 0, None])
    assert [block.text for block in reading.blocks_of(found)] == ["a"]


def test_half_a_letter_of_a_process_is_made_harmless():
    found = lines(["a\ud83d", 0, None], ["\ud83d\ude00", 0, None], {"code": "", "detail": ""})
    assert [block.text for block in reading.blocks_of(found)] == ["a\ufffd", "😀"]


@pytest.mark.parametrize("code", errors.SENTENCES)
def test_each_problem_is_a_sentence_in_both_languages(code):
    problem = reading.UnreadableDocumentError(code, "{detail} %s")
    english = str(problem)
    with translation.override("zh-hans"):
        chinese = str(problem)
    assert english != chinese
    assert english.endswith(".")
    assert ("{detail} %s" in english) == ("{detail} %s" in chinese)
