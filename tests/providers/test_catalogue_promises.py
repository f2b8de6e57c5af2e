"""What the catalogue promises of each vendor and model, and what the form makes of it."""

from __future__ import annotations

import re
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from providers import parameters
from providers.admin.provider import key_note, vendor_catalogue
from providers.catalogue import CHOICES, VENDORS, Capability, CatalogueModel, Currency, Vendor
from providers.clients import module_of
from providers.errors import AuthenticationError
from providers.models import LanguageModel, Provider
from providers.validation import check_address, check_capabilities

NEEDS_KEY = "This vendor needs an API key."
MAY_NEED_KEY = "An API key is needed only if the server asks for one."
NEEDS_NOTHING = "The built-in model needs neither address nor key."
# code: name in English, in Chinese, address, what is said of its key
FORMS = {
    "local": ("Built-in local model (demo quality)", "内置", "", NEEDS_NOTHING),
    "openai": ("OpenAI", "OpenAI", "https://api.openai.com/v1", NEEDS_KEY),
    "anthropic": ("Anthropic", "Anthropic", "https://api.anthropic.com", NEEDS_KEY),
    "qianfan": ("Baidu Qianfan (ERNIE)", "百度", "https://qianfan.baidubce.com/v2", NEEDS_KEY),
    "dashscope": (
        "Alibaba Bailian DashScope (Qwen)",
        "阿里",
        "https://dashscope.aliyuncs.com/compatible-mode/v1",
        NEEDS_KEY,
    ),
    "deepseek": ("DeepSeek", "DeepSeek", "https://api.deepseek.com", NEEDS_KEY),
    "zhipu": ("Zhipu (GLM)", "智谱", "https://open.bigmodel.cn/api/paas/v4", NEEDS_KEY),
    "moonshot": ("Moonshot (Kimi)", "Kimi", "https://api.moonshot.cn/v1", NEEDS_KEY),
    "siliconflow": ("SiliconFlow", "硅基流动", "https://api.siliconflow.cn/v1", NEEDS_KEY),
    "volcengine": (
        "Volcengine Ark (Doubao)",
        "火山",
        "https://ark.cn-beijing.volces.com/api/v3",
        NEEDS_KEY,
    ),
    "vllm": ("vLLM", "vLLM", "http://127.0.0.1:8000/v1", MAY_NEED_KEY),
    "ollama": ("Ollama", "Ollama", "http://127.0.0.1:11434/v1", MAY_NEED_KEY),
    "compatible": ("OpenAI-compatible address", "兼容", "", MAY_NEED_KEY),
}
LISTED = [
    pytest.param(vendor, model, id=f"{vendor.code}/{model.name}")
    for vendor in VENDORS.values()
    for model in vendor.models
]
DEAREST = Decimal(1000)  # per million tokens: more would be a slip of the point


@pytest.mark.parametrize("code", VENDORS)
def test_the_form_is_filled_in_as_the_vendor_wants_it(code: str) -> None:
    label, _chinese, address, note = FORMS[code]
    filled = vendor_catalogue()[code]
    assert filled == {"label": label, "address": address, "note": note}


