from __future__ import annotations

import asyncio
import datetime
import ipaddress
import socket
import ssl
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pytest_django import Settings

from providers import transport
from providers.clients.types import Account
from providers.errors import (
    BlockedAddressError,
    CallTimeoutError,
    ProviderError,
    ReplyMalformedError,
    ReplyTooLargeError,
    UnavailableError,
    UnreachableError,
)
from providers.transport import GuardedTransport
from tests.providers.calls import FixedResolver
from tests.stub_vendor import StubVendor

BODY = b'{"model": "m", "messages": [{"role": "user", "content": "N_RECORDS=1"}]}'


def exchange(
    base_url: str, target: str | None = None, sent: Any = None, **changes: Any
) -> httpx2.Response:
    """Send one request through a transport that was opened for base_url."""
    options = {name: changes.pop(name) for name in ("resolver", "is_own_server") if name in changes}
    fields = {"timeout_seconds": 5, "api_key": "k", **changes}
    account = Account(family="openai", base_url=base_url, **fields)

    async def call() -> httpx2.Response:
        door = GuardedTransport(account, **options)
        request = httpx2.Request(
            "POST", target or f"{base_url}/chat/completions", content=BODY, headers=sent
        )
        try:
            return await door.handle_async_request(request)
        finally:
            await door.aclose()

    return asyncio.run(call())


def refused(error: type[ProviderError], *arguments: Any, **options: Any) -> str:
    with pytest.raises(error) as caught:
        exchange(*arguments, **options)
    return caught.value.detail


def test_an_answer_comes_back_whole(stub_vendor: StubVendor) -> None:
    response = exchange(stub_vendor.openai_url)
    assert response.status_code == 200
    assert response.headers["x-request-id"] == "req-1"
    assert response.json()["object"] == "chat.completion"


# Where to


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "localhost",
        "0.0.0.0",  # noqa: S104
    ],
)
def test_no_way_of_writing_this_machine_gets_through(
    host: str, stub_vendor: StubVendor, settings: Settings
) -> None:
    settings.DATAMATE_ALLOWED_PRIVATE_HOSTS = []
    with pytest.raises(BlockedAddressError):
        exchange(f"http://{host}:{stub_vendor.port}/v1")
    assert stub_vendor.stats.requests == 0


def test_a_public_name_for_a_private_address_is_refused(
    stub_vendor: StubVendor, settings: Settings
) -> None:
    settings.DATAMATE_ALLOWED_PRIVATE_HOSTS = []
    detail = refused(
        BlockedAddressError,
        f"http://api.example.com:{stub_vendor.port}/v1",
        resolver=FixedResolver(["127.0.0.1"]),
    )
    assert detail == "api.example.com leads to a private or reserved address."
    assert stub_vendor.stats.requests == 0


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    resolver = FixedResolver(["8.8.8.8", "10.0.0.1"])
    detail = refused(BlockedAddressError, "https://api.example.com/v1", resolver=resolver)
    assert detail == "api.example.com leads to a private or reserved address."


def test_the_address_that_was_checked_is_the_one_that_is_called(stub_vendor: StubVendor) -> None:
    class Rebinding(FixedResolver):
        """Answers with the allowed address once, then with another one."""

        async def resolve(self, host: str, port: int = 0, family: Any = 0) -> Any:
            results = await super().resolve(host, port, family)
            self.addresses = ["10.0.0.1"]
            return results

    resolver = Rebinding(["127.0.0.1"])
    url = f"http://rebinding.example:{stub_vendor.port}/v1"
    assert exchange(url, resolver=resolver).status_code == 200
    assert resolver.questions == 1


def test_an_allowed_name_is_called_at_its_private_address(
    stub_vendor: StubVendor, settings: Settings
) -> None:
    settings.DATAMATE_ALLOWED_PRIVATE_HOSTS = ["ollama.internal"]
    url = f"http://ollama.internal:{stub_vendor.port}/v1"
    assert exchange(url, resolver=FixedResolver(["127.0.0.1"])).status_code == 200


def test_the_own_server_is_called_without_any_setting(
    stub_vendor: StubVendor, settings: Settings
) -> None:
    settings.DATAMATE_ALLOWED_PRIVATE_HOSTS = []
    assert exchange(stub_vendor.openai_url, is_own_server=True).status_code == 200


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1:9/v1", "http://10.0.0.1/v1", "https://127.0.0.1:{port}/v1"],
)
def test_a_transport_calls_no_address_but_its_own(target: str, stub_vendor: StubVendor) -> None:
    target = target.format(port=stub_vendor.port)
    detail = refused(BlockedAddressError, stub_vendor.openai_url, target, is_own_server=True)
    assert detail == f"{httpx2.URL(target).host} is not this provider's address."


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_refused(status: int, stub_vendor: StubVendor) -> None:
    stub_vendor.fail_with(status, "", Location=f"{stub_vendor.url}/elsewhere")
    detail = refused(BlockedAddressError, stub_vendor.openai_url)
    assert detail == "The server redirected the call; give the final address instead."
    assert stub_vendor.stats.requests == 1


