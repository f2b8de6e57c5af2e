"""The tables of a database, as the database itself describes them."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

OWN = ("providers_", "synthesis_", "quality_")
Table = tuple[list[tuple[Any, ...]], list[dict[str, Any]]]


def beside(name: str) -> BaseDatabaseWrapper:
    """Connect to another database of the tests' own server, or in another file."""
    return ConnectionHandler({"default": {**connection.settings_dict, "NAME": name}})["default"]


def described(database: BaseDatabaseWrapper) -> dict[str, Table]:
    """Return columns and constraints of the product's tables, in no order of their own."""
    with database.cursor() as cursor:
        names = database.introspection.table_names(cursor)
        return {name: of(database, cursor, name) for name in names if name.startswith(OWN)}


def of(database: BaseDatabaseWrapper, cursor: Any, name: str) -> Table:
    columns = database.introspection.get_table_description(cursor, name)
    constraints = database.introspection.get_constraints(cursor, name)
    return sorted(map(tuple, columns)), sorted(constraints.values(), key=repr)
