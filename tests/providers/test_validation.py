from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from providers import validation
from providers.catalogue import VENDORS

SHAPE = "The address must look like https://api.example.com/v1."
EXTRAS = "The address may hold no user, password, query or fragment."


def messages(check: Any, *arguments: Any) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        check(*arguments)
    return list(caught.value.messages)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("api.example.com", SHAPE),
        ("ftp://api.example.com", SHAPE),
        ("file:///etc/passwd", SHAPE),
        ("https://", SHAPE),
        ("https://:8080/v1", SHAPE),
        ("https://api.example.com:99999", SHAPE),
        ("https://api.example.com:0", SHAPE),
        ("https://[::1", SHAPE),
        ("https://api.example.com/\nX-Injected: 1", SHAPE),
        ("https://user@api.example.com", EXTRAS),
        ("https://user:secret@api.example.com", EXTRAS),
        ("https://api.example.com/v1?key=secret", EXTRAS),
        ("https://api.example.com/v1#part", EXTRAS),
    ],
)
def test_what_is_no_address_is_refused(address: str, message: str) -> None:
    assert messages(validation.check_address, address, VENDORS["compatible"]) == [message]


@pytest.mark.parametrize(
    "address",
    [
        "https://api.example.com",
        "https://api.example.com:8443/team/v1",
        "http://127.0.0.1:11434/v1",
        "https://[2606:4700::1111]/v1",
        "https://模型.example/v1",
    ],
)
def test_addresses_pass(address: str) -> None:
    validation.check_address(address, VENDORS["compatible"])


def test_a_vendor_without_an_address_of_its_own_needs_one() -> None:
    assert messages(validation.check_address, "", VENDORS["compatible"]) == [
        "This vendor has no address of its own: give one."
    ]


def test_a_vendor_with_an_address_of_its_own_needs_none() -> None:
    validation.check_address("", VENDORS["deepseek"])


def test_the_built_in_model_takes_no_address() -> None:
    validation.check_address("", VENDORS["local"])
    assert messages(validation.check_address, "http://127.0.0.1:1/v1", VENDORS["local"]) == [
        "The built-in model finds its own address."
    ]


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        (["X-Team"], 'Headers must be a JSON object, such as {"X-Team": "data"}.'),
        ({"X Team": "data"}, "X Team is no header name."),
        ({"": "data"}, " is no header name."),
        ({"X-Team\r\nHost": "data"}, "X-Team\r\nHost is no header name."),
        (
            {"Authorization": "Bearer x"},
            "The header Authorization is set by the system; a key belongs in the API key field.",
        ),
        (
            {"HOST": "internal"},
            "The header HOST is set by the system; a key belongs in the API key field.",
        ),
        (
            {"X-Team": "a\r\nHost: internal"},
            "The value of the header X-Team must be plain ASCII text on one line.",
        ),
        (
            {"X-Team": "数据"},
            "The value of the header X-Team must be plain ASCII text on one line.",
        ),
        ({"X-Team": 7}, "The value of the header X-Team must be plain ASCII text on one line."),
    ],
)
def test_headers_that_cannot_be_sent_are_refused(headers: Any, message: str) -> None:
    assert messages(validation.check_headers, headers) == [message]


def test_headers_pass() -> None:
    validation.check_headers({"X-Team": "data", "OpenAI-Organization": "org-1"})


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ([], 'Body fields must be a JSON object, such as {"top_k": 20}.'),
        ({"model": "x", "stream": True}, "model, stream cannot be set here; the task sets it."),
        ({"n": 3}, "n cannot be set here; the task sets it."),
    ],
)
def test_body_fields_that_break_a_call_are_refused(body: Any, message: str) -> None:
    assert messages(validation.check_body, body) == [message]


def test_body_fields_pass() -> None:
    validation.check_body({"top_k": 20, "provider": {"order": ["a"]}})
