"""Make records that fit a JSON schema, fast enough to feed a load test."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

SYLLABLES = [a + b for a in "bdfgklmnprstv" for b in ("a", "e", "i", "o", "u")]
DEFAULT_SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"question": {"type": "string"}, "answer": {"type": "string"}},
    },
}
POOL_SIZE = 5
RANGE = re.compile(r"<(\d+)-(\d+)>")
# Breaks every schema that has a required field, and stays JSON.
MALFORMED = '{"unexpected": 17}'


class RecordMaker:
    """Write answers as text: a JSON array of records, or what the schema's root asks for."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311
        self.prefix = f"{seed:x}"
        self.sequence = 0
        self.phrases = [self.phrase() for _ in range(2048)]
        self.pools: dict[str, list[str]] = {}
        self.drawn: set[str] = set()

    def phrase(self) -> str:
        words = [
            "".join(self.random.choices(SYLLABLES, k=self.random.randint(2, 4))) for _ in range(4)
        ]
        return " ".join(words)

    def sentence(self) -> str:
        """A sentence that no other call returns, with few n-grams in common with any."""
        self.sequence += 1
        number = int(self.random.random() * 2048**3)
        phrases = self.phrases
        return (
            f"{phrases[number & 2047]} {phrases[number >> 11 & 2047]} "
            f"{phrases[number >> 22]} {self.prefix}{self.sequence:x}"
        )

    def record(self, form: str, slots: int) -> str:
        text = form % tuple([self.sentence() for _ in range(slots)])
        return RANGE.sub(self.integer, text) if "<" in form else text

    def integer(self, bounds: re.Match[str]) -> str:
        return str(self.random.randint(int(bounds[1]), int(bounds[2])))

    def pooled(self, form: str, slots: int) -> tuple[str, bool]:
        """Draw from a few fixed records; tell whether this one was drawn before."""
        pool = self.pools.setdefault(form, [])
        if len(pool) < POOL_SIZE:
            pool.append(self.record(form, slots))
        text = self.random.choice(pool)
        is_repeat = text in self.drawn
        self.drawn.add(text)
        return text, is_repeat

    def answer(
        self, schema: Mapping[str, Any] | None, count: int, p_malformed: float, p_duplicate: float
    ) -> tuple[str, dict[str, int]]:
        """Return the answer's text and how many records of each kind are in it."""
        frame, form, slots, is_list = compiled(json.dumps(schema or DEFAULT_SCHEMA))
        kinds = {"records": 0, "malformed": 0, "duplicates": 0}
        records = []
        for _ in range(count if is_list else 1):
            draw = self.random.random()
            if draw < p_malformed:
                records.append(MALFORMED)
                kinds["malformed"] += 1
            elif draw < p_malformed + p_duplicate:
                text, is_repeat = self.pooled(form, slots)
                records.append(text)
                kinds["duplicates"] += is_repeat
            else:
                records.append(self.record(form, slots))
        kinds["records"] = len(records)
        return frame % ",".join(records), kinds


@lru_cache(maxsize=256)
def compiled(schema_text: str) -> tuple[str, str, int, bool]:
    """Return a frame with one slot for the records, and a record's form with its slots."""
    schema = json.loads(schema_text)
    path = list_path(schema)
    if path is None:
        form = form_of(schema)
        return "%s", form, slots_in(form), False
    frame = "[%s]"
    for name in reversed(path):
        frame = "{" + json.dumps(name).replace("%", "%%") + ":" + frame + "}"
    items = schema
    for name in path:
        items = items["properties"][name]
    form = form_of(items.get("items", {}))
    return frame, form, slots_in(form), True


def slots_in(form: str) -> int:
    return len(re.findall(r"(?<!%)%s", form))


def list_path(schema: Mapping[str, Any]) -> list[str] | None:
    """Where the list of records lies: at the root, or in the root's only field."""
    if schema.get("type") == "array":
        return []
    properties = schema.get("properties", {})
    if len(properties) == 1:
        name, inner = next(iter(properties.items()))
        if inner.get("type") == "array":
            return [name]
    return None


def form_of(schema: Mapping[str, Any]) -> str:
    """Return JSON text that fits the schema, with %s for each sentence."""
    if "const" in schema or "enum" in schema:
        value = schema.get("const", (schema.get("enum") or [None])[0])
        return json.dumps(value, ensure_ascii=False).replace("%", "%%")
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return form_of(schema[word][0])
    kind = schema.get("type", "string")
    if isinstance(kind, list):
        kind = kind[0]
    if kind == "object":
        fields = schema.get("properties", {})
        return "{" + ",".join(field_form(name, inner) for name, inner in fields.items()) + "}"
    if kind == "array":
        item = form_of(schema.get("items", {}))
        return "[" + ",".join([item] * max(1, schema.get("minItems", 1))) + "]"
    if kind == "integer" and "maximum" in schema:
        return f"<{schema.get('minimum', 0)}-{schema['maximum']}>"
    plain = {"integer": schema.get("minimum", 3), "number": schema.get("minimum", 0.5)}
    words = {"boolean": "true", "null": "null"}
    return words.get(kind) or (json.dumps(plain[kind]) if kind in plain else '"%s"')


def field_form(name: str, schema: Mapping[str, Any]) -> str:
    return json.dumps(name, ensure_ascii=False).replace("%", "%%") + ":" + form_of(schema)
