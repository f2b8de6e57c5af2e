from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from providers import parameters, validation
from providers.catalogue import VENDORS, Capability
from providers.clients.types import Family
from providers.models import LanguageModel, Provider

FAMILIES: list[Family] = ["openai", "anthropic", "local"]
NAMES = sorted(
    parameters.RESERVED | parameters.SAMPLING | {"seed", "max_tokens", "top_k", "reasoning_effort"}
)
PARAMETERS = st.dictionaries(st.sampled_from(NAMES), st.integers(1, 9))
CAPABILITIES = st.sets(st.sampled_from(Capability.values))
COUNTS = st.integers(0, 10_000_000)


# Costs


@pytest.mark.parametrize(
    ("prices", "tokens", "cost"),
    [
        # (input price * prompt + output price * completion) / 1 000 000
        (("2", "10"), (1_000_000, 1_000_000), "12"),
        (("0.10", "0.50"), (1500, 500), "0.0004"),  # 150 + 250 = 400 millionths
        (("0.8", "2.7"), (1, 1), "0.0000035"),
        (("0", "0"), (999_999, 999_999), "0"),
        (("10", "50"), (0, 0), "0"),
        (("4", "0"), (250, 8000), "0.001"),
        (("0.000001", "0"), (1, 0), "1E-12"),
    ],
)
def test_a_call_costs_exactly(prices: tuple[str, str], tokens: tuple[int, int], cost: str) -> None:
    model = LanguageModel(input_price=Decimal(prices[0]), output_price=Decimal(prices[1]))
    assert model.cost(*tokens) == Decimal(cost)


@pytest.mark.parametrize(
    ("prices", "tokens"),
    [
        ((None, 1), (1, 1)),
        ((1, None), (1, 1)),
        ((1, 1), (None, 1)),
        ((1, 1), (1, None)),
        ((0, 0), (None, None)),
    ],
)
def test_a_cost_of_which_a_part_is_not_known_is_not_known(
    prices: tuple[Any, Any], tokens: tuple[Any, Any]
) -> None:
    given_prices = [None if price is None else Decimal(price) for price in prices]
    model = LanguageModel(input_price=given_prices[0], output_price=given_prices[1])
    assert model.cost(*tokens) is None


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_two_calls_cost_what_their_tokens_cost_together(a: int, b: int, c: int, d: int) -> None:
    model = LanguageModel(input_price=Decimal("0.27"), output_price=Decimal("1.10"))
    first, second, both = model.cost(a, b), model.cost(c, d), model.cost(a + c, b + d)
    assert first is not None and second is not None
    assert first + second == both


# Parameters


@given(PARAMETERS, st.sampled_from(FAMILIES), CAPABILITIES)
def test_every_parameter_is_either_sent_or_told(
    given_parameters: dict[str, int], family: Family, capabilities: set[str]
) -> None:
    sent, not_taken = parameters.split(
        given_parameters, family=family, capabilities=capabilities, max_output_tokens=None
    )
    assert sent.keys() | set(not_taken) >= given_parameters.keys()
    assert not sent.keys() & set(not_taken)
    assert not sent.keys() & parameters.RESERVED
    assert sent.keys() - given_parameters.keys() <= {"max_tokens"}


@given(PARAMETERS, st.sampled_from(FAMILIES), CAPABILITIES)
def test_what_was_sent_once_is_sent_again_unchanged(
    given_parameters: dict[str, int], family: Family, capabilities: set[str]
) -> None:
    limits: dict[str, Any] = {"capabilities": capabilities, "max_output_tokens": 100}
    sent, _not_taken = parameters.split(given_parameters, family=family, **limits)
    assert parameters.split(sent, family=family, **limits) == (sent, [])


@pytest.mark.parametrize(
    ("capability", "freed"),
    [
        (Capability.TEMPERATURE, {"temperature", "frequency_penalty", "presence_penalty", "stop"}),
        (Capability.TOP_P, {"top_p"}),
        (Capability.SEED, {"seed"}),
        (Capability.JSON_SCHEMA, set()),
        (Capability.BATCH_API, set()),
    ],
)
def test_a_capability_frees_its_own_parameters(capability: str, freed: set[str]) -> None:
    wishes = dict.fromkeys((*parameters.SAMPLING, "seed"), 1)
    sent, _not_taken = parameters.split(
        wishes, family="openai", capabilities=[capability], max_output_tokens=None
    )
    assert sent.keys() == freed


@pytest.mark.parametrize("name", sorted(parameters.RANGES))
def test_the_ends_of_a_range_pass_and_what_lies_beyond_does_not(name: str) -> None:
    low, high = parameters.RANGES[name]
    parameters.check_parameters({name: low})
    parameters.check_parameters({name: high})
    for beyond in (low - 0.001, high + 0.001, float("nan"), float("inf"), "1", [], True):
        with pytest.raises(ValidationError) as caught:
            parameters.check_parameters({name: beyond})
        assert caught.value.messages == [f"{name} must be a number from {low} to {high}."]


