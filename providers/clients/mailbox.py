"""Post questions to one address of an account, past the SDK.

An SDK's request and answer cost a millisecond a call, several times what the exchange itself
does, and the answer is stored as it came. The SDK still says who calls, and how it signs.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import httpx2

from providers.clients.failures import failure_of_answer
from providers.clients.types import Account, RawResponse
from providers.transport import GuardedTransport

as_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


class Mailbox:
    """Base is the SDK's address, which ends with a slash; headers are those of the SDK.

    Errors: ValueError for a key that no header can carry.
    """

    def __init__(
        self,
        door: GuardedTransport,
        account: Account,
        base: httpx2.URL,
        path: str,
        headers: Mapping[str, Any],
    ) -> None:
        self._door = door
        self._key = account.api_key
        self._url = str(base.copy_with(raw_path=base.raw_path + path.encode()))
        # The SDK marks a header that it leaves out by an object that is no text.
        told = {name: value for name, value in headers.items() if isinstance(value, str)}
        self._headers = door.allowed(httpx2.Headers(told))

    async def post(self, body: Mapping[str, Any], id_header: str) -> RawResponse:
        """Ask once.

        Errors: a ProviderError of any kind; ValueError for numbers that JSON cannot hold.
        """
        started = time.monotonic()
        content = as_json(body).encode()
        answer, received = await self._door.exchange("POST", self._url, self._headers, content)
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise failure_of_answer(answer.status, answer.headers, received, self._key)
        return RawResponse(
            body=received,
            request_id=answer.headers.get(id_header, ""),
            latency_seconds=time.monotonic() - started,
        )
