"""What a record's schema must be so that a model can ever satisfy it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext
from jsonschema import Draft202012Validator
from jsonschema import SchemaError as InvalidSchema
from referencing import Registry

MAX_SCHEMA_CHARACTERS = 100_000
MAX_SCHEMA_DEPTH = 32
# How many schemas a validator would visit, references followed.
MAX_EXPANDED = 5_000

# The keywords that hold schemas: in a list, under names, or one.
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_MAPS = ("properties", "patternProperties", "$defs", "dependentSchemas")
_SINGLES = (
    "items", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else",
    "unevaluatedItems", "unevaluatedProperties",
)  # fmt: skip
_RANGES = (
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
    ("minimum", "maximum"),
    ("minContains", "maxContains"),
)
_REFERENCES = ("$ref", "$dynamicRef")
_REPEATED_REPEAT = re.compile(r"[+*}]\)[+*{]")


class SchemaError(ValueError):
    """A schema that cannot describe a record; path leads to the place."""

    def __init__(self, code: str, sentence: str, path: str = "#", **facts: Any) -> None:
        self.code = code
        self.path = path
        super().__init__(sentence % {"path": path, **facts})


class Place(NamedTuple):
    path: str
    schema: Any


def check(schema: Any) -> None:
    """Refuse what is no schema of a JSON object, or one that nothing can satisfy.

    Errors: SchemaError with a sentence for the user.
    """
    _check_size(schema)
    _check_syntax(schema)
    _check_root(schema)
    places = list(_places(Place("#", schema)))
    for place in places:
        _check_references(place, schema)
    _expanded(schema, schema, {}, ())
    for place in places:
        if isinstance(place.schema, dict):
            _check_place(place, schema)


def _check_size(schema: Any) -> None:
    if not isinstance(schema, dict):
        raise SchemaError("not_an_object", gettext("The output schema must be a JSON object."))
    if _depth_exceeds(schema, MAX_SCHEMA_DEPTH):
        raise SchemaError("too_deep", gettext("The output schema is nested too deeply."))
    try:
        length = len(json.dumps(schema, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise SchemaError("not_json", gettext("The output schema is not JSON.")) from error
    if length > MAX_SCHEMA_CHARACTERS:
        raise SchemaError(
            "too_large",
            gettext("The output schema is longer than %(limit)s characters."),
            limit=MAX_SCHEMA_CHARACTERS,
        )


def _depth_exceeds(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    if levels == 0:
        return True
    inner = value.values() if isinstance(value, dict) else value
    return any(_depth_exceeds(item, levels - 1) for item in inner)


def _check_syntax(schema: dict[str, Any]) -> None:
    reason, path = "", "#"
    try:
        Draft202012Validator.check_schema(schema)
    except InvalidSchema as error:
        reason, path = error.message[:300], "/".join(["#", *map(str, error.absolute_path)])
    # What re.compile raises on absurd patterns, and jsonschema lets through.
    except (OverflowError, RecursionError) as error:
        reason = str(error)
    if reason:
        raise SchemaError(
            "not_a_schema",
            gettext("The output schema is not valid at %(path)s: %(reason)s"),
            path,
            reason=reason,
        )


def _check_root(schema: dict[str, Any]) -> None:
    kind = schema.get("type")
    if kind == "array":
        raise SchemaError(
            "not_an_object_schema",
            gettext("Describe one record, not the list: the output schema needs type object."),
        )
    if kind != "object":
        raise SchemaError(
            "not_an_object_schema", gettext("The output schema needs type object at the top.")
        )


def _places(place: Place) -> Iterator[Place]:
    """Walk over all schemas inside a schema, itself included."""
    yield place
    if isinstance(place.schema, dict):
        for inner in _inner(place):
            yield from _places(inner)


def _inner(place: Place) -> Iterator[Place]:
    for key in _SINGLES:
        if key in place.schema:
            yield Place(f"{place.path}/{key}", place.schema[key])
    for key in _LISTS:
        for number, schema in enumerate(place.schema.get(key, ())):
            yield Place(f"{place.path}/{key}/{number}", schema)
    for key in _MAPS:
        for name, schema in place.schema.get(key, {}).items():
            yield Place(f"{place.path}/{key}/{name}", schema)


def _check_references(place: Place, root: dict[str, Any]) -> None:
    if not isinstance(place.schema, dict):
        return
    if place.path != "#" and "$id" in place.schema:
        raise SchemaError(
            "bad_reference", gettext("%(path)s may not have an $id of its own."), place.path
        )
    for key in _REFERENCES:
        target = place.schema.get(key)
        if target is not None and (key == "$dynamicRef" or not _leads_somewhere(target, root)):
            raise SchemaError(
                "bad_reference",
                gettext(
                    "%(path)s refers to %(target)s; only #/$defs/… of this schema can be used."
                ),
                place.path,
                target=target,
            )


def _leads_somewhere(target: str, root: dict[str, Any]) -> bool:
    return target.startswith("#/$defs/") and isinstance(_target(target, root), dict | bool)


def _target(target: str, root: dict[str, Any]) -> Any:
    node: Any = root
    for step in target[2:].split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        node = node.get(name) if isinstance(node, dict) else None
    return node


def _expanded(
    schema: Any, root: dict[str, Any], known: dict[str, int], open_targets: tuple[str, ...]
) -> int:
    """Count the schemas that a validator visits; a reference to itself never ends."""
    if not isinstance(schema, dict):
        return 1
    size = 1
    for inner in _inner(Place("", {k: v for k, v in schema.items() if k != "$defs"})):
        size += _expanded(inner.schema, root, known, open_targets)
    if target := schema.get("$ref"):
        if target in open_targets:
            raise SchemaError(
                "recursive",
                gettext("%(target)s of the output schema contains itself."),
                target=target,
            )
        if target not in known:
            known[target] = _expanded(_target(target, root), root, known, (*open_targets, target))
        size += known[target]
    if size > MAX_EXPANDED:
        raise SchemaError("too_large", gettext("The output schema repeats its parts too often."))
    return size


def _check_place(place: Place, root: dict[str, Any]) -> None:
    for low, high in _RANGES:
        if place.schema.get(low, 0) > place.schema.get(high, float("inf")):
            raise _impossible(place, gettext("%(low)s is above %(high)s"), low=low, high=high)
    _check_open_range(place)
    _check_required(place)
    _check_values(place, root)
    _check_pattern(place)


def _impossible(place: Place, reason: str, **facts: Any) -> SchemaError:
    return SchemaError(
        "impossible",
        gettext("Nothing can satisfy the output schema at %(path)s: %(reason)s."),
        place.path,
        reason=reason % facts,
    )


def _check_open_range(place: Place) -> None:
    schema = place.schema
    low = max(schema.get("minimum", float("-inf")), schema.get("exclusiveMinimum", float("-inf")))
    high = min(schema.get("maximum", float("inf")), schema.get("exclusiveMaximum", float("inf")))
    is_open = "exclusiveMinimum" in schema or "exclusiveMaximum" in schema
    if low > high or (is_open and low == high):
        raise _impossible(place, gettext("no number lies between its limits"))


def _check_required(place: Place) -> None:
    schema: Mapping[str, Any] = place.schema
    required = schema.get("required", [])
    properties = schema.get("properties", {})
    patterns = schema.get("patternProperties", {})
    is_closed = schema.get("additionalProperties") is False and not patterns
    for name in required:
        if properties.get(name) is False or (is_closed and name not in properties):
            raise _impossible(place, gettext("%(name)s is required and forbidden"), name=name)
    if len(required) > schema.get("maxProperties", len(required)):
        raise _impossible(place, gettext("more properties are required than allowed"))
    if schema.get("items") is False and schema.get("minItems", 0) > len(
        schema.get("prefixItems", ())
    ):
        raise _impossible(place, gettext("items are required and forbidden"))


def _check_values(place: Place, root: dict[str, Any]) -> None:
    """Refuse enum and const when none of their values passes the rules beside them."""
    values = place.schema.get("enum", [])
    if "const" in place.schema:
        values = [place.schema["const"]]
    elif "enum" not in place.schema:
        return
    beside = {"$defs": root.get("$defs", {}), **place.schema}
    judge = Draft202012Validator(beside, registry=Registry())
    if not any(judge.is_valid(value) for value in values):
        raise _impossible(place, gettext("none of its listed values fits the rules beside them"))


def _check_pattern(place: Place) -> None:
    for pattern in (place.schema.get("pattern", ""), *place.schema.get("patternProperties", {})):
        # Such a pattern may take years on a text that nearly fits.
        if _REPEATED_REPEAT.search(pattern):
            raise SchemaError(
                "bad_pattern",
                gettext("The pattern at %(path)s repeats a repetition; write it without that."),
                place.path,
            )