def test_proxies_of_the_environment_are_not_used(
    stub_vendor: StubVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert exchange(stub_vendor.openai_url).status_code == 200


# What leaves


def test_only_named_headers_and_the_accounts_own_leave(stub_vendor: StubVendor) -> None:
    given = {
        "Authorization": "Bearer k",
        "Cookie": "session=1",
        "X-Stainless-Os": "Linux",
        "OpenAI-Organization": "org-of-the-environment",
        "Accept-Encoding": "gzip, br",
    }
    exchange(stub_vendor.openai_url, sent=given, headers={"X-Team": "data"})
    sent = stub_vendor.requests[0].headers
    assert sent["x-team"] == "data"
    assert sent["authorization"] == "Bearer k"
    assert sent["accept-encoding"] == "identity"
    assert not {"cookie", "x-stainless-os", "openai-organization"} & sent.keys()


@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION"])
def test_an_account_without_a_key_sends_none(name: str, stub_vendor: StubVendor) -> None:
    exchange(stub_vendor.openai_url, sent={name: "Bearer none"}, api_key="")
    assert "authorization" not in stub_vendor.requests[0].headers


# How much, how long


def test_a_huge_body_is_refused_by_its_declared_size(stub_vendor: StubVendor) -> None:
    stub_vendor.set(huge_bytes=transport.MAX_BODY_BYTES + 1)
    assert refused(ReplyTooLargeError, stub_vendor.openai_url) == (
        "The answer is larger than 16 MB."
    )


def test_a_body_of_exactly_the_largest_size_passes(
    stub_vendor: StubVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "MAX_BODY_BYTES", 200_000)
    stub_vendor.set(huge_bytes=200_000)
    assert len(exchange(stub_vendor.openai_url).content) == 200_000


def test_a_gzip_bomb_is_never_unpacked_whole(stub_vendor: StubVendor) -> None:
    stub_vendor.set(gzip_bomb_bytes=150_000_000)
    tracemalloc.start()
    try:
        refused(ReplyTooLargeError, stub_vendor.openai_url, timeout_seconds=60)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5 * transport.MAX_BODY_BYTES


def test_a_body_that_was_packed_unasked_is_unpacked(stub_vendor: StubVendor) -> None:
    stub_vendor.set(gzip_bomb_bytes=1000)
    assert exchange(stub_vendor.openai_url).content == b" " * 1000


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip"])
def test_a_body_that_cannot_be_unpacked_is_malformed(
    encoding: str, stub_vendor: StubVendor
) -> None:
    stub_vendor.fail_with(200, "not packed at all", Content_Encoding=encoding)
    assert refused(ReplyMalformedError, stub_vendor.openai_url)


@pytest.mark.parametrize("behaviour", [{"hang": True}, {"drip": 0.05}, {"latency": 5}])
def test_the_deadline_spans_the_whole_exchange(
    behaviour: dict[str, Any], stub_vendor: StubVendor
) -> None:
    stub_vendor.set(**behaviour)
    detail = refused(CallTimeoutError, stub_vendor.openai_url, timeout_seconds=0.4)
    assert detail == "No complete answer within 0.4 seconds."


def test_a_cut_body_is_a_fault_of_the_vendor(stub_vendor: StubVendor) -> None:
    stub_vendor.set(truncate=True)
    assert refused(UnavailableError, stub_vendor.openai_url).startswith("ClientPayloadError")


def test_a_closed_port_is_unreachable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert f"127.0.0.1:{port}" in refused(UnreachableError, f"http://127.0.0.1:{port}/v1")


def test_an_unknown_name_is_unreachable() -> None:
    class Silent(FixedResolver):
        async def resolve(self, host: str, port: int = 0, family: Any = 0) -> Any:
            raise OSError("Name or service not known")

    detail = refused(UnreachableError, "https://nowhere.example/v1", resolver=Silent([]))
    assert "nowhere.example" in detail


def test_256_calls_are_in_flight_at_once(stub_vendor: StubVendor) -> None:
    stub_vendor.set(latency=0.5)
    account = Account(family="openai", base_url=stub_vendor.openai_url, timeout_seconds=20)

    async def call_all() -> None:
        door = GuardedTransport(account)
        url = f"{stub_vendor.openai_url}/chat/completions"
        requests = [httpx2.Request("POST", url, content=BODY) for _ in range(256)]
        await asyncio.gather(*[door.handle_async_request(request) for request in requests])
        await door.aclose()

    asyncio.run(call_all())
    assert stub_vendor.stats.max_inflight == 256


# Certificates


@pytest.fixture
def encrypted_port(tmp_path: Path) -> Iterator[int]:
    """A server whose certificate nobody has signed."""
    certificate = tmp_path / "server.pem"
    certificate.write_bytes(self_signed())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        connection, _peer = listener.accept()
        try:
            context.wrap_socket(connection, server_side=True).close()
        except ssl.SSLError:
            connection.close()

    thread = threading.Thread(target=accept)
    thread.start()
    yield listener.getsockname()[1]
    thread.join()
    listener.close()


def self_signed() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def test_a_certificate_that_nobody_signed_is_not_trusted(encrypted_port: int) -> None:
    detail = refused(UnreachableError, f"https://127.0.0.1:{encrypted_port}/v1")
    assert "certificate verify failed" in detail.lower()
