"""One call through a client, from tests that are not asynchronous themselves."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

from providers.clients import open_client, read_reply
from providers.clients.types import Account, ChatRequest, Family, Message, RawResponse, Reply
from tests.stub_vendor import StubVendor

LIST_SCHEMA = {
    "type": "object",
    "properties": {
        "records": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"question": {"type": "string"}, "answer": {"type": "string"}},
                "required": ["question", "answer"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["records"],
    "additionalProperties": False,
}


def account(vendor: StubVendor, family: Family = "openai", **changes: Any) -> Account:
    base_url = vendor.url if family == "anthropic" else vendor.openai_url
    fields = {"base_url": base_url, "api_key": "sk-test", "timeout_seconds": 10, **changes}
    return Account(family=family, **fields)


def question(text: str = "Hello", **changes: Any) -> ChatRequest:
    fields = {"model": "stub-model", "messages": (Message(role="user", content=text),)}
    return ChatRequest(**{**fields, **changes})


def send(given: Account, request: ChatRequest | None = None) -> RawResponse:
    async def call() -> RawResponse:
        client = open_client(given)
        try:
            return await client.send(request or question())
        finally:
            await client.close()

    return asyncio.run(call())


def ask(given: Account, request: ChatRequest | None = None) -> Reply:
    return read_reply(given.family, send(given, request).body)


def model_names(given: Account) -> list[str]:
    async def call() -> list[str]:
        client = open_client(given)
        try:
            return await client.model_names()
        finally:
            await client.close()

    return asyncio.run(call())


class FixedResolver(AbstractResolver):
    """A name server that knows one answer, and counts how often it was asked."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self.addresses = addresses
        self.questions = 0

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
        self.questions += 1
        return [
            ResolveResult(
                hostname=host, host=address, port=port, family=family_of(address), proto=0, flags=0
            )
            for address in self.addresses
        ]

    async def close(self) -> None:
        pass


def family_of(address: str) -> int:
    return socket.AF_INET6 if ":" in address else socket.AF_INET
