from __future__ import annotations

import random
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from synthesis import templating
from synthesis.templating import (
    BUILT_IN,
    MissingVariableError,
    PromptProblem,
    PromptTooLongError,
    TemplatingError,
    printed,
    problems,
    render,
    variables,
)

GUIDE_PROMPT = """你是一个专业的数据生成助手。请根据以下要求生成数据：

任务：生成问答对
主题：{topic}
数量：{count}
难度：{difficulty}

输出格式：JSON
[
  {
    "question": "...",
    "answer": "..."
  }
]
"""
# Braces and letters in every order: the alphabet in which templates go wrong.
BRACE_SOUP = st.text(alphabet="{}ab1_ .:!主\n\"'", max_size=60)


def test_finds_distinct_variables_in_order_of_appearance() -> None:
    assert variables("{b} {a} {b} {c}") == ["b", "a", "c"]


def test_finds_variables_of_the_guide_prompt() -> None:
    assert variables(GUIDE_PROMPT) == ["topic", "count", "difficulty"]


def test_finds_chinese_names() -> None:
    assert variables("请生成关于{主题}的{数量}条数据") == ["主题", "数量"]


def test_finds_names_with_combining_marks() -> None:
    assert variables("{हिन्दी}") == ["हिन्दी"]


def test_renders_the_guide_prompt_with_its_json_untouched() -> None:
    text = render(GUIDE_PROMPT, {"topic": "医疗健康", "count": 10, "difficulty": "中等"})
    assert text == (
        GUIDE_PROMPT.replace("{topic}", "医疗健康")
        .replace("{count}", "10")
        .replace("{difficulty}", "中等")
    )


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("{a}", "1"),
        ("{a}{a}", "11"),
        ("{{a}}", "{a}"),
        ("{{{a}}}", "{1}"),
        ("{{{{a}}}}", "{{a}}"),
        ("{a}}", "1}"),
        ("{{a}", "{1"),
        ("{{a}}}", "{a}}"),
        ("{{{a}}", "{{a}"),
        ("{{{{{a}}", "{{{{a}"),
        ('{"x":{"y":{a}}}', '{"x":{"y":1}}'),
        ('{"x": "{a}"}', '{"x": "1"}'),
        ("\\frac{{{a}}}{2}", "\\frac{1}{2}"),
    ],
)
def test_replaces_a_name_directly_between_braces(prompt: str, expected: str) -> None:
    assert render(prompt, {"a": 1}) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "{{}}",
        "{1}",
        "{1a}",
        "{ a }",
        "{a }",
        "{a.b}",
        "{a[0]}",
        "{a!r}",
        "{a:>10}",
        "{a-b}",
        "{a b}",
        "{²}",
        "{a",
        "a}",
        "}{",
        "}a{",
        "{\n}",
        '{"a": [1, {"b": 2}]}',
        "{a.__class__.__init__.__globals__}",
    ],
)
def test_leaves_every_other_brace_alone(text: str) -> None:
    assert variables(text) == []
    assert render(text, {"a": "wrong"}) == text


def test_reaches_no_attribute_of_a_value() -> None:
    assert render("{rng.__class__} {rng!r}", {"rng": random}) == "{rng.__class__} {rng!r}"


def test_does_not_expand_braces_inside_a_value() -> None:
    assert render("{a} {b}", {"a": "{b} {{b}}", "b": "{a}"}) == "{b} {{b}} {a}"


def test_joins_no_name_out_of_text_and_value() -> None:
    assert render("{{a}b}", {"a": "{", "b": "leak", "ab": "leak"}) == "{{b}"


def test_ignores_values_that_the_prompt_does_not_use() -> None:
    assert render("plain", {"a": 1}) == "plain"


def test_names_all_missing_variables_at_once() -> None:
    with pytest.raises(MissingVariableError) as raised:
        render("{a} {b} {c} {a}", {"b": 1})
    assert raised.value.names == ("a", "c")
    assert raised.value.code == "missing_variable"
    assert str(raised.value) == "Give a value for each of these variables: a, c."


def test_counts_none_as_a_value() -> None:
    assert render("[{a}]", {"a": None}) == "[]"


def test_refuses_a_prompt_beyond_the_limit() -> None:
    with pytest.raises(PromptTooLongError) as raised:
        render("{a}{a}", {"a": "x" * 6}, limit=11)
    assert raised.value.code == "prompt_too_long"
    assert str(raised.value) == (
        "The prompt grows beyond 11 characters. Shorten the template or its values."
    )


