from __future__ import annotations

import pytest

from quality.content import Kind
from tests.quality.content.finding import found

PROMPTS = (
    "You are a careful teacher. Write {count} questions about {topic} for pupils of ten years,"
    " each with one short answer.\nReply with a JSON array and nothing else.",
    "请根据以下要求编写{count}道题目，每道题目都要有清晰的答案和解析，"
    "只输出一个 JSON 数组，不要任何解释。",
)


@pytest.mark.parametrize(
    "text",
    [
        "Sure! For pupils of ten years, each with one short answer. Reply with a JSON array",
        "FOR PUPILS OF TEN YEARS, EACH WITH ONE SHORT ANSWER.\nREPLY WITH A JSON ARRAY",
        "好的，每道题目都要有清晰的答案和解析，只输出一个 JSON 数组，不要任何解释。第一题",
    ],
)
def test_finds_instructions_that_a_record_repeats(text: str) -> None:
    assert [code for code, _value in found(Kind.LEAKAGE, text, PROMPTS)] == ["leakage"]


@pytest.mark.parametrize(
    "text",
    [
        "You are a careful teacher, said the boy.",
        "What is the capital of France? Write one short answer.",
        "每道题目都要有清晰的答案。",
        "",
    ],
)
def test_leaves_a_few_common_words_alone(text: str) -> None:
    assert found(Kind.LEAKAGE, text, PROMPTS) == []


def test_finds_nothing_without_a_prompt() -> None:
    assert found(Kind.LEAKAGE, PROMPTS[0]) == []


def test_shows_the_beginning_of_what_was_repeated() -> None:
    [(_code, value)] = found(Kind.LEAKAGE, f"Fine: {PROMPTS[0][-90:]}", PROMPTS)
    assert PROMPTS[0].lower().replace("\n", " ").find(value[:40].replace("\n", " ")) >= 0
    assert len(value) <= 60


@pytest.mark.parametrize("unit", ["a", "teacher. ", "for pupils ", "每道题目"])
def test_reads_a_long_odd_text_in_no_time(unit: str) -> None:
    assert len(found(Kind.LEAKAGE, unit * 20_000, (*PROMPTS, "a" * 50))) <= 1
