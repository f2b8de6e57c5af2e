from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.models.fields.json import KeyTextTransform, KeyTransform

# json.dumps makes an encoder for every value, at the cost of the value itself.
as_json = json.JSONEncoder(ensure_ascii=False).encode


class OrderedJSONField(models.JSONField):
    """JSON that keeps its names in order, on PostgreSQL too.

    Its jsonb sorts names, so a reasoning that must come before its answer would not;
    its json type keeps the text as it was, and is cast where a filter looks into it.
    """

    def db_type(self, connection: Any) -> str | None:
        return "json" if connection.vendor == "postgresql" else super().db_type(connection)

    def get_db_prep_save(self, value: Any, connection: Any) -> str | None:
        return None if value is None else as_json(value)

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:
        """Read the text: the driver would decode it into an object first."""
        if compiler.connection.vendor == "postgresql":
            return f"({sql})::text", params
        return super().select_format(compiler, sql, params)

    def get_transform(self, name: str) -> Callable[..., Any]:
        return lambda *args, **kwargs: OrderedKeyTransform(name, *args, **kwargs)


class OrderedKeyTransform(KeyTransform):
    def preprocess_lhs(self, compiler: Any, connection: Any) -> tuple[str, Any, list[str]]:
        column, params, keys = super().preprocess_lhs(compiler, connection)
        return f"({column})::jsonb" if connection.vendor == "postgresql" else column, params, keys


class OrderedKeyText(OrderedKeyTransform, KeyTextTransform):
    """The value under a name of an object, as text.

    The name is asked for as it is. Django writes a path: SQLite compares its escapes with the
    stored letters, so that no 问题 is found, and both take a name of digits for a place in a list.
    """

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, params, [name] = self.preprocess_lhs(compiler, connection)
        value = "CASE WHEN type IN ('true', 'false') THEN type ELSE value END"
        rows = f"json_each({column}) WHERE key = %s"
        return f"(SELECT {value} FROM {rows})", (*params, name)  # noqa: S608  the name is a value

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, params, [name] = self.preprocess_lhs(compiler, connection)
        return f"({column} ->> %s)", (*params, name)
