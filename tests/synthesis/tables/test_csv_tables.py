from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthesis.export import delimited as exported
from synthesis.tables import delimited, rows
from tests.synthesis.tables.files import contents, problems, read, refusal

CELLS = st.text(st.sampled_from(" ab,;\t|\"'\n=-@茶"), max_size=6)
EXTRA = "The row has more cells than the {} columns named; put texts with delimiters in quotes."


@settings(max_examples=60)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=4))
def test_texts_come_back_from_an_exported_table(pairs):
    text = io.StringIO(newline="")
    neutral = [[exported.cell(cell) for cell in pair] for pair in [("q", "a"), *pairs]]
    csv.writer(text).writerows(neutral)
    found = contents(text.getvalue(), "csv")
    kept = [{name: cell for name, cell in zip("qa", pair, strict=True) if cell} for pair in pairs]
    assert found == [row for row in kept if row]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a,b\n1,2", {"a": "1", "b": "2"}),
        ("a;b\n1,5;2", {"a": "1,5", "b": "2"}),
        ('"a, b, c";d\n1;2', {"a, b, c": "1", "d": "2"}),
        ("a|b\n1|2", {"a": "1", "b": "2"}),
        ("a\tb\n1\t2", {"a": "1", "b": "2"}),
        ("a\n1;2", {"a": "1;2"}),
        ("问题，答案\n茶，水", {"问题，答案": "茶，水"}),
    ],
    ids=["comma", "semicolon", "commas in quotes", "bar", "tab", "one column", "full width"],
)
def test_the_header_tells_the_delimiter(text, found):
    assert contents(text, "csv") == [found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("question, long\ta;b;c\n1\t2", {"question, long": "1", "a;b;c": "2"}),
        ("question, as asked\nWhat, then?", {"question, as asked": "What, then?"}),
        ('a\tb\n"one\ttwo"\t3', {"a": "one\ttwo", "b": "3"}),
    ],
    ids=["commas in the header", "one column with commas", "a quoted tab"],
)
def test_a_tsv_file_is_divided_by_tabs_only(text, found):
    assert contents(text, "tsv") == [found]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["Unix", "Windows", "old Mac"])
def test_every_line_end_ends_a_row(end):
    assert contents(f"a,b{end}1,2{end}3,4{end}", "csv") == [
        {"a": "1", "b": "2"},
        {"a": "3", "b": "4"},
    ]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('"a ""word"""', 'a "word"'),
        ('"one\ntwo"', "one\ntwo"),
        ('"one\r\ntwo"', "one\r\ntwo"),
        ('"a,b"', "a,b"),
        (" spaced ", " spaced "),
        ("007", "007"),
        ("1e5", "1e5"),
        ("true", "true"),
        ('"[1, ""b""]"', [1, "b"]),
        ('"{""k"": null}"', {"k": None}),
        ("[not json]", "[not json]"),
        ("[1", "[1"),
        ("{curly}", "{curly}"),
        ('"[NaN]"', [None]),
        ("'=SUM(A1)", "=SUM(A1)"),
        ("'+1", "+1"),
        ("' @x", " @x"),
        ("'＝1", "＝1"),
        ("'tis", "'tis"),
        ("''", "''"),
        ("''=1", "'=1"),
    ],
)
def test_a_cell_gives_the_value_that_was_meant(cell, value):
    assert contents(f"a,b\n{cell},x\n", "csv") == [{"a": value, "b": "x"}]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("1", {"a": "1"}),
        ("1,2,", {"a": "1", "b": "2"}),
        ("1,2,,,,", {"a": "1", "b": "2"}),
        (",2", {"b": "2"}),
        ('"",2', {"b": "2"}),
    ],
    ids=["too few", "one empty more", "many empty more", "first empty", "first quoted and empty"],
)
def test_empty_and_missing_cells_are_no_values(line, found):
    assert contents(f"a,b\n{line}\n", "csv") == [found]


