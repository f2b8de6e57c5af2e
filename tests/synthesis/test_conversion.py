from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthesis.conversion import (
    MAX_ELEMENTS,
    MAX_TEXT_CHARACTERS,
    TYPES,
    ConversionError,
    are_choices,
    converted,
    is_number,
)


def declaration(kind: str) -> dict[str, Any]:
    return {"name": "a", "type": kind, **({"choices": ["x", 2, "3"]} if kind == "choice" else {})}


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("text", "甲 ", "甲 "),
        ("text", 3, "3"),
        ("text", 0.5, "0.5"),
        ("text", "a\x00b\ud800", "ab\ufffd"),
        ("integer", 3, 3),
        ("integer", 3.0, 3),
        ("integer", " 12 ", 12),
        ("integer", "-7", -7),
        ("number", 1, 1),
        ("number", 0.25, 0.25),
        ("number", "1e3", 1000.0),
        ("boolean", True, True),
        ("boolean", "false", False),
        ("boolean", "On", True),
        ("boolean", 0, False),
        ("boolean", "是", True),
        ("boolean", "否", False),
        ("choice", "x", "x"),
        ("choice", " x ", "x"),
        ("choice", "2", 2),
        ("choice", 3, "3"),
        ("choice", ["x", "2"], ["x", 2]),
        ("list", ["a", 1], ["a", 1]),
        ("list", [" a ", "b\x00"], ["a", "b"]),
        ("list", "a\nb, c\n\n d ", ["a", "b, c", "d"]),
        ("list", "a, b,c", ["a", "b", "c"]),
        ("list", "甲、乙，丙；丁", ["甲", "乙", "丙", "丁"]),
        ("list", '["a, b", "c"]', ["a, b", "c"]),
        ("list", "single", ["single"]),
        ("list", "", []),
        ("list", 5, [5]),
    ],
)
def test_converts_what_forms_and_clients_send(kind: str, value: Any, expected: Any) -> None:
    result = converted(declaration(kind), value)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    ("kind", "value", "sentence"),
    [
        ("text", ["a"], "a must be text of at most 100000 characters."),
        ("text", True, "a must be text of at most 100000 characters."),
        ("text", "x" * (MAX_TEXT_CHARACTERS + 1), "a must be text of at most 100000 characters."),
        ("integer", "1.5", "a must be a whole number."),
        ("integer", 1.5, "a must be a whole number."),
        ("integer", "1_000", "a must be a whole number."),
        ("integer", True, "a must be a whole number."),
        ("integer", 2**63, "a must be a whole number."),
        ("integer", "9" * 5000, "a must be a whole number."),
        ("integer", float("inf"), "a must be a whole number."),
        ("number", "many", "a must be a number."),
        ("number", "nan", "a must be a number."),
        ("number", float("nan"), "a must be a number."),
        ("number", 10**400, "a must be a number."),
        ("number", False, "a must be a number."),
        ("number", {}, "a must be a number."),
        ("boolean", "maybe", "a must be true or false."),
        ("boolean", 2, "a must be true or false."),
        ("boolean", [], "a must be true or false."),
        ("choice", "y", "a must be one of x, 2, 3."),
        ("choice", ["x", "y"], "a must be one of x, 2, 3."),
        ("choice", {}, "a must be one of x, 2, 3."),
        ("list", {"a": 1}, "a must be a list of at most 10000 texts or numbers."),
        ("list", ["a", ["b"]], "a must be a list of at most 10000 texts or numbers."),
        ("list", ["a", " "], "a must be a list of at most 10000 texts or numbers."),
        ("list", ["a", None], "a must be a list of at most 10000 texts or numbers."),
        ("list", "[1, 2", "a must be a list of at most 10000 texts or numbers."),
        ("list", "[" * 100_000, "a must be a list of at most 10000 texts or numbers."),
        ("list", [1] * (MAX_ELEMENTS + 1), "a must be a list of at most 10000 texts or numbers."),
    ],
)
def test_refuses_what_does_not_fit_in_words(kind: str, value: Any, sentence: str) -> None:
    with pytest.raises(ConversionError) as raised:
        converted(declaration(kind), value)
    assert str(raised.value) == sentence
    assert raised.value.code == ("not_a_choice" if kind == "choice" else "wrong_type")


def test_keeps_percent_signs_in_choices() -> None:
    with pytest.raises(ConversionError, match=r"^a must be one of 10%s\.$"):
        converted({"name": "a", "type": "choice", "choices": ["10%s"]}, "20%")


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1, True), (0.5, True), (True, False), ("1", False), (float("nan"), False), (None, False)],
)
def test_tells_numbers_from_the_rest(value: Any, expected: bool) -> None:
    assert is_number(value) is expected


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        (["a", "b"], True),
        ([1, 2.5, "x"], True),
        ([], False),
        (None, False),
        ("ab", False),
        (["a", " "], False),
        (["a", None], False),
        (["a", True], False),
        ([1, "1"], False),
        ([["a"]], False),
    ],
)
def test_tells_lists_of_choices_from_the_rest(choices: Any, expected: bool) -> None:
    assert are_choices(choices) is expected


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("kind", TYPES)
@given(value=ANY_JSON)
def test_gives_storable_values_or_its_own_error(kind: str, value: Any) -> None:
    try:
        result = converted(declaration(kind), value)
    except ConversionError:
        return
    text = json.dumps(result, allow_nan=False, ensure_ascii=False)
    assert "\\u0000" not in text
    text.encode()


@pytest.mark.parametrize("choice", ["x", " x", "x ", " two words ", "\u3000宽", 2, 2.5])
def test_every_declared_choice_can_be_chosen_as_it_is_written(choice: Any) -> None:
    declared = {"name": "a", "type": "choice", "choices": ["other", choice]}
    assert converted(declared, choice) == choice
    assert converted(declared, str(choice).strip()) == choice
