from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from providers.sanitising import MAX_DEPTH
from synthesis.parsing import (
    MAX_CHARACTERS,
    MAX_RAW_CHARACTERS,
    MAX_RECORDS,
    PROBLEMS,
    Draft,
    ParsedReply,
    parse_reply,
)

pytestmark = pytest.mark.any_database

ONE = {"question": "Q1", "answer": "A1"}
TWO = {"question": "Q2", "answer": "A2"}
ARRAY = json.dumps([ONE, TWO])
QA_SCHEMA = {
    "type": "object",
    "properties": {"question": {"type": "string"}, "answer": {"type": "string"}},
    "required": ["question", "answer"],
}
DIALOGUE = {"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yo"}]}
DIALOGUE_SCHEMA = {
    "type": "object",
    "properties": {"messages": {"type": "array", "items": {"type": "object"}}},
    "required": ["messages"],
}


def contents(text: str, **options: Any) -> list[Any]:
    return [draft.content for draft in parse_reply(text, **options).drafts]


def codes(text: str, **options: Any) -> list[str | None]:
    return [draft.problem for draft in parse_reply(text, **options).drafts]


@pytest.mark.parametrize(
    "text",
    [
        ARRAY,
        f"  \n{ARRAY}\n",
        f"\ufeff{ARRAY}",
        json.dumps({"items": [ONE, TWO]}),
        json.dumps({"data": [ONE, TWO], "total": 2}),
        json.dumps({"qa_pairs": [ONE, TWO]}),
        f"{json.dumps(ONE)}\n{json.dumps(TWO)}",
        f"{json.dumps(ONE)}\n\n{json.dumps(TWO)}\n",
        f"```json\n{ARRAY}\n```",
        f"```\n{json.dumps({'items': [ONE, TWO]}, indent=2)}\n```",
        f"```json\n{json.dumps(ONE)}\n```\nand\n```json\n{json.dumps(TWO)}\n```",
        f"Sure! Here are 2 pairs:\n\n{ARRAY}\n\nTell me if you need more.",
        f"好的，以下是生成的数据：\n{ARRAY}\n希望对您有帮助！",
        f"<think>\nThe user wants two.\n</think>\n\n{ARRAY}",
        f"<thinking>First {{maybe}} [1]</thinking>{ARRAY}",
        f'<think>e.g. {{"question": "no", "answer": "no"}}</think>{ARRAY}',
        f'I could say {{"question": "no"}} first.\n</think>\n{ARRAY}',
        f"◁think▷嗯◁/think▷{ARRAY}",
        f"<|channel|>analysis<|message|>x<|end|><|channel|>final<|message|>{ARRAY}",
        f"[{json.dumps(ONE)}\n{json.dumps(TWO)}]",
        f"1. {json.dumps(ONE)}\n2. {json.dumps(TWO)}",
    ],
)
@pytest.mark.parametrize("schema", [None, QA_SCHEMA])
def test_finds_two_records_in_every_dress(text: str, schema: dict[str, Any] | None) -> None:
    reply = parse_reply(text, schema=schema)
    assert reply == ParsedReply([Draft(ONE), Draft(TWO)], repaired=False)


@pytest.mark.parametrize(
    "text",
    [
        ARRAY.replace('"}', '",}'),
        ARRAY.replace('"', "'"),
        ARRAY.replace('"', "“", 1).replace('"', "”", 1),
        ARRAY.replace('", "', '" "'),
        ARRAY.replace('", ', '", // a pair\n'),
        "```json\n" + ARRAY.replace('"}', '",}') + "\n```",
    ],
)
def test_repairs_usual_mistakes(text: str) -> None:
    reply = parse_reply(text, schema=QA_SCHEMA)
    assert [draft.content for draft in reply.drafts] == [ONE, TWO]
    assert reply.repaired


def test_reads_python_literals() -> None:
    assert contents("[{'a': None, 'b': True, 'c': False}]") == [{"a": None, "b": True, "c": False}]