def test_takes_a_prompt_of_exactly_the_limit() -> None:
    assert render("{a}{a}", {"a": "x" * 6}, limit=12) == "x" * 12


def test_stops_before_it_builds_a_huge_prompt() -> None:
    with pytest.raises(PromptTooLongError):
        render("{a}" * 100_000, {"a": "x" * 1_000_000})


def test_errors_share_one_base() -> None:
    assert issubclass(MissingVariableError, TemplatingError)
    assert issubclass(PromptTooLongError, TemplatingError)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text", "text"),
        (None, ""),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (0.5, "0.5"),
        (3.0, "3"),
        (1e300, "1e+300"),
        (Decimal("1.50"), "1.50"),
        (["a", "b"], "a, b"),
        (["甲", "乙"], "甲、乙"),
        (["a", "乙", 3], "a、乙、3"),
        ((1, 2), "1, 2"),
        ([], ""),
        ({"a": "乙"}, '{"a": "乙"}'),
    ],
)
def test_prints_values_as_a_reader_expects(value: object, expected: str) -> None:
    assert printed(value) == expected


def test_reports_undeclared_variables_first_and_unused_last() -> None:
    assert problems("{a} {b} {count}", ["b", "c"]) == [
        PromptProblem("undeclared", "a"),
        PromptProblem("unused", "c"),
    ]


def test_takes_columns_of_the_source_as_known() -> None:
    assert problems("{question} {answer}", [], columns=["question", "answer"]) == []


def test_reports_a_known_name_that_spaces_turn_into_text() -> None:
    assert problems("{ topic } { other } {topic}", ["topic"]) == [PromptProblem("spaced", "topic")]


def test_knows_every_built_in() -> None:
    prompt = "".join(f"{{{name}}}" for name in BUILT_IN)
    assert problems(prompt, []) == []
    assert set(BUILT_IN) == {
        "current_date", "current_time", "random_id", "count", "index", "seed", "avoid",
    }  # fmt: skip


def test_describes_the_built_ins_in_words() -> None:
    with translation.override("en"):
        assert str(BUILT_IN["count"]) == "How many records this batch asks for."


@given(st.text())
def test_returns_text_without_names_unchanged(text: str) -> None:
    without = text.replace("{", "(")
    assert render(without, {}) == without


@given(BRACE_SOUP)
def test_never_raises_when_every_variable_has_a_value(prompt: str) -> None:
    render(prompt, dict.fromkeys(variables(prompt), "x"))


@given(BRACE_SOUP, st.text(alphabet="{}ab", max_size=20))
def test_puts_hostile_values_in_as_they_are(prompt: str, value: str) -> None:
    marker = "\x01"
    expected = render(prompt, dict.fromkeys(variables(prompt), marker)).replace(marker, value)
    assert render(prompt, dict.fromkeys(variables(prompt), value)) == expected


@given(st.text(alphabet="ab主_", min_size=1, max_size=5), st.text(max_size=20))
def test_doubled_braces_survive_as_the_name_in_braces(name: str, value: str) -> None:
    assert render("{{" + name + "}}", {name: value}) == "{" + name + "}"


@given(st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), st.text(), max_size=5))
def test_round_trips_values_set_apart(values: dict[str, str]) -> None:
    prompt = "\n".join(f"{{{name}}}" for name in values)
    assert render(prompt, values) == "\n".join(values.values())


@pytest.mark.parametrize(
    ("prompt", "expected"), [("Write {count}", "en"), ("Write about 茶", "zh"), ("𝒜 é", "en")]
)
def test_speaks_chinese_to_a_prompt_that_has_any(prompt: str, expected: str) -> None:
    assert templating.language(prompt) == expected


@pytest.mark.parametrize(
    "unit",
    ["{", "}", "{a", "{a}", "{{a}}", "{ ", "a}", '{"a": ', "{}", "{a{", "}{", "{{{{a}", "{é"],
)
def test_takes_linear_time_on_a_hostile_megabyte(unit: str) -> None:
    prompt = unit * (1_000_000 // len(unit))
    names = templating.variables(prompt)
    templating.problems(prompt, [])
    templating.render(prompt, dict.fromkeys(names, ""))
    # Linear takes a second, quadratic takes hours: the suite's time limit is the judge.
