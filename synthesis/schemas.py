"""The schema of one record: read it out of a prompt, check it, send it along.

Schemas are JSON Schema draft 2020-12. Nothing is ever fetched: a reference may only lead to
another place of the same schema.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry

from synthesis import json_examples, satisfiability
from synthesis.satisfiability import SchemaError as SchemaError

_ROOT_KEYS = frozenset({"$schema", "$id", "$defs"})


def infer(prompt: str) -> dict[str, Any] | None:
    """Build the schema of one record from the JSON example in a prompt, if there is one."""
    records = json_examples.find(prompt)
    return json_examples.record_schema(records) if records else None


def check(schema: Any) -> None:
    """Refuse what is no schema of a JSON object, or one that nothing can satisfy.

    Errors: SchemaError with a sentence for the user.
    """
    satisfiability.check(schema)


def validator(schema: Mapping[str, Any]) -> Draft202012Validator:
    """Make a validator that never follows a reference out of the schema."""
    return Draft202012Validator(dict(schema), registry=Registry())


def reply_schema(record_schema: Mapping[str, Any], count: int) -> dict[str, Any]:
    """Wrap the schema of a record into that of a reply with exactly count records."""
    record = {name: value for name, value in record_schema.items() if name not in _ROOT_KEYS}
    # References of a checked schema start with #/$defs/ and are read from the root.
    definitions = record_schema.get("$defs")
    items = {"type": "array", "items": record, "minItems": count, "maxItems": count}
    reply: dict[str, Any] = {
        "type": "object",
        "properties": {"items": items},
        "required": ["items"],
        "additionalProperties": False,
    }
    return {**reply, "$defs": definitions} if definitions else reply


def instruction(
    record_schema: Mapping[str, Any], count: int, language: str, *, wrapped: bool = False
) -> str:
    """Say in the prompt's language what a model without structured output must reply.

    Wrapped asks for an object with the array in items, as vendors' JSON mode demands.
    """
    key = ("zh" if language.lower().startswith("zh") else "en", wrapped)
    text = json.dumps(record_schema, ensure_ascii=False, separators=(",", ":"))
    return f"{_INSTRUCTIONS[key] % {'count': count}}\n{text}"


_INSTRUCTIONS = {
    ("en", False): (
        "Reply with a JSON array of exactly %(count)d object(s) and nothing else: no explanation,"
        " no Markdown. Every object follows this JSON Schema:"
    ),
    ("en", True): (
        'Reply with one JSON object {"items": [...]} and nothing else: no explanation, no Markdown.'
        " The array holds exactly %(count)d object(s); each follows this JSON Schema:"
    ),
    ("zh", False): (
        "只输出一个 JSON 数组，恰好包含 %(count)d 个对象，不要输出任何解释或 Markdown 标记。"
        "每个对象都必须符合以下 JSON Schema："
    ),
    ("zh", True): (
        '只输出一个 JSON 对象 {"items": [...]}，不要输出任何解释或 Markdown 标记。'
        "数组恰好包含 %(count)d 个对象，每个对象都必须符合以下 JSON Schema："
    ),
}