def test_reads_raw_line_breaks_inside_strings() -> None:
    assert contents('[{"a": "one\ntwo"}]') == [{"a": "one\ntwo"}]


def test_takes_a_single_object_as_one_record() -> None:
    assert contents(json.dumps(ONE)) == [ONE]


@pytest.mark.parametrize("schema", [None, DIALOGUE_SCHEMA])
def test_keeps_a_dialogue_as_one_record(schema: dict[str, Any] | None) -> None:
    assert contents(json.dumps(DIALOGUE), schema=schema) == [DIALOGUE]


def test_unwraps_dialogues_from_items() -> None:
    assert contents(json.dumps({"items": [DIALOGUE] * 2}), schema=DIALOGUE_SCHEMA) == [DIALOGUE] * 2


def test_keeps_a_record_whose_schema_has_an_array_of_objects() -> None:
    record = {"question": "Q", "options": [{"label": "A"}, {"label": "B"}]}
    schema = {"properties": {"question": {}, "options": {}}, "required": ["question"]}
    assert contents(json.dumps(record), schema=schema) == [record]


def test_keeps_a_record_whose_own_name_is_items() -> None:
    record = {"items": [{"name": "tea", "price": 2}]}
    schema = {"properties": {"items": {}}, "required": ["items"]}
    assert contents(json.dumps(record), schema=schema) == [record]
    assert contents(json.dumps({"items": [record, record]}), schema=schema) == [record, record]


def test_recognises_a_record_by_any_name_when_none_is_required() -> None:
    record = {"question": "Q", "options": [{"label": "A"}]}
    assert contents(json.dumps(record), schema={"properties": {"options": {}}}) == [record]


def test_keeps_whole_records_of_a_truncated_array() -> None:
    reply = parse_reply(ARRAY[:-12], schema=QA_SCHEMA)
    assert reply.drafts == [Draft(ONE), Draft(None, '{"question": "Q2", "ans', "truncated")]


@pytest.mark.parametrize("cut", range(1, len(json.dumps(TWO))))
def test_never_takes_a_cut_record_for_a_whole_one(cut: int) -> None:
    text = json.dumps({"items": [ONE, TWO]})[: -cut - 2]
    drafts = parse_reply(text, truncated=True, schema=QA_SCHEMA).drafts
    assert drafts[0] == Draft(ONE)
    assert [draft.problem for draft in drafts[1:]] in (["truncated"], [])


def test_takes_an_array_that_only_lacks_its_end() -> None:
    assert parse_reply(ARRAY[:-1]) == ParsedReply([Draft(ONE), Draft(TWO)], repaired=False)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("[]", "empty"),
        ('{"items": []}', "empty"),
        ("<think>only thoughts", "empty"),
        ("<think>thoughts</think>", "empty"),
        ("Here is your data.", "not_json"),
        ("{topic}", "not_json"),
        ("null", "not_an_object"),
        ("42", "not_an_object"),
        ('"text"', "not_an_object"),
        ('["a"]', "not_an_object"),
        ('Sure: ["a", "b"]', "not_an_object"),
        ("I'm sorry, but I can't help with that.", "refused"),
        ("I cannot create this content.", "refused"),
        ("As an AI language model, I do not …", "refused"),
        ("很抱歉，我无法提供该内容。", "refused"),
        ("对不起，我不能回答。", "refused"),
        ("作为一个人工智能，我……", "refused"),
        ("[" * 100_000, "too_deep"),
        ('[{"a":' * 100_000, "too_deep"),
        ('x {"a":' * 1 + '{"a":' * 100_000, "too_deep"),
    ],
)
def test_names_the_reason_when_there_is_no_record(text: str, code: str) -> None:
    [draft] = parse_reply(text).drafts
    assert draft.problem == code
    assert draft.content is None


