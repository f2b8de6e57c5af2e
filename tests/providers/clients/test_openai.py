from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.clients.openai import is_strict, read_reply
from providers.clients.types import Message, Usage
from providers.errors import ReplyMalformedError
from tests.providers.calls import LIST_SCHEMA, account, ask, model_names, question, send
from tests.stub_vendor import StubVendor


def sent(vendor: StubVendor) -> dict[str, Any]:
    body: dict[str, Any] = vendor.requests[-1].json
    return body


def test_a_question_gets_its_answer_with_its_usage(stub_vendor: StubVendor) -> None:
    reply = ask(account(stub_vendor), question("N_RECORDS=2"))
    assert len(json.loads(reply.text)) == 2
    assert (reply.finish_reason, reply.model) == ("stop", "stub-model")
    assert reply.usage.prompt_tokens == 50


def test_the_raw_answer_is_kept_with_its_request_id(stub_vendor: StubVendor) -> None:
    response = send(account(stub_vendor))
    assert json.loads(response.body)["object"] == "chat.completion"
    assert response.request_id == "req-1"
    assert 0 < response.latency_seconds < 10


def test_messages_and_model_are_sent_as_given(stub_vendor: StubVendor) -> None:
    messages = (
        Message(role="system", content="Be brief."),
        Message(role="user", content="你好"),
        Message(role="assistant", content="Hi"),
    )
    send(account(stub_vendor), question(messages=messages, model="some/model"))
    assert sent(stub_vendor) == {
        "model": "some/model",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "你好"},
            {"role": "assistant", "content": "Hi"},
        ],
    }


def test_the_key_goes_into_the_header(stub_vendor: StubVendor) -> None:
    send(account(stub_vendor, headers={"X-Team": "data"}))
    headers = stub_vendor.requests[0].headers
    assert headers["authorization"] == "Bearer sk-test"
    assert headers["x-team"] == "data"


def test_no_key_no_header(stub_vendor: StubVendor) -> None:
    send(account(stub_vendor, api_key=""))
    assert "authorization" not in stub_vendor.requests[0].headers


def test_the_client_is_named_and_nothing_is_told_about_this_machine(
    stub_vendor: StubVendor,
) -> None:
    send(account(stub_vendor))
    headers = stub_vendor.requests[0].headers
    assert headers["user-agent"].startswith("AsyncOpenAI/Python ")
    assert (headers["content-type"], headers["accept"]) == ("application/json",) * 2
    assert not [name for name in headers if name.startswith("x-stainless")]


@pytest.mark.parametrize("ending", ["", "/"])
def test_the_path_goes_below_the_address(ending: str, stub_vendor: StubVendor) -> None:
    send(account(stub_vendor, base_url=stub_vendor.openai_url + ending))
    assert stub_vendor.requests[0].path == "/v1/chat/completions"


def test_nothing_of_the_environment_is_sent(
    stub_vendor: StubVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-environment")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-the-environment")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-of-the-environment")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    send(account(stub_vendor))
    assert "environment" not in json.dumps(stub_vendor.requests[0].headers)


def test_extra_body_fields_yield_to_parameters(stub_vendor: StubVendor) -> None:
    given_account = account(stub_vendor, body={"top_k": 20, "temperature": 0.1})
    send(given_account, question(parameters={"temperature": 0.9}))
    assert sent(stub_vendor)["top_k"] == 20
    assert sent(stub_vendor)["temperature"] == 0.9


@pytest.mark.parametrize("field", ["max_tokens", "max_completion_tokens"])
def test_the_limit_goes_under_the_vendors_own_name(field: str, stub_vendor: StubVendor) -> None:
    send(account(stub_vendor, max_tokens_field=field), question(parameters={"max_tokens": 9}))
    body = sent(stub_vendor)
    assert {name: body[name] for name in body if name.startswith("max_")} == {field: 9}


def test_the_seed_is_sent_where_one_is_given(stub_vendor: StubVendor) -> None:
    send(account(stub_vendor), question(seed=0))
    assert sent(stub_vendor)["seed"] == 0


def test_a_schema_asks_for_strict_output(stub_vendor: StubVendor) -> None:
    reply = ask(account(stub_vendor), question("N_RECORDS=3", json_schema=LIST_SCHEMA))
    assert sent(stub_vendor)["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "reply", "schema": LIST_SCHEMA, "strict": True},
    }
    assert len(json.loads(reply.text)["records"]) == 3


def test_json_mode_is_a_parameter_like_others(stub_vendor: StubVendor) -> None:
    wish = {"response_format": {"type": "json_object"}}
    send(account(stub_vendor), question(parameters=wish))
    assert sent(stub_vendor)["response_format"] == {"type": "json_object"}


