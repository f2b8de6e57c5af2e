from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from pytest_django import Settings

from providers import errors, parameters, secrets, validation
from providers.addresses import Endpoint
from providers.catalogue import VENDORS, Capability, Currency
from providers.connection import ConnectionReport, check_model, check_provider
from providers.local import weights
from providers.models import LanguageModel, Provider
from providers.transport import too_large, unpacked


@pytest.fixture(autouse=True)
def in_chinese(in_english: None) -> Iterator[None]:
    with translation.override("zh-hans"):
        yield


def complaint(check: Callable[..., Any], *arguments: Any) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        check(*arguments)
    return list(caught.value.messages)


@pytest.mark.parametrize("code", sorted(errors.ADVICE))
def test_every_advice_is_chinese(code: str) -> None:
    chinese = str(errors.advice(code))
    with translation.override("en"):
        english = str(errors.advice(code))
    assert chinese != english
    assert chinese.endswith("。")


def test_an_advice_speaks_the_language_of_its_reader() -> None:
    report = ConnectionReport(outcome="fails", models=[], error_code="quota_exhausted")
    assert str(report.advice) == "厂商账户的余额或配额已用完。请到厂商处充值，然后继续。"
    with translation.override("en"):
        assert str(report.advice) == (
            "The account at the vendor has no credit or quota left. Top it up there, then resume."
        )


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], '参数必须是 JSON 对象，例如 {"temperature": 0.7}。'),
        ({"model": "x", "n": 2}, "model, n 不能作为参数设置。"),
        ({"temperature": 3}, "temperature 必须是 0 到 2 之间的数字。"),
        ({"max_tokens": 0}, "max_tokens 必须是 1 到 1000000 之间的整数。"),
    ],
)
def test_a_refused_parameter_is_told(value: Any, message: str) -> None:
    assert complaint(parameters.check_parameters, value) == [message]


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        (None, '请求头必须是 JSON 对象，例如 {"X-Team": "data"}。'),
        ({"X Team": "a"}, "X Team 不是有效的请求头名称。"),
        ({"Host": "a"}, "请求头 Host 由系统设置；密钥请填在“API 密钥”中。"),
        ({"X-Team": "数据"}, "请求头 X-Team 的值必须是单行 ASCII 文本。"),
    ],
)
def test_a_refused_header_is_told(headers: Any, message: str) -> None:
    assert complaint(validation.check_headers, headers) == [message]


@pytest.mark.parametrize(
    ("vendor", "address", "message"),
    [
        ("compatible", "", "该厂商没有固定地址，请填写。"),
        ("compatible", "api.example.com", "地址格式应为 https://api.example.com/v1。"),
        ("compatible", "https://u:p@a.example", "地址中不能包含用户名、密码、查询参数或片段。"),
        ("local", "https://a.example", "内置模型的地址由系统自动确定。"),
    ],
)
def test_a_refused_address_is_told(vendor: str, address: str, message: str) -> None:
    assert complaint(validation.check_address, address, VENDORS[vendor]) == [message]


def test_refused_body_fields_and_capabilities_are_told() -> None:
    assert complaint(validation.check_body, {"stream": True}) == [
        "stream 由任务设置，不能在此填写。"
    ]
    assert complaint(validation.check_capabilities, ["telepathy"]) == [
        "未知的项：telepathy。可选的有：json_schema, json_object, seed, temperature, "
        "top_p, batch_api。"
    ]


@pytest.mark.parametrize(
    ("open_key", "message"),
    [
        (
            lambda: secrets.check_reference("env:HOME"),
            "只能从名称以 _API_KEY 结尾的环境变量读取密钥。",
        ),
        (lambda: secrets.read_reference("env:UNSET_API_KEY"), "环境变量 UNSET_API_KEY 未设置。"),
        (
            lambda: secrets.open_sealed("v1:00000000:AAAA", "row"),
            "服务器没有能解开已保存 API 密钥的加密密钥。",
        ),
        (
            lambda: secrets.open_sealed(secrets.seal("sk", "row"), "another"),
            "已保存的 API 密钥已损坏，或属于其他记录。",
        ),
    ],
)
def test_a_key_that_does_not_open_is_told(open_key: Callable[[], str], message: str) -> None:
    with pytest.raises(secrets.SecretError) as caught:
        open_key()
    assert str(caught.value) == message


def test_an_answer_that_is_too_large_is_told() -> None:
    assert too_large().detail == "回复超过 16 MB。"


def test_an_unknown_packing_is_cut_and_told() -> None:
    with pytest.raises(errors.ReplyMalformedError) as caught:
        unpacked(b"", "b" * 100)
    assert "b" * 40 in caught.value.detail
    assert "b" * 41 not in caught.value.detail
    assert not caught.value.detail.startswith("The answer")


@pytest.mark.parametrize("address", ["169.254.169.254", "10.0.0.1", "2606:4700::1111"])
def test_a_blocked_address_is_told(address: str, settings: Settings) -> None:
    settings.DATAMATE_ALLOWED_PRIVATE_HOSTS = []
    endpoint = Endpoint(host="a.example", port=80, is_encrypted=False)
    with pytest.raises(errors.BlockedAddressError) as caught:
        endpoint.check(address)
    chinese = caught.value.detail
    with translation.override("en"), pytest.raises(errors.BlockedAddressError) as caught:
        endpoint.check(address)
    assert "a.example" in chinese
    assert chinese != caught.value.detail


def test_a_missing_model_file_is_told(settings: Settings, tmp_path: Path) -> None:
    settings.DATAMATE_LOCAL_MODEL_PATH = str(tmp_path / "none.gguf")
    with pytest.raises(errors.LocalModelError) as caught:
        weights.description()
    assert str(tmp_path / "none.gguf") in caught.value.detail
    assert "which cannot be read" not in caught.value.detail


@pytest.mark.django_db
def test_a_missing_key_is_told_by_both_tests_of_a_connection() -> None:
    provider = Provider.objects.create(name="百度", vendor="qianfan")
    model = LanguageModel.objects.create(provider=provider, name="ernie-5.1")
    for report in (check_provider(provider), check_model(model)):
        assert (report.outcome, report.error_code) == ("fails", "authentication")
        assert str(report.advice).startswith("厂商不接受此 API 密钥。")
        assert report.detail
        assert report.detail != "No API key is stored."


@pytest.mark.django_db
def test_models_complain_in_chinese() -> None:
    provider = Provider.objects.create(name="百度", vendor="qianfan")
    model = LanguageModel(provider=provider, name="m", context_tokens=10, max_output_tokens=11)
    [message] = complaint(model.full_clean)
    with translation.override("en"):
        assert complaint(model.full_clean) == ["The longest answer must fit into the context."]
    assert message.endswith("。")


def test_choices_are_chinese() -> None:
    assert str(Currency.CNY.label) != "Chinese yuan"
    assert str(Capability.TEMPERATURE.label) != "temperature"
    assert "百度" in str(VENDORS["qianfan"].label)


def test_what_goes_to_the_vendor_stays_as_it_is() -> None:
    assert Currency.values == ["USD", "CNY"]
    assert [f"{name}" for name in Capability.values] == [
        "json_schema", "json_object", "seed", "temperature", "top_p", "batch_api",
    ]  # fmt: skip
