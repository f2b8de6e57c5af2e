"""Which of several signs in a vendor's error decides, and what of a parameter a family takes."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers import errors, parameters
from providers.clients.failures import class_of, failure_of_answer, retry_after, scrubbed

pytestmark = pytest.mark.any_database

WORDS = {
    errors.RateLimitedError: "allocated quota exceeded",
    errors.QuotaExhaustedError: "insufficient_quota",
    errors.ContextTooLongError: "context_length_exceeded",
    errors.ContentRefusedError: "content_filter",
    errors.AuthenticationError: "invalid_api_key",
    errors.ModelNotFoundError: "model_not_found",
}
ORDER = list(WORDS)


@pytest.mark.parametrize(
    ("first", "second"), list(itertools.combinations(ORDER[1:], 2)), ids=lambda kind: kind.code
)
@pytest.mark.parametrize("status", [400, 403, 404, 429])
def test_of_two_signs_the_more_telling_one_decides(status, first, second):
    words = [WORDS[first], WORDS[second]]
    assert class_of(status, " ".join(words)) is first
    assert class_of(status, " ".join(reversed(words))) is first


@pytest.mark.parametrize("status", [429])
@pytest.mark.parametrize("other", ORDER[1:], ids=lambda kind: kind.code)
def test_words_of_a_passing_limit_go_before_all_others_with_its_status(status, other):
    assert class_of(status, f"{WORDS[other]}: throttling") is errors.RateLimitedError


@pytest.mark.parametrize("status", [400, 401, 403])
def test_words_of_a_passing_limit_mean_nothing_with_another_status(status):
    assert class_of(status, "throttling") is not errors.RateLimitedError


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 529, 599])
@pytest.mark.parametrize("words", WORDS.values(), ids=[kind.code for kind in WORDS])
def test_a_server_that_fails_is_away_whatever_it_says(status, words):
    assert class_of(status, words) is errors.UnavailableError


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.InvalidRequestError),
        (401, errors.AuthenticationError),
        (402, errors.QuotaExhaustedError),
        (403, errors.AuthenticationError),
        (404, errors.InvalidRequestError),
        (405, errors.InvalidRequestError),
        (408, errors.CallTimeoutError),
        (409, errors.UnavailableError),
        (413, errors.ContextTooLongError),
        (418, errors.InvalidRequestError),
        (422, errors.InvalidRequestError),
        (425, errors.UnavailableError),
        (429, errors.RateLimitedError),
        (451, errors.InvalidRequestError),
        (500, errors.UnavailableError),
    ],
)
@pytest.mark.parametrize("body", [b"", b"<html>Error</html>", b"{}", b"[]", b"\xff\xfe", b"null"])
def test_without_words_that_tell_the_status_decides(status, kind, body):
    assert type(failure_of_answer(status, {}, body, "")) is kind


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "HTTP 400"),
        (b"  \n ", "HTTP 400"),
        (b"plain words", "HTTP 400: plain words"),
        ("文本".encode(), "HTTP 400: 文本"),
        ("文本".encode("gbk"), "HTTP 400: \ufffd\u0131\ufffd"),
        (b"x" * 600, "HTTP 400: " + "x" * 500),
        (b'{"error": {"message": "said"}}', "HTTP 400: said"),
        (b'{"error": "said"}', "HTTP 400: said"),
        (b'{"error": ["said"]}', 'HTTP 400: {"error": ["said"]}'),
        (b'"said"', "HTTP 400: said"),
    ],
)
def test_the_detail_is_what_the_vendor_said(body, detail):
    assert failure_of_answer(400, {}, body, "").detail == detail


@pytest.mark.parametrize(
    ("key", "said", "kept"),
    [
        ("sk-0123456789", "key sk-0123456789 is wrong", "key [key] is wrong"),
        ("sk-0123456789", "sk-0123456789sk-0123456789", "[key][key]"),
        ("none", "none of it works", "none of it works"),
        ("", "nothing to hide", "nothing to hide"),
        ("12345678", "code 12345678", "code [key]"),
        ("1234567", "code 1234567", "code 1234567"),
    ],
)
def test_a_key_is_taken_out_where_it_is_long_enough_to_be_one(key, said, kept):
    assert scrubbed(said, key) == kept
    body = json.dumps({"error": {"message": said}}).encode()
    assert failure_of_answer(401, {}, body, key).detail == f"HTTP 401: {kept}"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": " 7.5 "}, 7.5),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "-7"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "1e3"}, None),
        ({"retry-after": "9" * 40}, None),
        ({"retry-after": ""}, None),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 -0000"}, 0),
        ({"retry-after": "Wed, 99 Oct 2015 07:28:00 GMT"}, None),
        ({"retry-after": "Wed, 21 Oct 99999 07:28:00 GMT"}, None),
    ],
)
def test_a_wait_is_read_as_the_vendor_meant_it_or_not_at_all(headers, seconds):
    assert retry_after(headers) == seconds


@settings(max_examples=40)
@given(st.text(max_size=40))
def test_no_header_breaks_the_reader(value):
    seconds = retry_after({"retry-after": value, "retry-after-ms": value})
    assert seconds is None or seconds >= 0


TAKEN = {
    # family, capabilities: what of temperature, top_p, seed, stop, presence_penalty is sent
    ("openai", ()): set(),
    ("openai", ("temperature",)): {"temperature", "stop", "presence_penalty"},
    ("openai", ("top_p",)): {"top_p"},
    ("openai", ("seed",)): {"seed"},
    ("anthropic", ()): {"stop"},
    ("anthropic", ("temperature", "top_p", "seed")): {"stop"},
    ("local", ("temperature", "seed")): {"temperature", "seed", "stop", "presence_penalty"},
}
GIVEN: dict[str, Any] = {
    "temperature": 1,
    "top_p": 1,
    "seed": 1,
    "stop": ["x"],
    "presence_penalty": 1,
}


@pytest.mark.parametrize(("family", "capabilities"), TAKEN)
def test_a_family_gets_the_parameters_that_it_takes(family, capabilities):
    sent, not_taken = parameters.split(
        GIVEN, family=family, capabilities=capabilities, max_output_tokens=None
    )
    assert set(sent) - {"max_tokens"} == TAKEN[family, capabilities]
    assert set(not_taken) == set(GIVEN) - TAKEN[family, capabilities]


@pytest.mark.parametrize("name", ["temperature", "top_p", "frequency_penalty", "presence_penalty"])
def test_every_number_may_be_at_its_limits_and_no_further(name):
    low, high = parameters.RANGES[name]
    for value in (low, high, float(low), float(high)):
        assert parameters.complaint(name, value) == ""
    for value in (low - 0.001, high + 0.001, float("nan"), float("inf"), True, "1", [1]):
        assert parameters.complaint(name, value) == f"{name} must be a number from {low} to {high}."


@pytest.mark.parametrize(
    ("value", "is_right"),
    [
        ([], True),
        (["x"], True),
        (["x"] * 4, True),
        (["x" * 200], True),
        (["x"] * 5, False),
        (["x" * 201], False),
        ([""], False),
        ([1], False),
        ("x", False),
        ({"x": 1}, False),
    ],
)
def test_stops_are_a_few_short_texts(value, is_right):
    sentence = "stop must be a list of at most 4 texts of 1 to 200 characters."
    assert parameters.complaint("stop", value) == ("" if is_right else sentence)


@pytest.mark.parametrize(
    ("value", "is_right"),
    [(1, True), (1_000_000, True), (0, False), (1_000_001, False), (1.0, False), (True, False)],
)
def test_a_limit_is_a_whole_number_of_tokens(value, is_right):
    sentence = "max_tokens must be a whole number from 1 to 1000000."
    assert parameters.complaint("max_tokens", value) == ("" if is_right else sentence)
