from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.core.exceptions import ValidationError

from providers import parameters
from providers.catalogue import CHOICES, VENDORS, CatalogueModel, Vendor
from providers.models import LanguageModel, Provider

LISTED = [(vendor, model) for vendor in VENDORS.values() for model in vendor.models]
NAMES = [f"{vendor.code}/{model.name}" for vendor, model in LISTED]


def test_every_vendor_of_the_users_is_there() -> None:
    assert {
        "openai", "anthropic", "qianfan", "dashscope", "deepseek", "zhipu", "moonshot",
        "siliconflow", "volcengine", "vllm", "ollama", "compatible", "local",
    } == set(VENDORS)  # fmt: skip


def test_choices_offer_every_vendor_once() -> None:
    assert [code for code, _label in CHOICES] == list(VENDORS)


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=str)
def test_a_vendor_that_needs_a_key_gets_it_encrypted(vendor: Vendor) -> None:
    if vendor.needs_key:
        assert urlsplit(vendor.base_url).scheme == "https"
        assert vendor.models
    assert vendor.code == next(code for code, entry in VENDORS.items() if entry is vendor)


@pytest.mark.parametrize(("vendor", "model"), LISTED, ids=NAMES)
@pytest.mark.django_db
def test_a_listed_model_can_be_saved_as_it_is(vendor: Vendor, model: CatalogueModel) -> None:
    provider = Provider.objects.create(name="p", vendor=vendor.code)
    row = LanguageModel.from_catalogue(provider, model)
    try:
        row.full_clean()
    except ValidationError as error:
        pytest.fail(str(error))
    row.save()
    row.refresh_from_db()
    assert (row.input_price, row.output_price) == (model.input_price, model.output_price)
    assert row.default_parameters == dict(model.parameters)


@pytest.mark.parametrize(("vendor", "model"), LISTED, ids=NAMES)
def test_a_model_takes_its_own_default_parameters(vendor: Vendor, model: CatalogueModel) -> None:
    _sent, not_taken = parameters.split(
        model.parameters,
        family=vendor.family,
        capabilities=model.capabilities,
        max_output_tokens=model.max_output_tokens,
    )
    assert not_taken == []


@pytest.mark.parametrize(("vendor", "model"), LISTED, ids=NAMES)
def test_a_price_is_known_for_both_directions_or_for_none(
    vendor: Vendor, model: CatalogueModel
) -> None:
    assert (model.input_price is None) == (model.output_price is None)


def test_a_listed_model_is_found_by_its_name() -> None:
    assert VENDORS["openai"].model("gpt-6-luna").label == "GPT-6 Luna"


def test_a_model_that_is_not_listed_is_as_the_vendors_usually_are() -> None:
    model = VENDORS["vllm"].model("team-model")
    assert model.name == "team-model"
    assert model.capabilities == VENDORS["vllm"].capabilities
    assert model.input_price is None
