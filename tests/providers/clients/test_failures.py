from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from providers.clients.failures import failure_of_answer, retry_after
from providers.clients.types import Family
from providers.errors import (
    AuthenticationError,
    BlockedAddressError,
    CallTimeoutError,
    ContentRefusedError,
    ContextTooLongError,
    InvalidRequestError,
    ModelNotFoundError,
    ProviderError,
    QuotaExhaustedError,
    RateLimitedError,
    UnavailableError,
    UnreachableError,
)
from tests.providers.calls import account, model_names, send
from tests.stub_vendor import StubVendor

FAMILIES: list[Family] = ["openai", "anthropic"]


def failure(status: int, body: Any, headers: dict[str, str] | None = None) -> ProviderError:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return failure_of_answer(status, headers or {}, raw, "")


def openai(message: str = "", code: str | None = None, kind: str = "error") -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "code": code, "param": None}}


def anthropic(kind: str, message: str = "") -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": message}}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        # OpenAI
        (401, openai("Incorrect API key provided", "invalid_api_key"), AuthenticationError),
        (403, openai("Country not supported", "unsupported_country"), AuthenticationError),
        (429, openai("Rate limit reached", "rate_limit_exceeded"), RateLimitedError),
        (429, openai("You exceeded your current quota", "insufficient_quota"), QuotaExhaustedError),
        (429, openai("Hard limit", "billing_hard_limit_reached"), QuotaExhaustedError),
        (404, openai("The model `x` does not exist", "model_not_found"), ModelNotFoundError),
        (
            400,
            openai("This model's maximum context length is 8192 tokens", "context_length_exceeded"),
            ContextTooLongError,
        ),
        (400, openai("Your request was rejected", "content_policy_violation"), ContentRefusedError),
        (
            400,
            openai("Unsupported parameter: 'temperature'", "unsupported_parameter"),
            InvalidRequestError,
        ),
        (500, openai("The server had an error", kind="server_error"), UnavailableError),
        (503, openai("The engine is currently overloaded"), UnavailableError),
        # Anthropic
        (
            400,
            anthropic(
                "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"
            ),
            ContextTooLongError,
        ),
        (
            400,
            anthropic(
                "invalid_request_error",
                "Your credit balance is too low to access the Anthropic API.",
            ),
            QuotaExhaustedError,
        ),
        (
            400,
            anthropic("invalid_request_error", "temperature: Extra inputs are not permitted"),
            InvalidRequestError,
        ),
        (401, anthropic("authentication_error", "invalid bearer token"), AuthenticationError),
        (402, anthropic("billing_error"), QuotaExhaustedError),
        (403, anthropic("permission_error"), AuthenticationError),
        (404, anthropic("not_found_error", "model: claude-x"), ModelNotFoundError),
        (413, anthropic("request_too_large"), ContextTooLongError),
        (
            429,
            anthropic("rate_limit_error", "Number of requests has exceeded your rate limit"),
            RateLimitedError,
        ),
        (529, anthropic("overloaded_error"), UnavailableError),
        # DashScope
        (
            400,
            openai(
                "Access denied, please make sure your account is in good standing.", "Arrearage"
            ),
            QuotaExhaustedError,
        ),
        (
            403,
            openai(
                "The free tier of the model has been exhausted.", "AllocationQuota.FreeTierOnly"
            ),
            QuotaExhaustedError,
        ),
        (
            429,
            openai(
                "Allocated quota exceeded, please increase your quota limit.", "insufficient_quota"
            ),
            RateLimitedError,
        ),
        (429, openai("Requests rate limit exceeded", "Throttling.RateQuota"), RateLimitedError),
        (
            400,
            openai("Input data may contain inappropriate content.", "data_inspection_failed"),
            ContentRefusedError,
        ),
        (
            400,
            openai("Range of input length should be [1, 98304]", "invalid_parameter_error"),
            ContextTooLongError,
        ),
        (
            404,
            openai(
                "The model `qwen-x` does not exist or you do not have access to it.",
                "model_not_found",
            ),
            ModelNotFoundError,
        ),
        # DeepSeek
        (402, openai("Insufficient Balance", "invalid_request_error"), QuotaExhaustedError),
        (400, openai("Model Not Exist", "invalid_request_error"), InvalidRequestError),
        # Zhipu
        (429, openai("您的账户已欠费，请充值后重试。", "1113"), QuotaExhaustedError),
        (
            429,
            openai("您当前使用该API的并发数过高，请降低并发，或联系客服增加限额。", "1302"),
            RateLimitedError,
        ),
        (400, openai("模型不存在，请检查模型代码。", "1211"), ModelNotFoundError),
        (400, openai("Prompt 超长", "1261"), ContextTooLongError),
        (
            400,
            openai("系统检测到输入或生成内容可能包含不安全或敏感内容", "1301"),
            ContentRefusedError,
        ),
        # Moonshot
        (
            429,
            openai(
                "Your account is suspended, please check your plan and billing details",
                kind="exceeded_current_quota_error",
            ),
            QuotaExhaustedError,
        ),
        (
            429,
            openai(
                "Your account reached max organization concurrency", kind="rate_limit_reached_error"
            ),
            RateLimitedError,
        ),
        (
            400,
            openai(
                "The request was rejected because it was considered high risk",
                kind="content_filter",
            ),
            ContentRefusedError,
        ),
        # SiliconFlow
        (
            403,
            {"code": 30001, "message": "Sorry, your account balance is insufficient", "data": None},
            QuotaExhaustedError,
        ),
        (
            400,
            {
                "code": 20012,
                "message": "Model does not exist. Please check it carefully.",
                "data": None,
            },
            ModelNotFoundError,
        ),
        # Ark
        (
            403,
            openai(
                "The request failed because your account has an overdue balance.",
                "AccountOverdueError",
            ),
            QuotaExhaustedError,
        ),
        (
            404,
            openai("Your account has not activated the model", "ModelNotOpen"),
            ModelNotFoundError,
        ),
        (
            404,
            openai("The model or endpoint x does not exist", "InvalidEndpointOrModel.NotFound"),
            ModelNotFoundError,
        ),
        (
            400,
            openai(
                "The request failed because the input text may contain sensitive information.",
                "InputTextSensitiveContentDetected",
            ),
            ContentRefusedError,
        ),
        (
            429,
            openai("Your account has reached the set inference limit", "SetLimitExceeded"),
            QuotaExhaustedError,
        ),
        (429, openai("RPM limit exceeded", "ModelAccountRpmRateLimitExceeded"), RateLimitedError),
        # Qianfan
        (401, openai("invalid_iam_token", "invalid_iam_token"), AuthenticationError),
        (429, openai("Rate limit reached for RPM", "rpm_rate_limit_exceeded"), RateLimitedError),
        (400, openai("The model does not exist", "invalid_model"), ModelNotFoundError),
        # llama.cpp, vLLM, Ollama
        (
            400,
            openai(
                "request (5000 tokens) exceeds the available context size",
                kind="exceed_context_size_error",
            ),
            ContextTooLongError,
        ),
        (404, openai("The model `x` does not exist.", kind="NotFoundError"), ModelNotFoundError),
        (
            404,
            openai('model "x" not found, try pulling it first', kind="api_error"),
            ModelNotFoundError,
        ),
        # None of them
        (404, b"<html>Not Found</html>", InvalidRequestError),
        (408, b"", CallTimeoutError),
        (409, b"", UnavailableError),
        (418, b"", InvalidRequestError),
        (429, b"", RateLimitedError),
        (500, b"", UnavailableError),
        (502, b"<html>Bad Gateway</html>", UnavailableError),
        (599, b"", UnavailableError),
    ],
)
def test_the_vendors_answers_are_classified(
    status: int, body: Any, kind: type[ProviderError]
) -> None:
    found = failure(status, body)
    assert type(found) is kind, found
    assert found.status_code == status


