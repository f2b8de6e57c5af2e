from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthesis.satisfiability import SchemaError, check


def record(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def error_of(schema: Any) -> SchemaError:
    with pytest.raises(SchemaError) as raised:
        check(schema)
    return raised.value


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object"},
        record(question={"type": "string", "minLength": 1, "maxLength": 1}),
        record(score={"type": "integer", "minimum": 1, "maximum": 1}),
        record(label={"enum": ["a", "b"]}),
        record(label={"type": "string", "enum": ["a", 1]}),
        record(kind={"const": "qa"}),
        record(tags={"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}),
        record(code={"type": "string", "pattern": "^[A-Z]{2}[0-9]+$"}),
        {**record(a={}), "additionalProperties": False},
        {**record(a={}), "properties": {"a": {}, "b": False}},
        {
            "type": "object",
            "required": ["x_a"],
            "patternProperties": {"^x_": {}},
            "additionalProperties": False,
        },
        {
            **record(a={"$ref": "#/$defs/text"}, b={"$ref": "#/$defs/text"}),
            "$defs": {"text": {"type": "string"}},
        },
        {**record(a={"anyOf": [{"type": "string"}, {"type": "null"}]}), "title": "Record"},
        {**record(a={}), "$schema": "https://json-schema.org/draft/2020-12/schema"},
        record(pair={"type": "array", "prefixItems": [{}, {}], "items": False, "minItems": 2}),
        {**record(a={"$ref": "#/$defs/x~1y"}), "$defs": {"x/y": True}},
    ],
)
def test_takes_a_schema_that_something_can_satisfy(schema: dict[str, Any]) -> None:
    check(schema)


@pytest.mark.parametrize(
    ("schema", "code", "sentence"),
    [
        (None, "not_an_object", "The output schema must be a JSON object."),
        (False, "not_an_object", "The output schema must be a JSON object."),
        ([], "not_an_object", "The output schema must be a JSON object."),
        (
            {},
            "not_an_object_schema",
            "The output schema needs type object at the top.",
        ),
        (
            {"type": "string"},
            "not_an_object_schema",
            "The output schema needs type object at the top.",
        ),
        (
            {"type": "array", "items": record(a={})},
            "not_an_object_schema",
            "Describe one record, not the list: the output schema needs type object.",
        ),
        (
            {"type": "objekt"},
            "not_a_schema",
            "The output schema is not valid at #/type: "
            "'objekt' is not valid under any of the given schemas",
        ),
        (
            record(a={"type": "string", "minLength": -1}),
            "not_a_schema",
            "The output schema is not valid at #/properties/a/minLength: "
            "-1 is less than the minimum of 0",
        ),
        (
            record(a={"const": float("nan")}),
            "not_json",
            "The output schema is not JSON.",
        ),
        (
            record(a={"description": "x" * 100_000}),
            "too_large",
            "The output schema is longer than 100000 characters.",
        ),
    ],
)
def test_refuses_what_is_no_schema_of_a_record(schema: Any, code: str, sentence: str) -> None:
    error = error_of(schema)
    assert (error.code, str(error)) == (code, sentence)


@pytest.mark.parametrize(
    ("inner", "reason"),
    [
        ({"type": "string", "minLength": 5, "maxLength": 4}, "minLength is above maxLength"),
        ({"type": "array", "minItems": 2, "maxItems": 1}, "minItems is above maxItems"),
        ({"minProperties": 2, "maxProperties": 1}, "minProperties is above maxProperties"),
        ({"type": "integer", "minimum": 6, "maximum": 5}, "minimum is above maximum"),
        ({"minContains": 3, "maxContains": 2}, "minContains is above maxContains"),
        (
            {"exclusiveMinimum": 5, "exclusiveMaximum": 5},
            "no number lies between its limits",
        ),
        ({"minimum": 5, "exclusiveMaximum": 5}, "no number lies between its limits"),
        ({"minimum": 5, "exclusiveMaximum": 4}, "no number lies between its limits"),
        ({"enum": []}, "none of its listed values fits the rules beside them"),
        (
            {"type": "integer", "enum": ["a", "b"]},
            "none of its listed values fits the rules beside them",
        ),
        (
            {"type": "string", "const": 5},
            "none of its listed values fits the rules beside them",
        ),
        (
            {"enum": ["ab"], "minLength": 3},
            "none of its listed values fits the rules beside them",
        ),
        (
            {"const": "a", "enum": ["b"]},
            "none of its listed values fits the rules beside them",
        ),
        ({"type": "array", "items": False, "minItems": 1}, "items are required and forbidden"),
    ],
)
def test_refuses_a_property_that_nothing_can_satisfy(inner: dict[str, Any], reason: str) -> None:
    error = error_of(record(a=inner))
    assert error.code == "impossible"
    assert error.path == "#/properties/a"
    assert str(error) == (f"Nothing can satisfy the output schema at #/properties/a: {reason}.")


@pytest.mark.parametrize(
    "schema",
    [
        {**record(a={}), "required": ["a", "b"], "additionalProperties": False},
        {"type": "object", "required": ["b"], "additionalProperties": False},
        {**record(a={}), "properties": {"b": False}, "required": ["b"]},
    ],
)
def test_refuses_a_property_that_is_required_and_forbidden(schema: dict[str, Any]) -> None:
    assert str(error_of(schema)) == (
        "Nothing can satisfy the output schema at #: b is required and forbidden."
    )


def test_refuses_more_required_properties_than_allowed() -> None:
    assert str(error_of({**record(a={}, b={}), "maxProperties": 1})) == (
        "Nothing can satisfy the output schema at #: more properties are required than allowed."
    )


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        (record(a={"items": {"enum": []}}), "#/properties/a/items"),
        (record(a={"anyOf": [{}, {"enum": []}]}), "#/properties/a/anyOf/1"),
        (record(a={"additionalProperties": {"enum": []}}), "#/properties/a/additionalProperties"),
        ({**record(), "$defs": {"x": {"enum": []}}}, "#/$defs/x"),
    ],
)
def test_finds_the_impossible_at_any_place(schema: dict[str, Any], path: str) -> None:
    assert error_of(schema).path == path


