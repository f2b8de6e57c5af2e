"""The JSON example that a prompt shows, and the schema of a record like it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import json_repair

MAX_ATTEMPTS = 300
MAX_REPAIRS = 10
MAX_BLOCK_CHARACTERS = 20_000

_MARKER = re.compile(
    r"输出格式|输出示例|返回格式|output format|response format|reply format|return format", re.I
)
_START = re.compile(r"[\[{]")
_BARE_VARIABLE = re.compile(r"([:\[,]\s*)\{+[^\W\d]\w*\}+(?=\s*[,\]}])")
_PROPERTY = re.compile(r"""["'“][^"'”]+["'”]\s*[:：]""")
_WRAPPERS = frozenset({"items", "data", "records", "results", "samples"})
_DECODER = json.JSONDecoder(strict=False)


def find(prompt: str) -> list[dict[str, Any]]:
    """Find the example records: after a heading such as output format, else anywhere."""
    marker = _MARKER.search(prompt)
    texts = [prompt[marker.end() :], prompt] if marker else [prompt]
    for candidates in (_decoded, _repaired):
        for text in texts:
            for value in candidates(text):
                if records := _records(value):
                    return records
    return []


def record_schema(records: list[dict[str, Any]]) -> dict[str, Any]:
    """Build the schema that every one of the example records satisfies."""
    return _merged([schema_of(record) for record in records])


def schema_of(value: Any) -> dict[str, Any]:
    """Build a schema from one example value; null says nothing about the type."""
    if isinstance(value, dict):
        return {
            "type": "object",
            "properties": {name: schema_of(item) for name, item in value.items()},
            "required": list(value),
        }
    if isinstance(value, list):
        return {"type": "array", **_items(value)}
    if isinstance(value, str):
        # An example that shows some text asks for some text.
        return {"type": "string", "minLength": 1} if value else {"type": "string"}
    return {} if value is None else {"type": _NUMBERS[type(value)]}


_NUMBERS = {bool: "boolean", int: "integer", float: "number"}


def _items(values: list[Any]) -> dict[str, Any]:
    schemas = [schema_of(value) for value in values]
    if not schemas:
        return {}
    first = schemas[0]
    if all(schema == first for schema in schemas):
        return {"items": first}
    if all(schema.get("type") == "object" for schema in schemas):
        return {"items": _merged(schemas)}
    return {}


def _merged(schemas: list[dict[str, Any]]) -> dict[str, Any]:
    """Join object schemas: all properties, of which those in every example are required."""
    properties: dict[str, Any] = {}
    for schema in schemas:
        for name, inner in schema["properties"].items():
            known = properties.setdefault(name, inner)
            if known != inner:
                properties[name] = {"type": known["type"]} if _same_type(known, inner) else {}
    required = [name for name in properties if all(name in s["properties"] for s in schemas)]
    return {"type": "object", "properties": properties, "required": required}


def _same_type(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return "type" in one and one["type"] == other.get("type")


def _records(value: Any) -> list[dict[str, Any]]:
    """Take the records out of an array or of a wrapper around an array."""
    if isinstance(value, dict) and len(value) == 1:
        [(name, inner)] = value.items()
        if name in _WRAPPERS and isinstance(inner, list):
            value = inner
    values = value if isinstance(value, list) else [value]
    return [item for item in values if isinstance(item, dict) and item]


def _decoded(text: str) -> Iterator[Any]:
    position = 0
    for _attempt in range(MAX_ATTEMPTS):
        match = _START.search(text, position)
        if match is None:
            return
        try:
            value, position = _DECODER.raw_decode(text, match.start())
        except (ValueError, RecursionError):
            position = match.end()
        else:
            yield value


def _repaired(text: str) -> Iterator[Any]:
    """Read examples with comments, an ellipsis or bare variables, as people write them."""
    text = _BARE_VARIABLE.sub(r"\1null", text[:MAX_BLOCK_CHARACTERS])
    position = 0
    for _attempt in range(MAX_REPAIRS):
        start = _START.search(text, position)
        if start is None:
            return
        block = text[start.start() : _closing(text, start.start())]
        if _PROPERTY.search(block):
            yield _loads(block)
        position = start.end()


def _loads(block: str) -> Any:
    try:
        return json_repair.loads(block)
    # Not code of this project, and fed with anything at all.
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError):
        return None


def _closing(text: str, start: int) -> int | None:
    depth = 0
    for match in re.compile(r"[\[\]{}]").finditer(text, start):
        depth += 1 if match[0] in "[{" else -1
        if depth == 0:
            return match.end()
    return None
