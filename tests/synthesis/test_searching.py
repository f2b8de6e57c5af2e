from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthesis.searching import (
    MAX_FAILURES,
    MAX_OBJECTS,
    MAX_REPAIRED_CHARACTERS,
    decoder,
    first_object,
    has_array,
    objects,
)

RECORD = {"question": "Why?", "answer": "Because {it} is [so]."}
TEXT = json.dumps(RECORD)


def values(text: str, names: Any = (), *, truncated: bool = False) -> list[Any]:
    """Give the value of each object found, or the problem in its place."""
    found = objects(text, names, truncated=truncated)
    return [item.problem or item.value for item in found]


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        f"Here you are: {TEXT} Enjoy!",
        f"```json\n{TEXT}\n```",
        f"[{TEXT},]",
        f"Note [1] and {{topic}} and {{}}: {TEXT}",
        f"《说明》如下：\n{TEXT}\n以上。",
    ],
)
def test_finds_an_object_whatever_surrounds_it(text: str) -> None:
    assert values(text) == [RECORD]


@pytest.mark.parametrize("separator", [", ", "", "\n", "\n\n", "]\n[", "\n```\nand\n```json\n"])
def test_finds_objects_whatever_separates_them(separator: str) -> None:
    assert values(separator.join([TEXT] * 3)) == [RECORD] * 3


def test_keeps_the_text_of_each_object() -> None:
    assert [item.raw for item in objects(f"a {TEXT} b {TEXT}")] == [TEXT, TEXT]


@pytest.mark.parametrize(
    "text",
    ["", "no braces", "{topic}", "{}", "{ }", "[1, 2]", "{1: 2}", "}{", "{{name}}", "{{{{"],
)
def test_finds_nothing_where_no_object_starts(text: str) -> None:
    assert values(text) == []


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        ('{"a": 1, "b": 2,}', {"a": 1, "b": 2}),
        ('{"a": 1 "b": 2}', {"a": 1, "b": 2}),
        ("{'a': None, 'b': True}", {"a": None, "b": True}),
        ('{a: 1, b: "x"}', {"a": 1, "b": "x"}),
        ("{“a”: “甲”，“b”: “乙”}", {"a": "甲", "b": "乙"}),
        ('{"a": 1, // the first\n "b": 2}', {"a": 1, "b": 2}),
        ('{"a": "say "hi" now", "b": 2}', {"a": 'say "hi" now', "b": 2}),
        ('{"a": "a tab\\d", "b": [1, 2,]}', {"a": "a tab\\d", "b": [1, 2]}),
    ],
)
def test_repairs_a_broken_object(broken: str, expected: Any) -> None:
    [found] = objects(broken)
    assert found.value == expected
    assert found.repaired
    assert found.raw == broken


def test_repairs_only_the_broken_one_of_many() -> None:
    found = objects('[{"a": 1}, {"a": 2,}, {"a": 3}]')
    assert [item.value for item in found] == [{"a": 1}, {"a": 2}, {"a": 3}]
    assert [item.repaired for item in found] == [False, True, False]


def test_takes_an_object_that_lacks_its_last_brace_before_the_bracket() -> None:
    assert values('[{"a": 1}, {"a": 2, "b": 3]') == [{"a": 1}, {"a": 2, "b": 3}]


def test_bounds_a_badly_quoted_object_by_the_next_of_its_kind() -> None:
    text = '[{"a": "an "odd quote", "b": 1}, {"a": "fine", "b": 2}]'
    assert values(text)[1] == {"a": "fine", "b": 2}
    assert len(values(text)) == 2


def test_bounds_by_the_first_name_and_not_by_inner_objects() -> None:
    turns = '[{"role": "user", "content": "an "odd one"}, {"role": "assistant", "content": "x"}]'
    text = f'[{{"messages": {turns}}}, {{"messages": []}}]'
    found = values(text)
    assert len(found) == 2
    assert found[1] == {"messages": []}


def test_takes_a_badly_quoted_last_object_up_to_its_brace() -> None:
    assert len(values('[{"a": "an "odd quote", "b": 1}]')) == 1
    assert values('[{"a": "an "odd quote", "b": 1}]')[0]["b"] == 1


@pytest.mark.parametrize(
    "tail",
    ['{"a": "no en', '{"a": 1', '{"a": 1,', '{"a":', '{"a"', '{"a": [1, {"b": 2}', '{"a": "x\\'],
)
def test_marks_what_ends_too_early_as_truncated(tail: str) -> None:
    assert values(f'[{{"a": 1}}, {tail}') == [{"a": 1}, "truncated"]


