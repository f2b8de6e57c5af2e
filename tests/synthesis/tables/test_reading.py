from __future__ import annotations

import codecs
import datetime
import io
import json
import zipfile

import pytest

from synthesis import tables
from synthesis.tables import delimited, rows, sheets
from synthesis.tables.rows import UnreadableFileError
from tests.synthesis.tables.files import contents, read, workbook


@pytest.mark.parametrize(
    ("name", "format"),
    [("a.JSONL", "jsonl"), ("b.ndjson", "jsonl"), ("c.tar.csv", "csv"), ("d.xlsx", "xlsx")],
)
def test_the_name_tells_the_format(name, format):
    assert tables.format_of(name) == format


@pytest.mark.parametrize("name", ["virus.exe", "noname", "old.xls"])
def test_other_formats_are_refused_with_those_that_work(name):
    with pytest.raises(UnreadableFileError, match="take JSONL, JSON, CSV, TSV or XLSX"):
        tables.format_of(name)


def test_lines_and_lists_give_the_same_rows():
    values = [{"问": "茶？", "n": 1.5}, {"问": "水？", "n": None}]
    lines = "\n".join(json.dumps(value, ensure_ascii=False) for value in values)
    assert contents(lines, "jsonl") == values
    assert contents(json.dumps(values), "json") == values
    assert contents(lines, "json") == values


def test_the_list_may_be_the_value_of_an_object():
    assert contents('{"version": 2, "data": [{"a": 1}, {"a": 2}]}', "json") == [{"a": 1}, {"a": 2}]


def test_a_bare_text_is_the_field_text():
    assert contents('["one", "two"]', "json") == [{"text": "one"}, {"text": "two"}]


def test_a_bad_line_does_not_take_the_others_with_it():
    found = read('{"a": 1}\n{"a": \n\n[1]\n{"a": 2}', "jsonl")
    assert [(row.number, row.content, row.problem) for row in found] == [
        (1, {"a": 1}, ""),
        (2, None, "bad_json"),
        (4, None, "not_an_object"),
        (5, {"a": 2}, ""),
    ]


def test_a_line_too_long_is_left_out_in_bounded_memory():
    long = b'{"a": "' + b"x" * (3 * rows.LONGEST_ROW_BYTES) + b'"}\n'
    found = read(long + b'{"a": 2}\n', "jsonl")
    assert [(row.content, row.problem) for row in found] == [(None, "too_long"), ({"a": 2}, "")]


def test_rows_nested_too_deep_are_left_out():
    deep = "[" * 100 + "]" * 100
    assert [row.problem for row in read(f'{{"a": {deep}}}\n', "jsonl")] == ["too_deep"]
    endless = "[" * 100_000
    assert [row.problem for row in read(f'{{"a": {endless}\n', "jsonl")] == ["too_deep"]


def test_what_no_database_stores_is_made_harmless():
    assert contents(b'{"a": "x\\u0000y", "b": NaN}\n', "jsonl") == [{"a": "xy", "b": None}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings_are_recognised(encoding):
    assert contents("问题,答案\n茶是什么？,饮料\n".encode(encoding), "csv") == [
        {"问题": "茶是什么？", "答案": "饮料"}
    ]


def test_a_mark_before_json_does_no_harm():
    assert contents(codecs.BOM_UTF8 + b'[{"a": 1}]', "json") == [{"a": 1}]
    assert contents(codecs.BOM_UTF8 + b'{"a": 1}\n', "jsonl") == [{"a": 1}]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_recognised(delimiter):
    text = delimiter.join(["a", "b"]) + "\n" + delimiter.join(["1", "2"]) + "\n"
    assert contents(text, "csv") == [{"a": "1", "b": "2"}]


def test_an_empty_cell_is_no_value_and_an_empty_line_no_row():
    assert contents("a,b\n1,\n,\n\n,2\n", "csv") == [{"a": "1"}, {"b": "2"}]


def test_reads_back_what_an_export_wrote():
    text = 'a,b,c\n"[1, 2]","{""x"": 1}",\'=SUM(A1)\n'
    assert contents(text, "csv") == [{"a": [1, 2], "b": {"x": 1}, "c": "=SUM(A1)"}]


def test_quoted_cells_may_hold_line_breaks():
    assert contents('a,b\n"one\ntwo",3\n', "csv") == [{"a": "one\ntwo", "b": "3"}]


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ("", "The first line names no columns."),
        ("a,b,a", "The column “a” stands there twice."),
        (",".join(map(str, range(1001))), "The table has more than 1000 columns."),
    ],
)
def test_refuses_a_header_that_is_none(header, sentence):
    with pytest.raises(UnreadableFileError) as refused:
        read(f"{header}\n1,2,3\n", "csv")
    assert str(refused.value) == sentence


