from __future__ import annotations

from typing import Any

import pytest

from providers.connection import check_model, check_provider
from providers.models import LanguageModel, Provider
from tests.stub_vendor import StubVendor

pytestmark = pytest.mark.django_db


def model_at(
    vendor: StubVendor, code: str = "compatible", key: str = "sk-test", **fields: Any
) -> LanguageModel:
    address = vendor.url if code == "anthropic" else vendor.openai_url
    provider = Provider(name="Stub", vendor=code, base_url=address)
    if key:
        provider.set_key(key)
    provider.save()
    return LanguageModel.objects.create(provider=provider, **{"name": "stub-model", **fields})


@pytest.mark.parametrize("code", ["compatible", "openai", "anthropic"])
def test_a_model_that_answers_works(code: str, stub_vendor: StubVendor) -> None:
    report = check_model(model_at(stub_vendor, code))
    assert report.outcome == "works"
    assert str(report.advice) == "The connection works."
    assert report.latency_seconds is not None


def test_the_test_asks_for_a_word_only(stub_vendor: StubVendor) -> None:
    check_model(model_at(stub_vendor, default_parameters={"top_k": 20}))
    body = stub_vendor.requests[0].json
    assert (body["max_tokens"], body["top_k"]) == (16, 20)
    assert body["messages"] == [{"role": "user", "content": "Reply with the word: ok"}]


def test_a_limit_among_the_defaults_is_kept(stub_vendor: StubVendor) -> None:
    check_model(model_at(stub_vendor, default_parameters={"max_tokens": 2000}))
    assert stub_vendor.requests[0].json["max_tokens"] == 2000


def test_json_mode_is_left_out_of_a_prompt_without_json(stub_vendor: StubVendor) -> None:
    wish = {"response_format": {"type": "json_object"}, "top_k": 20}
    check_model(model_at(stub_vendor, default_parameters=wish))
    body = stub_vendor.requests[0].json
    assert ("response_format" in body, body["top_k"]) == (False, 20)


@pytest.mark.parametrize("code", ["compatible", "anthropic"])
def test_an_unknown_model_is_told_with_those_that_exist(code: str, stub_vendor: StubVendor) -> None:
    stub_vendor.set(only_listed_models=True, models=("b", "a"))
    report = check_model(model_at(stub_vendor, code))
    assert (report.outcome, report.models) == ("no_such_model", ["a", "b"])
    assert report.error_code == "model_not_found"
    assert report.detail == "HTTP 404: The model stub-model does not exist"
    assert str(report.advice).startswith("The vendor does not know this model")


def test_a_bad_request_about_a_model_that_is_not_listed_is_an_unknown_model(
    stub_vendor: StubVendor,
) -> None:
    stub_vendor.set(models=("deepseek-flash",))
    stub_vendor.fail_with(400, {"error": {"message": "Model Not Exist"}})
    report = check_model(model_at(stub_vendor))
    assert (report.outcome, report.models) == ("no_such_model", ["deepseek-flash"])


def test_a_bad_request_about_a_listed_model_fails(stub_vendor: StubVendor) -> None:
    stub_vendor.fail_with(400, {"error": {"message": "Unsupported parameter"}})
    report = check_model(model_at(stub_vendor))
    assert (report.outcome, report.error_code) == ("fails", "invalid_request")
    assert report.detail == "HTTP 400: Unsupported parameter"


@pytest.mark.parametrize(
    ("status", "code"), [(402, "quota_exhausted"), (429, "rate_limited"), (500, "unavailable")]
)
def test_a_failure_is_told_with_its_advice(status: int, code: str, stub_vendor: StubVendor) -> None:
    stub_vendor.fail_with(status, {"error": {"message": "no"}})
    report = check_model(model_at(stub_vendor))
    assert (report.outcome, report.error_code) == ("fails", code)
    assert str(report.advice)


def test_a_wrong_key_fails_without_showing_it(stub_vendor: StubVendor) -> None:
    stub_vendor.set(key="sk-right")
    report = check_model(model_at(stub_vendor, key="sk-wrong-canary"))
    assert (report.outcome, report.error_code) == ("fails", "authentication")
    assert "canary" not in repr(report)


def test_a_missing_key_fails_without_a_call(stub_vendor: StubVendor) -> None:
    report = check_model(model_at(stub_vendor, "openai", key=""))
    assert (report.error_code, report.detail) == ("authentication", "No API key is stored.")
    assert stub_vendor.stats.requests == 0


def test_an_unreachable_address_fails(stub_vendor: StubVendor) -> None:
    model = model_at(stub_vendor)
    model.provider.base_url = "http://127.0.0.1:1/v1"
    assert check_model(model).error_code == "unreachable"


def test_a_page_that_is_no_answer_fails(stub_vendor: StubVendor) -> None:
    stub_vendor.fail_with(200, "<html>Welcome</html>")
    assert check_model(model_at(stub_vendor)).error_code == "reply_malformed"


def test_a_provider_that_lists_its_models_works(stub_vendor: StubVendor) -> None:
    report = check_provider(model_at(stub_vendor).provider)
    assert (report.outcome, report.models) == ("works", ["stub-model"])
    assert stub_vendor.stats.requests == 0


def test_a_provider_without_a_list_is_asked_by_its_first_model(stub_vendor: StubVendor) -> None:
    stub_vendor.set(models=())
    report = check_provider(model_at(stub_vendor).provider)
    assert report.outcome == "works"
    assert stub_vendor.stats.requests == 1


def test_a_provider_with_a_wrong_key_fails(stub_vendor: StubVendor) -> None:
    stub_vendor.set(key="sk-right")
    provider = model_at(stub_vendor).provider
    provider.models.all().delete()
    report = check_provider(provider)
    assert (report.outcome, report.error_code) == ("fails", "authentication")


def test_a_provider_whose_key_is_missing_fails(stub_vendor: StubVendor) -> None:
    report = check_provider(model_at(stub_vendor, "openai", key="").provider)
    assert report.detail == "No API key is stored."