def test_the_vendors_models_are_listed_in_order(stub_vendor: StubVendor) -> None:
    stub_vendor.set(models=("b", "a"))
    assert model_names(account(stub_vendor)) == ["a", "b"]


# Strict schemas


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        (LIST_SCHEMA, True),
        ({"type": "string", "enum": ["a"]}, True),
        ({"type": ["string", "null"]}, True),
        ({"type": "string", "minLength": 1}, False),
        ({"type": "object", "properties": {}, "required": []}, False),
        (
            {
                "type": "object",
                "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
                "required": ["a"],
                "additionalProperties": False,
            },
            False,
        ),
        ({"type": "array", "items": {"type": "string", "default": "x"}}, False),
        ({"anyOf": [{"type": "string"}, {"type": "object"}]}, False),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"type": "string", "not": {}}}}, False),
        (True, False),
    ],
)
def test_strict_is_asked_for_only_where_the_schema_allows_it(schema: Any, strict: bool) -> None:
    assert is_strict(schema) is strict


# Reading


def body(**changes: Any) -> bytes:
    message = {"content": "text", **changes.pop("message", {})}
    choice = {"message": message, "finish_reason": "stop", **changes.pop("choice", {})}
    return json.dumps({"choices": [choice], "model": "m", **changes}).encode()


@pytest.mark.parametrize(
    ("vendor_word", "reason"),
    [
        ("stop", "stop"),
        ("eos", "stop"),  # SiliconFlow
        ("normal", "stop"),  # Qianfan
        ("length", "length"),
        ("content_filter", "refused"),
        ("sensitive", "refused"),  # Zhipu
        ("tool_calls", "other"),
        ("network_error", "other"),
        (None, "other"),
        (7, "other"),
    ],
)
def test_finish_reasons_of_all_vendors_are_told_in_four_words(
    vendor_word: object, reason: str
) -> None:
    assert read_reply(body(choice={"finish_reason": vendor_word})).finish_reason == reason


def test_a_refusal_is_told_with_its_words() -> None:
    reply = read_reply(body(message={"content": None, "refusal": "I cannot."}))
    assert (reply.finish_reason, reply.text) == ("refused", "I cannot.")


def test_thinking_is_no_part_of_the_text() -> None:
    reply = read_reply(body(message={"reasoning_content": "Hmm.", "reasoning": "Hmm."}))
    assert reply.text == "text"


def test_text_in_parts_is_joined() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "image"}, {"type": "text", "text": "b"}]
    assert read_reply(body(message={"content": parts})).text == "ab"


def test_missing_content_is_an_empty_text() -> None:
    assert read_reply(body(message={"content": None})).text == ""


@pytest.mark.parametrize(
    ("usage", "read"),
    [
        ({"prompt_tokens": 5, "completion_tokens": 7}, Usage(prompt_tokens=5, completion_tokens=7)),
        ({"prompt_tokens": 5}, Usage(prompt_tokens=5, completion_tokens=None)),
        (
            {"prompt_tokens": -5, "completion_tokens": "7"},
            Usage(prompt_tokens=None, completion_tokens=None),
        ),
        (None, Usage(prompt_tokens=None, completion_tokens=None)),
        ([], Usage(prompt_tokens=None, completion_tokens=None)),
    ],
)
def test_tokens_that_are_not_told_are_not_guessed(usage: Any, read: Usage) -> None:
    assert read_reply(body(usage=usage)).usage == read


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"", "not JSON: ''"),
        (b"<html>502</html>", "not JSON: '<html>502</html>'"),
        (b'{"choices": [', "not JSON: '{\"choices\": ['"),
        (b"\xff\xfe", "not JSON: '\ufffd\ufffd'"),
        (b"[]", "not a JSON object"),
        (b"{}", "choices are missing"),
        (b'{"choices": []}', "choices are missing"),
        (b'{"choices": [7]}', "choices are missing"),
        (b'{"choices": [{"text": "a"}]}', "choices[0].message is missing"),
        (b'{"error": {"message": "internal trouble"}}', "internal trouble"),
    ],
)
def test_what_is_no_answer_is_malformed(answer: bytes, message: str) -> None:
    with pytest.raises(ReplyMalformedError) as caught:
        read_reply(answer)
    assert caught.value.detail == message


@pytest.mark.parametrize("answer", [b"[" * 100_000, b'{"a": ' + b"9" * 10_000 + b"}"])
def test_answers_that_break_a_parser_are_malformed(answer: bytes) -> None:
    with pytest.raises(ReplyMalformedError):
        read_reply(answer)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["choices", "message", "content", "usage", "text", "type"]), inner
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_no_answer_whatever_breaks_the_reader(data: Any) -> None:
    try:
        reply = read_reply(json.dumps(data).encode())
    except ReplyMalformedError:
        return
    assert isinstance(reply.text, str)
