"""Which network addresses a provider may have: public ones, and what the settings allow."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from providers.errors import BlockedAddressError

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

# Clouds hand out credentials there; no setting opens these.
METADATA = tuple(
    ipaddress.ip_network(text)
    for text in (
        "169.254.0.0/16",
        "100.100.100.200/32",  # Alibaba
        "100.96.0.96/32",  # Volcengine
        "168.63.129.16/32",  # Azure
        "192.0.0.192/32",  # Oracle
        "fd00:ec2::254/128",  # Amazon
        "fd20:ce::254/128",  # Google
    )
)
# What is_global of Python 3.11 lets through, and the old tunnels that end anywhere:
# protocol assignments, 6to4 relay, IPv4-compatible, local NAT64, Teredo and its kin, 6to4,
# site-local.
RESERVED = tuple(
    ipaddress.ip_network(text)
    for text in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "::/96",
        "64:ff9b:1::/48",
        "2001::/23",
        "2002::/16",
        "fec0::/10",
    )
)
NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True)
class Endpoint:
    """The one host and port that a transport may connect to."""

    host: str
    port: int
    is_encrypted: bool
    is_own_server: bool = False

    def check(self, address: str) -> None:
        """Refuse address, to which the host was resolved.

        Errors: BlockedAddressError when it is private, reserved or would be called in clear.
        """
        found = unwrapped(ipaddress.ip_address(address.partition("%")[0]))
        if self.is_own_server and str(found) == self.host == "127.0.0.1":
            return
        if lies_in(found, METADATA):
            raise BlockedAddressError(_("%(host)s is a metadata service.") % {"host": self.host})
        if is_listed(self.host, found):
            return
        if not is_public(found):
            raise BlockedAddressError(
                _("%(host)s leads to a private or reserved address.") % {"host": self.host}
            )
        if not self.is_encrypted:
            raise BlockedAddressError(
                _("%(host)s would get the API key unencrypted: use https.") % {"host": self.host}
            )


def unwrapped(address: IPAddress) -> IPAddress:
    """Return the IPv4 address that a mapped or NAT64 one stands for, else the address."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_public(address: IPAddress) -> bool:
    return address.is_global and not address.is_multicast and not lies_in(address, RESERVED)


def lies_in(address: IPAddress, networks: tuple[IPNetwork, ...]) -> bool:
    return any(address in network for network in networks)


def is_listed(host: str, address: IPAddress) -> bool:
    """Tell whether DATAMATE_ALLOWED_PRIVATE_HOSTS has the host by name or its address."""
    for entry in settings.DATAMATE_ALLOWED_PRIVATE_HOSTS:
        if entry.lower() == host.lower():
            return True
        try:
            if address in ipaddress.ip_network(entry, strict=False):
                return True
        except ValueError:
            continue  # a host name
    return False
