from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.clients import replies
from providers.clients.failures import class_of, code_of, failure_of_answer, retry_after, scrubbed
from providers.errors import (
    ContextTooLongError,
    InvalidRequestError,
    ProviderError,
    QuotaExhaustedError,
    RateLimitedError,
    ReplyMalformedError,
    UnavailableError,
)

KEY = "sk-canary-0123456789"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "message", "code", "type", "data", "id", "detail"]), inner
        )
    ),
    max_leaves=12,
)


# Text


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("text", "text"),
        ("", ""),
        (None, ""),
        (7, ""),
        ({"text": "a"}, ""),
        ([], ""),
        (["a", "b"], ""),
        ([{"type": "text", "text": "a"}, {"type": "output_text", "text": "b"}], "ab"),
        ([{"type": "thinking", "text": "hmm"}, {"type": "text", "text": "a"}], "a"),
        ([{"type": "text"}, {"type": "text", "text": None}, {"text": "untyped"}], ""),
        ([{"type": "tool_use", "text": "call"}], ""),
    ],
)
def test_text_is_what_is_said_to_be_text(content: Any, text: str) -> None:
    assert replies.text_of(content) == text


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (0, 0),
        (7, 7),
        (100_000_000, 100_000_000),
        (100_000_001, None),  # no column holds what a hostile server may count
        (10**30, None),
        (-1, None),
        (7.0, None),
        ("7", None),
        (True, None),
        (None, None),
        ([], None),
    ],
)
def test_a_count_is_a_whole_number(value: Any, count: int | None) -> None:
    assert replies.count_of(value) == count


# Words


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"error": {"message": "inner"}, "message": "outer"}, "inner"),
        ({"error": {"error": {"message": "deep"}}}, "deep"),
        ({"error": {}, "msg": "outer"}, "outer"),
        ({"error": "", "detail": "outer"}, "outer"),
        ({"error": None, "error_msg": "outer"}, "outer"),
        ({"error": [{"message": "in a list"}]}, ""),
        ({"message": {"detail": "nested"}}, "nested"),
        ({"unknown": "word"}, ""),
        ("a string", "a string"),
        (["a list"], ""),
        (None, ""),
    ],
)
def test_the_vendors_words_are_found_in_any_form(data: Any, words: str) -> None:
    assert replies.words_of(data) == words


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        ({"error": {"code": "a", "type": "b"}}, "a b"),
        ({"code": 30001, "error": {"type": "b"}}, "30001 b"),
        ({"error_code": 18}, "18"),
        ({"code": None, "type": ["x"], "error": "text"}, ""),
        ([], ""),
        (None, ""),
    ],
)
def test_codes_are_found_in_any_form(data: Any, codes: str) -> None:
    assert code_of(data) == codes


# Lists of models


@pytest.mark.parametrize(
    ("data", "names"),
    [
        ([], []),
        ([{"id": "b"}, {"id": "a"}], ["a", "b"]),
        ([{"id": 7}, {"name": "a"}, "b", None, {"id": "c"}], ["c"]),
        ([{"id": "Qwen/Qwen3.6-35B-A3B"}, {"id": "模型"}], ["Qwen/Qwen3.6-35B-A3B", "模型"]),
        # No page and no answer of ours could be encoded with half a surrogate pair.
        ([{"id": "a\ud800"}, {"id": "b\x00"}, {"id": "c\n"}, {"id": "d"}], ["d"]),
    ],
)
def test_names_of_models_are_what_can_be_shown(data: Any, names: list[str]) -> None:
    assert replies.model_names(json.dumps({"data": data}).encode()) == names


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{}", "the list of models is missing"),
        (b'{"data": null}', "the list of models is missing"),
        (b'{"data": {"id": "a"}}', "the list of models is missing"),
        (b"[]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b"<html>", "not JSON: '<html>'"),
        (b"x" * 300, f"not JSON: '{'x' * 200}'"),
    ],
)
def test_what_is_no_list_of_models_is_malformed(body: bytes, message: str) -> None:
    with pytest.raises(ReplyMalformedError) as caught:
        replies.model_names(body)
    assert caught.value.detail == message


