"""Plain texts and Markdown."""

from __future__ import annotations

import pytest

from synthesis.documents import blocks
from tests.synthesis.documents.files import read, refusal

pytestmark = pytest.mark.any_database


def headings(text):
    return [(heading.level, heading.title) for heading in read(text, "a.md").headings]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("# One\n## Two ##\ntext\n###### Six", [(1, "One"), (2, "Two"), (6, "Six")]),
        ("#no space\n####### seven\n    # code", []),
        ("One\n===\ntext\nTwo\n---", [(1, "One"), (2, "Two")]),
        ("text\n\n---\n\ntext", []),
        ("```python\n# comment\n```\n# Real", [(1, "Real")]),
        ("~~~\n# a\n```\n# b\n~~~\n# c", [(1, "c")]),
        ("```inline``` code\n# One", [(1, "One")]),
        ("~~~ a`b\n# no\n~~~\n# One", [(1, "One")]),
        ("```\n```js\n# no\n```\n# One", [(1, "One")]),
        ("````\n```\n# no\n`````\n# One", [(1, "One")]),
        ("```\n# never closed", []),
        ("One\n```\n---\n```", []),
        ("- item\n---\n2) item\n---\n> said\n===", []),
        ("    code\n---\n\tcode\n===", []),
        ("-5 degrees\n---\n2. \n3.5 miles\n===", [(2, "-5 degrees"), (1, "3.5 miles")]),
        ("---\ntitle: T\n# note\n---\n# One", [(1, "One")]),
        ("---\n标题: T\n...\n# One", [(1, "One")]),
        ("---\n\n# One\n\n---", [(1, "One")]),
        ("---\ntitle: never ended\n# One", [(1, "One")]),
        ("#\tTab #\n# C#\n## ## ##", [(1, "Tab"), (1, "C#"), (2, "##")]),
        ("# 😀 e\u0301\u200b\u3000x", [(1, "😀 e\u0301\u200b x")]),
        ("a\f# no\nb\v# no\n\f# no", []),
        ("#", [(1, "")]),
        ("# " + "x" * 500, [(1, "x" * 200)]),
    ],
)
def test_finds_the_headings_of_markdown(text, found):
    assert headings(text) == found


def test_a_heading_knows_its_place():
    document = read("intro\n\n# One\ntext", "a.md")
    assert document.text[document.headings[0].start :] == "# One\ntext"


@pytest.mark.parametrize("name", ["a.txt", "a.text", "A.TXT", "a.log", "a.md", "a.markdown"])
def test_a_text_is_its_own_document(name):
    assert read("First.\r\nSecond.\rThird.", name).text == "First.\nSecond.\nThird."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-32"])
def test_encodings_are_recognised(encoding):
    text = "数据合成：从文档开始。" * 3
    assert read(text.encode(encoding), "a.txt").text == text


def test_what_no_database_stores_is_left_out():
    assert read("a\ufeffb", "a.txt").text == "a\ufeffb"
    assert read("\ufeffab", "a.txt").text == "ab"


@pytest.mark.parametrize("data", [b"", b" \n\t\n"])
def test_a_file_without_text_is_refused(data):
    assert refusal(data, "a.txt") == "The file holds no text."


def test_bytes_that_are_no_text_are_refused():
    expected = "The text's encoding was not recognised; save the file as UTF-8."
    assert refusal(b"\x00\x01\x02", "a.txt") == expected


def test_a_text_that_is_too_long_is_refused(monkeypatch):
    monkeypatch.setattr("synthesis.documents.plain.MOST_CHARACTERS", 10)
    monkeypatch.setattr(blocks, "MOST_CHARACTERS", 10)
    assert read("x" * 10, "a.txt").text == "x" * 10
    assert refusal("x" * 11, "a.txt").startswith("The text is longer than")


@pytest.mark.parametrize("name", ["a.exe", "a", ".pdf", "a.doc"])
def test_other_files_are_refused(name):
    assert "cannot be read; take TXT, MD, HTML, PDF, DOCX" in refusal("x", name)
