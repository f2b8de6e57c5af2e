from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from providers.models import Capability, LanguageModel, Provider

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider() -> Provider:
    return Provider.objects.create(name="Team", vendor="openai")


def create(provider: Provider, name: str = "gpt-6-luna", **fields: object) -> LanguageModel:
    model = LanguageModel(provider=provider, name=name, **fields)
    model.full_clean()
    model.save()
    return model


def complaints(model: LanguageModel) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        model.full_clean()
    return caught.value.message_dict


# Money


@pytest.mark.parametrize(
    ("prices", "tokens", "cost"),
    [
        ((2, 10), (1_000_000, 1_000_000), Decimal(12)),
        ((2, 10), (500, 200), Decimal("0.003")),  # 500 × 2 + 200 × 10 = 3,000 millionths
        (("0.10", "0.50"), (123, 456), Decimal("0.0002403")),  # 12.3 + 228
        ((0, 0), (500, 200), Decimal(0)),
        ((2, 10), (0, 0), Decimal(0)),
        ((None, 10), (500, 200), None),
        ((2, None), (500, 200), None),
        ((2, 10), (None, 200), None),
        ((2, 10), (500, None), None),
    ],
)
def test_a_call_costs_its_tokens_times_the_prices_or_is_not_known(
    prices: tuple[str | None, str | None],
    tokens: tuple[int | None, int | None],
    cost: Decimal | None,
) -> None:
    price_in, price_out = (None if price is None else Decimal(price) for price in prices)
    model = LanguageModel(input_price=price_in, output_price=price_out)
    assert model.cost(*tokens) == cost


def test_prices_are_not_negative(provider: Provider) -> None:
    model = LanguageModel(provider=provider, name="m", input_price=-1)
    assert list(complaints(model)) == ["input_price"]


# The default


def test_there_is_no_default_without_models() -> None:
    assert LanguageModel.objects.default() is None


def test_the_first_usable_model_stands_in_for_a_default(provider: Provider) -> None:
    create(provider, "a", is_enabled=False)
    second = create(provider, "b")
    create(provider, "c")
    assert LanguageModel.objects.default() == second


def test_the_marked_model_is_the_default(provider: Provider) -> None:
    create(provider, "a")
    marked = create(provider, "b", is_default=True)
    assert LanguageModel.objects.default() == marked


def test_marking_a_model_takes_the_mark_from_the_other(provider: Provider) -> None:
    first = create(provider, "a", is_default=True)
    second = create(provider, "b", is_default=True)
    first.refresh_from_db()
    assert not first.is_default
    assert LanguageModel.objects.default() == second


def test_two_defaults_cannot_be_stored(provider: Provider) -> None:
    create(provider, "a", is_default=True)
    other = create(provider, "b")
    with pytest.raises(IntegrityError):
        LanguageModel.objects.filter(pk=other.pk).update(is_default=True)


def test_a_model_of_a_disabled_provider_is_not_the_default(provider: Provider) -> None:
    create(provider, "a", is_default=True)
    Provider.objects.update(is_enabled=False)
    assert LanguageModel.objects.default() is None


def test_the_default_model_stays_enabled(provider: Provider) -> None:
    model = LanguageModel(provider=provider, name="a", is_default=True, is_enabled=False)
    assert complaints(model)["is_enabled"] == ["The default model must be enabled."]


# Limits, names, capabilities


def test_names_are_unique_at_one_provider_only(provider: Provider) -> None:
    create(provider)
    other = Provider.objects.create(name="Other", vendor="openai")
    create(other)
    assert complaints(LanguageModel(provider=provider, name="gpt-6-luna")) == {
        "__all__": ["Language model with this Provider and Name already exists."]
    }


def test_the_longest_answer_fits_into_the_context(provider: Provider) -> None:
    model = LanguageModel(provider=provider, name="m", context_tokens=1000, max_output_tokens=1001)
    assert complaints(model) == {
        "max_output_tokens": ["The longest answer must fit into the context."]
    }


@pytest.mark.parametrize(
    ("capabilities", "message"),
    [
        ({"seed": True}, 'Capabilities must be a JSON list, such as ["json_schema"].'),
        (
            ["seed", "telepathy", 7],
            "Not known: telepathy, 7. Choose out of: "
            "json_schema, json_object, seed, temperature, top_p, batch_api.",
        ),
    ],
)
def test_capabilities_are_a_list_of_known_names(
    capabilities: object, message: str, provider: Provider
) -> None:
    model = LanguageModel(provider=provider, name="m", capabilities=capabilities)
    assert complaints(model) == {"capabilities": [message]}


def test_a_model_can_what_is_listed() -> None:
    model = LanguageModel(capabilities=["seed"])
    assert model.can(Capability.SEED)
    assert not model.can(Capability.JSON_SCHEMA)


def test_a_model_is_named_with_its_provider(provider: Provider) -> None:
    assert str(create(provider)) == "Team / gpt-6-luna"
    assert str(create(provider, "m", label="Luna")) == "Team / Luna"


# Parameters


def test_given_parameters_override_the_defaults(provider: Provider) -> None:
    model = create(
        provider,
        capabilities=["temperature"],
        default_parameters={"temperature": 0.2, "max_tokens": 100},
    )
    sent, not_taken = model.split_parameters({"temperature": 0.9})
    assert sent == {"temperature": 0.9, "max_tokens": 100}
    assert not_taken == []


def test_what_anthropic_does_not_take_is_told() -> None:
    provider = Provider.objects.create(name="Claude", vendor="anthropic")
    model = create(provider, "claude-haiku-5-5", max_output_tokens=8000)
    sent, not_taken = model.split_parameters({"temperature": 0.9, "stop": ["END"]})
    assert sent == {"stop": ["END"], "max_tokens": 8000}
    assert not_taken == ["temperature"]