@pytest.mark.parametrize(
    "words", ["insufficient_quota", "model_not_found", "content_filter", "context_length"]
)
def test_a_server_that_fails_is_believed_to_fail_whatever_it_says(words: str) -> None:
    assert type(failure(500, openai(words, words))) is UnavailableError


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (openai("slow down"), "HTTP 429: slow down"),
        ({"message": "slow down"}, "HTTP 429: slow down"),
        ({"error": "slow down"}, "HTTP 429: slow down"),
        ({"error_msg": "slow down", "error_code": 18}, "HTTP 429: slow down"),
        ({"detail": "slow down"}, "HTTP 429: slow down"),
        (b"slow down\n", "HTTP 429: slow down"),
        (b"", "HTTP 429"),
        (b"[" * 100_000, f"HTTP 429: {'[' * 500}"),
    ],
)
def test_the_vendors_words_are_kept(body: Any, detail: str) -> None:
    assert failure(429, body).detail == detail


def test_the_key_is_taken_out_of_the_vendors_words() -> None:
    body = json.dumps(openai("Incorrect API key provided: sk-canary-1234.")).encode()
    found = failure_of_answer(401, {}, body, "sk-canary-1234")
    assert found.detail == "HTTP 401: Incorrect API key provided: [key]."


def test_a_key_that_is_none_leaves_the_words_alone() -> None:
    body = json.dumps(openai("none of the tokens")).encode()
    assert failure_of_answer(400, {}, body, "none").detail == "HTTP 400: none of the tokens"


