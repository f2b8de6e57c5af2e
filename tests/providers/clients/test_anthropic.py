from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.clients.anthropic import read_reply
from providers.clients.types import Account, Message
from providers.errors import InvalidRequestError, ReplyMalformedError
from tests.providers.calls import LIST_SCHEMA, ask, model_names, question, send
from tests.providers.calls import account as account_of
from tests.stub_vendor import StubVendor


def account(vendor: StubVendor, **changes: Any) -> Account:
    return account_of(vendor, "anthropic", **changes)


def sent(vendor: StubVendor) -> dict[str, Any]:
    body: dict[str, Any] = vendor.requests[-1].json
    return body


def test_a_question_gets_its_answer_with_its_usage(stub_vendor: StubVendor) -> None:
    reply = ask(account(stub_vendor), question("N_RECORDS=2"))
    assert len(json.loads(reply.text)) == 2
    assert (reply.finish_reason, reply.model) == ("stop", "stub-model")
    assert reply.usage.prompt_tokens == 50


def test_messages_go_out_with_a_limit(stub_vendor: StubVendor) -> None:
    send(account(stub_vendor))
    assert stub_vendor.requests[0].path == "/v1/messages"
    assert sent(stub_vendor) == {
        "model": "stub-model",
        "max_tokens": 4096,
        "messages": [{"role": "user", "content": "Hello"}],
    }


def test_a_given_limit_is_kept(stub_vendor: StubVendor) -> None:
    send(account(stub_vendor), question(parameters={"max_tokens": 100_000}))
    assert sent(stub_vendor)["max_tokens"] == 100_000


def test_system_messages_stand_apart(stub_vendor: StubVendor) -> None:
    messages = (
        Message(role="system", content="Be brief."),
        Message(role="system", content="Be kind."),
        Message(role="user", content="Hello"),
        Message(role="assistant", content="Hi"),
        Message(role="user", content="Again"),
    )
    send(account(stub_vendor), question(messages=messages))
    assert sent(stub_vendor)["system"] == "Be brief.\n\nBe kind."
    roles = [message["role"] for message in sent(stub_vendor)["messages"]]
    assert roles == ["user", "assistant", "user"]


@pytest.mark.parametrize("stop", ["END", ["END"]])
def test_stop_goes_under_anthropics_name(stop: Any, stub_vendor: StubVendor) -> None:
    send(account(stub_vendor), question(parameters={"stop": stop}))
    assert sent(stub_vendor)["stop_sequences"] == ["END"]
    assert "stop" not in sent(stub_vendor)


def test_parameters_of_its_own_and_extra_fields_are_sent(stub_vendor: StubVendor) -> None:
    given_account = account(stub_vendor, body={"service_tier": "auto"})
    send(given_account, question(parameters={"thinking": {"type": "adaptive"}}))
    assert sent(stub_vendor)["service_tier"] == "auto"
    assert sent(stub_vendor)["thinking"] == {"type": "adaptive"}


def test_a_schema_is_sent_as_anthropic_takes_it(stub_vendor: StubVendor) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 3}}}
    send(account(stub_vendor), question(json_schema=schema))
    assert sent(stub_vendor)["output_config"] == {
        "format": {
            "type": "json_schema",
            "schema": {
                "type": "object",
                "properties": {"n": {"type": "integer", "description": "{minimum: 3}"}},
                "additionalProperties": False,
            },
        }
    }
    assert "additionalProperties" not in schema


def test_the_answer_fits_the_schema(stub_vendor: StubVendor) -> None:
    reply = ask(account(stub_vendor), question("N_RECORDS=3", json_schema=LIST_SCHEMA))
    assert len(json.loads(reply.text)["records"]) == 3


def test_a_schema_that_anthropic_cannot_take_is_told_before_the_call(
    stub_vendor: StubVendor,
) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        send(account(stub_vendor), question(json_schema={"properties": {}}))
    assert "Schema must have a 'type'" in caught.value.detail
    assert stub_vendor.stats.requests == 0


