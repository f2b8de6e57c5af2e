from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx2
import pytest

from providers.clients.mailbox import Mailbox
from providers.clients.types import Account, RawResponse
from providers.errors import RateLimitedError
from providers.transport import GuardedTransport
from tests.stub_vendor import StubVendor

pytestmark = pytest.mark.any_database
ASKED = {"model": "m", "messages": [{"role": "user", "content": "说"}]}


def post(vendor: StubVendor, body: dict[str, Any], **headers: Any) -> RawResponse:
    account = Account(family="openai", base_url=vendor.openai_url, api_key="sk-0123456789")

    async def call() -> RawResponse:
        door = GuardedTransport(account)
        base = httpx2.URL(f"{vendor.openai_url}/")
        mailbox = Mailbox(door, account, base, "chat/completions", headers)
        try:
            return await mailbox.post(body, "x-request-id")
        finally:
            await door.aclose()

    return asyncio.run(call())


def test_the_body_goes_below_the_address_as_it_is(stub_vendor: StubVendor) -> None:
    answer = post(stub_vendor, ASKED)
    request = stub_vendor.requests[0]
    assert (request.method, request.path) == ("POST", "/v1/chat/completions")
    assert request.body.decode() == json.dumps(ASKED, ensure_ascii=False, separators=(",", ":"))
    assert answer.request_id == "req-1"


def test_headers_that_the_sdk_leaves_out_are_not_sent(stub_vendor: StubVendor) -> None:
    post(stub_vendor, ASKED, **{"User-Agent": "us", "Accept": object(), "X-Stainless-OS": "Linux"})
    headers = stub_vendor.requests[0].headers
    assert headers["user-agent"] == "us"
    assert "x-stainless-os" not in headers
    assert "object" not in headers["accept"]


def test_a_refusal_is_told_in_the_vendors_words_without_the_key(stub_vendor: StubVendor) -> None:
    stub_vendor.fail_with(429, {"error": {"message": "Slow down, sk-0123456789."}})
    with pytest.raises(RateLimitedError) as caught:
        post(stub_vendor, ASKED)
    assert caught.value.detail == "HTTP 429: Slow down, [key]."


def test_a_key_that_no_header_can_carry_is_refused_before_the_call(
    stub_vendor: StubVendor,
) -> None:
    with pytest.raises(UnicodeEncodeError):
        post(stub_vendor, ASKED, Authorization="Bearer ключ")
    assert not stub_vendor.requests


def test_numbers_that_json_cannot_hold_are_refused_before_the_call(
    stub_vendor: StubVendor,
) -> None:
    with pytest.raises(ValueError, match="Out of range float values are not JSON compliant"):
        post(stub_vendor, {"temperature": float("nan")})
    assert not stub_vendor.requests
