from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthesis.variables import (
    MAX_DECLARATIONS,
    VariableError,
    VariableProblem,
    check_declarations,
    draw,
    resolve,
)

TOPIC = {"name": "topic", "type": "text"}
LEVEL = {"name": "level", "type": "choice", "choices": ["easy", "medium", "hard"]}
THEMES = {"name": "themes", "type": "list", "default": ["tea", "rice"]}


def dice(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311


def problem_of(declaration: Any) -> VariableProblem:
    with pytest.raises(VariableError) as raised:
        check_declarations([declaration])
    [problem] = raised.value.problems
    return problem


def resolved(declaration: dict[str, Any], *given: Any) -> Any:
    values = {declaration["name"]: given[0]} if given else {}
    return resolve([declaration], values)[declaration["name"]]


def problems_of(declared: list[dict[str, Any]], values: Any) -> list[tuple[str, str]]:
    with pytest.raises(VariableError) as raised:
        resolve(declared, values)
    return [(problem.code, problem.name) for problem in raised.value.problems]


@pytest.mark.parametrize(
    "declaration",
    [
        TOPIC,
        LEVEL,
        THEMES,
        {"name": "主题", "type": "text", "default": "", "description": "说明"},
        {"name": "n", "type": "integer", "default": 3, "required": True},
        {"name": "n", "type": "number", "default": 0.5, "required": False},
        {"name": "b", "type": "boolean", "default": False},
        {"name": "c", "type": "choice", "choices": [1, 2.5, "x"], "weights": [1, 0.5, 3]},
        {"name": "c", "type": "choice", "choices": ["x"], "default": "x"},
        {"name": "t", "type": "text", "choices": [], "weights": None, "default": None},
    ],
)
def test_takes_a_sound_declaration(declaration: dict[str, Any]) -> None:
    check_declarations([declaration])


def test_takes_no_declarations() -> None:
    check_declarations([])


@pytest.mark.parametrize(
    ("declaration", "code", "sentence"),
    [
        ("topic", "not_an_object", "Each variable is a JSON object with a name and a type."),
        (
            {"type": "text"},
            "not_an_object",
            "Each variable is a JSON object with a name and a type.",
        ),
        (
            {"name": "a b", "type": "text"},
            "bad_name",
            "a b cannot be the name of a variable: use letters, digits and underscores.",
        ),
        (
            {"name": "1a", "type": "text"},
            "bad_name",
            "1a cannot be the name of a variable: use letters, digits and underscores.",
        ),
        (
            {"name": "", "type": "text"},
            "bad_name",
            " cannot be the name of a variable: use letters, digits and underscores.",
        ),
        (
            {"name": "count", "type": "integer"},
            "built_in",
            "count is built in; give the variable another name.",
        ),
        (
            {"name": "a", "type": "text", "choises": [], "x%s": 1},
            "unknown_key",
            "a has keys that mean nothing: choises, x%s.",
        ),
        (
            {"name": "a"},
            "bad_type",
            "The type of a must be one of text, integer, number, choice, list, boolean.",
        ),
        (
            {"name": "a", "type": ["text"]},
            "bad_type",
            "The type of a must be one of text, integer, number, choice, list, boolean.",
        ),
        (
            {"name": "a", "type": "text", "required": "yes"},
            "bad_required",
            "required of a must be true or false.",
        ),
        (
            {"name": "a", "type": "text", "description": 5},
            "bad_description",
            "The description of a must be text.",
        ),
        (
            {"name": "a", "type": "text", "choices": ["x"]},
            "needless_choices",
            "Only a choice has choices; a is none.",
        ),
        (
            {"name": "a", "type": "choice"},
            "bad_choices",
            "a needs choices: a list of different texts or numbers.",
        ),
        (
            {"name": "a", "type": "choice", "choices": ["x", "x"]},
            "bad_choices",
            "a needs choices: a list of different texts or numbers.",
        ),
        (
            {"name": "a", "type": "choice", "choices": ["x", "y"], "weights": [1]},
            "bad_weights",
            "a needs one weight above 0 for each choice.",
        ),
        (
            {"name": "a", "type": "choice", "choices": ["x", "y"], "weights": [1, 0]},
            "bad_weights",
            "a needs one weight above 0 for each choice.",
        ),
        (
            {"name": "a", "type": "choice", "choices": ["x"], "weights": {"x": 1}},
            "bad_weights",
            "a needs one weight above 0 for each choice.",
        ),
        (
            {"name": "a", "type": "integer", "default": "many"},
            "bad_default",
            "The default does not fit: a must be a whole number.",
        ),
        (
            {"name": "a", "type": "choice", "choices": ["x", "y"], "default": "z"},
            "bad_default",
            "The default does not fit: a must be one of x, y.",
        ),
    ],
)
def test_refuses_a_declaration_in_words(declaration: Any, code: str, sentence: str) -> None:
    problem = problem_of(declaration)
    assert (problem.code, problem.sentence) == (code, sentence)


def test_refuses_a_name_declared_twice() -> None:
    with pytest.raises(VariableError, match=r"^topic is declared twice\.$"):
        check_declarations([TOPIC, TOPIC])


@pytest.mark.parametrize("declared", [{}, None, "topic", [TOPIC] * (MAX_DECLARATIONS + 1)])
def test_refuses_what_is_no_list_of_declarations(declared: Any) -> None:
    with pytest.raises(VariableError) as raised:
        check_declarations(declared)
    assert raised.value.code == "not_a_list"
    assert str(raised.value) == "Variables are a list of at most 100 JSON objects."


def test_lists_every_broken_declaration_at_once() -> None:
    with pytest.raises(VariableError) as raised:
        check_declarations([{"name": "a"}, TOPIC, {"name": "seed", "type": "integer"}])
    assert [problem.name for problem in raised.value.problems] == ["a", "seed"]
    assert (raised.value.code, raised.value.name) == ("bad_type", "a")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["name", "type", "default", "choices", "weights", "required"]),
                inner,
            )
        ),
        max_leaves=12,
    )
)
def test_checking_raises_nothing_but_its_own_error(declared: Any) -> None:
    try:
        check_declarations(declared)
    except VariableError as error:
        assert str(error)


