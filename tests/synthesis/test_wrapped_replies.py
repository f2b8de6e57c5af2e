"""Records that a model wraps in more than was asked are found, if the schema tells them apart."""

from __future__ import annotations

import json
from typing import Any

import pytest

from synthesis.parsing import parse_reply

pytestmark = pytest.mark.any_database
TEA = {"question": "茶是什么？", "answer": "一种饮料。"}
RICE = {"question": "What is rice?", "answer": 'A "grain" [of] {grass}.'}
QA = {
    "type": "object",
    "properties": {"question": {"type": "string"}, "answer": {"type": "string"}},
    "required": ["question", "answer"],
}


def contents(value: Any, schema: Any = QA) -> list[Any]:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return [draft.content or draft.problem for draft in parse_reply(text, schema=schema).drafts]


@pytest.mark.parametrize(
    "frame", ["%s", "```json\n%s\n```", "好的：\n%s\n以上。", "<think>x</think>%s"]
)
@pytest.mark.parametrize(
    "value",
    [
        {"data": {"items": [TEA, RICE]}},
        {"response": {"data": {"items": [TEA, RICE]}}},
        {"name": "emit", "arguments": {"items": [TEA, RICE]}},
        {"count": 2, "status": "ok", "result": {"records": [TEA, RICE]}},
        {"1": TEA, "2": RICE},
        {"第一条": TEA, "第二条": RICE},
        {"total": 2, "record_1": TEA, "record_2": RICE},
        {"items": {"1": TEA, "2": RICE}},
        {"items": json.dumps([TEA, RICE])},
        {"arguments": json.dumps({"items": [TEA, RICE]})},
    ],
    ids=[
        "two names", "three names", "a tool call", "beside figures", "by number", "by name",
        "by name beside a figure", "by number under a name", "as a text", "as a call's text",
    ],
)  # fmt: skip
def test_records_are_found_inside(frame, value):
    assert contents(frame % json.dumps(value, ensure_ascii=False)) == [TEA, RICE]


@pytest.mark.parametrize("value", [json.dumps([TEA, RICE]), [[TEA], [RICE]], [[TEA, RICE]]])
def test_texts_and_lists_of_records_are_unfolded_without_a_schema_too(value):
    data = json.dumps(value, ensure_ascii=False)
    assert contents(data) == contents(data, None) == [TEA, RICE]


@pytest.mark.parametrize("name", ["result", "record", "data", "1", "问答"])
def test_a_single_record_under_a_name_is_that_record(name):
    assert contents({name: TEA}) == [TEA]


@pytest.mark.parametrize(
    "value",
    [
        {"question": "half", "meta": {"question": "a", "source": "b"}},
        {"question": "half", "sources": [{"title": "x"}]},
        {"a": TEA, "b": {"other": 1}},
        {"a": {"b": {"c": {"d": {"items": [TEA]}}}}},
        {"note": "[not json"},
        {"note": "[1, 2]"},
        {"other": {"x": 1}},
    ],
    ids=[
        "part of a broken one", "sources of a broken one", "one of two", "too deep", "a text",
        "a text of numbers", "something else",
    ],
)  # fmt: skip
def test_what_is_not_all_records_is_left_as_it_came(value):
    found = contents(value)
    assert found == [value] or found == value.get("sources")


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("[1, 2]", "not_an_object"),
        ("[broken", "not_an_object"),
        ("text", "not_an_object"),
        ("{}", {}),
    ],
)
def test_a_text_that_holds_no_records_is_named(value, problem):
    [found] = parse_reply(json.dumps(value), schema=QA).drafts[:1]
    assert (found.problem or found.content) == problem


def test_a_record_whose_own_field_holds_json_keeps_it():
    record = {"question": json.dumps([TEA]), "answer": json.dumps({"items": [RICE]})}
    assert contents([record]) == contents(record) == [record]


def test_a_record_whose_own_field_is_an_object_keeps_it():
    schema = {"properties": {"meta": {}}, "required": ["meta"]}
    record = {"meta": {"meta": {"x": 1}}}
    assert contents(record, schema) == [record]


@pytest.mark.parametrize("depth", [10, 900])
def test_wrappers_without_end_are_no_records(depth):
    text = '{"a":' * depth + json.dumps(TEA) + "}" * depth
    assert len(parse_reply(text, schema=QA).drafts) == 1