@pytest.mark.parametrize("text", ["", "<think>only thou", "Here is", "[", '["a", "b'])
def test_says_truncated_when_the_reply_was_cut_before_a_record(text: str) -> None:
    assert codes(text, truncated=True) == ["truncated"]


def test_does_not_take_an_apology_inside_a_record_for_a_refusal() -> None:
    record = {"question": "Where is it?", "answer": "I'm sorry, I cannot find it."}
    assert contents(json.dumps(record)) == [record]


def test_keeps_think_tags_inside_a_record() -> None:
    record = {"question": "2+2?", "answer": "<think>2+2=4</think> 4"}
    assert contents(f"Here: {json.dumps([record])}") == [record]


def test_keeps_code_fences_inside_a_record() -> None:
    record = {"question": "Print?", "answer": "```python\nprint({'a': [1]})\n```"}
    assert contents(f"```json\n{json.dumps([record], indent=1)}\n```") == [record]


def test_marks_elements_that_are_no_objects() -> None:
    assert parse_reply('[{"a": 1}, "text", 5, [1], null]').drafts == [
        Draft({"a": 1}),
        Draft(None, '"text"', "not_an_object"),
        Draft(None, "5", "not_an_object"),
        Draft(None, "[1]", "not_an_object"),
        Draft(None, "null", "not_an_object"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r'[{"a": "x\u0000y"}]', {"a": "xy"}),
        ('[{"a": "x\x00y"}]', {"a": "xy"}),
        (r'[{"a\u0000": 1}]', {"a": 1}),
        (r'[{"a": "\ud800"}]', {"a": "\ufffd"}),
        ('[{"a": "\udc00"}]', {"a": "\ufffd"}),
        (r'[{"a": "\ud83d\ude00"}]', {"a": "😀"}),
        ('[{"a": NaN, "b": Infinity, "c": -Infinity}]', {"a": None, "b": None, "c": None}),
        ('[{"a": 1e400}]', {"a": None}),
        (f'[{{"a": {"9" * 10_000}}}]', {"a": None}),
        (f'[{{"a": {2**64}}}]', {"a": 2**64}),
        ('[{"a": 1, "a": 2}]', {"a": 2}),
        ("[{'a': 1e400, 'b': '\x00'}]", {"a": None, "b": ""}),
    ],
)
def test_sanitises_what_a_database_would_refuse(text: str, expected: Any) -> None:
    assert contents(text) == [expected]


def test_refuses_absurd_nesting_of_one_record_only() -> None:
    deep = '{"a":' + "[" * MAX_DEPTH + "]" * MAX_DEPTH + "}"
    assert codes(f'[{{"a": 1}}, {deep}, {{"a": 2}}]') == [None, "too_deep", None]


def test_takes_the_deepest_allowed_nesting() -> None:
    deep = '{"a":' + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1) + "}"
    assert codes(f"[{deep}]") == [None]


@pytest.mark.parametrize("depth", [900, 980, 1000, 2000])
def test_survives_nesting_near_the_limit_of_the_interpreter(depth: int) -> None:
    assert codes('[{"a":' + "[" * depth + "]" * depth + "}]") == ["too_deep"]


@pytest.mark.parametrize("separator", [",", ";"])
def test_caps_the_records_of_one_reply(separator: str) -> None:
    text = "[" + separator.join(['{"a":1}'] * (MAX_RECORDS + 5)) + "]"
    drafts = parse_reply(text).drafts
    assert len(drafts) == MAX_RECORDS + 1
    assert drafts[-1] == Draft(None, "", "too_many")


def test_reads_no_more_than_the_allowed_characters() -> None:
    text = '[{"a": 1}, {"a": "' + "x" * MAX_CHARACTERS + '"}]'
    drafts = parse_reply(text).drafts
    assert [draft.problem for draft in drafts] == [None, "truncated"]
    assert len(drafts[1].raw) == MAX_RAW_CHARACTERS