@pytest.mark.parametrize("code", VENDORS)
def test_the_form_is_filled_in_chinese_too(code: str) -> None:
    with translation.override("zh-hans"):
        filled = vendor_catalogue()[code]
    assert FORMS[code][1] in filled["label"]
    assert filled["address"] == FORMS[code][2]
    assert filled["note"] not in (NEEDS_KEY, MAY_NEED_KEY, NEEDS_NOTHING)
    assert filled["note"].endswith("。")


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)
def test_what_the_form_fills_in_can_be_stored(vendor: Vendor) -> None:
    if vendor.code == "compatible":
        with pytest.raises(ValidationError, match="give one"):
            check_address(vendor.base_url, vendor)
        return
    check_address(vendor.base_url, vendor)
    provider = Provider(name=str(vendor.label), vendor=vendor.code, base_url=vendor.base_url)
    provider.clean_fields(exclude=["name"])
    assert len(provider.name) <= 100
    assert provider.base_url == vendor.base_url.rstrip("/")


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)
def test_a_missing_key_is_told_before_any_call_where_it_is_needed(vendor: Vendor) -> None:
    provider = Provider(name="p", vendor=vendor.code)
    if key_note(vendor) == NEEDS_KEY:
        with pytest.raises(AuthenticationError, match="No API key is stored"):
            provider.account()
    else:
        assert provider.account().api_key == ""


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)
def test_a_vendor_is_served_by_a_client_of_its_family(vendor: Vendor) -> None:
    module = module_of(vendor.family)
    assert callable(module.open_client)
    assert callable(module.read_reply)


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)
def test_a_key_goes_in_clear_to_this_machine_only(vendor: Vendor) -> None:
    parts = urlsplit(vendor.base_url)
    assert parts.scheme in ("https", "") or parts.hostname == "127.0.0.1"


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)
def test_capabilities_are_known_and_named_once(vendor: Vendor) -> None:
    for capabilities in (vendor.capabilities, *(model.capabilities for model in vendor.models)):
        check_capabilities(list(capabilities))
        assert len(set(capabilities)) == len(capabilities)


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)
def test_no_model_is_listed_twice(vendor: Vendor) -> None:
    names = [model.name for model in vendor.models]
    labels = [model.label for model in vendor.models]
    assert (len(set(names)), len(set(labels))) == (len(names), len(names))


def test_the_choices_are_in_the_language_of_the_reader() -> None:
    labels = dict(CHOICES)
    for code, (english, chinese, _address, _note) in FORMS.items():
        assert str(labels[code]) == english
        with translation.override("zh-hans"):
            assert chinese in str(labels[code])


# Models


@pytest.mark.parametrize(("vendor", "model"), LISTED)
def test_an_id_is_what_a_request_can_carry(vendor: Vendor, model: CatalogueModel) -> None:
    assert re.fullmatch(r"[A-Za-z0-9._/-]+", model.name)
    assert model.label == model.label.strip() != ""


@pytest.mark.parametrize(("vendor", "model"), LISTED)
def test_an_answer_fits_into_the_context(vendor: Vendor, model: CatalogueModel) -> None:
    assert model.context_tokens >= 4096
    assert model.max_output_tokens is None or 1024 <= model.max_output_tokens < model.context_tokens


@pytest.mark.parametrize(("vendor", "model"), LISTED)
def test_a_price_is_plausible(vendor: Vendor, model: CatalogueModel) -> None:
    if model.input_price is None or model.output_price is None:
        assert model.input_price is model.output_price
        return
    assert 0 <= model.input_price <= model.output_price < DEAREST


@pytest.mark.parametrize(("vendor", "model"), LISTED)
def test_vendors_in_china_are_paid_in_yuan(vendor: Vendor, model: CatalogueModel) -> None:
    abroad = {"openai", "anthropic", "local"}
    assert model.currency == (Currency.USD if vendor.code in abroad else Currency.CNY)


@pytest.mark.parametrize(("vendor", "model"), LISTED)
def test_default_parameters_pass_the_rules_of_the_form(
    vendor: Vendor, model: CatalogueModel
) -> None:
    parameters.check_parameters(dict(model.parameters))
    row = LanguageModel.from_catalogue(Provider(name="p", vendor=vendor.code), model)
    row.clean_fields(exclude=["provider"])
    row.clean()


@pytest.mark.parametrize(("vendor", "model"), LISTED)
def test_every_model_can_be_held_to_json(vendor: Vendor, model: CatalogueModel) -> None:
    assert {Capability.JSON_SCHEMA, Capability.JSON_OBJECT} & set(model.capabilities)


@pytest.mark.parametrize(("vendor", "model"), LISTED)
def test_two_rows_of_one_entry_share_nothing(vendor: Vendor, model: CatalogueModel) -> None:
    provider = Provider(name="p", vendor=vendor.code)
    first, second = (LanguageModel.from_catalogue(provider, model) for _row in range(2))
    first.default_parameters["changed"] = True
    first.capabilities.append("changed")
    assert "changed" not in second.default_parameters
    assert "changed" not in second.capabilities
    assert "changed" not in model.parameters
