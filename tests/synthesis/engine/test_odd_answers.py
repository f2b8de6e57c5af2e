"""Answers with figures that no column holds are kept like others; only the figures go."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from providers.clients import anthropic, openai
from providers.clients.types import RawResponse
from synthesis.engine import ledger
from synthesis.engine.ledger import Outcome
from synthesis.models import Call
from tests import factories
from tests.synthesis.engine.outcomes import claims, running

pytestmark = pytest.mark.django_db
TEXT = json.dumps([{"question": "Tea?", "answer": "Yes."}])


def written(read: Any, body: dict[str, Any], request_id: str = "req-1") -> Call:
    """Write an answer as it came over the wire; return its call as it is stored."""
    model = factories.language_model(input_price=Decimal(2), output_price=Decimal(10))
    (claim,) = claims(running(factories.task(model)))
    data = json.dumps(body).encode()
    raw = RawResponse(body=data, request_id=request_id, latency_seconds=1)
    ledger.store([Outcome(claim=claim, reply=read(data), raw=raw, latency_seconds=1)])
    return Call.objects.get()


def by_openai(usage: Any, **fields: Any) -> dict[str, Any]:
    choice = {"message": {"content": TEXT}, "finish_reason": "stop"}
    return {"choices": [choice], "usage": usage, **fields}


def by_anthropic(usage: Any) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": TEXT}], "usage": usage, "stop_reason": "end_turn"}


@pytest.mark.parametrize(
    ("usage", "prompt_tokens", "completion_tokens", "cost"),
    [
        ({"prompt_tokens": 1000, "completion_tokens": 100}, 1000, 100, Decimal("0.003")),
        ({"prompt_tokens": 0, "completion_tokens": 0}, 0, 0, Decimal(0)),
        ({"prompt_tokens": 10**30, "completion_tokens": 1}, None, 1, None),
        ({"prompt_tokens": 2**31, "completion_tokens": 2**63}, None, None, None),
        ({"prompt_tokens": -1, "completion_tokens": 1.5}, None, None, None),
        ({"prompt_tokens": "12", "completion_tokens": None}, None, None, None),
        ({"prompt_tokens": True}, None, None, None),
        ({}, None, None, None),
        (None, None, None, None),
        ([1, 2], None, None, None),
        ("many", None, None, None),
    ],
    ids=[
        "both", "none used", "absurd", "beyond the columns", "no counts", "texts", "a truth",
        "empty", "null", "a list", "a word",
    ],
)  # fmt: skip
def test_of_openai_cost_what_their_usage_says(usage, prompt_tokens, completion_tokens, cost):
    call = written(openai.read_reply, by_openai(usage))
    assert (call.state, call.prompt_tokens, call.completion_tokens, call.cost) == (
        "stored", prompt_tokens, completion_tokens, cost,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("usage", "prompt_tokens", "completion_tokens"),
    [
        ({"input_tokens": 10, "output_tokens": 5}, 10, 5),
        # what was written to the cache and read from it is part of the prompt
        (
            {"input_tokens": 1, "cache_creation_input_tokens": 7, "cache_read_input_tokens": 2},
            10,
            None,
        ),
        ({"input_tokens": 1, "cache_creation_input_tokens": None}, 1, None),
        ({"input_tokens": 1, "cache_read_input_tokens": 10**30}, 1, None),
        ({"cache_read_input_tokens": 5, "output_tokens": 5}, None, 5),
        ({"input_tokens": 10**30, "output_tokens": 10**30}, None, None),
        (None, None, None),
    ],
    ids=["both", "with a cache", "null", "absurd cache", "only cache", "absurd", "none"],
)  # fmt: skip
def test_of_anthropic_count_the_cache_to_the_prompt(usage, prompt_tokens, completion_tokens):
    call = written(anthropic.read_reply, by_anthropic(usage))
    assert (call.state, call.prompt_tokens, call.completion_tokens) == (
        "stored", prompt_tokens, completion_tokens,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("request_id", "stored"),
    [
        ("", ""),
        ("req-1", "req-1"),
        ("x" * 300, "x" * 200),
        ("请求", "请求"),
        ("a\udcffb", "a\ufffdb"),  # as a byte that is no UTF-8 comes out of a header
    ],
    ids=["none", "plain", "long", "Chinese", "no text"],
)
def test_keep_the_vendors_request_id_as_far_as_it_can_be_stored(request_id, stored):
    assert written(openai.read_reply, by_openai(None), request_id).request_id == stored


def test_keep_the_body_byte_for_byte():
    body = by_openai(None, system_fingerprint="fp\u0000", unknown={"a": [1, {"b": None}]})
    assert json.loads(bytes(written(openai.read_reply, body).response)) == body
