"""Every parameter against every value at, in and beyond its range, and every kind of vendor."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from providers import parameters
from providers.catalogue import VENDORS, Vendor
from providers.models import LanguageModel, Provider

ENGLISH = {
    "temperature": "temperature must be a number from 0 to 2.",
    "top_p": "top_p must be a number from 0 to 1.",
    "max_tokens": "max_tokens must be a whole number from 1 to 1000000.",
    "frequency_penalty": "frequency_penalty must be a number from -2 to 2.",
    "presence_penalty": "presence_penalty must be a number from -2 to 2.",
    "stop": "stop must be a list of at most 4 texts of 1 to 200 characters.",
}
CHINESE = {
    "temperature": "temperature 必须是 0 到 2 之间的数字。",
    "top_p": "top_p 必须是 0 到 1 之间的数字。",
    "max_tokens": "max_tokens 必须是 1 到 1000000 之间的整数。",
    "frequency_penalty": "frequency_penalty 必须是 -2 到 2 之间的数字。",
    "presence_penalty": "presence_penalty 必须是 -2 到 2 之间的数字。",
    "stop": "stop 必须是最多 4 项的列表，每项为 1 到 200 个字符的文本。",
}
RIGHT: dict[str, list[Any]] = {
    "temperature": [0, 0.0, 1, 1.99, 2],
    "top_p": [0, 0.5, 1, 1.0],
    "max_tokens": [1, 16, 1_000_000],
    "frequency_penalty": [-2, -0.5, 0, 2.0],
    "presence_penalty": [-2.0, 0, 0.1, 2],
    "stop": [[], ["END"], ["\n"], [" "], ["。", "？", "！", "；"], ["x" * 200]],
}
WRONG: dict[str, list[Any]] = {
    "temperature": [-0.01, 2.01, "0.7", True, [1], {}, 10**30, float("-inf")],
    "top_p": [-1e-9, 1.0000001, "1", False, [0.5], float("nan")],
    "max_tokens": [0, -5, 1_000_001, 16.0, "16", True, [16], 10**30],
    "frequency_penalty": [-2.1, 3, "0", True, {}],
    "presence_penalty": [-2.1, 3, "0", False, []],
    "stop": ["END", [""], ["a"] * 5, ["x" * 201], [1], [None], {"a": "b"}, 7, True, ("a",)],
}


def table(values: dict[str, list[Any]]) -> list[Any]:
    return [
        pytest.param(name, value, id=f"{name}-{str(value)[:20]}-{type(value).__name__}")
        for name, given in values.items()
        for value in given
    ]


def complaints(value: Any) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        parameters.check_parameters(value)
    return list(caught.value.messages)


def test_every_known_parameter_stands_in_the_tables() -> None:
    assert set(parameters.NAMES) == set(ENGLISH) == set(CHINESE) == set(RIGHT) == set(WRONG)


@pytest.mark.parametrize(("name", "value"), table(RIGHT))
def test_a_value_in_its_range_passes(name: str, value: Any) -> None:
    parameters.check_parameters({name: value})
    assert parameters.complaint(name, value) == ""


@pytest.mark.parametrize(("name", "value"), table(WRONG))
def test_a_value_beyond_its_range_is_refused(name: str, value: Any) -> None:
    assert complaints({name: value}) == [ENGLISH[name]]


@pytest.mark.parametrize("name", CHINESE)
def test_the_refusal_speaks_chinese(name: str) -> None:
    with translation.override("zh-hans"):
        assert complaints({name: WRONG[name][0]}) == [CHINESE[name]]


@pytest.mark.parametrize("name", parameters.NAMES)
def test_null_is_no_value_and_passes(name: str) -> None:
    parameters.check_parameters({name: None})


def test_all_that_is_wrong_is_told_in_the_order_of_the_form() -> None:
    wrong = {name: WRONG[name][0] for name in reversed(parameters.NAMES)}
    assert complaints(wrong) == [ENGLISH[name] for name in parameters.NAMES]


@pytest.mark.parametrize("name", sorted(parameters.RESERVED))
def test_what_the_engine_sets_cannot_be_given(name: str) -> None:
    assert complaints({name: 1, "temperature": 9}) == [f"{name} cannot be set as a parameter."]


@pytest.mark.parametrize("value", [None, [], "", 7, True, "{}", [{}]], ids=repr)
def test_what_is_no_object_is_refused(value: Any) -> None:
    assert complaints(value) == ['Parameters must be a JSON object, such as {"temperature": 0.7}.']


# Which vendor takes what: of a model that the catalogue does not list

WISHES = {
    "temperature": 0.7,
    "top_p": 0.9,
    "frequency_penalty": 0.1,
    "presence_penalty": 0.1,
    "stop": ["END"],
    "seed": 7,
    "max_tokens": 100,
    "top_k": 20,
    "response_format": {"type": "json_object"},
}
TAKING_ALL_BUT_A_SEED = (
    "qianfan",
    "dashscope",
    "deepseek",
    "zhipu",
    "moonshot",
    "siliconflow",
    "volcengine",
    "compatible",
)
NOT_TAKEN = {
    "openai": {"temperature", "top_p", "frequency_penalty", "presence_penalty", "stop", "seed"},
    "anthropic": {"temperature", "top_p", "frequency_penalty", "presence_penalty", "seed"},
    **{code: {"seed"} for code in TAKING_ALL_BUT_A_SEED},
    "vllm": set(),
    "ollama": set(),
    "local": set(),
}


def unlisted(vendor: Vendor) -> LanguageModel:
    entry = vendor.model("a-model-of-tomorrow")
    return LanguageModel.from_catalogue(Provider(name="p", vendor=vendor.code), entry)


@pytest.mark.parametrize("code", VENDORS)
@pytest.mark.parametrize("name", WISHES)
def test_each_vendor_gets_what_it_takes_and_the_rest_is_told(name: str, code: str) -> None:
    sent, not_taken = unlisted(VENDORS[code]).split_parameters({name: WISHES[name]})
    if name in NOT_TAKEN[code]:
        assert (name in sent, not_taken) == (False, [name])
    else:
        assert (sent[name], not_taken) == (WISHES[name], [])


@pytest.mark.parametrize("code", VENDORS)
def test_a_limit_is_added_only_where_the_vendor_would_go_on_for_ever(code: str) -> None:
    sent, _not_taken = unlisted(VENDORS[code]).split_parameters({})
    assert sent == ({"max_tokens": 4096} if code in ("anthropic", "local") else {})


@pytest.mark.parametrize(
    ("vendor", "name"),
    [(vendor, model.name) for vendor in VENDORS.values() for model in vendor.models],
    ids=lambda part: getattr(part, "code", part),
)
def test_a_listed_model_samples_exactly_where_it_says_so(vendor: Vendor, name: str) -> None:
    entry = vendor.model(name)
    model = LanguageModel.from_catalogue(Provider(name="p", vendor=vendor.code), entry)
    sent, not_taken = model.split_parameters({"temperature": 1, "top_p": 1, "seed": 1})
    taken = {name for name in ("temperature", "top_p", "seed") if name in entry.capabilities}
    assert sent.keys() & {"temperature", "top_p", "seed"} == taken
    assert set(not_taken) == {"temperature", "top_p", "seed"} - taken


@pytest.mark.parametrize(
    ("limit", "sent"), [(None, 4096), (100, 100), (16_384, 16_384), (16_385, 16_384)]
)
def test_the_added_limit_is_the_models_own_up_to_what_a_timeout_lets_through(
    limit: int | None, sent: int
) -> None:
    model = unlisted(VENDORS["anthropic"])
    model.max_output_tokens = limit
    assert model.split_parameters({})[0]["max_tokens"] == sent