# Waiting


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "2"}, 2),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00"}, 0),
    ],
)
def test_the_wait_is_read_in_every_form(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_a_date_is_turned_into_seconds_from_now() -> None:
    moment = datetime.now(UTC) + timedelta(seconds=90)
    seconds = retry_after({"retry-after": format_datetime(moment, usegmt=True)})
    assert seconds is not None
    assert 85 < seconds <= 90


# Through the clients


@pytest.mark.parametrize("family", FAMILIES)
def test_a_rate_limit_comes_with_its_wait_and_without_a_retry(
    family: Family, stub_vendor: StubVendor
) -> None:
    stub_vendor.set(p429=1, retry_after=3)
    with pytest.raises(RateLimitedError) as caught:
        send(account(stub_vendor, family))
    assert caught.value.retry_after_seconds == 3
    assert stub_vendor.stats.requests == 1


@pytest.mark.parametrize("family", FAMILIES)
def test_a_server_error_is_not_retried_by_the_sdk(family: Family, stub_vendor: StubVendor) -> None:
    stub_vendor.set(p500=1)
    with pytest.raises(UnavailableError):
        send(account(stub_vendor, family))
    assert stub_vendor.stats.requests == 1


@pytest.mark.parametrize("family", FAMILIES)
def test_a_wrong_key_is_told_without_being_repeated(
    family: Family, stub_vendor: StubVendor
) -> None:
    stub_vendor.set(key="sk-right")
    with pytest.raises(AuthenticationError) as caught:
        send(account(stub_vendor, family, api_key="sk-wrong-canary"))
    assert caught.value.detail == "HTTP 401: Incorrect API key provided: Bearer [key]"
    # Nothing hangs on the error that a log or a debug page could print.
    assert caught.value.__cause__ is caught.value.__context__ is None


@pytest.mark.parametrize("family", FAMILIES)
def test_an_unknown_model_is_told(family: Family, stub_vendor: StubVendor) -> None:
    stub_vendor.set(only_listed_models=True, models=("another",))
    with pytest.raises(ModelNotFoundError):
        send(account(stub_vendor, family))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [({"hang": True}, CallTimeoutError), ({"truncate": True}, UnavailableError)],
)
def test_faults_of_the_transport_keep_their_class(
    family: Family, behaviour: dict[str, Any], kind: type[ProviderError], stub_vendor: StubVendor
) -> None:
    stub_vendor.set(**behaviour)
    with pytest.raises(kind):
        send(account(stub_vendor, family, timeout_seconds=0.3))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_closed_port_is_unreachable(family: Family, stub_vendor: StubVendor) -> None:
    with pytest.raises(UnreachableError):
        send(account(stub_vendor, family, base_url="http://127.0.0.1:1/v1"))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_blocked_address_is_told(family: Family, stub_vendor: StubVendor) -> None:
    with pytest.raises(BlockedAddressError):
        send(account(stub_vendor, family, base_url="http://169.254.169.254/v1"))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_list_of_models_fails_like_a_call(family: Family, stub_vendor: StubVendor) -> None:
    stub_vendor.set(key="sk-right")
    with pytest.raises(AuthenticationError) as caught:
        model_names(account(stub_vendor, family, api_key="sk-wrong-canary"))
    assert "canary" not in caught.value.detail
