"""The clients: one small module for each family of vendors.

Each has open_client(account) and read_reply(body). They are imported at their first use: the
SDKs take a second to load, which a web process that calls nobody should not pay.
"""

from __future__ import annotations

import importlib
from typing import Protocol, cast

from providers.clients.types import Account, Client, Family, Reply


class FamilyModule(Protocol):
    def open_client(self, account: Account) -> Client: ...

    def read_reply(self, body: bytes) -> Reply: ...


def module_of(family: Family) -> FamilyModule:
    return cast(FamilyModule, importlib.import_module(f"providers.clients.{family}"))


def open_client(account: Account) -> Client:
    """Return a client of the account, to be used inside one event loop and closed there."""
    return module_of(account.family).open_client(account)


def read_reply(family: Family, body: bytes) -> Reply:
    """Read a stored answer; needs no connection.

    Errors: ReplyMalformedError when the body is not what this family answers.
    """
    return module_of(family).read_reply(body)
