"""What goes to a vendor and what comes back, in words of our own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Family = Literal["openai", "anthropic", "local"]
FinishReason = Literal["stop", "length", "refused", "other"]


@dataclass(frozen=True, kw_only=True)
class Account:
    """Everything that a client needs to call one provider; holds the key in clear."""

    family: Family
    base_url: str
    api_key: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Mapping[str, Any] = field(default_factory=dict)
    timeout_seconds: float = 120
    max_tokens_field: str = "max_tokens"


@dataclass(frozen=True, kw_only=True)
class Message:
    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, kw_only=True)
class ChatRequest:
    """One call: json_schema, when given, describes the whole reply."""

    model: str
    messages: tuple[Message, ...]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    json_schema: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class RawResponse:
    """A successful answer as it came over the wire; stored before it is read."""

    body: bytes
    request_id: str
    latency_seconds: float


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Tokens as the vendor counts them; None where it does not say."""

    prompt_tokens: int | None
    completion_tokens: int | None


@dataclass(frozen=True, kw_only=True)
class Reply:
    text: str
    finish_reason: FinishReason
    model: str
    usage: Usage


class Client(Protocol):
    """A connection to one account, used inside one event loop."""

    async def send(self, request: ChatRequest) -> RawResponse: ...

    async def model_names(self) -> list[str]: ...

    async def close(self) -> None: ...