def test_keeps_the_raw_text_of_what_is_malformed_storable() -> None:
    [draft] = parse_reply("no\x00thing \ud800 here").drafts
    assert draft == Draft(None, "nothing \ufffd here", "not_json")


def test_explains_every_problem_in_words() -> None:
    assert str(PROBLEMS["truncated"]) == "The reply was cut off before the record ended."
    assert set(PROBLEMS) == {
        "empty", "not_json", "not_an_object", "too_deep", "too_many", "truncated", "refused",
        "no_item",
    }  # fmt: skip


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)
SOUP = st.text(alphabet="{}[]\"',:a1 \\\nue0-.“”`<>/think", max_size=100)


@given(st.text(alphabet=st.characters(codec=None)) | SOUP, st.booleans(), st.booleans())
@example("<think>", True, True)
@example('{"items":[{', False, True)
@example('{"a":"\\', False, False)
def test_never_raises_and_gives_only_what_can_be_stored(
    text: str, truncated: bool, has_schema: bool
) -> None:
    reply = parse_reply(text, truncated=truncated, schema=QA_SCHEMA if has_schema else None)
    assert reply.drafts
    for draft in reply.drafts:
        assert draft.problem is None or draft.problem in PROBLEMS
        assert isinstance(draft.content, dict) == (draft.problem is None)
        draft.raw.encode()
        json.dumps(draft.content, allow_nan=False, ensure_ascii=False).encode()
        assert "\\u0000" not in json.dumps(draft.content)


@given(JSON_VALUES)
def test_never_raises_on_any_json(value: Any) -> None:
    assert parse_reply(json.dumps(value)).drafts


@given(st.lists(st.dictionaries(st.text(), st.text(), min_size=1), min_size=1, max_size=5))
def test_gives_back_exactly_the_records_of_clean_json(records: list[dict[str, str]]) -> None:
    cleaned = [
        {name.replace("\x00", ""): text.replace("\x00", "") for name, text in record.items()}
        for record in records
    ]
    assert contents(json.dumps(records)) == cleaned


@given(
    st.lists(st.text(alphabet="abc甲 \"'{}[]\\\n", max_size=30), min_size=1, max_size=4),
    st.sampled_from(["```json\n%s\n```", "Here:\n%s\nDone.", "<think>a</think>%s", "%s"]),
)
def test_gives_back_exactly_the_records_in_any_dress(texts: list[str], dress: str) -> None:
    records = [{"question": text, "answer": "x"} for text in texts]
    reply = parse_reply(dress % json.dumps(records, ensure_ascii=False), schema=QA_SCHEMA)
    assert [draft.content for draft in reply.drafts] == records
    assert not reply.repaired


@given(st.data())
def test_a_cut_anywhere_costs_at_most_the_cut_record(data: st.DataObject) -> None:
    records = [{"question": f"Q{number}", "answer": '{x} [y] "z"'} for number in range(4)]
    text = json.dumps(records)
    cut = data.draw(st.integers(1, len(text) - 1))
    found = contents(text[:cut], truncated=True, schema=QA_SCHEMA)
    whole = [content for content in found if content is not None]
    assert whole == records[: len(whole)]
    assert len(whole) >= text[:cut].count("}") // 2 - 1


@pytest.mark.parametrize(
    "unit",
    [
        "[", "{", '"', "}", "{}", "{ ", '{"a":', '{"k":"', '{"k": 1 2}', '[{"k": 1 2},', "{a:",
        '{"a"} , ', "<think>", "\\", '{"a":"x\\"', "[[", "`", "[1,", '{"items":[', "I'm sorry ",
    ],
)  # fmt: skip
def test_takes_bounded_time_on_a_hostile_reply(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    # Some 0.5 s where repairing runs to its limit; hours if anything were quadratic.
    assert parse_reply(text).drafts
    assert parse_reply(text, truncated=True, schema=QA_SCHEMA).drafts
