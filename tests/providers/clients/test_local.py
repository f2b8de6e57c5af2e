from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from pytest_django import Settings

from providers import local
from providers.clients import open_client
from providers.clients.types import Account
from providers.errors import LocalModelError, ModelNotFoundError, UnreachableError
from tests.providers.calls import ask, model_names, question
from tests.stub_vendor import StubVendor

ACCOUNT = Account(family="local", base_url="", timeout_seconds=10)


@pytest.fixture
def started(stub_vendor: StubVendor, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let the stub stand in for the model's server; returns the addresses given out."""
    given: list[str] = []

    def ensure_server() -> str:
        given.append(stub_vendor.openai_url)
        return given[-1]

    monkeypatch.setattr(local, "ensure_server", ensure_server)
    return given


def failing(error: Exception) -> Callable[[], str]:
    def ensure_server() -> str:
        raise error

    return ensure_server


def test_the_server_is_started_at_the_first_call(
    started: list[str], stub_vendor: StubVendor
) -> None:
    open_client(ACCOUNT)
    assert started == []
    assert ask(ACCOUNT).finish_reason == "stop"
    assert started == [stub_vendor.openai_url]


def test_it_needs_no_setting_and_no_key(
    started: list[str], stub_vendor: StubVendor, settings: Settings
) -> None:
    settings.DATAMATE_ALLOWED_PRIVATE_HOSTS = []
    assert model_names(ACCOUNT) == ["stub-model"]
    ask(ACCOUNT)
    assert "authorization" not in stub_vendor.requests[0].headers


def test_calls_at_once_ask_for_the_server_once(started: list[str]) -> None:
    async def call_all() -> None:
        client = open_client(ACCOUNT)
        await asyncio.gather(*[client.send(question()) for _ in range(20)])
        await client.close()

    asyncio.run(call_all())
    assert len(started) == 1


def test_a_server_that_has_gone_is_asked_for_anew(
    started: list[str], stub_vendor: StubVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses = iter(["http://127.0.0.1:1/v1", stub_vendor.openai_url])
    monkeypatch.setattr(local, "ensure_server", lambda: next(addresses))

    async def call_twice() -> str:
        client = open_client(ACCOUNT)
        with pytest.raises(UnreachableError):
            await client.send(question())
        response = await client.send(question())
        await client.close()
        return response.request_id

    assert asyncio.run(call_twice()) == "req-1"


def test_another_name_than_the_served_models_is_refused(
    started: list[str], stub_vendor: StubVendor
) -> None:
    with pytest.raises(ModelNotFoundError) as caught:
        ask(ACCOUNT, question(model="llama-70b"))
    assert caught.value.detail == "The built-in model is stub-model."
    assert not stub_vendor.requests


def test_a_model_that_cannot_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "ensure_server", failing(LocalModelError("no wheels")))
    with pytest.raises(LocalModelError) as caught:
        ask(ACCOUNT)
    assert caught.value.detail == "no wheels"


def test_closing_what_was_never_opened_does_nothing() -> None:
    asyncio.run(open_client(ACCOUNT).close())
