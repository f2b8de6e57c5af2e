from __future__ import annotations

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthesis import tables
from synthesis.tables import elements, objects, rows
from tests.synthesis.tables.files import contents, problems, read, refusal

LONG = rows.LONGEST_ROW_BYTES
JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('ab[]{},:"\\茶'), inner),
    max_leaves=4,
)
ROWS = st.lists(
    st.dictionaries(st.text('qa[]{},"\\ ', max_size=4), JSON_VALUES, max_size=3), max_size=3
)


@settings(max_examples=30)
@given(ROWS, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_what_json_writes_as_a_list_is_read_back(values, indent, ascii_only):
    text = json.dumps(values, indent=indent, ensure_ascii=ascii_only)
    assert contents(text, "json") == values


@settings(max_examples=30)
@given(ROWS.filter(bool), st.booleans())
def test_what_json_writes_line_by_line_is_read_back(values, ascii_only):
    text = "\n".join(json.dumps(value, ensure_ascii=ascii_only) for value in values)
    assert contents(text, "jsonl") == values


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_it_does_not_matter_where_the_file_is_cut_into_chunks(monkeypatch, size):
    monkeypatch.setattr(elements, "CHUNK_CHARACTERS", size)
    values = [{"a": 'x\\"],[{\\\\'}, {"b\\": [1, {"c": "}"}]}, {}]
    assert contents(json.dumps({"n": 1, "rows": values}), "json") == values


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('[{"a": 1}]', [{"a": 1}]),
        ("[]", []),
        (' \n[ {"a": 1} , {"a": 2} ]\n ', [{"a": 1}, {"a": 2}]),
        ('[{"a": 1},]', [{"a": 1}]),
        ('{"data": []}', []),
        ('{"data": [{"a": 1}], "version": 3}', [{"a": 1}]),
        ('{"data": {"rows": [{"a": 1}]}}', [{"a": 1}]),
        ('{"languages": ["en", "zh"], "data": [{"a": 1}]}', [{"a": 1}]),
        ('{"meta": {"tags": ["x"]}, "data": [{"a": 1}]}', [{"a": 1}]),
        ('{"note": "[{", "data": [{"a": 1}]}', [{"a": 1}]),
        ('{"texts": ["one", "two"]}', [{"text": "one"}, {"text": "two"}]),
        ('{"a.b": [{"c": 1}]}', [{"c": 1}]),
        ('{"a": 1}', [{"a": 1}]),
        (
            '{"tags": ["x"], "q": 1}\n{"tags": [], "q": 2}\n',
            [{"tags": ["x"], "q": 1}, {"tags": [], "q": 2}],
        ),
        ('\n{"a": [{"b": 1}]}\n\n{"a": []}', [{"a": [{"b": 1}]}, {"a": []}]),
    ],
    ids=[
        "list",
        "no rows",
        "spaces",
        "comma at the end",
        "no rows in an object",
        "under a name",
        "under two names",
        "after a list of texts",
        "after a deep list",
        "after brackets in a text",
        "of texts",
        "under a name with a dot",
        "one object is one row",
        "lines that hold lists",
        "lines with blank ones",
    ],
)
def test_the_rows_are_found(text, found):
    assert contents(text, "json") == found


@pytest.mark.parametrize(
    "text",
    [
        "hello [world]",
        "var rows = [{}]",
        '{\n "a": 1\n}',
        "[",
        "{",
        "]",
        '"[{}]"',
        "[[[",
        "\ufeff",
        '{"a": ' * 50_000,
        '{"a": {"b": {"c": {"d": [{"e": 1}]}}},\n"f": 1}',
    ],
    ids=[
        "prose",
        "a script",
        "an object over lines",
        "a bracket",
        "a brace",
        "an end",
        "a text",
        "brackets",
        "a mark alone",
        "a deep object",
        "a list too deep",
    ],
)
def test_what_holds_no_list_is_refused(text):
    assert refusal(text, "json") in (
        "The JSON file holds no list of objects.",
        "This is no valid JSON: the list breaks off.",
    )


