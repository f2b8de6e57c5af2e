"""Answers as the vendors write them: what is counted, what is read, what is taken for no answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from providers.clients import read_reply
from providers.clients.types import Family
from providers.errors import ReplyMalformedError
from providers.models import Provider
from tests.providers.calls import LIST_SCHEMA, account, ask, question, send
from tests.stub_vendor import StubVendor

# What each vendor says of tokens: usage, prompt tokens, completion tokens
USAGES: dict[str, tuple[Family, Any, int | None, int | None]] = {
    "OpenAI, cached and thought": (
        "openai",
        {
            "prompt_tokens": 2006,
            "completion_tokens": 300,
            "total_tokens": 2306,
            "prompt_tokens_details": {"cached_tokens": 1920, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 256},
        },
        2006,
        300,
    ),
    "DeepSeek, hit and miss": (
        "openai",
        {
            "prompt_tokens": 100,
            "prompt_cache_hit_tokens": 64,
            "prompt_cache_miss_tokens": 36,
            "completion_tokens": 5,
        },
        100,
        5,
    ),
    "Moonshot": ("openai", {"prompt_tokens": 8, "completion_tokens": 9, "cached_tokens": 4}, 8, 9),
    "Ollama, nothing read": ("openai", {"completion_tokens": 9, "total_tokens": 9}, None, 9),
    "vLLM, none": ("openai", None, None, None),
    "a gateway that counts 0": ("openai", {"prompt_tokens": 0, "completion_tokens": 0}, 0, 0),
    "a gateway with floats": (
        "openai",
        {"prompt_tokens": 8.0, "completion_tokens": 9.5},
        *[None] * 2,
    ),
    "the names of the other family": (
        "openai",
        {"input_tokens": 8, "output_tokens": 9},
        None,
        None,
    ),
    "Anthropic": ("anthropic", {"input_tokens": 10, "output_tokens": 20}, 10, 20),
    "Anthropic, written to the cache": (
        "anthropic",
        {"input_tokens": 3, "cache_creation_input_tokens": 100, "output_tokens": 20},
        103,
        20,
    ),
    "Anthropic, read from the cache": (
        "anthropic",
        {"input_tokens": 0, "cache_read_input_tokens": 100, "output_tokens": 20},
        100,
        20,
    ),
    "Anthropic, caches that are null": (
        "anthropic",
        {
            "input_tokens": 7,
            "cache_read_input_tokens": None,
            "cache_creation_input_tokens": None,
            "output_tokens": 1,
        },
        7,
        1,
    ),
    "Anthropic, with tools of the server": (
        "anthropic",
        {"input_tokens": 7, "output_tokens": 1, "server_tool_use": {"web_search_requests": 1}},
        7,
        1,
    ),
    "the local server": ("local", {"prompt_tokens": 12, "completion_tokens": 34}, 12, 34),
}
NO_ANSWERS = {
    "a stream that nobody asked for": b'data: {"choices": [{"delta": {"content": "a"}}]}\n\n',
    "a comment of a stream": b": OPENROUTER PROCESSING\n\n",
    "two objects": b'{"choices": []}{"choices": []}',
    "a page of a proxy": b"<!doctype html><title>Sign in</title>",
    "nothing": b"",
    "an old completion": b'{"choices": [{"text": "a", "finish_reason": "stop"}]}',
    "an error with status 200": b'{"error": {"message": "busy", "code": 500}}',
    "null choices": b'{"choices": null, "base_resp": {"status_code": 1004}}',
    "no message": b'{"choices": [{"message": null}]}',
    "a list": b'[{"choices": []}]',
}


def body(family: Family, usage: Any) -> bytes:
    if family == "anthropic":
        content = [{"type": "text", "text": "ok"}]
        return json.dumps({"content": content, "stop_reason": "end_turn", "usage": usage}).encode()
    choice = {"message": {"content": "ok"}, "finish_reason": "stop"}
    return json.dumps({"choices": [choice], "usage": usage}).encode()


@pytest.mark.parametrize(("family", "usage", "prompt", "completion"), USAGES.values(), ids=USAGES)
def test_tokens_are_counted_as_the_vendor_bills_them(
    family: Family, usage: Any, prompt: int | None, completion: int | None
) -> None:
    reply = read_reply(family, body(family, usage))
    assert reply.text == "ok"
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (prompt, completion)


@pytest.mark.parametrize("answer", NO_ANSWERS.values(), ids=NO_ANSWERS)
@pytest.mark.parametrize("family", ["openai", "anthropic", "local"])
def test_what_is_no_answer_is_asked_for_again(family: Family, answer: bytes) -> None:
    with pytest.raises(ReplyMalformedError) as caught:
        read_reply(family, answer)
    assert not caught.value.permanent
    assert caught.value.detail


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"content": "答案", "reasoning_content": "想"}, "答案"),  # DeepSeek, Zhipu, Qwen
        ({"content": "", "reasoning_content": "only thought"}, ""),
        ({"content": None, "tool_calls": [{"id": "x"}]}, ""),
        ({"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}, "ab"),
        ({"content": "a", "annotations": [], "audio": None, "refusal": None}, "a"),
        ({"content": "a", "refusal": ""}, "a"),
        ({"role": "assistant"}, ""),
        ({"content": "  \n"}, "  \n"),
        ({"content": {"text": "a"}}, ""),
    ],
)
def test_the_text_is_what_the_model_says_to_the_reader(message: Any, text: str) -> None:
    answer = json.dumps({"choices": [{"message": message, "finish_reason": "stop"}]}).encode()
    assert read_reply("openai", answer).text == text


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (
            [
                {"type": "thinking", "thinking": "t", "signature": "s"},
                {"type": "text", "text": "a"},
            ],
            "a",
        ),
        ([{"type": "redacted_thinking", "data": "x"}, {"type": "text", "text": "a"}], "a"),
        ([{"type": "text", "text": "a", "citations": []}, {"type": "text", "text": "b"}], "ab"),
        ([{"type": "tool_use", "id": "x", "input": {}}], ""),
        ([], ""),
        ([None, 7, "a", {"type": "text"}], ""),
    ],
)
def test_the_text_of_anthropics_blocks(content: Any, text: str) -> None:
    assert read_reply("anthropic", json.dumps({"content": content}).encode()).text == text


# What leaves, by vendor


@pytest.mark.parametrize(
    ("code", "field"),
    [
        ("openai", "max_completion_tokens"),
        ("qianfan", "max_tokens"),
        ("dashscope", "max_tokens"),
        ("deepseek", "max_tokens"),
        ("zhipu", "max_tokens"),
        ("moonshot", "max_tokens"),
        ("siliconflow", "max_tokens"),
        ("volcengine", "max_tokens"),
        ("vllm", "max_tokens"),
        ("ollama", "max_tokens"),
        ("compatible", "max_tokens"),
    ],
)
def test_each_vendor_gets_one_answer_whole_with_its_limit(
    code: str, field: str, stub_vendor: StubVendor
) -> None:
    provider = Provider(name="p", vendor=code, base_url=stub_vendor.openai_url)
    provider.set_key("sk-0123456789")
    send(provider.account(), question(parameters={"max_tokens": 9}))
    sent = stub_vendor.requests[0].json
    assert sent == {
        "model": "stub-model",
        "messages": [{"role": "user", "content": "Hello"}],
        field: 9,
    }


@pytest.mark.parametrize(
    ("family", "place"),
    [
        ("openai", lambda sent: sent["response_format"]["json_schema"]["schema"]),
        ("anthropic", lambda sent: sent["output_config"]["format"]["schema"]),
    ],
)
def test_a_schema_leaves_in_the_place_of_its_family(
    family: Family, place: Any, stub_vendor: StubVendor
) -> None:
    reply = ask(account(stub_vendor, family), question("N_RECORDS=2", json_schema=LIST_SCHEMA))
    assert place(stub_vendor.requests[0].json) == LIST_SCHEMA
    assert len(json.loads(reply.text)["records"]) == 2


@pytest.mark.parametrize("family", ["openai", "anthropic"])
def test_without_a_schema_the_instruction_stands_alone(
    family: Family, stub_vendor: StubVendor
) -> None:
    send(account(stub_vendor, family), question("Answer with JSON."))
    assert not {"response_format", "output_config"} & stub_vendor.requests[0].json.keys()


@pytest.mark.parametrize("family", ["openai", "anthropic"])
def test_extra_fields_cannot_take_the_place_of_the_prompt(
    family: Family, stub_vendor: StubVendor
) -> None:
    extra = {"model": "dearer", "messages": [], "top_k": 5}
    send(account(stub_vendor, family, body=extra))
    sent = stub_vendor.requests[0].json
    assert (sent["model"], sent["top_k"]) == ("stub-model", 5)
    assert sent["messages"] == [{"role": "user", "content": "Hello"}]
