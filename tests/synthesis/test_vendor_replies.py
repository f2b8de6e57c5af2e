"""Whole replies as vendors' models write them, and the records that a run takes out of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthesis.parsing import Draft, ParsedReply, parse_reply

TEA = {"question": "茶是什么？", "answer": "一种饮料。"}
RICE = {"question": "What is rice?", "answer": "A grain."}
BOTH = json.dumps([TEA, RICE], ensure_ascii=False)
PRETTY = json.dumps([TEA, RICE], ensure_ascii=False, indent=2)
QA = {
    "type": "object",
    "properties": {"question": {"type": "string"}, "answer": {"type": "string"}},
    "required": ["question", "answer"],
}


def line(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False)


def outcome(text: str, **options: Any) -> list[Any]:
    """Give what became of each record: its content, or the code of its problem."""
    drafts = parse_reply(text, **{"schema": QA, **options}).drafts
    return [draft.problem or draft.content for draft in drafts]


@pytest.mark.parametrize(
    "text",
    [
        f"<think>\n好的，两条数据。先想 {{topic}}……\n</think>\n\n```json\n{PRETTY}\n```",
        f"<think>\n\n</think>\n\n{BOTH}",
        f"<THINK>Upper case.</THINK>{BOTH}",
        f'<reasoning>Step 1: ["draft"]</reasoning>\n{PRETTY}',
        f"<reflection>嗯</reflection><br>{BOTH}",
        f"◁think▷草稿：{line(TEA)}◁/think▷\n{BOTH}",
        f"analysis: two records\n<|channel|>final<|message|>{BOTH}<|return|>",
        f"当然可以！下面是 2 条问答：\n\n```json\n{PRETTY}\n```\n\n如需更多，请告诉我。",
        f"以下是符合要求的 JSON 数组：\n{BOTH}\n\n（以上内容由 AI 生成，仅供参考。）",
        f"Of course! Here's the JSON you asked for:\n\n~~~json\n{PRETTY}\n~~~\nHope this helps!",
        f"**Output**\n\n```JSON\n{PRETTY}\n```",
        f"```jsonl\n{line(TEA)}\n{line(RICE)}\n```",
        f"### 问答 1\n```json\n{line(TEA)}\n```\n\n### 问答 2\n```json\n{line(RICE)}\n```",
        f"- {line(TEA)}\n- {line(RICE)}",
        f"（1）{line(TEA)}；\n（2）{line(RICE)}。",
        f"data: {line(TEA)}\r\n\r\ndata: {line(RICE)}\r\n\r\ndata: [DONE]",
        f'{{"status": "ok", "count": 2, "result": {BOTH}}}',
        f'```json\n{{"items": {PRETTY}}}\n```\n<!-- end -->',
        f"[{line(TEA)},\n{line(RICE)},\n]",
        f"[{line(TEA)}][{line(RICE)}]",
        f"json\n{BOTH}",
        f"Answer: {BOTH} (2 items)",
    ],
)
def test_takes_both_records_whatever_a_vendor_wraps_them_in(text: str) -> None:
    assert parse_reply(text, schema=QA) == ParsedReply([Draft(TEA), Draft(RICE)])


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\u2028", "\n\n\n"])
def test_takes_json_lines_with_any_line_end(newline: str) -> None:
    assert outcome(newline.join([line(TEA), line(RICE), ""])) == [TEA, RICE]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<think>\n用户要两条数据，我先想想……", "empty"),
        ("<think>a</think>   \n", "empty"),
        ("◁think▷嗯◁/think▷", "empty"),
        ("<thought>Let me see.</thought>Sorry, that is not possible.", "refused"),
        ("<think>这不合适。</think>\n抱歉，这个话题我不能谈。", "refused"),
        ("非常抱歉，根据相关规定，我无法提供此类内容。", "refused"),
        ("我无法为您生成这些数据。", "refused"),
        ("I’m sorry, but that goes against my rules.", "refused"),
        ("Sorry — no.", "refused"),
        ("I must decline this request.", "refused"),
        ("**I won't write that.**", "refused"),
        ("作为一名AI助手，我的回答是……", "refused"),
        ("问：茶是什么？\n答：一种饮料。", "not_json"),
        ("| question | answer |\n|---|---|\n| 茶？ | 饮料 |", "not_json"),
        ("question,answer\n茶？,饮料", "not_json"),
        ("- question: tea?\n  answer: a drink", "not_json"),
        ("<item><question>Tea?</question></item>", "not_json"),
        ("```json\n```", "not_json"),
        ("The answers: [1, 2, 3]", "not_an_object"),
        ('```json\n["茶", "米"]\n```', "not_an_object"),
        ("true", "not_an_object"),
        ("[[], []]", "not_an_object"),
        ("```json\n[]\n```", "not_json"),
        ("{}", None),
    ],
)
def test_names_what_is_wrong_with_a_reply_without_records(text: str, problem: str | None) -> None:
    drafts = parse_reply(text, schema=QA).drafts
    assert {draft.problem for draft in drafts} == {problem}


def test_a_reply_without_records_is_kept_word_for_word() -> None:
    text = "问：茶是什么？\n答：一种饮料。"
    assert parse_reply(text, schema=QA).drafts == [Draft(None, text, "not_json")]


def test_a_refusal_after_whole_records_costs_none_of_them() -> None:
    text = f"{line(TEA)}\n很抱歉，其余内容我无法生成。"
    assert outcome(text) == [TEA]


def test_a_refusal_word_far_inside_the_prose_is_no_refusal() -> None:
    text = "The data cannot be shown in this format. I'm sorry about the table."
    assert outcome(text) == ["not_json"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # max_tokens ends the reply inside the second record, at places that fool a bracket count.
        (BOTH[: BOTH.index("rice")], [TEA, "truncated"]),
        (f"```json\n{PRETTY[: PRETTY.index('A grain')]}", [TEA, "truncated"]),
        (f'{{"items": {BOTH[: BOTH.index("rice")]}', [TEA, "truncated"]),
        (f'<think>x</think>{line(TEA)}\n{{"question": "Is {{x}} a set', [TEA, "truncated"]),
        (f'[{line(TEA)}, {{"question": "a \\"quoted\\', [TEA, "truncated"]),
        (f'[{line(TEA)}, {{"question": ', [TEA, "truncated"]),
        # It ends between two records: nothing was lost that had begun.
        (f"[{line(TEA)},", [TEA]),
        (f"[{line(TEA)}, ", [TEA]),
        (f"{line(TEA)}\n", [TEA]),
    ],
)
def test_keeps_what_was_whole_before_the_reply_was_cut(text: str, found: list[Any]) -> None:
    assert outcome(text, truncated=True) == found


def test_a_cut_inside_the_thoughts_is_called_a_cut() -> None:
    assert outcome(f"<think>Perhaps {line(TEA)}", truncated=True) == ["truncated"]


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        ("{'question': '茶是什么？', 'answer': '一种饮料。'}", TEA),
        ("{question: '茶是什么？', answer: '一种饮料。'}", TEA),
        ('{"question": "茶是什么？" "answer": "一种饮料。"}', TEA),
        ('{"question": "茶是什么？", "answer": "一种饮料。",}', TEA),
        ("{“question”: “茶是什么？”, “answer”: “一种饮料。”}", TEA),
        ('{"question": "茶是什么？", /* 饮料 */ "answer": "一种饮料。"}', TEA),
    ],
)
def test_mends_one_record_and_leaves_its_neighbour_alone(broken: str, mended: Any) -> None:
    reply = parse_reply(f"[{line(RICE)}, {broken}]", schema=QA)
    assert [draft.content for draft in reply.drafts] == [RICE, mended]
    assert reply.repaired


@pytest.mark.parametrize(
    "answer",
    [
        "```json\n[]\n```",
        "</think>",
        "<think>2+2</think>4",
        "I'm sorry, I cannot.",
        "C:\\temp\\新建",
        '他说："好。"',
        "{topic} and {{count}}",
        "x = [1, 2, {'a': 3}]",
        "line one\nline two\ttab",
        "<|channel|>final<|message|>",
        "😀👨‍👩‍👧 \u202eabc",
        "// no comment, # no comment, /* none */",
        "null",
        "",
    ],
)
@pytest.mark.parametrize("dress", ["%s", "```json\n%s\n```", "<think>嗯</think>好的：%s"])
def test_leaves_the_text_inside_a_record_as_the_model_wrote_it(answer: str, dress: str) -> None:
    record = {"question": "Q?", "answer": answer}
    text = dress % json.dumps([record, TEA], ensure_ascii=False)
    assert parse_reply(text, schema=QA) == ParsedReply([Draft(record), Draft(TEA)])


def test_reads_a_double_encoded_reply() -> None:
    assert outcome(json.dumps(BOTH)) == [TEA, RICE]


def test_takes_a_wrapper_of_another_name_only_without_its_neighbours() -> None:
    two_lists = {"train": [TEA], "test": [RICE]}
    assert outcome(json.dumps(two_lists)) == [two_lists]


def test_order_of_names_is_that_of_the_reply() -> None:
    text = '[{"z": 1, "reasoning": "a", "answer": "b", "a": {"y": 1, "b": 2}}]'
    [record] = outcome(text, schema=None)
    assert list(record) == ["z", "reasoning", "answer", "a"]
    assert list(record["a"]) == ["y", "b"]


NAMES = st.sampled_from(["question", "answer", "难度", "知识点", "score"])
SCALARS = st.text(max_size=20) | st.integers(-(2**60), 2**60) | st.booleans() | st.none()
# An object of one empty array is an empty wrapper, so arrays here have an element.
VALUES = SCALARS | st.lists(SCALARS, min_size=1, max_size=3)
RECORDS = st.lists(st.dictionaries(NAMES, VALUES, min_size=1), min_size=1, max_size=5)
STORABLE = RECORDS.filter(lambda records: "\\u0000" not in json.dumps(records))


def in_lines(records: list[Any], ascii_only: bool) -> str:
    return "\n".join(json.dumps(record, ensure_ascii=ascii_only) for record in records)


def in_array(records: list[Any], ascii_only: bool) -> str:
    return json.dumps(records, ensure_ascii=ascii_only, separators=(",", ":"))


def in_fence(records: list[Any], ascii_only: bool) -> str:
    return f"好的：\n```json\n{json.dumps(records, ensure_ascii=ascii_only, indent=4)}\n```"


def in_wrapper(records: list[Any], ascii_only: bool) -> str:
    return json.dumps({"items": records}, ensure_ascii=ascii_only)


def in_fences_of_their_own(records: list[Any], ascii_only: bool) -> str:
    fences = [f"```json\n{json.dumps(record, ensure_ascii=ascii_only)}\n```" for record in records]
    return "\n\n".join(fences)


def after_thoughts(records: list[Any], ascii_only: bool) -> str:
    return f"<think>\nTwo. {records!r}\n</think>\n{json.dumps(records, ensure_ascii=ascii_only)}"


@pytest.mark.parametrize(
    "write",
    [in_lines, in_array, in_fence, in_wrapper, in_fences_of_their_own],
)
@given(records=STORABLE, ascii_only=st.booleans())
def test_every_serialisation_of_records_gives_them_back(
    write: Any, records: list[Any], ascii_only: bool
) -> None:
    reply = parse_reply(write(records, ascii_only))
    assert [draft.content for draft in reply.drafts] == records
    assert not reply.repaired


@given(records=STORABLE, ascii_only=st.booleans())
def test_thoughts_full_of_drafts_add_no_record(records: list[Any], ascii_only: bool) -> None:
    reply = parse_reply(after_thoughts(records, ascii_only))
    assert [draft.content for draft in reply.drafts] == records


@given(records=STORABLE)
def test_what_was_read_once_reads_back_as_itself(records: list[Any]) -> None:
    once = [draft.content for draft in parse_reply(in_fence(records, False)).drafts]
    again = [draft.content for draft in parse_reply(in_array(once, True)).drafts]
    assert again == once