def test_workbooks_give_values_of_their_types():
    data = workbook(["q", "n", "day"], ["tea", 3, datetime.date(2026, 1, 2)], [None, None, None])
    assert contents(data, "xlsx") == [{"q": "tea", "n": 3, "day": "2026-01-02T00:00:00"}]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04broken", b"no workbook at all"])
def test_refuses_a_damaged_workbook(data):
    with pytest.raises(UnreadableFileError, match="no XLSX workbook, or it is damaged"):
        read(data, "xlsx")


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row><c r='A1'><v>q"),
        ("xl/workbook.xml", b"<workbook/>"),
        ("xl/workbook.xml", b""),
        ("[Content_Types].xml", b"<Types/>"),
    ],
    ids=["rows that break off", "no sheets", "no XML", "nothing that it holds"],
)
def test_refuses_a_workbook_with_a_damaged_part(part, content):
    with pytest.raises(UnreadableFileError, match="no XLSX workbook, or it is damaged"):
        read(with_part(workbook(["q"], *(["tea"] for _row in range(9))), part, content), "xlsx")


def with_part(data: bytes, changed: str, content: bytes) -> bytes:
    rebuilt = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as former, zipfile.ZipFile(rebuilt, "w") as archive:
        for name in former.namelist():
            archive.writestr(name, content if name == changed else former.read(name))
    return rebuilt.getvalue()


def test_refuses_a_workbook_that_unpacks_to_too_much(monkeypatch):
    monkeypatch.setattr(sheets, "MOST_UNPACKED_BYTES", 10 * 1024**2)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 20 * 1024**2)
    with pytest.raises(UnreadableFileError) as refused:
        read(bomb.getvalue(), "xlsx")
    assert str(refused.value) == "The workbook unpacks to 20 MB, more than is allowed."


def test_refuses_what_only_claims_to_be_small():
    assert sheets.MOST_EXPANSION * 100_000 < sheets.MOST_UNPACKED_BYTES
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 25_000_000)
    with pytest.raises(UnreadableFileError, match="unpacks to 23 MB"):
        read(bomb.getvalue(), "xlsx")


@pytest.mark.parametrize("format", ["json", "jsonl", "csv"])
def test_refuses_what_is_no_text(format):
    with pytest.raises(UnreadableFileError, match="save the file as UTF-8"):
        read(b"\x7fELF\x00\x01\x02", format)


@pytest.mark.parametrize("data", ["3", '"text"', "", "null", '{"a": '])
def test_refuses_json_without_a_list(data):
    with pytest.raises(UnreadableFileError, match="holds no list of objects"):
        read(data, "json")


def test_json_that_breaks_off_gives_what_came_before():
    found = tables.read(io.BytesIO(b'[{"a": 1}, {"a": 2}, {"a"'), "json")
    assert [next(found).content, next(found).content] == [{"a": 1}, {"a": 2}]
    with pytest.raises(UnreadableFileError, match="This is no valid JSON"):
        next(found)


def test_no_more_rows_are_read_than_allowed(monkeypatch):
    monkeypatch.setattr(delimited, "MOST_ROWS", 3)
    found = read("a\n1\n2\n3\n4\n", "csv")
    assert [row.content for row in found if row.content] == [{"a": "1"}, {"a": "2"}]
    assert found[-1].problem == "too_many_rows"


def test_the_file_stays_open_for_its_owner():
    file = io.BytesIO(b"a\n1\n")
    list(tables.read(file, "csv"))
    assert not file.closed


@pytest.mark.parametrize(
    ("format", "data"), [("csv", b"a\n1\n2\n"), ("jsonl", b"{}\n{}\n"), ("json", b"[{}, {}]")]
)
def test_a_file_may_be_closed_before_all_its_rows_were_read(format, data):
    file = io.BytesIO(data)
    found = tables.read(file, format)
    assert next(found).number in (1, 2)
    file.close()
    found.close()