@pytest.mark.parametrize(
    ("line", "columns"),
    [("What is tea?,A drink, mostly hot", 2), ("1,2,,4", 2)],
    ids=["a comma that nobody quoted", "a cell after an empty one"],
)
def test_a_row_with_cells_beyond_the_header_is_named_instead_of_cut(line, columns):
    found = read(f"q,a\n{line}\n1,2\n", "csv")
    assert [row.content for row in found] == [None, {"q": "1", "a": "2"}]
    assert rows.sentence(found[0].problem, found[0].detail) == EXTRA.format(columns)


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("a,b", ["a", "b"]),
        (" a , b ", ["a", "b"]),
        ('"a\nb",c', ["a\nb", "c"]),
        ("A,a", ["A", "a"]),
        ("a,,b", ["a", "b"]),
        ("'=a,'@b", ["=a", "@b"]),
        ("a,b" + "," * 2000, ["a", "b"]),
        ("\u00a0a,\u3000b", ["a", "b"]),
        ("问题,a.b", ["问题", "a.b"]),
    ],
    ids=[
        "plain",
        "spaces",
        "a line break",
        "case matters",
        "one without a name",
        "apostrophes of an export",
        "columns of nothing",
        "wide spaces",
        "Chinese and dots",
    ],
)
def test_the_header_names_the_columns(header, names):
    line = ",".join(["x"] * (header.count(",") + 1))
    assert list(contents(f"{header}\n{line}\n", "csv")[0]) == names


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ("", "The first line names no columns."),
        (",,,", "The first line names no columns."),
        (" , ", "The first line names no columns."),
        ("a,b, a", "The column “a” stands there twice."),
        ("'=a,=a", "The column “=a” stands there twice."),
        ("x" * 300 + "," + "x" * 300, f"The column “{'x' * 100}” stands there twice."),
        (",".join(map(str, range(1001))), "The table has more than 1000 columns."),
        (
            "x" * (rows.LONGEST_ROW_BYTES + 1),
            "This is no valid table: field larger than field limit (1048576).",
        ),
    ],
    ids=[
        "none",
        "commas",
        "spaces",
        "twice",
        "twice as exported",
        "a long one twice",
        "1001",
        "1 MB",
    ],
)
def test_a_header_that_cannot_be_is_refused(header, sentence):
    assert refusal(f"{header}\n1,2\n", "csv") == sentence


def test_a_thousand_columns_are_read():
    header = ",".join(f"c{number}" for number in range(1000))
    line = ",".join(str(number) for number in range(1000))
    assert contents(f"{header}\n{line}\n", "csv")[0]["c999"] == "999"


def test_a_cell_of_a_megabyte_spoils_only_its_row():
    text = "a,b\n1,2\n" + "x" * (rows.LONGEST_ROW_BYTES + 1) + ",2\n3,4\n"
    assert problems(text, "csv") == [(3, "bad_table", "field larger than field limit (1048576)")]
    assert [row["a"] for row in contents(text, "csv") if row] == ["1", "3"]


def test_a_row_of_more_than_a_megabyte_is_left_out_whatever_its_cells():
    half = "x" * (rows.LONGEST_ROW_BYTES // 2)
    assert problems(f"a,b,c\n{half},{half},\n{half},{half},1\n", "csv") == [(3, "too_long", "")]


def test_a_quote_never_closed_ends_with_the_file():
    assert contents('a,b\n1,2\n"3,4\n5,6\n', "csv") == [
        {"a": "1", "b": "2"},
        {"a": "3,4\n5,6\n"},
    ]


def test_rows_carry_their_numbers_in_the_table_also_after_empty_ones():
    assert [row.number for row in read("a,b\n1,\n\n,\n2,\n", "csv")] == [2, 5]


@pytest.mark.parametrize("count", [4, 5, 50])
def test_the_rows_allowed_are_read_and_no_more(monkeypatch, count):
    monkeypatch.setattr(delimited, "MOST_ROWS", 4)  # the header is one of them
    found = read("a\n" + "x\n" * count, "csv")
    assert [row.problem for row in found] == ["", "", "", "too_many_rows"]
