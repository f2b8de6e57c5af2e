from __future__ import annotations

from typing import Any

import pytest

from providers.parameters import MAX_TOKENS
from synthesis.presets import (
    PRESETS,
    ParameterError,
    check_parameters,
    effective,
)


@pytest.mark.parametrize(
    ("name", "temperatures", "top_ps"),
    [
        # The table of the user guide.
        ("high_quality", (0.3, 0.5), (0.9, 0.95)),
        ("fast", (0.1, 0.3), (0.9, 0.9)),
        ("creative", (0.7, 1.0), (0.95, 1.0)),
    ],
)
def test_presets_stay_in_the_ranges_of_the_guide(
    name: str, temperatures: tuple[float, float], top_ps: tuple[float, float]
) -> None:
    preset = PRESETS[name]
    assert temperatures[0] <= preset["temperature"] <= temperatures[1]
    assert top_ps[0] <= preset["top_p"] <= top_ps[1]


def test_fast_is_short_and_creative_is_long() -> None:
    lengths = [PRESETS[name]["max_tokens"] for name in ("fast", "high_quality", "creative")]
    assert lengths == sorted(lengths)
    assert len(set(lengths)) == 3


@pytest.mark.parametrize("name", PRESETS)
def test_presets_pass_their_own_check(name: str) -> None:
    check_parameters(PRESETS[name])


def test_later_layer_wins() -> None:
    assert effective({"temperature": 0.4, "top_p": 0.9}, {"temperature": 1}) == {
        "temperature": 1,
        "top_p": 0.9,
    }


def test_none_in_a_layer_says_nothing() -> None:
    assert effective({"temperature": 0.4}, {"temperature": None}, None) == {"temperature": 0.4}


def test_zero_in_a_layer_does_say_something() -> None:
    assert effective({"temperature": 0.4}, {"temperature": 0}) == {"temperature": 0}


def test_merging_leaves_the_layers_alone() -> None:
    effective(PRESETS["fast"], {"temperature": 2})
    assert PRESETS["fast"]["temperature"] == 0.2


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"temperature": 0},
        {"temperature": 2},
        {"temperature": 0.7, "top_p": 1, "max_tokens": 1},
        {"frequency_penalty": -2, "presence_penalty": 2.0},
        {"stop": []},
        {"stop": ["\n", "END", "###", "</s>"]},
        {"temperature": None},
    ],
)
def test_takes_parameters_in_range(parameters: dict[str, Any]) -> None:
    check_parameters(parameters)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("temperature", 2.1, "temperature must be a number from 0 to 2."),
        ("temperature", -0.1, "temperature must be a number from 0 to 2."),
        ("temperature", "0.5", "temperature must be a number from 0 to 2."),
        ("temperature", True, "temperature must be a number from 0 to 2."),
        ("temperature", float("nan"), "temperature must be a number from 0 to 2."),
        ("top_p", 1.5, "top_p must be a number from 0 to 1."),
        ("max_tokens", 0, f"max_tokens must be a whole number from 1 to {MAX_TOKENS}."),
        ("max_tokens", 10.0, f"max_tokens must be a whole number from 1 to {MAX_TOKENS}."),
        ("presence_penalty", 3, "presence_penalty must be a number from -2 to 2."),
        ("frequency_penalty", [1], "frequency_penalty must be a number from -2 to 2."),
        ("stop", "END", "stop must be a list of at most 4 texts of 1 to 200 characters."),
        ("stop", [""], "stop must be a list of at most 4 texts of 1 to 200 characters."),
        ("stop", list("abcde"), "stop must be a list of at most 4 texts of 1 to 200 characters."),
    ],
)
def test_refuses_values_out_of_range_in_words(name: str, value: Any, sentence: str) -> None:
    with pytest.raises(ParameterError) as raised:
        check_parameters({name: value})
    assert str(raised.value) == sentence
    assert raised.value.problems[0].code == "invalid_parameter"


def test_refuses_unknown_names_with_the_known_ones() -> None:
    with pytest.raises(ParameterError) as raised:
        check_parameters({"temprature": 1})
    assert raised.value.problems[0].code == "unknown_parameter"
    assert str(raised.value) == (
        "There is no parameter temprature; the known ones are temperature, top_p, max_tokens,"
        " frequency_penalty, presence_penalty, stop."
    )


def test_lists_every_problem_at_once() -> None:
    with pytest.raises(ParameterError) as raised:
        check_parameters({"temperature": 9, "x": 1, "top_p": 0.5, "max_tokens": -1})
    assert [problem.name for problem in raised.value.problems] == ["temperature", "x", "max_tokens"]


@pytest.mark.parametrize("value", [[], "temperature", 1, None])
def test_refuses_what_is_no_object(value: Any) -> None:
    with pytest.raises(ParameterError, match=r"^Parameters must be a JSON object, such as"):
        check_parameters(value)
