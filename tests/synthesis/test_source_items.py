"""What rows and documents become in a source."""

from __future__ import annotations

import io

import openpyxl
import pytest

from synthesis import source_items
from synthesis.chunking import Cutting, Heading
from synthesis.documents import blocks
from synthesis.documents.blocks import BETWEEN, Block, Document, DocumentError, assembled
from synthesis.tables import Row
from tests.synthesis.tables.files import saved

pytestmark = pytest.mark.any_database

CUTTING = Cutting(by="heading", length=100)


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("question", "question"),
        ("问题", "问题"),
        ("First name (given)", "First_name_given"),
        ("2nd", "_2nd"),
        ("a.b-c", "a_b_c"),
        ("---", "column"),
    ],
)
def test_a_column_is_named_as_prompts_can(column, name):
    assert source_items.variable_name(column) == name
    assert name.isidentifier()


def test_columns_that_become_one_name_are_told_apart():
    content = {"a b": 1, "a_b": 2, "a-b": 3, "c": None}
    assert source_items.variables_of(content) == {"a_b": 1, "a_b_2": 2, "a_b_3": 3, "c": None}


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"text": "Tea."}, "Tea."),
        ({"n": 3}, "3"),
        ({"q": "茶?", "a": ["x", 1], "n": None}, "q: 茶?\na: x, 1\nn: "),
    ],
)
def test_a_row_among_documents_is_a_text(content, text):
    assert source_items.text_of(content) == text


def test_chunks_of_a_document_know_page_heading_and_place():
    document = assembled([Block("One", 1, page=1), Block("first", page=2), Block("Two", 2)])
    found = list(source_items.of_document(document, "a.pdf", CUTTING))
    assert [(item.page, item.start, item.end) for item in found] == [(1, 0, 10), (2, 12, 15)]
    assert found[1].values == {"text": "Two", "document": "a.pdf", "heading": "One > Two"}
    assert document.text[found[1].start : found[1].end] == "Two"


def test_rows_of_a_table_follow_each_other_in_one_text():
    rows = [
        Row(number=1, content={"a": "x" * 10}),
        Row(number=2, problem="bad_json"),
        Row(number=3, content={"a": "y"}),
    ]
    found = list(source_items.of_table(rows, "a.jsonl", CUTTING))
    assert found[1] is rows[1]
    assert (found[2].start, found[2].end) == (10 + len(BETWEEN), 11 + len(BETWEEN))
    assert found[2].values["heading"] == "#3"


def test_all_sheets_of_a_workbook_are_read_as_a_document():
    book = openpyxl.Workbook()
    for sheet, word in ((book.active, "tea"), (book.create_sheet(), "rice")):
        sheet.append(["name"])
        sheet.append([word])
    file = io.BytesIO(saved(book))
    found = source_items.of_file(file, "a.xlsx", "documents", CUTTING)
    assert [item.values["text"] for item in found] == ["tea", "rice"]


def test_a_document_without_pages_has_none():
    assert Document("text", [Heading(0, 1, "t")]).page_at(2) is None


def test_blocks_of_too_much_text_are_refused(monkeypatch):
    monkeypatch.setattr(blocks, "MOST_CHARACTERS", 10)
    with pytest.raises(DocumentError, match="document_too_long"):
        assembled(Block("x" * 5) for _block in range(10**9))