def test_takes_no_brace_inside_a_cut_string_for_the_end() -> None:
    assert values('[{"code": "f() { return 1; }', truncated=True) == ["truncated"]


@pytest.mark.parametrize("wrapper", ['{"items": [', '{ "data" :\n[ ', '{"qa_pairs": ['])
def test_looks_into_a_truncated_wrapper(wrapper: str) -> None:
    assert values(f'{wrapper}{TEXT}, {{"question": "cut') == [RECORD, "truncated"]


def test_looks_into_a_truncated_object_that_is_no_record() -> None:
    text = f'{{"topic": "x", "items": [{TEXT}, {{"question": "cut'
    assert values(text, {"question", "answer"}) == [RECORD, "truncated"]


@pytest.mark.parametrize("name", ["messages", "conversations"])
def test_does_not_look_into_a_truncated_dialogue(name: str) -> None:
    assert values(f'{{"{name}": [{{"role": "user", "content": "hi"}}, {{"role"') == ["truncated"]


def test_does_not_look_into_a_truncated_record() -> None:
    assert values('{"steps": [{"text": "one"}, {"text"', {"steps", "answer"}) == ["truncated"]


def test_gives_up_on_a_broken_object_that_is_too_large() -> None:
    broken = '{"a": 1 "b": "' + "x" * MAX_REPAIRED_CHARACTERS + '"}'
    assert values(f'{broken}, {{"a": 2}}') == ["not_json", {"a": 2}]


def test_repairs_no_more_than_its_budget() -> None:
    broken = '{"a": 1 "b": "' + "x" * (MAX_REPAIRED_CHARACTERS // 3) + '"}'
    assert [item.problem for item in objects(broken * 3)] == [None, None, "not_json"]


def test_stops_after_too_many_failures() -> None:
    assert len(objects('{"a": 1 2}' * (MAX_FAILURES + 50))) == MAX_FAILURES


def test_stops_after_enough_objects() -> None:
    assert len(objects('{"a":1};' * (MAX_OBJECTS + 50))) == MAX_OBJECTS


def test_calls_endless_nesting_too_deep() -> None:
    assert values('{"a":' * 100_000) == ["too_deep"]


def test_decodes_raw_line_breaks_inside_strings() -> None:
    assert decoder.decode('{"a": "one\ntwo\tthree"}') == {"a": "one\ntwo\tthree"}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "9" * 5000])
def test_decodes_impossible_numbers_as_null(number: str) -> None:
    assert decoder.decode(f'{{"a": {number}}}') == {"a": None}


def test_decodes_possible_numbers_as_they_are() -> None:
    text = f"[1, -2, 0.5, 1e3, {2**70}, {'9' * 1000}]"
    assert decoder.decode(text) == [1, -2, 0.5, 1000.0, 2**70, int("9" * 1000)]
    assert math.copysign(1, decoder.decode("-0.0")) == -1


def test_last_of_duplicate_names_wins() -> None:
    assert decoder.decode('{"a": 1, "a": 2}') == {"a": 2}


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", None), ("x {topic}", None), ('ab {"a": 1}', 3), ("{ 'a'", 0), ("{name: 1}", 0)],
)
def test_tells_where_the_first_object_starts(text: str, expected: int | None) -> None:
    assert first_object(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('Sure: ["a", "b"]', True),
        ("[1, 2]", True),
        ("[[1], [2]]", True),
        ("[true]", True),
        ("see [note]", False),
        ('["a", "b"', False),
        ("none", False),
        ("[" * 100_000, False),
    ],
)
def test_tells_whether_an_array_can_be_read(text: str, expected: bool) -> None:
    assert has_array(text) is expected


@given(st.text(alphabet="{}[]\"',:a1 \\\n“”`", max_size=80), st.booleans())
def test_never_raises(text: str, truncated: bool) -> None:
    objects(text, truncated=truncated)
    objects(text, {"a"}, truncated=truncated)
    has_array(text)


@given(
    st.lists(
        st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), st.text(), min_size=1),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from([", ", "\n", " and ", "]["]),
)
def test_finds_all_whole_objects(records: list[dict[str, str]], separator: str) -> None:
    assert values("x" + separator.join(json.dumps(record) for record in records)) == records
