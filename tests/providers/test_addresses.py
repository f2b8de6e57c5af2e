from __future__ import annotations

import ipaddress

import pytest
from pytest_django import Settings

from providers.addresses import Endpoint, is_public, unwrapped
from providers.errors import BlockedAddressError

PRIVATE = "host leads to a private or reserved address."
METADATA = "host is a metadata service."
IN_CLEAR = "host would get the API key unencrypted: use https."


@pytest.fixture(autouse=True)
def nothing_allowed(settings: Settings) -> None:
    settings.DATAMATE_ALLOWED_PRIVATE_HOSTS = []


def refusal(address: str, host: str = "host", is_encrypted: bool = True) -> str:
    endpoint = Endpoint(host=host, port=443, is_encrypted=is_encrypted)
    try:
        endpoint.check(address)
    except BlockedAddressError as error:
        return error.detail
    return ""


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",  # noqa: S104
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",  # carrier-grade NAT
        "192.0.0.8",
        "192.88.99.1",  # 6to4 relay
        "192.0.2.1",  # documentation
        "198.18.0.1",  # benchmarks
        "224.0.0.1",  # multicast
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "::127.0.0.1",  # IPv4-compatible
        "::8.8.8.8",
        "::ffff:127.0.0.1",  # mapped
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",  # NAT64 of 127.0.0.1
        "64:ff9b::a00:1",
        "64:ff9b:1::808:808",  # local NAT64
        "2001::1",  # Teredo
        "2002:7f00:1::",  # 6to4 of 127.0.0.1
        "2002:808:808::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
    ],
)
def test_private_and_reserved_addresses_are_refused(address: str) -> None:
    assert refusal(address) == PRIVATE


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "100.100.100.200",
        "fd00:ec2::254",
    ],
)
def test_metadata_services_are_refused_whatever_the_settings_say(
    address: str, settings: Settings
) -> None:
    settings.DATAMATE_ALLOWED_PRIVATE_HOSTS = ["0.0.0.0/0", "::/0", "host", address]
    assert refusal(address) == METADATA


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_public_addresses_pass(address: str) -> None:
    assert refusal(address) == ""


@pytest.mark.parametrize(
    ("entry", "address", "host"),
    [
        ("10.0.0.0/8", "10.1.2.3", "host"),
        ("10.1.2.3", "10.1.2.3", "host"),
        ("10.1.2.3/8", "10.200.0.1", "host"),
        ("fd12::/16", "fd12::1", "host"),
        ("127.0.0.0/8", "::ffff:127.0.0.1", "host"),
        ("Ollama.Internal", "192.168.0.5", "ollama.internal"),
    ],
)
def test_settings_allow_networks_addresses_and_names(
    entry: str, address: str, host: str, settings: Settings
) -> None:
    settings.DATAMATE_ALLOWED_PRIVATE_HOSTS = ["other.example", entry]
    assert refusal(address, host, is_encrypted=False) == ""


def test_an_allowed_network_opens_no_other(settings: Settings) -> None:
    settings.DATAMATE_ALLOWED_PRIVATE_HOSTS = ["10.0.0.0/8"]
    assert refusal("192.168.1.1") == PRIVATE


def test_public_addresses_are_refused_without_encryption() -> None:
    assert refusal("8.8.8.8", is_encrypted=False) == IN_CLEAR


def test_the_own_server_needs_no_setting() -> None:
    Endpoint(host="127.0.0.1", port=4, is_encrypted=False, is_own_server=True).check("127.0.0.1")


@pytest.mark.parametrize(
    ("host", "address"),
    [("127.0.0.1", "127.0.0.2"), ("127.0.0.1", "10.0.0.1"), ("localhost", "127.0.0.1")],
)
def test_the_own_server_is_one_address_only(host: str, address: str) -> None:
    endpoint = Endpoint(host=host, port=4, is_encrypted=False, is_own_server=True)
    with pytest.raises(BlockedAddressError):
        endpoint.check(address)


def test_a_nat64_address_stands_for_the_ipv4_address_in_it() -> None:
    address = ipaddress.ip_address("64:ff9b::808:808")
    assert str(unwrapped(address)) == "8.8.8.8"


def test_an_ordinary_ipv6_address_stands_for_itself() -> None:
    address = ipaddress.ip_address("2606:4700::1111")
    assert unwrapped(address) == address
    assert is_public(address)
