from __future__ import annotations

import datetime
import io
import zipfile

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from synthesis.tables import sheets
from tests.synthesis.tables.files import contents, problems, read, refusal, saved, workbook

DAMAGED = "This is no XLSX workbook, or it is damaged."
SHEET = "xl/worksheets/sheet1.xml"


def rewritten(data: bytes, change) -> bytes:
    """Copy a workbook with each of its parts changed; None leaves a part out."""
    copy = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.infolist():
            part = change(entry.filename, source.read(entry))
            if part is not None:
                target.writestr(entry.filename, part)
    return copy.getvalue()


def in_sheet(data: bytes, old: bytes, new: bytes) -> bytes:
    return rewritten(data, lambda name, part: part.replace(old, new) if name == SHEET else part)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("tea", "tea"),
        ("茶\n水", "茶\n水"),
        (3, 3),
        (2.5, 2.5),
        (-0.1, -0.1),
        (True, True),
        (False, False),
        (0, 0),
        (datetime.date(2026, 1, 2), "2026-01-02T00:00:00"),
        (datetime.datetime(2026, 1, 2, 3, 4, 5), "2026-01-02T03:04:05"),
        (datetime.time(13, 30), "13:30:00"),
        (datetime.timedelta(hours=30, minutes=5), "1 day, 6:05:00"),
        ("'=1+1", "=1+1"),
        ("[1, 2]", [1, 2]),
        ('{"a": "b"}', {"a": "b"}),
        ("#N/A", "#N/A"),
        ("=1+1", None),
        (CellRichText("a ", TextBlock(InlineFont(b=True), "bold"), " word"), "a bold word"),
    ],
    ids=[
        "text",
        "lines",
        "integer",
        "number",
        "negative",
        "true",
        "false",
        "zero",
        "date",
        "moment",
        "time",
        "duration",
        "text of an export",
        "list of an export",
        "object of an export",
        "error",
        "formula nobody calculated",
        "rich text",
    ],
)
def test_a_cell_gives_its_value_as_json_holds_it(cell, value):
    found = contents(workbook(["v", "other"], [cell, "x"]), "xlsx")
    assert found == [{"other": "x"} if value is None else {"v": value, "other": "x"}]


def test_a_formula_gives_the_result_that_was_stored_with_it():
    data = in_sheet(workbook(["sum"], ["=1+1"]), b"<v></v>", b"<v>2</v>")
    data = in_sheet(data, b"<v />", b"<v>2</v>")
    assert contents(data, "xlsx") == [{"sum": 2}]


@pytest.mark.parametrize(
    ("header", "names"),
    [
        (["q", "a"], ["q", "a"]),
        ([2025, 2026], ["2025", "2026"]),
        ([0, 1], ["0", "1"]),
        ([" q ", None, "a"], ["q", "a"]),
        ([datetime.datetime(2026, 1, 2), "a"], ["2026-01-02T00:00:00", "a"]),
        (["q", "a", *[None] * 1100], ["q", "a"]),
    ],
    ids=["texts", "years", "zero", "one empty", "a date", "formats far to the right"],
)
def test_the_first_row_names_the_columns(header, names):
    book = openpyxl.Workbook()
    for column, name in enumerate(header, start=1):
        cell = book.active.cell(1, column, name)
        if name is None:
            cell.number_format = "@"
        book.active.cell(2, column, "x")
    assert list(contents(saved(book), "xlsx")[0]) == names


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([], "The first line names no columns."),
        ([[None, None], ["a", "b"]], "The first line names no columns."),
        ([["a", "a"]], "The column “a” stands there twice."),
        ([[1, "1"]], "The column “1” stands there twice."),
        ([list(range(1001))], "The table has more than 1000 columns."),
    ],
    ids=["no row", "an empty first row", "twice", "a number and a text", "1001 columns"],
)
def test_a_sheet_without_a_header_is_refused(lines, sentence):
    assert refusal(workbook(*lines), "xlsx") == sentence


def test_only_the_first_sheet_is_read():
    book = openpyxl.Workbook()
    book.active.append(["a"])
    book.active.append([1])
    book.create_sheet("more").append(["b"])
    assert contents(saved(book), "xlsx") == [{"a": 1}]


def test_merged_cells_give_their_value_once():
    book = openpyxl.Workbook()
    for line in (["topic", "q"], ["tea", "one"], [None, "two"]):
        book.active.append(line)
    book.active.merge_cells("A2:A3")
    assert contents(saved(book), "xlsx") == [{"topic": "tea", "q": "one"}, {"q": "two"}]