@pytest.mark.parametrize("limit", [-1, 0, 1.0, "100", [1], False])
def test_a_limit_that_is_no_number_of_tokens_is_refused(limit: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        parameters.check_parameters({"max_tokens": limit})
    assert caught.value.messages == ["max_tokens must be a whole number from 1 to 1000000."]


# What would reach the vendor past the fields that are meant for it


@pytest.mark.parametrize("name", sorted(validation.RESERVED_HEADERS))
@pytest.mark.parametrize("write", [str.lower, str.upper, str.title])
def test_no_way_of_writing_a_reserved_header_passes(name: str, write: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        validation.check_headers({"X-Team": "data", write(name): "x"})
    assert caught.value.messages == [
        f"The header {write(name)} is set by the system; a key belongs in the API key field."
    ]


@pytest.mark.parametrize("mark", ["\r\n", "\n", "\r", "\x00", "\t", "\x7f", "\x85", "\u2028", "é"])
def test_no_mark_that_splits_a_header_passes(mark: str) -> None:
    with pytest.raises(ValidationError) as caught:
        validation.check_headers({"X-Team": f"a{mark}Host: internal"})
    assert caught.value.messages == [
        "The value of the header X-Team must be plain ASCII text on one line."
    ]


@pytest.mark.parametrize("mark", [" ", ":", "\r", "\n", "\x00", "(", "/", "é", "\t"])
def test_no_mark_that_ends_a_name_passes(mark: str) -> None:
    with pytest.raises(ValidationError) as caught:
        validation.check_headers({f"X{mark}Team": "data"})
    assert caught.value.messages == [f"X{mark}Team is no header name."]


@pytest.mark.parametrize("mark", ["\n", "\r", "\t", "\x00", "\u200b", "\u202e", "\u2028"])
def test_no_mark_that_cannot_be_seen_passes_in_an_address(mark: str) -> None:
    with pytest.raises(ValidationError) as caught:
        validation.check_address(f"https://a.example/v1{mark}", VENDORS["compatible"])
    assert caught.value.messages == ["The address must look like https://api.example.com/v1."]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given_address", "stored"),
    [
        ("https://a.example/v1/", "https://a.example/v1"),
        ("  https://a.example/v1 \n", "https://a.example/v1"),
        ("https://a.example///", "https://a.example"),
        ("HTTPS://A.example/V1", "HTTPS://A.example/V1"),
    ],
)
def test_an_address_loses_blanks_and_slashes_at_its_ends(given_address: str, stored: str) -> None:
    provider = Provider(name="p", vendor="compatible", base_url=given_address)
    provider.clean()
    assert provider.base_url == stored


@pytest.mark.django_db
@pytest.mark.parametrize("code", sorted(VENDORS))
def test_an_account_is_as_its_vendor_wants_it(code: str) -> None:
    vendor = VENDORS[code]
    provider = Provider(name="p", vendor=code)
    provider.set_key("sk-0123456789")
    account = provider.account()
    assert (account.family, account.base_url) == (vendor.family, vendor.base_url)
    assert account.max_tokens_field == (
        "max_completion_tokens" if code == "openai" else "max_tokens"
    )
    assert "sk-0123456789" not in repr(account)


@pytest.mark.django_db
def test_what_the_provider_adds_to_the_catalogue_is_made_by_two_queries(
    django_assert_num_queries: Any,
) -> None:
    provider = Provider.objects.create(name="p", vendor="openai")
    with django_assert_num_queries(2):
        added = provider.add_catalogue_models()
    assert [model.name for model in added] == [entry.name for entry in VENDORS["openai"].models]


@pytest.mark.django_db
def test_a_model_is_added_once_and_keeps_what_was_changed() -> None:
    provider = Provider.objects.create(name="p", vendor="compatible", base_url="https://a.example")
    first = provider.add_model("team-model")
    LanguageModel.objects.filter(pk=first.pk).update(label="Ours")
    again = provider.add_model("team-model")
    assert (again.pk, again.label) == (first.pk, "Ours")
    assert first.capabilities == ["json_object", "temperature", "top_p"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "This field cannot be blank."),
        ("x" * 201, "Ensure this value has at most 200 characters (it has 201)."),
    ],
)
def test_a_name_that_no_model_can_have_is_not_added(name: str, message: str) -> None:
    provider = Provider.objects.create(name="p", vendor="compatible", base_url="https://a.example")
    with pytest.raises(ValidationError) as caught:
        provider.add_model(name)
    assert caught.value.message_dict == {"name": [message]}
    assert not provider.models.exists()
