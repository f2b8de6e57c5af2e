from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthesis.json_examples import find, record_schema, schema_of
from synthesis.schemas import infer, validator

TEXT = {"type": "string", "minLength": 1}
EDUCATION_PROMPT = """你是一个专业的教育内容创作助手。

任务：生成教育问答对
学科：{subject}
年级：{grade}
数量：{count}

要求：
1. 问题要符合该年级的知识水平

输出格式（JSON）：
[
  {
    "id": 1,
    "question": "问题内容",
    "answer": "答案内容",
    "explanation": "解析内容",
    "difficulty": "easy/medium/hard",
    "knowledge_points": ["知识点1", "知识点2"]
  }
]

请开始生成：
"""


def test_reads_the_guide_prompt_for_education() -> None:
    schema = infer(EDUCATION_PROMPT)
    assert schema == {
        "type": "object",
        "properties": {
            "id": {"type": "integer"},
            "question": TEXT,
            "answer": TEXT,
            "explanation": TEXT,
            "difficulty": TEXT,
            "knowledge_points": {"type": "array", "items": TEXT},
        },
        "required": [
            "id", "question", "answer", "explanation", "difficulty", "knowledge_points",
        ],
    }  # fmt: skip


@pytest.mark.parametrize(
    "prompt",
    [
        '[{"q": "x"}]',
        '{"q": "x"}',
        'Use:\n```json\n[{"q": "x"}]\n```\nThanks.',
        '{"items": [{"q": "x"}]}',
        'About {topic} [1], {count} times: {"q": "x"}',
        'Like [1, 2], but {"q": "x"}',
        '[{"q": "x"}, ...]',
        '[\n  {"q": "x"},\n  …\n]',
        '{"q": "x", // the question\n}',
        "{'q': 'x'}",
        "{“q”: “x”}",
        '{"q": "x",}',
    ],
)
def test_finds_the_example_however_it_is_written(prompt: str) -> None:
    assert find(prompt)[0] == {"q": "x"}


@pytest.mark.parametrize(
    "prompt",
    ["", "none", "{topic}", "[1, 2]", '["a"]', "{}", "[]", "[{}]", "a {b: c", "{{name}}", '"{"'],
)
def test_finds_nothing_where_there_is_no_example(prompt: str) -> None:
    assert find(prompt) == []


@pytest.mark.parametrize(
    "heading", ["输出格式：", "输出示例", "返回格式", "Output format:", "Response format"]
)
def test_prefers_the_example_under_the_heading(heading: str) -> None:
    prompt = f'Input: {{"text": "given"}}\n{heading}\n{{"label": "positive"}}'
    assert find(prompt) == [{"label": "positive"}]


def test_looks_above_a_heading_that_has_no_example_below() -> None:
    assert find('{"label": "x"}\nOutput format: as above.') == [{"label": "x"}]


def test_reads_variables_inside_strings() -> None:
    assert find('{"level": "{level}", "q": "..."}') == [{"level": "{level}", "q": "..."}]


def test_reads_a_bare_variable_as_any_value() -> None:
    assert infer('[{"q": "x", "n": {index}}]') == {
        "type": "object",
        "properties": {"q": TEXT, "n": {}},
        "required": ["q", "n"],
    }


def test_takes_all_examples_of_an_array() -> None:
    assert find('[{"a": 1}, {"a": 2}, 3]') == [{"a": 1}, {"a": 2}]


def test_keeps_a_dialogue_record_whole() -> None:
    dialogue = {"messages": [{"role": "user", "content": "hi"}]}
    assert find(json.dumps([dialogue])) == [dialogue]
    assert find(json.dumps(dialogue)) == [dialogue]


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        ("x", TEXT),
        ("", {"type": "string"}),
        (True, {"type": "boolean"}),
        (1, {"type": "integer"}),
        (0.5, {"type": "number"}),
        (None, {}),
        ([], {"type": "array"}),
        (["x", "y"], {"type": "array", "items": TEXT}),
        (["x", 1], {"type": "array"}),
        (
            {"a": {"b": 1}},
            {
                "type": "object",
                "properties": {
                    "a": {
                        "type": "object",
                        "properties": {"b": {"type": "integer"}},
                        "required": ["b"],
                    }
                },
                "required": ["a"],
            },
        ),
    ],
)
def test_reads_the_type_of_a_value(value: Any, schema: dict[str, Any]) -> None:
    assert schema_of(value) == schema


def test_requires_only_what_every_example_has() -> None:
    schema = record_schema([{"a": "x", "b": 1}, {"a": "y", "c": True}])
    assert schema["required"] == ["a"]
    assert set(schema["properties"]) == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("x", "", {"type": "string"}),
        ("x", 1, {}),
        (None, "x", {}),
        (["x"], [1], {"type": "array"}),
        (1, 2, {"type": "integer"}),
    ],
)
def test_joins_what_examples_disagree_about(first: Any, second: Any, expected: Any) -> None:
    assert record_schema([{"a": first}, {"a": second}])["properties"]["a"] == expected


def test_joins_objects_inside_arrays() -> None:
    schema = schema_of([{"role": "user"}, {"role": "tool", "id": 1}])
    assert schema["items"]["required"] == ["role"]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
RECORDS = st.lists(
    st.dictionaries(st.text(), VALUES, min_size=1, max_size=4), min_size=1, max_size=3
)


@given(RECORDS)
def test_examples_satisfy_their_own_schema(records: list[dict[str, Any]]) -> None:
    judge = validator(record_schema(records))
    assert all(judge.is_valid(record) for record in records)


@given(st.text(alphabet="{}[]\"',:a1 \n…/", max_size=80))
def test_never_raises(prompt: str) -> None:
    infer(prompt)


@pytest.mark.parametrize("unit", ["[", "{", '{"a":', '{"a', "[1,", '{"a":"b",', "{a}", '["'])
def test_takes_bounded_time_on_a_hostile_prompt(unit: str) -> None:
    # Quadratic work would run into the suite's time limit.
    infer(unit * (500_000 // len(unit)))
