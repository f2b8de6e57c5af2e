"""The same failure in every form in which a vendor, a gateway or a proxy may tell it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

from providers import errors
from providers.clients.failures import BY_CODE, class_of, failure_of, failure_of_answer

# How a code and some words are told; the name says by whom.
SHAPES: dict[str, Callable[[Any, str], Any]] = {
    "OpenAI": lambda code, words: {"error": {"message": words, "type": "e", "code": code}},
    "OpenAI, code as type": lambda code, words: {"error": {"message": words, "type": code}},
    "SiliconFlow": lambda code, words: {"code": code, "message": words, "data": None},
    "DashScope, native": lambda code, words: {"request_id": "r", "code": code, "message": words},
    "Qianfan, old": lambda code, words: {"error_code": code, "error_msg": words},
    "a gateway around it": lambda code, words: {
        "error": {"code": code, "error": {"message": words}}
    },
    "FastAPI": lambda code, words: {"code": code, "detail": words},
    "msg": lambda code, words: {"code": code, "msg": words},
}
FACTS = {
    "rate": (429, "rate_limit_exceeded", "Slow down.", errors.RateLimitedError),
    "quota": (429, "insufficient_quota", "No credit.", errors.QuotaExhaustedError),
    "arrears": (400, "Arrearage", "Access denied.", errors.QuotaExhaustedError),
    "key": (400, "invalid_api_key", "Wrong.", errors.AuthenticationError),
    "model": (400, "model_not_found", "No.", errors.ModelNotFoundError),
    "length": (400, "context_length_exceeded", "Long.", errors.ContextTooLongError),
    "content": (400, "content_filter", "No.", errors.ContentRefusedError),
    "request": (422, "bad_field", "temperature", errors.InvalidRequestError),
    "server": (503, "insufficient_quota", "Busy.", errors.UnavailableError),
}


def answered(status: int, body: Any, key: str = "") -> errors.ProviderError:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return failure_of_answer(status, {}, raw, key)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("fact", FACTS)
def test_every_shape_tells_the_same_failure(fact: str, shape: str) -> None:
    status, code, words, kind = FACTS[fact]
    found = answered(status, SHAPES[shape](code, words))
    assert type(found) is kind
    assert found.detail == f"HTTP {status}: {words}"


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("write", [int, str])
@pytest.mark.parametrize("code", BY_CODE)
def test_codes_that_are_numbers_are_known_in_every_shape(code: str, write: Any, shape: str) -> None:
    assert type(answered(400, SHAPES[shape](write(code), "错误"))) is BY_CODE[code]


@pytest.mark.parametrize("code", BY_CODE)
@pytest.mark.parametrize(
    "words",
    [
        "max_tokens is too large: {}",
        "messages[0] has {} characters",
        "limit {}, used 7",
        "stop: {}",
    ],
)
def test_a_number_in_the_words_is_no_code(words: str, code: str) -> None:
    found = answered(400, SHAPES["OpenAI"]("invalid_value", words.format(code)))
    assert type(found) is errors.InvalidRequestError


@pytest.mark.parametrize(
    "words",
    [
        "Rate limit reached for gpt-6-luna on requests per min. Limit: 3 / min. Visit"
        " https://platform.openai.com/account/billing to add a payment method.",
        "rate limit exceeded, see your billing page",
        "Rate_limit_exceeded for your billing tier",
        "RateLimitExceeded: overdue requests are dropped",
        "ratelimitreached; insufficient balance of tokens this minute",
    ],
)
def test_a_limit_that_passes_is_not_taken_for_an_empty_account(words: str) -> None:
    assert class_of(429, words) is errors.RateLimitedError


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.InvalidRequestError),
        (401, errors.AuthenticationError),
        (402, errors.QuotaExhaustedError),
        (403, errors.AuthenticationError),
        (404, errors.InvalidRequestError),
        (405, errors.InvalidRequestError),
        (406, errors.InvalidRequestError),
        (408, errors.CallTimeoutError),
        (409, errors.UnavailableError),
        (410, errors.InvalidRequestError),
        (413, errors.ContextTooLongError),
        (415, errors.InvalidRequestError),
        (422, errors.InvalidRequestError),
        (425, errors.UnavailableError),
        (429, errors.RateLimitedError),
        (451, errors.InvalidRequestError),
        (499, errors.InvalidRequestError),
        *((status, errors.UnavailableError) for status in (500, 501, 502, 503, 504, 520, 524, 529)),
    ],
)
@pytest.mark.parametrize(
    "body",
    [b"", b"<html><h1>Error</h1></html>", b"{}", b"null", b'{"error": null}', b'{"ok": false}'],
    ids=["empty", "page", "object", "null", "no error", "other"],
)
def test_a_status_without_words_decides_alone(
    status: int, kind: type[errors.ProviderError], body: bytes
) -> None:
    found = answered(status, body)
    assert type(found) is kind
    assert found.status_code == status


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"\xef\xbb\xbf{}", "HTTP 400: \ufeff{}"),
        (b"caf\xe9", "HTTP 400: caf\ufffd"),
        (b"  \n ", "HTTP 400"),
        ("x" * 900, f"HTTP 400: {'x' * 900}"),
        ([{"error": {"message": "in a list"}}], 'HTTP 400: [{"error": {"message": "in a list"}}]'),
        ({"error": {"message": "外层"}}, "HTTP 400: 外层"),
        ({"error": True, "message": "beside"}, "HTTP 400: beside"),
        ({"message": "", "msg": "second"}, "HTTP 400: second"),
        ({"error": {"code": 7}}, 'HTTP 400: {"error": {"code": 7}}'),
    ],
)
def test_the_words_are_found_or_the_body_stands_for_them(body: Any, detail: str) -> None:
    assert answered(400, body).detail == detail


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("status", [400, 401, 429, 500])
def test_the_key_is_in_no_shape(status: int, shape: str) -> None:
    key = "sk-canary-0123456789"
    found = answered(status, SHAPES[shape](f"bad {key}", f"Wrong key {key}!"), key)
    assert found.detail == f"HTTP {status}: Wrong key [key]!"


@pytest.mark.parametrize("key", ["", "x", "none", "1234567"])
def test_a_word_that_stands_for_no_key_is_not_taken_out(key: str) -> None:
    words = f"the {key} of it"
    assert answered(400, {"message": words}, key).detail == f"HTTP 400: {words}"


# What an SDK raises


def chained(*links: Exception) -> Exception:
    for outer, inner in itertools.pairwise(links):
        outer.__cause__ = inner
    return links[0]


@pytest.mark.parametrize(
    "cause",
    [
        errors.BlockedAddressError("no"),
        errors.CallTimeoutError("late"),
        errors.ReplyTooLargeError("big"),
        errors.UnreachableError("away"),
    ],
    ids=lambda error: error.code,
)
@pytest.mark.parametrize("depth", [1, 3])
def test_our_own_error_is_found_below_the_sdks(cause: errors.ProviderError, depth: int) -> None:
    wrapped = chained(*(RuntimeError("Connection error.") for _link in range(depth)), cause)
    assert failure_of(wrapped, "") is cause


def test_an_error_of_the_sdk_alone_is_an_invalid_request_without_the_key() -> None:
    found = failure_of(ValueError("cannot send sk-canary-0123456789"), "sk-canary-0123456789")
    assert type(found) is errors.InvalidRequestError
    assert found.detail == "cannot send [key]"
