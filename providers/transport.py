"""The one outbound door: every call to a vendor goes through it.

It is the transport of the SDKs' own HTTP client and runs over aiohttp, the cheapest of the
clients measured. Names are resolved once a connection, every address is checked where the
socket is made, redirects are refused, the size is capped, and one deadline spans it all.
"""

from __future__ import annotations

import asyncio
import socket
import zlib
from http import HTTPStatus
from typing import Any

import aiohttp
import httpx2
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from django.utils.translation import gettext as _

from providers import errors
from providers.addresses import Endpoint
from providers.clients.types import Account

MAX_BODY_BYTES = 16 * 1024 * 1024
CONNECT_SECONDS = 15
# Nothing else of what the SDKs add leaves: neither what they tell about this machine, nor what
# they take from its environment (OPENAI_ORG_ID, ANTHROPIC_CUSTOM_HEADERS).
FORWARDED_HEADERS = {
    b"accept",
    b"anthropic-beta",
    b"anthropic-version",
    b"authorization",
    b"content-type",
    b"idempotency-key",
    b"user-agent",
}
KEYLESS_HEADERS = FORWARDED_HEADERS - {b"authorization"}
GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


class GuardedResolver(AbstractResolver):
    """Resolve a name, and refuse it when any of its addresses is not allowed."""

    def __init__(self, endpoint: Endpoint, resolver: AbstractResolver) -> None:
        self.endpoint = endpoint
        self.resolver = resolver

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        results = await self.resolver.resolve(host, port, family)
        for result in results:
            self.endpoint.check(result["host"])
        return results

    async def close(self) -> None:
        await self.resolver.close()


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Send requests of one account to its address and nowhere else."""

    def __init__(
        self,
        account: Account,
        *,
        is_own_server: bool = False,
        resolver: AbstractResolver | None = None,
    ) -> None:
        try:
            url = httpx2.URL(account.base_url)
        except httpx2.InvalidURL as error:
            raise errors.BlockedAddressError(str(error)) from error
        self.endpoint = Endpoint(
            host=url.host,
            port=port_of(url),
            is_encrypted=url.scheme == "https",
            is_own_server=is_own_server,
        )
        self._account = account
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self._check_target(request.url)
        try:
            async with asyncio.timeout(self._account.timeout_seconds):
                return await self._exchange(request)
        except TimeoutError as error:
            raise errors.CallTimeoutError(
                _("No complete answer within %(seconds)g seconds.")
                % {"seconds": self._account.timeout_seconds}
            ) from error
        except aiohttp.InvalidURL as error:
            # Numbers that stand for an address in an old-fashioned way: 127.1, 2130706433.
            raise errors.BlockedAddressError(str(error)) from error
        except (aiohttp.ClientConnectorError, aiohttp.ClientSSLError, UnicodeError) as error:
            raise errors.UnreachableError(str(error)) from error
        except (aiohttp.ClientError, OSError) as error:
            raise errors.UnavailableError(f"{type(error).__name__}: {error}") from error

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _exchange(self, request: httpx2.Request) -> httpx2.Response:
        async with self._open_session().request(
            request.method,
            str(request.url),
            data=request.content or None,
            headers=self.allowed(request.headers),
            allow_redirects=False,
        ) as response:
            if 300 <= response.status < 400:
                raise errors.BlockedAddressError(
                    _("The server redirected the call; give the final address instead."),
                    status_code=response.status,
                )
            body = await read_capped(response)
            headers = [
                (name, value)
                for name, value in response.raw_headers
                if name.lower() not in {b"content-encoding", b"transfer-encoding"}
            ]
            return httpx2.Response(response.status, headers=headers, content=body)

    def _check_target(self, url: httpx2.URL) -> None:
        endpoint = self.endpoint
        if (url.host, port_of(url), url.scheme == "https") != (
            endpoint.host,
            endpoint.port,
            endpoint.is_encrypted,
        ):
            raise errors.BlockedAddressError(
                _("%(host)s is not this provider's address.") % {"host": url.host}
            )

    def allowed(self, headers: httpx2.Headers) -> dict[str, str]:
        """Drop the headers that may not leave, and add the account's own."""
        names = FORWARDED_HEADERS if self._account.api_key else KEYLESS_HEADERS
        names = names - {name.lower().encode() for name in self._account.headers}
        forwarded = {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in headers.raw
            if name.lower() in names
        }
        return {**forwarded, **self._account.headers, "Accept-Encoding": "identity"}

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit=0,
                resolver=GuardedResolver(self.endpoint, self._resolver or ThreadedResolver()),
                socket_factory=self._open_socket,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
            )
        return self._session

    def _open_socket(self, address: Any) -> socket.socket:
        # Addresses written as numbers reach no resolver; all others are checked once more.
        family, kind, protocol, _name, target = address
        self.endpoint.check(target[0])
        return socket.socket(family, kind, protocol)


def port_of(url: httpx2.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


async def read_capped(response: aiohttp.ClientResponse) -> bytes:
    """Return the whole body.

    Errors: ReplyTooLargeError as soon as the body passes the cap, packed or unpacked.
    """
    if (response.content_length or 0) > MAX_BODY_BYTES:
        raise too_large()
    chunks = []
    size = 0
    while chunk := await response.content.readany():
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            raise too_large()
        chunks.append(chunk)
    return unpacked(b"".join(chunks), response.headers.get("Content-Encoding", "identity"))


def unpacked(body: bytes, encoding: str) -> bytes:
    """Undo a compression that was not asked for: some gateways pack all the same."""
    if encoding.lower() == "identity":
        return body
    if encoding.lower() not in {"gzip", "deflate"}:
        raise errors.ReplyMalformedError(_("The answer is packed as %s.") % encoding[:40])
    try:
        text = zlib.decompressobj(GZIP_OR_ZLIB).decompress(body, MAX_BODY_BYTES + 1)
    except zlib.error as error:
        raise errors.ReplyMalformedError(str(error)) from error
    if len(text) > MAX_BODY_BYTES:
        raise too_large()
    return text


def too_large() -> errors.ReplyTooLargeError:
    megabytes = MAX_BODY_BYTES // 1024 // 1024
    return errors.ReplyTooLargeError(
        _("The answer is larger than %(size)d MB.") % {"size": megabytes},
        status_code=HTTPStatus.OK,
    )
