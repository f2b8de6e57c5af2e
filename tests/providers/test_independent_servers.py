"""The clients against servers that this project did not write."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from providers.clients.types import Account, Family
from providers.errors import ContextTooLongError, RateLimitedError, UnavailableError
from providers.local import ensure_server
from tests.independent_servers import aimock, llmock
from tests.providers.calls import LIST_SCHEMA, ask, model_names, question

FAMILIES: list[Family] = ["openai", "anthropic"]
RECORDS = '{"records": [{"question": "1+1?", "answer": "2"}]}'


def account(family: Family, base_url: str) -> Account:
    return Account(family=family, base_url=base_url, api_key="sk-anything", timeout_seconds=60)


# llmock


@pytest.fixture(scope="module")
def llmock_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with llmock(tmp_path_factory.mktemp("llmock"), "--context-window", "500") as url:
        yield url


def llmock_account(family: Family, url: str) -> Account:
    return account(family, f"{url}/v1" if family == "openai" else f"{url}/anthropic")


def script(url: str, *behaviours: dict[str, Any]) -> None:
    """Queue what llmock does next."""
    body = json.dumps({"behaviors": behaviours}).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/_llmock/scenario", body, headers)  # noqa: S310
    urllib.request.urlopen(request).close()  # noqa: S310


@pytest.mark.parametrize("family", FAMILIES)
def test_llmock_answers(family: Family, llmock_url: str) -> None:
    reply = ask(llmock_account(family, llmock_url), question("hello"))
    assert "stub-model" in reply.text
    assert (reply.finish_reason, reply.model) == ("stop", "stub-model")
    assert reply.usage.completion_tokens


def test_llmock_keeps_to_the_schema(llmock_url: str) -> None:
    reply = ask(llmock_account("openai", llmock_url), question(json_schema=LIST_SCHEMA))
    jsonschema.validate(json.loads(reply.text), LIST_SCHEMA)


@pytest.mark.parametrize("family", FAMILIES)
def test_llmock_cuts_a_long_prompt_off(family: Family, llmock_url: str) -> None:
    with pytest.raises(ContextTooLongError) as caught:
        ask(llmock_account(family, llmock_url), question("word " * 3000))
    assert "500" in caught.value.detail


@pytest.mark.parametrize("family", FAMILIES)
def test_llmocks_rate_limit_comes_with_its_wait(family: Family, llmock_url: str) -> None:
    script(llmock_url, {"type": "fail", "status": 429, "retry_after": 7, "times": 1})
    with pytest.raises(RateLimitedError) as caught:
        ask(llmock_account(family, llmock_url))
    assert caught.value.retry_after_seconds == 7
    assert ask(llmock_account(family, llmock_url)).finish_reason == "stop"


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("status", [500, 503])
def test_llmocks_failures_pass(status: int, family: Family, llmock_url: str) -> None:
    script(llmock_url, {"type": "fail", "status": status, "times": 1})
    with pytest.raises(UnavailableError) as caught:
        ask(llmock_account(family, llmock_url))
    assert caught.value.status_code == status


@pytest.mark.parametrize(
    ("family", "name"), [("openai", "gpt-4o"), ("anthropic", "claude-sonnet-4-6")]
)
def test_llmock_lists_its_models(family: Family, name: str, llmock_url: str) -> None:
    assert name in model_names(llmock_account(family, llmock_url))


# aimock


@pytest.fixture(scope="module")
def aimock_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with aimock(tmp_path_factory.mktemp("aimock"), {"questions": RECORDS}) as url:
        yield url


def aimock_account(family: Family, url: str) -> Account:
    return account(family, f"{url}/v1" if family == "openai" else url)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("schema", [None, LIST_SCHEMA])
def test_aimock_answers(family: Family, schema: Any, aimock_url: str) -> None:
    reply = ask(
        aimock_account(family, aimock_url),
        question("Write questions.", json_schema=schema, parameters={"max_tokens": 100}),
    )
    assert (reply.text, reply.finish_reason) == (RECORDS, "stop")


@pytest.mark.parametrize("family", FAMILIES)
def test_aimock_fails_where_it_has_no_answer(family: Family, aimock_url: str) -> None:
    with pytest.raises(UnavailableError) as caught:
        ask(aimock_account(family, aimock_url), question("Something else"))
    assert caught.value.detail == "HTTP 503: Strict mode: no fixture matched"


@pytest.mark.parametrize("family", FAMILIES)
def test_aimock_lists_its_models(family: Family, aimock_url: str) -> None:
    assert "gpt-4o" in model_names(aimock_account(family, aimock_url))


# The local model's own server

SERVED = "SmolLM2-135M-Instruct"
COLOUR = {
    "type": "object",
    "properties": {"colour": {"type": "string", "enum": ["red", "green", "blue"]}},
    "required": ["colour"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def local_url() -> str:
    return ensure_server()


def local_account(family: Family, url: str) -> Account:
    if family == "local":
        return Account(family="local", base_url="", timeout_seconds=60)
    return account(family, url if family == "openai" else url.removesuffix("/v1"))


@pytest.mark.parametrize("family", ["local", "openai"])
def test_the_local_model_keeps_to_the_schema(family: Family, local_url: str) -> None:
    reply = ask(
        local_account(family, local_url),
        question(
            "Name a colour as JSON.",
            model=SERVED,
            json_schema=COLOUR,
            parameters={"max_tokens": 30},
            seed=7,
        ),
    )
    jsonschema.validate(json.loads(reply.text), COLOUR)
    assert reply.usage.completion_tokens


def test_the_local_model_answers_in_anthropics_protocol(local_url: str) -> None:
    # Its server reads no output_config there, so the text is free.
    reply = ask(
        local_account("anthropic", local_url),
        question("Name a colour.", parameters={"max_tokens": 12}),
    )
    assert reply.text
    assert reply.finish_reason in {"stop", "length"}
    assert reply.usage.prompt_tokens


@pytest.mark.parametrize("family", ["local", "openai", "anthropic"])
def test_the_local_model_cannot_read_a_long_prompt(family: Family, local_url: str) -> None:
    with pytest.raises(ContextTooLongError):
        ask(
            local_account(family, local_url),
            question("word " * 9000, model=SERVED, parameters={"max_tokens": 5}),
        )


@pytest.mark.parametrize("family", ["local", "openai"])
def test_the_local_model_is_listed(family: Family, local_url: str) -> None:
    assert model_names(local_account(family, local_url)) == [SERVED]