def test_rows_keep_the_numbers_that_the_sheet_shows():
    book = openpyxl.Workbook()
    for number, text in ((1, "q"), (2, "one"), (5, "two")):
        book.active.cell(number, 1, text)
    assert [(row.number, row.content) for row in read(saved(book), "xlsx")] == [
        (2, {"q": "one"}),
        (5, {"q": "two"}),
    ]


@pytest.mark.parametrize("stated", [b"A1", b"A1:A1", b"A1:B9", b"A1:XFD1048576"])
def test_all_rows_are_read_whatever_size_the_sheet_states(stated):
    data = in_sheet(workbook(["a", "b"], [1, 2], [3, 4]), b'ref="A1:B3"', b'ref="%b"' % stated)
    assert contents(data, "xlsx") == [{"a": 1, "b": 2}, {"a": 3, "b": 4}]


def test_hidden_rows_and_columns_are_read_too():
    book = openpyxl.Workbook()
    for line in (["q", "a"], ["one", "two"]):
        book.active.append(line)
    book.active.row_dimensions[2].hidden = True
    book.active.column_dimensions["B"].hidden = True
    assert contents(saved(book), "xlsx") == [{"q": "one", "a": "two"}]


def without(part_name: str) -> bytes:
    return rewritten(workbook(["a"], [1]), lambda name, part: None if name == part_name else part)


@pytest.mark.parametrize(
    "data",
    [
        workbook(["a"], [1])[:-200],
        workbook(["a"], [1])[200:],
        without("xl/workbook.xml"),
        without(SHEET),
        without("[Content_Types].xml"),
        in_sheet(workbook(["a"], [1]), b"<sheetData>", b"<sheetData"),
        in_sheet(workbook(["a"], [1]), b"</worksheet>", b""),
        in_sheet(workbook(["a"], [1]), b"<v>1</v>", b"<v>one</v>"),
        in_sheet(workbook(["a"], [1]), b'r="A2"', b'r="2"'),
    ],
    ids=[
        "its end is missing",
        "its beginning is missing",
        "no workbook",
        "no sheet",
        "no types",
        "broken XML",
        "XML that breaks off",
        "a word for a number",
        "a cell without a column",
    ],
)
def test_a_damaged_workbook_is_refused_in_words(data):
    assert refusal(data, "xlsx") == DAMAGED


def test_rows_before_the_damage_are_read_first():
    data = workbook(["a"], *[[number] for number in range(2000)])
    broken = in_sheet(data, b'<row r="1500"', b"<row <")
    found = sheets.table(io.BytesIO(broken))
    assert next(found).content == {"a": 0}
    with pytest.raises(ValueError, match=DAMAGED):
        list(found)


def test_a_zip_file_of_another_kind_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("letter.txt", "Dear all")
    assert refusal(file.getvalue(), "xlsx") == DAMAGED


def test_entities_are_not_expanded():
    bomb = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><worksheet'
    data = in_sheet(workbook(["a"], [1]), b"<worksheet", bomb)
    assert refusal(data, "xlsx") == DAMAGED


@pytest.mark.parametrize(
    ("megabytes", "allowed", "refused"),
    [(1, 2, ""), (3, 2, "The workbook unpacks to 3 MB, more than is allowed.")],
)
def test_a_workbook_may_unpack_to_so_much_and_no_more(monkeypatch, megabytes, allowed, refused):
    monkeypatch.setattr(sheets, "MOST_UNPACKED_BYTES", allowed * 1024**2)
    data = rewritten(
        workbook(["a"], [1]),
        lambda name, part: b" " * megabytes * 1024**2 if name == "docProps/core.xml" else part,
    )
    assert (refusal(data, "xlsx") or "").replace(DAMAGED, "") == refused


def test_no_more_rows_of_a_sheet_are_read_than_allowed(monkeypatch):
    monkeypatch.setattr(sheets, "MOST_ROWS", 3)
    data = workbook(["a"], [1], [2], [3], [4])
    assert problems(data, "xlsx") == [(4, "too_many_rows", "3")]


def test_a_row_number_without_measure_does_not_hang_the_reader(monkeypatch):
    monkeypatch.setattr(sheets, "MOST_ROWS", 1000)
    data = in_sheet(workbook(["a"], [1]), b'<row r="2"', b'<row r="999999999999"')
    assert problems(data, "xlsx") == [(1001, "too_many_rows", "1000")]


def test_every_sheet_of_a_workbook_has_its_header():
    book = openpyxl.Workbook()
    book.active.append(["a"])
    book.active.append([1])
    book.create_sheet("empty")
    other = book.create_sheet("other")
    other.append(["b"])
    other.append(["x"])
    found = sheets.every_table(io.BytesIO(saved(book)))
    assert [row.content for row in found] == [{"a": 1}, {"b": "x"}]
