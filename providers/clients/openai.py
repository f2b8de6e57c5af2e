"""OpenAI, and everybody who speaks its Chat Completions."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import httpx2
from aiohttp.abc import AbstractResolver
from openai import AsyncOpenAI, OpenAIError

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
from providers.errors import ReplyMalformedError
from providers.transport import GuardedTransport

# The SDK insists on a key; the transport sends none where the account has none.
NO_KEY = "none"
FINISH_REASONS: dict[str, FinishReason] = {
    "stop": "stop",
    "eos": "stop",
    "normal": "stop",
    "length": "length",
    "content_filter": "refused",
    "sensitive": "refused",
}
# Source: platform.openai.com/docs/guides/structured-outputs, supported schemas, 2026.
STRICT_KEYWORDS = {
    "$defs",
    "$ref",
    "additionalProperties",
    "anyOf",
    "const",
    "description",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "items",
    "maxItems",
    "maximum",
    "minItems",
    "minimum",
    "multipleOf",
    "pattern",
    "properties",
    "required",
    "title",
    "type",
}


def open_client(account: Account) -> Client:
    return OpenAIClient(account)


class OpenAIClient:
    def __init__(
        self,
        account: Account,
        *,
        is_own_server: bool = False,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._account = account
        transport = GuardedTransport(account, is_own_server=is_own_server, resolver=resolver)
        self._sdk = AsyncOpenAI(
            api_key=account.api_key or NO_KEY,
            base_url=account.base_url,
            max_retries=0,
            timeout=None,
            http_client=httpx2.AsyncClient(
                transport=transport, trust_env=False, follow_redirects=False, timeout=None
            ),
        )

    async def send(self, request: ChatRequest) -> RawResponse:
        """Ask once.

        Errors: a ProviderError of any kind.
        Cost: one call at the vendor; 256 or more may be in flight.
        """
        started = time.monotonic()
        # post() and not chat.completions.create(): walking the request's types and building
        # the answer's costs a millisecond a call, and the answer is stored as it came.
        response = await self._post("/chat/completions", self._body(request))
        return RawResponse(
            body=response.content,
            request_id=response.headers.get("x-request-id", ""),
            latency_seconds=time.monotonic() - started,
        )

    async def model_names(self) -> list[str]:
        try:
            response = await self._sdk.get("/models", cast_to=httpx2.Response)
        except OpenAIError as error:
            failure = failure_of(error, self._account.api_key)
        else:
            return replies.model_names(response.content)
        raise failure

    async def close(self) -> None:
        await self._sdk.close()

    async def _post(self, path: str, body: dict[str, Any]) -> httpx2.Response:
        try:
            return await self._sdk.post(path, cast_to=httpx2.Response, body=body)
        except OpenAIError as error:
            # Raised below and not here: the SDK's own text may hold the key.
            failure = failure_of(error, self._account.api_key)
        raise failure

    def _body(self, request: ChatRequest) -> dict[str, Any]:
        body = {**self._account.body, **request.parameters}
        if "max_tokens" in body:
            body[self._account.max_tokens_field] = body.pop("max_tokens")
        body["model"] = request.model
        body["messages"] = [
            {"role": message.role, "content": message.content} for message in request.messages
        ]
        if request.seed is not None:
            body["seed"] = request.seed
        if request.json_schema is not None:
            body["response_format"] = {
                "type": "json_schema",
                "json_schema": {
                    "name": "reply",
                    "schema": request.json_schema,
                    "strict": is_strict(request.json_schema),
                },
            }
        return body


def is_strict(schema: Any) -> bool:
    """Tell whether OpenAI's strict mode takes the schema: closed objects, no optional field."""
    if not isinstance(schema, Mapping) or not schema.keys() <= STRICT_KEYWORDS:
        return False
    properties = schema.get("properties", {})
    if schema.get("type") == "object" and (
        schema.get("additionalProperties") is not False
        or set(schema.get("required", ())) != set(properties)
    ):
        return False
    parts = [*properties.values(), *schema.get("$defs", {}).values(), *schema.get("anyOf", ())]
    if "items" in schema:
        parts.append(schema["items"])
    return all(is_strict(part) for part in parts)


def read_reply(body: bytes) -> Reply:
    data = replies.parse(body)
    choices = data.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise ReplyMalformedError(replies.words_of(data) or "choices are missing")
    choice = choices[0]
    message = choice.get("message")
    if not isinstance(message, dict):
        raise ReplyMalformedError("choices[0].message is missing")
    refusal = message.get("refusal")
    reason = FINISH_REASONS.get(str(choice.get("finish_reason")), "other")
    usage = data.get("usage")
    counts = usage if isinstance(usage, dict) else {}
    return Reply(
        text=replies.text_of(message.get("content")) or replies.text_of(refusal),
        finish_reason="refused" if refusal else reason,
        model=str(data.get("model") or ""),
        usage=Usage(
            prompt_tokens=replies.count_of(counts.get("prompt_tokens")),
            completion_tokens=replies.count_of(counts.get("completion_tokens")),
        ),
    )