@pytest.mark.parametrize(
    ("element", "problem"),
    [
        ("[1]", "not_an_object"),
        ("3", "not_an_object"),
        ("null", "not_an_object"),
        ("nothing", "bad_json"),
        ('{"a": 01}', "bad_json"),
        ("{'a': 1}", "bad_json"),
        ('{"a" 1}', "bad_json"),
        ('{"a": "tab\there"}', "bad_json"),
        ('{"a": ' + "1" * 5000 + "}", "bad_json"),
        ('{"a": "' + "x" * LONG + '"}', "too_long"),
        ('{"a": "' + "茶" * (LONG // 3) + '"}', "too_long"),
        ('{"a": ' + "[" * 70 + "]" * 70 + "}", "too_deep"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "too_deep"),
    ],
    ids=[
        "a list",
        "a number",
        "null",
        "a word",
        "leading zero",
        "single quotes",
        "no colon",
        "a tab in a text",
        "digits without end",
        "1 MB",
        "1 MB of Chinese",
        "deep",
        "deeper than any stack",
    ],
)
def test_a_bad_element_does_not_take_the_others_with_it(element, problem):
    found = read(f'[{{"n": 1}}, {element}, {{"n": 2}}]', "json")
    assert [(row.content, row.problem) for row in found] == [
        ({"n": 1}, ""),
        (None, problem),
        ({"n": 2}, ""),
    ]


@pytest.mark.parametrize(
    ("end", "detail"),
    [
        ("", "the list breaks off"),
        (",", "the list breaks off"),
        (', {"a": 2', "the list breaks off"),
        (', "text', "the list breaks off"),
        ("] more", "more follows the list"),
        ("] [", "more follows the list"),
        ('][{"a": 2}]', "more follows the list"),
    ],
)
def test_rows_before_a_fault_of_the_whole_file_are_given_first(end, detail):
    found = tables.read(io.BytesIO(f'[{{"a": 1}}, {{"a": 2}}{end}'.encode()), "json")
    assert next(found).content == {"a": 1}
    with pytest.raises(tables.UnreadableFileError, match=f"^This is no valid JSON: {detail}.$"):
        list(found)


@pytest.mark.parametrize("format", ["json", "jsonl"])
@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("NaN", None),
        ("-Infinity", None),
        ("1e999", None),
        ("1" * 1001, None),
        ("12345678901234567890123", 12345678901234567890123),
        ('"\\ud800"', "\ufffd"),
        ('"\\ud83d\\ude00"', "😀"),
        ('"a\\u0000b"', "ab"),
        ("0.1", 0.1),
        ("-0", 0),
        ("true", True),
        ("{}", {}),
    ],
)
def test_both_ways_of_json_store_the_same_value(format, given, stored):
    row = f'{{"v": {given}}}'
    text = f"[{row}]" if format == "json" else row
    assert contents(text, format) == [{"v": stored}]


def test_the_last_of_two_keys_of_one_name_counts():
    assert contents('{"a": 1, "a": 2}', "jsonl") == [{"a": 2}]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("{}\n\n{}\n", [1, 3]),
        ("\n\n{}", [3]),
        ("{}\r\n{}\r\n", [1, 2]),
        ("{}\n \t \n{}", [1, 3]),
        ('{"a": "x\u2028y\u0085z"}\n{}', [1, 2]),
        ("\ufeff{}\n\ufeff{}", [1, 2]),
    ],
    ids=["blank between", "blank first", "of Windows", "white", "other separators", "two marks"],
)
def test_rows_carry_the_numbers_of_their_lines(text, numbers):
    found = read(text, "jsonl")
    assert [row.number for row in found] == numbers
    assert all(row.content is not None for row in found)


def test_elements_carry_their_place_in_the_list():
    assert problems("[{}, 2, {}, [4]]", "json") == [
        (2, "not_an_object", ""),
        (4, "not_an_object", ""),
    ]


@pytest.mark.parametrize(
    ("line", "detail"),
    [
        ('{"a": 1}{"a": 2}', "Extra data: line 1 column 9 (char 8)"),
        ('{"a":}', "Expecting value: line 1 column 6 (char 5)"),
        ("{a: 1}", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
    ],
)
def test_a_bad_line_says_where_it_breaks(line, detail):
    assert problems(line, "jsonl") == [(1, "bad_json", detail)]


@pytest.mark.parametrize("format", ["json", "jsonl"])
def test_a_row_of_just_the_length_allowed_is_read(format):
    row = '{"a": "' + "x" * (LONG - 9) + '"}'
    assert len(row) == LONG
    longer = row.replace("x", "xx", 1)
    texts = {"json": "[{},{}]", "jsonl": "{}\n{}"}
    found = read(texts[format].replace("{}", "%s") % (row, longer), format)
    assert [row.problem for row in found] == ["", "too_long"]


@pytest.mark.parametrize("format", ["json", "jsonl"])
def test_no_more_objects_are_read_than_allowed(monkeypatch, format):
    monkeypatch.setattr(objects, "MOST_ROWS", 2)
    text = {"json": "[{}, {}, {}, {}]", "jsonl": "{}\n{}\n{}\n{}"}[format]
    assert problems(text, format) == [(3, "too_many_rows", "2")]
    assert len(read(text, format)) == 3


def test_a_list_is_read_no_further_than_its_rows_are_asked_for():
    file = io.BytesIO(b"[" + b'{"a": 1},' * 100_000)
    assert next(tables.read(file, "json")).content == {"a": 1}
    assert file.tell() <= 2 * elements.CHUNK_CHARACTERS