def test_takes_the_given_value_before_the_default() -> None:
    assert resolved({"name": "a", "type": "text", "default": "x"}, "y") == "y"


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_takes_the_default_for_a_blank_value(blank: Any) -> None:
    assert resolved({"name": "a", "type": "text", "default": "x"}, blank) == "x"


def test_takes_the_default_for_an_empty_list() -> None:
    assert resolved(THEMES, []) == ["tea", "rice"]


def test_keeps_false_and_zero_as_given() -> None:
    assert resolved({"name": "a", "type": "boolean", "default": True}, False) is False
    assert resolved({"name": "a", "type": "integer", "default": 5}, 0) == 0


@pytest.mark.parametrize("kind", ["text", "integer", "number", "list", "boolean"])
def test_requires_a_value_where_nothing_else_gives_one(kind: str) -> None:
    with pytest.raises(VariableError, match=r"^Give a value for a\.$") as raised:
        resolve([{"name": "a", "type": kind}], {"a": ""})
    assert raised.value.code == "required"


@pytest.mark.parametrize(
    ("kind", "value"),
    [("text", ""), ("integer", None), ("number", None), ("list", None), ("boolean", None)],
)
def test_leaves_an_optional_variable_blank(kind: str, value: Any) -> None:
    assert resolved({"name": "a", "type": kind, "required": False}) == value


def test_takes_a_blank_default_as_optional() -> None:
    assert resolved({"name": "a", "type": "text", "default": ""}) == ""


def test_leaves_a_choice_open() -> None:
    assert resolved(LEVEL) is None


def test_requires_a_choice_only_when_it_says_so() -> None:
    assert problems_of([{**LEVEL, "required": True}], {}) == [("required", "level")]


def test_takes_a_part_of_the_choices() -> None:
    assert resolved(LEVEL, ["easy", "hard"]) == ["easy", "hard"]


def test_lists_every_problem_of_the_values_at_once() -> None:
    declared = [TOPIC, LEVEL, {"name": "n", "type": "integer"}]
    values = {"level": "extreme", "n": "many", "colour": "red", "count": 100}
    assert problems_of(declared, values) == [
        ("required", "topic"),
        ("not_a_choice", "level"),
        ("wrong_type", "n"),
        ("unknown", "colour"),
        ("built_in", "count"),
    ]


def test_says_every_problem_in_one_text() -> None:
    with pytest.raises(VariableError) as raised:
        resolve([TOPIC], {"colour": "red", "count": 5})
    assert str(raised.value) == (
        "Give a value for topic. The template has no variable colour."
        " Leave count out: every batch sets it by itself."
    )


@pytest.mark.parametrize("values", [None, [], "topic", 3])
def test_refuses_values_that_are_no_object(values: Any) -> None:
    assert problems_of([TOPIC], values) == [("not_an_object", "")]


def test_resolving_keeps_the_declared_order() -> None:
    assert list(resolve([LEVEL, TOPIC], {"topic": "x"})) == ["level", "topic"]


def test_draws_one_element_of_a_list() -> None:
    assert draw({"themes": ["tea", "rice"]}, [THEMES], dice(1))["themes"] in (
        "tea",
        "rice",
    )


def test_draws_an_open_choice() -> None:
    assert draw({"level": None}, [LEVEL], dice(1))["level"] in LEVEL["choices"]


def test_draws_only_from_the_part_that_was_chosen() -> None:
    rng = dice(1)
    drawn = {draw({"level": ["easy", "hard"]}, [LEVEL], rng)["level"] for _ in range(50)}
    assert drawn == {"easy", "hard"}


def test_keeps_every_other_value() -> None:
    values = {"topic": "a, b", "level": "easy", "other": [1]}
    assert draw(values, [TOPIC, LEVEL], dice(1)) == values


def test_leaves_a_blank_list_blank() -> None:
    assert draw({"themes": None}, [THEMES], dice(1)) == {"themes": None}


def test_draws_by_weight() -> None:
    heavy = {**LEVEL, "weights": [8, 1, 1]}
    rng = dice(7)
    counts = Counter(draw({"level": None}, [heavy], rng)["level"] for _ in range(1000))
    # Expected 800 of 1,000; the standard deviation is 13.
    assert 740 < counts["easy"] < 860


def test_draws_every_element_of_a_list_alike() -> None:
    rng = dice(7)
    counts = Counter(draw({"themes": list("abcd")}, [THEMES], rng)["themes"] for _ in range(1000))
    # Expected 250 each; the standard deviation is 14.
    assert all(190 < count < 310 for count in counts.values())


def test_draws_the_same_for_the_same_seed() -> None:
    values = resolve([LEVEL, THEMES], {})
    first, second = (draw(values, [LEVEL, THEMES], dice(42)) for _ in range(2))
    assert first == second


def test_drawing_leaves_the_resolved_values_alone() -> None:
    values = {"themes": ["tea", "rice"]}
    draw(values, [THEMES], dice(1))
    assert values == {"themes": ["tea", "rice"]}