# Failures


@pytest.mark.parametrize("half", ["\ud800", "\udfff", "a\ud83dz"])
def test_half_a_surrogate_pair_in_the_vendors_words_can_be_answered_on(half: str) -> None:
    body = json.dumps({"error": {"message": f"bad {half}"}}).encode()
    detail = failure_of_answer(400, {}, body, "").detail
    assert detail.startswith("HTTP 400: bad ")
    assert "?" in detail
    assert detail.encode().decode() == detail


@given(st.integers(400, 599), JSON)
def test_no_error_answer_whatever_breaks_the_classifier(status: int, data: Any) -> None:
    failure = failure_of_answer(status, {}, json.dumps(data).encode(), KEY)
    assert isinstance(failure, ProviderError)
    assert failure.detail.startswith(f"HTTP {status}")
    assert failure.detail.encode()


@given(st.integers(400, 599), st.binary(max_size=300))
def test_no_bytes_whatever_break_the_classifier(status: int, body: bytes) -> None:
    failure = failure_of_answer(status, {}, body, KEY)
    assert failure.status_code == status
    assert failure.permanent is False or status < 500


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_key_is_taken_out_wherever_it_stands(before: str, after: str) -> None:
    text = scrubbed(f"{before}{KEY}{after}{KEY}", KEY)
    assert KEY not in text
    assert text.endswith("[key]")


def test_a_key_is_taken_out_before_the_words_are_cut() -> None:
    # 1992 characters, then the key: cut first, eight characters of it would be left.
    body = json.dumps({"message": "x" * (1992 - len("HTTP 401: ")) + KEY}).encode()
    detail = failure_of_answer(401, {}, body, KEY).detail
    assert "sk-" not in detail
    assert detail.endswith("x[key]")


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        # The more telling sign goes first, whatever the status is.
        (429, "insufficient_quota: rate_limit_exceeded", RateLimitedError),
        (400, "insufficient_quota: rate_limit_exceeded", QuotaExhaustedError),
        (400, "Throttling", InvalidRequestError),
        (429, "context_length_exceeded", ContextTooLongError),
        (400, "INSUFFICIENT_QUOTA", QuotaExhaustedError),
        (400, "账户余额不足", QuotaExhaustedError),
        (403, "账户已欠费", QuotaExhaustedError),
        (400, "the number 21113 holds no code", InvalidRequestError),
        (400, "code 1261 stands alone", InvalidRequestError),
        (400, f"model {'x' * 121} not found", InvalidRequestError),
        (503, "context_length_exceeded", UnavailableError),
    ],
)
def test_the_first_sign_that_fits_decides(
    status: int, words: str, kind: type[ProviderError]
) -> None:
    assert class_of(status, words) is kind


# Waiting


@pytest.mark.parametrize(
    "value",
    [
        "Wed, 21 Oct 99999999999999999999 07:28:00 GMT",
        "Wed, 21 Oct 2015 07:28:00 +99999999999999",
        "Wed, 99 Oct 2015 07:28:00 GMT",
        "1 Jan 2015 99:99:99",
        "0x10",
        "1e3",
        "²",
        "9" * 400,
        "\x00",
    ],
)
def test_a_wait_that_makes_no_sense_is_none(value: str) -> None:
    assert retry_after({"retry-after": value}) is None


@given(st.text(max_size=40) | st.from_regex(r"[A-Z][a-z]{2}, \d{1,20} Jan \d{1,20} [\d:+ ]{0,30}"))
def test_no_wait_whatever_breaks_its_reader(value: str) -> None:
    seconds = retry_after({"retry-after": value, "retry-after-ms": value})
    assert seconds is None or seconds >= 0
