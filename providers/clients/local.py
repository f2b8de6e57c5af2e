"""The built-in local model: the OpenAI family against a server of this machine's own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from providers.clients.openai import OpenAIClient
from providers.clients.openai import read_reply as read_reply
from providers.clients.types import Account, ChatRequest, Client, RawResponse
from providers.errors import ModelNotFoundError, UnreachableError

Answer = TypeVar("Answer")


def open_client(account: Account) -> Client:
    return LocalClient(account)


class LocalClient:
    """Start the server at the first call, and find it again when it has gone."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._client: OpenAIClient | None = None
        self._served: list[str] = []
        self._lock = asyncio.Lock()

    async def send(self, request: ChatRequest) -> RawResponse:
        return await self._call(lambda client: self._send(client, request))

    async def _send(self, client: OpenAIClient, request: ChatRequest) -> RawResponse:
        # The server answers to any name, with the one model that it has.
        if request.model not in self._served:
            self._served = await client.model_names()
            if request.model not in self._served:
                raise ModelNotFoundError(f"The built-in model is {', '.join(self._served)}.")
        return await client.send(request)

    async def model_names(self) -> list[str]:
        return await self._call(lambda client: client.model_names())

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _call(self, ask: Callable[[OpenAIClient], Awaitable[Answer]]) -> Answer:
        client = await self._open()
        try:
            return await ask(client)
        except UnreachableError:
            # The next call asks for the address anew, which starts a server where none runs.
            if self._client is client:
                await self.close()
            raise

    async def _open(self) -> OpenAIClient:
        async with self._lock:
            if self._client is None:
                from providers.local import ensure_server  # loads the model's libraries

                base_url = await asyncio.to_thread(ensure_server)
                account = replace(self._account, base_url=base_url)
                self._client = OpenAIClient(account, is_own_server=True)
            return self._client
