from __future__ import annotations

import pickle

import pytest
from django.utils import translation

from providers import errors
from providers.errors import ProviderError


def subclasses(kind: type[ProviderError]) -> list[type[ProviderError]]:
    direct = kind.__subclasses__()
    return direct + [below for child in direct for below in subclasses(child)]


KINDS = subclasses(ProviderError)


def test_every_class_stands_in_the_drawing_with_its_code() -> None:
    assert errors.__doc__ is not None
    lines = errors.__doc__.splitlines()
    for kind in KINDS:
        assert any(kind.__name__ in line and kind.code in line for line in lines), kind


def test_codes_are_unique() -> None:
    assert len({kind.code for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_every_code_has_advice_of_its_own(kind: type[ProviderError]) -> None:
    assert str(errors.advice(kind.code)) != str(errors.advice("provider_error"))
    assert str(errors.advice(kind.code)).endswith(".")


def test_advice_is_translated_when_it_is_shown() -> None:
    advice = errors.advice("authentication")
    with translation.override("en"):
        assert str(advice).startswith("The vendor did not accept the API key.")


def test_an_unknown_code_has_advice_too() -> None:
    assert str(errors.advice("never heard of")) == "The call failed. Read the detail below."


@pytest.mark.parametrize(
    ("kind", "permanent"),
    [
        (errors.RateLimitedError, False),
        (errors.UnavailableError, False),
        (errors.CallTimeoutError, False),
        (errors.UnreachableError, False),
        (errors.ReplyMalformedError, False),
        (errors.QuotaExhaustedError, True),
        (errors.AuthenticationError, True),
        (errors.ModelNotFoundError, True),
        (errors.InvalidRequestError, True),
        (errors.ContextTooLongError, True),
        (errors.ContentRefusedError, True),
        (errors.BlockedAddressError, True),
        (errors.ReplyTooLargeError, True),
        (errors.LocalModelError, True),
    ],
)
def test_permanent_tells_whether_asking_again_can_help(
    kind: type[ProviderError], permanent: bool
) -> None:
    assert kind.permanent is permanent


def test_a_long_detail_is_cut() -> None:
    assert len(ProviderError("x" * 5000).detail) == 2000


def test_an_error_reads_as_code_and_detail() -> None:
    assert str(errors.RateLimitedError("slow down")) == "rate_limited: slow down"
    assert str(errors.RateLimitedError()) == "rate_limited"


def test_an_error_survives_pickling() -> None:
    error = errors.RateLimitedError("slow down", retry_after_seconds=2, status_code=429)
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (copy.detail, copy.retry_after_seconds, copy.status_code) == ("slow down", 2, 429)
