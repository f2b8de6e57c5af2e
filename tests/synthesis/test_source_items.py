"""What rows and documents become in a source."""

from __future__ import annotations

import io

import openpyxl
import pytest

from synthesis import source_items, templating
from synthesis.chunking import Cutting, Heading
from synthesis.documents import blocks
from synthesis.documents.blocks import BETWEEN, Block, Document, DocumentError, assembled
from synthesis.models import SourceItem
from synthesis.tables import Row, UnreadableFileError
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


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("面积（m²）", "面积_m"),
        ("①", "column"),
        ("cafe\u0301", "cafe\u0301"),
        ("हिन्दी", "हिन्दी"),
        ("１st", "_１st"),
        ("a\u200bb", "a_b"),
        ("😀", "column"),
        ("名·姓", "名·姓"),
        ("{q}", "q"),
        ("__", "column"),
        ("_id", "id"),
        ("_1", "_1"),
        (" \u3000", "column"),
        ("class", "class"),
        ("x\ny", "x_y"),
    ],
)
def test_whatever_a_column_is_called_a_prompt_can_use_it(column, name):
    assert source_items.variable_name(column) == name
    assert templating.variables(f"{{{name}}}") == [name]


def test_a_number_that_is_taken_is_passed_over():
    content = {"a_2": 1, "a": 2, "-a": 3, "a-": 4}
    assert source_items.variables_of(content) == {"a_2": 1, "a": 2, "a_3": 3, "a_4": 4}


def test_ten_thousand_columns_of_one_name_are_told_apart_at_once():
    content = {chr(0x2190 + number // 100) + chr(0x2500 + number % 100): number
               for number in range(10_000)}  # fmt: skip
    found = source_items.variables_of(content)
    assert found["column"] == 0
    assert found["column_10000"] == 9999


def test_values_of_a_row_stay_what_they_are():
    content = {"n": 10**30, "none": None, "list": [1, {"a": []}], "text": "{text} 😀\u0301"}
    item = source_items.of_row(Row(number=1, content=content))
    assert item.values == content


def test_a_row_that_cannot_be_read_goes_on_as_it_is():
    row = Row(number=3, problem="not_an_object")
    assert source_items.of_row(row) is row


def test_rows_that_are_no_objects_are_among_the_items():
    file = io.BytesIO('[{"a": 1}, 2, null, [3], "tea", true]'.encode("utf-16"))
    found = list(source_items.of_file(file, "a.json", "rows", CUTTING))
    assert [one.values for one in found if isinstance(one, SourceItem)] == [
        {"a": 1},
        {"text": "tea"},
    ]
    problems = [(one.number, one.problem) for one in found if isinstance(one, Row)]
    assert problems == [(number, "not_an_object") for number in (2, 3, 4, 6)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gbk"])
def test_a_table_in_any_encoding_gives_the_same_rows(encoding):
    file = io.BytesIO("问题;1st\r\n茶？;甲\r\n".encode(encoding))
    [item] = source_items.of_file(file, "a.txt", "rows", CUTTING)
    assert item.values == {"问题": "茶？", "_1st": "甲"}


def test_a_text_file_is_a_document_or_a_table_as_the_source_says():
    assert source_items.format_of("a.TXT", "documents") == "txt"
    assert source_items.format_of("a.TXT", "rows") == "csv"


@pytest.mark.parametrize("name", ["a.md", "a.pdf", "a.docx", "a.html"])
def test_documents_are_no_files_of_rows(name):
    with pytest.raises(UnreadableFileError, match="take JSONL, JSON, CSV, TSV or XLSX"):
        source_items.of_file(io.BytesIO(b"x"), name, "rows", CUTTING)


def test_a_long_cell_is_cut_and_counted_on():
    rows = [Row(number=1, content={"a": "x" * 250}), Row(number=2, content={"a": "y"})]
    found = list(source_items.of_table(rows, "a.csv", CUTTING))
    assert [(item.start, item.end) for item in found] == [
        (0, 100),
        (100, 200),
        (200, 250),
        (252, 253),
    ]
    assert [item.values["heading"] for item in found] == ["#1", "#1", "#1", "#2"]


@pytest.mark.parametrize("value", [None, "", " \n", [], "\u3000"])
def test_an_empty_row_gives_no_chunk_but_its_place_is_kept(value):
    rows = [Row(number=1, content={"a": value}), Row(number=2, content={"a": "y"})]
    [item] = source_items.of_table(rows, "a.csv", CUTTING)
    assert item.values == {"text": "y", "document": "a.csv", "heading": "#2"}


@pytest.mark.parametrize(
    ("starts", "page"), [([0], 1), ([0, 5], 1), ([0, 4], 2), ([0, 0, 0, 9], 3)]
)
def test_a_place_is_on_the_last_page_that_begins_before_it(starts, page):
    assert Document("123456789", [], starts).page_at(4) == page


def test_headings_are_placed_in_the_text_that_is_put_together():
    document = assembled([Block("Intro"), Block("One\n two", 2), Block("text"), Block("", 1)])
    assert document.headings == [Heading(7, 2, "One two"), Heading(23, 1, "")]
    assert document.text[7:].startswith("One\n two")


def test_nothing_is_put_together_to_an_empty_document():
    assert assembled([]) == Document("", [], [])


@pytest.mark.parametrize(
    ("sizes", "found"),
    [([], []), ([1, 1, 1, 1], [3, 1]), ([99], [1]), ([5, 99, 5, 5, 5], [2, 3])],
)
def test_items_are_grouped_in_their_order_and_the_last_group_is_kept(monkeypatch, sizes, found):
    monkeypatch.setattr(source_items, "GROUP_ITEMS", 3)
    monkeypatch.setattr(source_items, "GROUP_CHARACTERS", 100)
    items = [SourceItem(values={"a": "x" * size}) for size in sizes]
    groups = list(source_items.groups(items))
    assert [len(group) for group in groups] == found
    assert [item for group in groups for item in group] == items
