"""Anthropic's Messages, in the protocol of the SDK's second major version.

It has no temperature, top_p or seed. A gateway that speaks the protocol before it
(version 2023-06-01, key in x-api-key) is reached through its OpenAI-compatible address.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import httpx2
from aiohttp.abc import AbstractResolver
from anthropic import AnthropicError, AsyncAnthropic, transform_schema

from providers.clients import replies
from providers.clients.failures import failure_of
from providers.clients.types import (
    Account,
    ChatRequest,
    Client,
    FinishReason,
    RawResponse,
    Reply,
    Usage,
)
from providers.errors import InvalidRequestError, ProviderError, ReplyMalformedError
from providers.parameters import DEFAULT_MAX_TOKENS
from providers.transport import GuardedTransport

NO_KEY = "none"
FINISH_REASONS: dict[str, FinishReason] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "refused",
}
PROMPT_COUNTS = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
MODELS_A_PAGE = 1000


def open_client(account: Account) -> Client:
    return AnthropicClient(account)


class AnthropicClient:
    def __init__(self, account: Account, *, resolver: AbstractResolver | None = None) -> None:
        self._account = account
        self._latest_schema: tuple[Mapping[str, Any], dict[str, Any]] | None = None
        self._sdk = AsyncAnthropic(
            api_key=account.api_key or NO_KEY,
            base_url=account.base_url,
            max_retries=0,
            timeout=None,
            open_telemetry=False,
            http_client=httpx2.AsyncClient(
                transport=GuardedTransport(account, resolver=resolver),
                trust_env=False,
                follow_redirects=False,
                timeout=None,
            ),
        )

    async def send(self, request: ChatRequest) -> RawResponse:
        """Ask once.

        Errors: a ProviderError of any kind.
        Cost: one call at the vendor; 256 or more may be in flight.
        """
        started = time.monotonic()
        try:
            response = await self._sdk.post(
                "/v1/messages", cast_to=httpx2.Response, body=self._body(request)
            )
        except AnthropicError as error:
            # Raised below and not here: the SDK's own text may hold the key.
            failure = self._failure(error)
        else:
            return RawResponse(
                body=response.content,
                request_id=response.headers.get("request-id", ""),
                latency_seconds=time.monotonic() - started,
            )
        raise failure

    async def model_names(self) -> list[str]:
        path = f"/v1/models?limit={MODELS_A_PAGE}"
        try:
            response = await self._sdk.get(path, cast_to=httpx2.Response)
        except AnthropicError as error:
            failure = self._failure(error)
        else:
            return replies.model_names(response.content)
        raise failure

    async def close(self) -> None:
        await self._sdk.close()

    def _failure(self, error: AnthropicError) -> ProviderError:
        return failure_of(error, self._account.api_key)

    def _body(self, request: ChatRequest) -> dict[str, Any]:
        body = {"max_tokens": DEFAULT_MAX_TOKENS, **self._account.body, **request.parameters}
        if "stop" in body:
            stop = body.pop("stop")
            body["stop_sequences"] = [stop] if isinstance(stop, str) else stop
        system = [message.content for message in request.messages if message.role == "system"]
        if system:
            body["system"] = "\n\n".join(system)
        body["model"] = request.model
        body["messages"] = [
            {"role": message.role, "content": message.content}
            for message in request.messages
            if message.role != "system"
        ]
        if request.json_schema is not None:
            schema = self._transformed(request.json_schema)
            body["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
        return body

    def _transformed(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """Return the schema as Anthropic takes it: closed objects, limits told in words.

        A run sends one schema all the time, so the latest one is kept.
        """
        if self._latest_schema is None or self._latest_schema[0] is not schema:
            try:
                transformed = transform_schema(dict(schema))
            except (AttributeError, TypeError, ValueError) as error:
                raise InvalidRequestError(str(error)) from error
            self._latest_schema = (schema, transformed)
        return self._latest_schema[1]


def read_reply(body: bytes) -> Reply:
    data = replies.parse(body)
    content = data.get("content")
    if not isinstance(content, list):
        raise ReplyMalformedError(replies.words_of(data) or "content is missing")
    usage = data.get("usage")
    counts = usage if isinstance(usage, dict) else {}
    prompt_counts = [replies.count_of(counts.get(name)) for name in PROMPT_COUNTS]
    return Reply(
        text=replies.text_of(content),
        finish_reason=FINISH_REASONS.get(str(data.get("stop_reason")), "other"),
        model=str(data.get("model") or ""),
        usage=Usage(
            prompt_tokens=None if prompt_counts[0] is None else sum(filter(None, prompt_counts)),
            completion_tokens=replies.count_of(counts.get("output_tokens")),
        ),
    )
