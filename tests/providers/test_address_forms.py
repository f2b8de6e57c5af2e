"""Addresses of providers: what the form takes can be called, and what cannot is said at once."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest
from aiohttp.abc import ResolveResult
from django.core.exceptions import ValidationError
from django.utils import translation
from pytest_django import Settings

from providers import connection
from providers.addresses import Endpoint
from providers.catalogue import VENDORS
from providers.clients import open_client
from providers.clients.types import Account, Family
from providers.errors import BlockedAddressError, UnreachableError
from providers.models import LanguageModel, Provider
from providers.transport import GuardedResolver, GuardedTransport
from providers.validation import check_address
from tests.providers.calls import FixedResolver

SHAPE = "The address must look like https://api.example.com/v1."
EXTRAS = "The address may hold no user, password, query or fragment."
FAMILIES: list[Family] = ["openai", "anthropic"]


def refusal(address: str) -> str:
    with pytest.raises(ValidationError) as caught:
        check_address(address, VENDORS["compatible"])
    [sentence] = caught.value.message_dict["base_url"]
    return sentence


@pytest.mark.parametrize(
    "address",
    [
        "https://exa mple.com/v1",
        "https://a.example/v1 beta",
        "https://a..example/v1",
        "https://.a.example/v1",
        "https://a\\b.example/v1",
        "https://[::1]x/v1",
        "http://[v1.x]/",
        "http://[]/v1",
        "https://a.example:/v1",
        "https://a.example:port/v1",
        "https://a.example:443:8/v1",
        "https://%61.example/v1",
        "https:/a.example/v1",
        "https:a.example",
        "//a.example/v1",
        "https//a.example",
        "localhost:8000",
        "javascript:alert(1)",
        "https://a.example\x7f/v1",
    ],
)
def test_what_could_never_be_called_is_refused(address: str) -> None:
    assert refusal(address) == SHAPE


@pytest.mark.parametrize(
    "address",
    [
        "https://a.example/v1?",
        "https://a.example/v1#",
        "https://@a.example/v1",
        "https://:@a.example/v1",
        "https://a.example/v1?api-version=2026",
        "https://a.example/@me",
    ],
)
def test_marks_that_would_change_the_path_are_refused(address: str) -> None:
    assert refusal(address) == EXTRAS


CALLABLE = [
    "https://a.example",
    "https://a.example./v1",
    "http://localhost:11434/v1",
    "http://10.0.0.5:8000",
    "https://[2606:4700::1111]:8443/v1",
    "https://my_gateway.example/openai/deployments/x/v1",
    "https://xn--fiqs8s.example/v1",
    "https://模型.中国/v1",
    "HTTPS://A.EXAMPLE/V1",
]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("address", CALLABLE)
def test_what_is_taken_can_be_opened(address: str, family: Family) -> None:
    check_address(address, VENDORS["compatible"])
    client = open_client(Account(family=family, base_url=address, api_key="k"))
    asyncio.run(client.close())


def test_the_refusal_speaks_chinese() -> None:
    with translation.override("zh-hans"):
        assert refusal("https://exa mple.com") == "地址格式应为 https://api.example.com/v1。"
        assert refusal("https://a.example?") == "地址中不能包含用户名、密码、查询参数或片段。"


# What was stored before it could be refused


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["https://[::1]x/v1", "https://\u2024.example/v1"])
@pytest.mark.parametrize("vendor", ["compatible", "anthropic"])
def test_a_test_of_it_fails_in_words(vendor: str, address: str) -> None:
    provider = Provider(name="Old", vendor=vendor, base_url=address)
    provider.set_key("sk-0123456789")
    provider.save()
    model = LanguageModel.objects.create(provider=provider, name="m")
    for report in (connection.check_provider(provider), connection.check_model(model)):
        assert (report.outcome, report.error_code) == ("fails", "blocked_address")
        assert report.detail


@pytest.mark.parametrize("host", ["a" * 70 + ".example", "a..example"])
def test_a_name_that_no_resolver_takes_is_unreachable(host: str, settings: Settings) -> None:
    class Strict(FixedResolver):
        async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
            host.encode("idna")
            return await super().resolve(host, port, family)

    async def call() -> None:
        url = f"https://{host}/v1"
        door = GuardedTransport(Account(family="openai", base_url=url), resolver=Strict([]))
        try:
            await door.handle_async_request(httpx2.Request("POST", url))
        finally:
            await door.aclose()

    with pytest.raises(UnreachableError):
        asyncio.run(call())


# Several answers of a name server


def resolved(addresses: list[str], endpoint: Endpoint) -> list[str]:
    resolver = GuardedResolver(endpoint, FixedResolver(addresses))
    return [found["host"] for found in asyncio.run(resolver.resolve(endpoint.host, 443))]


PUBLIC = ["8.8.8.8", "2606:4700::1111", "1.1.1.1"]


def test_public_answers_are_all_kept_in_their_order(settings: Settings) -> None:
    settings.DATAMATE_ALLOWED_PRIVATE_HOSTS = []
    endpoint = Endpoint(host="a.example", port=443, is_encrypted=True)
    assert resolved(PUBLIC, endpoint) == PUBLIC


@pytest.mark.parametrize("place", [0, 1, 3])
@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "::1", "fd00::1", "::ffff:192.168.0.1", "169.254.169.254", "0.0.0.0"],  # noqa: S104
)
def test_one_bad_answer_at_any_place_refuses_all(
    address: str, place: int, settings: Settings
) -> None:
    settings.DATAMATE_ALLOWED_PRIVATE_HOSTS = []
    answers = [*PUBLIC[:place], address, *PUBLIC[place:]]
    with pytest.raises(BlockedAddressError):
        resolved(answers, Endpoint(host="a.example", port=443, is_encrypted=True))


METADATA = {
    "Amazon, Google, Azure, Tencent": "169.254.169.254",
    "Tencent": "169.254.0.23",
    "Alibaba": "100.100.100.200",
    "Volcengine": "100.96.0.96",
    "Oracle": "192.0.0.192",
    "Azure's wire server": "168.63.129.16",
    "Amazon over IPv6": "fd00:ec2::254",
    "Google over IPv6": "fd20:ce::254",
    "mapped": "::ffff:100.96.0.96",
    "NAT64": "64:ff9b::a83f:8110",
}


@pytest.mark.parametrize("address", METADATA.values(), ids=METADATA)
@pytest.mark.parametrize("allowed", [[], ["0.0.0.0/0", "::/0"], ["a.example"]], ids=str)
def test_no_setting_opens_a_metadata_service(
    address: str, allowed: list[str], settings: Settings
) -> None:
    settings.DATAMATE_ALLOWED_PRIVATE_HOSTS = allowed
    with pytest.raises(BlockedAddressError) as caught:
        Endpoint(host="a.example", port=443, is_encrypted=True).check(address)
    assert caught.value.detail == "a.example is a metadata service."


# Headers


def sent(own: dict[str, str], added: dict[str, str], key: str = "k") -> dict[str, str]:
    account = Account(family="openai", base_url="https://a.example", headers=own, api_key=key)
    return GuardedTransport(account).allowed(httpx2.Headers(added))


@pytest.mark.parametrize("written", ["anthropic-version", "Anthropic-Version", "ANTHROPIC-VERSION"])
def test_a_header_of_the_account_takes_the_place_of_the_sdks(written: str) -> None:
    found = sent({written: "2023-06-01"}, {"anthropic-version": "2026-10-21"})
    assert [value for name, value in found.items() if name.lower() == "anthropic-version"] == [
        "2023-06-01"
    ]


@pytest.mark.parametrize("written", ["user-agent", "User-Agent"])
def test_the_account_may_name_itself(written: str) -> None:
    found = sent({written: "team"}, {"User-Agent": "AsyncOpenAI"})
    assert found == {written: "team", "Accept-Encoding": "identity"}


def test_other_headers_stand_beside_those_of_the_account() -> None:
    found = sent({"X-Team": "data"}, {"Accept": "application/json", "Cookie": "a"})
    assert found == {
        "Accept": "application/json",
        "X-Team": "data",
        "Accept-Encoding": "identity",
    }


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://a.example/v1", "https://a.example:443/v1/x"),
        ("https://a.example:443/v1", "https://a.example/v1"),
        ("http://a.example/v1", "http://a.example:80/v1"),
        ("https://A.example/v1", "https://a.EXAMPLE/v1"),
        ("https://a.example/v1", "https://a.example/elsewhere"),
    ],
)
def test_the_same_host_and_port_are_one_target(url: str, target: str) -> None:
    door = GuardedTransport(Account(family="openai", base_url=url))
    door._check_target(httpx2.URL(target))


@pytest.mark.parametrize(
    "target",
    [
        "http://a.example/v1",
        "https://a.example:8443/v1",
        "https://b.example/v1",
        "https://a.example.evil.example/v1",
        "https://aaexample/v1",
    ],
)
def test_any_other_is_none(target: str) -> None:
    door = GuardedTransport(Account(family="openai", base_url="https://a.example/v1"))
    with pytest.raises(BlockedAddressError, match="is not this provider's address"):
        door._check_target(httpx2.URL(target))