def test_the_client_is_named_and_nothing_is_told_about_this_machine(
    stub_vendor: StubVendor,
) -> None:
    send(account(stub_vendor))
    headers = stub_vendor.requests[0].headers
    assert headers["user-agent"].startswith("AsyncAnthropic/Python ")
    assert (headers["content-type"], headers["accept"]) == ("application/json",) * 2
    assert not [name for name in headers if name.startswith("x-stainless")]


def test_key_and_version_go_into_the_headers(stub_vendor: StubVendor) -> None:
    send(account(stub_vendor, headers={"anthropic-beta": "x"}))
    headers = stub_vendor.requests[0].headers
    assert headers["authorization"] == "Bearer sk-test"
    assert headers["anthropic-version"] == "2026-10-21"
    assert headers["anthropic-beta"] == "x"


def test_nothing_of_the_environment_is_sent(
    stub_vendor: StubVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-of-the-environment")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "token-of-the-environment")
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "X-Internal: of-the-environment")
    send(account(stub_vendor, api_key=""))
    headers = stub_vendor.requests[0].headers
    assert "environment" not in json.dumps(headers)
    assert "authorization" not in headers


def test_the_vendors_models_are_listed_in_order(stub_vendor: StubVendor) -> None:
    stub_vendor.set(models=("b", "a"))
    assert model_names(account(stub_vendor)) == ["a", "b"]


# Reading


def body(**changes: Any) -> bytes:
    fields = {"content": [{"type": "text", "text": "text"}], "stop_reason": "end_turn"}
    return json.dumps({**fields, "model": "m", **changes}).encode()


@pytest.mark.parametrize(
    ("vendor_word", "reason"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("refusal", "refused"),
        ("pause_turn", "other"),
        (None, "other"),
    ],
)
def test_stop_reasons_are_told_in_four_words(vendor_word: object, reason: str) -> None:
    assert read_reply(body(stop_reason=vendor_word)).finish_reason == reason


def test_thinking_is_no_part_of_the_text() -> None:
    content = [{"type": "thinking", "thinking": "Hmm."}, {"type": "text", "text": "a"}]
    assert read_reply(body(content=content)).text == "a"


def test_a_refusal_without_content_is_an_empty_text(stub_vendor: StubVendor) -> None:
    stub_vendor.set(refuse=True)
    reply = ask(account(stub_vendor))
    assert (reply.finish_reason, reply.text) == ("refused", "")


def test_cached_tokens_count_as_prompt() -> None:
    usage = {
        "input_tokens": 5,
        "cache_creation_input_tokens": 7,
        "cache_read_input_tokens": 11,
        "output_tokens": 13,
    }
    read = read_reply(body(usage=usage)).usage
    assert (read.prompt_tokens, read.completion_tokens) == (23, 13)  # 5 + 7 + 11


def test_tokens_that_are_not_told_are_not_guessed() -> None:
    read = read_reply(body(usage={"cache_read_input_tokens": 11})).usage
    assert (read.prompt_tokens, read.completion_tokens) == (None, None)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"<html>", "not JSON: '<html>'"),
        (b"{}", "content is missing"),
        (b'{"content": "text"}', "content is missing"),
        (b'{"type": "error", "error": {"message": "overloaded"}}', "overloaded"),
    ],
)
def test_what_is_no_answer_is_malformed(answer: bytes, message: str) -> None:
    with pytest.raises(ReplyMalformedError) as caught:
        read_reply(answer)
    assert caught.value.detail == message


FIELDS = st.sampled_from(["content", "type", "text", "usage", "stop_reason", "input_tokens"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner),
    max_leaves=12,
)


@given(JSON)
def test_no_answer_whatever_breaks_the_reader(data: Any) -> None:
    try:
        reply = read_reply(json.dumps(data).encode())
    except ReplyMalformedError:
        return
    assert isinstance(reply.text, str)