def test_judges_listed_values_with_the_definitions_of_the_root() -> None:
    schema = {
        **record(a={"enum": ["x"], "allOf": [{"$ref": "#/$defs/number"}]}),
        "$defs": {"number": {"type": "number"}},
    }
    assert error_of(schema).code == "impossible"


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1/schema.json",
        "https://example.org/x#/$defs/a",
        "file:///etc/passwd",
        "other.json",
        "#",
        "#anchor",
        "#/properties/a",
        "#/$defs/missing",
        "#/$defs/text/type",
    ],
)
def test_refuses_a_reference_that_leads_elsewhere(target: str) -> None:
    schema = {**record(a={"$ref": target}), "$defs": {"text": {"type": "string"}}}
    error = error_of(schema)
    assert error.code == "bad_reference"
    assert str(error) == (
        f"#/properties/a refers to {target}; only #/$defs/… of this schema can be used."
    )


def test_refuses_dynamic_references() -> None:
    assert error_of(record(a={"$dynamicRef": "#meta"})).code == "bad_reference"


def test_refuses_an_id_below_the_top() -> None:
    error = error_of(record(a={"$id": "http://127.0.0.1/", "type": "string"}))
    assert str(error) == "#/properties/a may not have an $id of its own."


@pytest.mark.parametrize(
    "definitions",
    [
        {"x": {"$ref": "#/$defs/x"}},
        {"x": {"$ref": "#/$defs/y"}, "y": {"$ref": "#/$defs/x"}},
        {"x": {"type": "array", "items": {"$ref": "#/$defs/x"}}},
    ],
)
def test_refuses_definitions_that_contain_themselves(definitions: dict[str, Any]) -> None:
    error = error_of({**record(a={"$ref": "#/$defs/x"}), "$defs": definitions})
    assert error.code == "recursive"
    assert str(error) == "#/$defs/x of the output schema contains itself."


def test_refuses_definitions_that_multiply() -> None:
    # Each level doubles the one before: 2 ** 30 visits from a few lines.
    doubled = {
        f"x{level}": {"allOf": [{"$ref": f"#/$defs/x{level + 1}"}] * 2} for level in range(30)
    }
    schema = {**record(a={"$ref": "#/$defs/x0"}), "$defs": {**doubled, "x30": {}}}
    assert str(error_of(schema)) == "The output schema repeats its parts too often."


def test_refuses_deep_nesting() -> None:
    schema: dict[str, Any] = record()
    for _level in range(20):
        schema = record(a=schema)
    assert str(error_of(schema)) == "The output schema is nested too deeply."


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a*)*", "(x{1,9}){2,}"])
def test_refuses_a_pattern_that_may_never_end(pattern: str) -> None:
    assert str(error_of(record(a={"pattern": pattern}))) == (
        "The pattern at #/properties/a repeats a repetition; write it without that."
    )


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("[a-", "'[a-' is not a 'regex'"),
        ("x{9999999999}", "the repetition number is too large"),
    ],
)
def test_refuses_a_pattern_that_cannot_be_read(pattern: str, reason: str) -> None:
    error = error_of(record(a={"pattern": pattern}))
    assert error.code == "not_a_schema"
    assert str(error).endswith(f": {reason}")


def test_checks_the_patterns_of_names_as_well() -> None:
    assert error_of({**record(), "patternProperties": {"(": {}}}).code == "not_a_schema"
    assert error_of({**record(), "patternProperties": {"(a+)+": {}}}).code == "bad_pattern"


KEYWORDS = st.sampled_from(
    ["type", "properties", "required", "items", "enum", "const", "minLength", "maxLength", "$ref",
     "$defs", "allOf", "anyOf", "not", "pattern", "minimum", "additionalProperties", "a"]
)  # fmt: skip
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from(["object", "array", "string", "a", "#/$defs/a", "("]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYWORDS, inner, max_size=4),
    max_leaves=15,
)


@given(st.dictionaries(KEYWORDS, VALUES, max_size=5))
def test_raises_nothing_but_its_own_error(schema: dict[str, Any]) -> None:
    for candidate in (schema, {**schema, "type": "object"}):
        try:
            check(candidate)
        except SchemaError as error:
            assert str(error)
