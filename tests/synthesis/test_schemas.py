from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from synthesis import schemas
from synthesis.parsing import parse_reply

RECORD: dict[str, Any] = {
    "type": "object",
    "properties": {"question": {"type": "string", "minLength": 1}},
    "required": ["question"],
}
GUIDE_PROMPT = """任务：生成问答对
主题：{topic}

输出格式：JSON
[
  {
    "question": "...",
    "answer": "..."
  }
]
"""


def test_infers_a_schema_that_passes_its_own_check() -> None:
    schema = schemas.infer(GUIDE_PROMPT)
    schemas.check(schema)
    assert schema == {
        "type": "object",
        "properties": {
            "question": {"type": "string", "minLength": 1},
            "answer": {"type": "string", "minLength": 1},
        },
        "required": ["question", "answer"],
    }


def test_infers_nothing_without_an_example() -> None:
    assert schemas.infer("Write {count} questions about {topic} [1].") is None


def test_check_refuses_through_the_same_error() -> None:
    with pytest.raises(schemas.SchemaError, match=r"^The output schema must be a JSON object\.$"):
        schemas.check([])


def test_wraps_a_record_schema_into_that_of_a_reply() -> None:
    assert schemas.reply_schema(RECORD, 3) == {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": RECORD, "minItems": 3, "maxItems": 3},
        },
        "required": ["items"],
        "additionalProperties": False,
    }


def test_wrapping_leaves_the_record_schema_alone() -> None:
    record = {**RECORD, "$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": {}}
    before = json.dumps(record)
    schemas.reply_schema(record, 2)
    assert json.dumps(record) == before


def test_wrapping_moves_definitions_to_where_references_find_them() -> None:
    record = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "record",
        "type": "object",
        "properties": {"level": {"$ref": "#/$defs/level"}},
        "$defs": {"level": {"enum": ["easy", "hard"]}},
    }
    reply = schemas.reply_schema(record, 1)
    assert reply["$defs"] == record["$defs"]
    assert set(reply["properties"]["items"]["items"]) == {"type", "properties"}
    assert schemas.validator(reply).is_valid({"items": [{"level": "easy"}]})
    assert not schemas.validator(reply).is_valid({"items": [{"level": "other"}]})


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ({"items": [{"question": "a"}, {"question": "b"}]}, True),
        ({"items": [{"question": "a"}]}, False),
        ({"items": [{"question": "a"}] * 3}, False),
        ({"items": [{"question": "a"}, {}]}, False),
        ({"items": [{"question": "a"}, {"question": "b"}], "note": ""}, False),
        ([], False),
    ],
)
def test_reply_schema_accepts_exactly_the_count(reply: Any, expected: bool) -> None:
    assert schemas.validator(schemas.reply_schema(RECORD, 2)).is_valid(reply) is expected


def test_a_reply_after_the_schema_parses_into_its_records() -> None:
    reply = {"items": [{"question": "a"}, {"question": "b"}]}
    drafts = parse_reply(json.dumps(reply), schema=RECORD).drafts
    assert [draft.content for draft in drafts] == reply["items"]


@pytest.mark.parametrize(
    ("language", "start"),
    [
        ("en", "Reply with a JSON array of exactly 3 object(s) and nothing else"),
        ("zh", "只输出一个 JSON 数组，恰好包含 3 个对象"),
        ("zh-hans", "只输出一个 JSON 数组，恰好包含 3 个对象"),
        ("fr", "Reply with a JSON array of exactly 3 object(s) and nothing else"),
    ],
)
def test_instructs_in_the_language_of_the_prompt(language: str, start: str) -> None:
    text = schemas.instruction(RECORD, 3, language)
    assert text.startswith(start)
    assert json.loads(text.splitlines()[-1]) == RECORD


@pytest.mark.parametrize("language", ["en", "zh"])
def test_instructs_to_wrap_where_json_mode_needs_an_object(language: str) -> None:
    assert '{"items": [...]}' in schemas.instruction(RECORD, 3, language, wrapped=True)
    assert '{"items": [...]}' not in schemas.instruction(RECORD, 3, language)


def test_instruction_keeps_percent_signs_and_chinese_of_the_schema() -> None:
    schema = {**RECORD, "description": "100%d 中文"}
    assert "100%d 中文" in schemas.instruction(schema, 1, "en")


def test_instruction_mentions_json_as_json_mode_demands() -> None:
    for language in ("en", "zh"):
        for wrapped in (True, False):
            assert "JSON" in schemas.instruction(RECORD, 1, language, wrapped=wrapped)


@pytest.mark.parametrize(
    "reference", ["http://127.0.0.1:9/schema.json", "file:///etc/passwd", "other.json"]
)
def test_validator_never_fetches_a_reference(reference: str) -> None:
    judge = schemas.validator({"type": "object", "properties": {"a": {"$ref": reference}}})
    with pytest.raises(jsonschema.exceptions._WrappedReferencingError):
        judge.is_valid({"a": 1})
