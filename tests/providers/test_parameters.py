from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from providers import parameters
from providers.clients.types import Family
from providers.models import LanguageModel, Provider

EVERYTHING = {
    "temperature": 0.7,
    "top_p": 0.9,
    "max_tokens": 100,
    "frequency_penalty": 0.1,
    "presence_penalty": 0.1,
    "stop": ["END"],
    "seed": 7,
}
SAMPLING = ("temperature", "top_p")


def split(
    given: dict[str, Any],
    family: Family = "openai",
    capabilities: tuple[str, ...] = (),
    max_output_tokens: int | None = None,
) -> tuple[dict[str, Any], list[str]]:
    return parameters.split(
        given, family=family, capabilities=capabilities, max_output_tokens=max_output_tokens
    )


def test_a_sampling_model_takes_everything() -> None:
    assert split(EVERYTHING, capabilities=(*SAMPLING, "seed")) == (EVERYTHING, [])


def test_a_reasoning_model_takes_its_limit_only() -> None:
    sent, not_taken = split(EVERYTHING)
    assert sent == {"max_tokens": 100}
    assert sorted(not_taken) == sorted(EVERYTHING.keys() - {"max_tokens"})


def test_anthropic_takes_limit_and_stop_whatever_is_claimed_of_it() -> None:
    sent, not_taken = split(EVERYTHING, "anthropic", (*SAMPLING, "seed"))
    assert sent == {"max_tokens": 100, "stop": ["END"]}
    assert len(not_taken) == 5


def test_parameters_of_a_vendors_own_are_sent_as_they_are() -> None:
    own = {"reasoning_effort": "low", "enable_thinking": False, "top_k": 20}
    assert split(own) == (own, [])


@pytest.mark.parametrize("name", sorted(parameters.RESERVED))
def test_what_the_engine_sets_is_not_taken_from_parameters(name: str) -> None:
    assert split({name: "x"}) == ({}, [name])


@pytest.mark.parametrize(
    ("family", "max_output_tokens", "limit"),
    [
        ("openai", 8000, None),
        ("anthropic", None, 4096),
        ("anthropic", 2000, 2000),
        ("anthropic", 128_000, 16_384),
        ("local", 2048, 2048),
        ("local", None, 4096),
    ],
)
def test_a_limit_is_set_where_the_vendor_needs_one(
    family: Family, max_output_tokens: int | None, limit: int | None
) -> None:
    sent, _not_taken = split({}, family, max_output_tokens=max_output_tokens)
    assert sent.get("max_tokens") == limit


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], 'Parameters must be a JSON object, such as {"temperature": 0.7}.'),
        ({"model": "x", "n": 2}, "model, n cannot be set as a parameter."),
        ({"temperature": 2.1}, "temperature must be a number from 0 to 2."),
        ({"temperature": "hot"}, "temperature must be a number from 0 to 2."),
        ({"temperature": True}, "temperature must be a number from 0 to 2."),
        ({"top_p": -0.1}, "top_p must be a number from 0 to 1."),
        ({"presence_penalty": -3}, "presence_penalty must be a number from -2 to 2."),
        ({"max_tokens": 0}, "max_tokens must be a whole number from 1 to 1000000."),
        ({"max_tokens": 1.5}, "max_tokens must be a whole number from 1 to 1000000."),
        ({"stop": "END"}, "stop must be a list of at most 4 texts of 1 to 200 characters."),
        ({"max_tokens": True}, "max_tokens must be a whole number from 1 to 1000000."),
    ],
)
def test_impossible_parameters_are_refused_in_words(value: Any, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        parameters.check_parameters(value)
    assert caught.value.messages == [message]


@pytest.mark.parametrize("value", [{}, EVERYTHING, {"temperature": None}, {"top_k": 20}])
def test_possible_parameters_pass(value: dict[str, Any]) -> None:
    parameters.check_parameters(value)


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        parameters.check_parameters({"temperature": 9, "top_p": 2})
    assert len(caught.value.messages) == 2


# Null


@pytest.mark.parametrize("family", ["openai", "anthropic", "local"])
@pytest.mark.parametrize("name", [*EVERYTHING, "top_k", "response_format"])
def test_a_null_is_neither_sent_nor_told(name: str, family: Family) -> None:
    sent, not_taken = split({name: None}, family, (*SAMPLING, "seed"))
    limit = {} if family == "openai" else {"max_tokens": 4096}
    assert (sent, not_taken) == (limit, [])


def test_a_null_takes_the_models_default_away() -> None:
    provider = Provider(name="Team", vendor="compatible")
    defaults = {"temperature": 0.2, "top_k": 20}
    model = LanguageModel(
        provider=provider, name="m", capabilities=["temperature"], default_parameters=defaults
    )
    assert model.split_parameters({"temperature": None}) == ({"top_k": 20}, [])
    assert model.split_parameters({}) == (defaults, [])
