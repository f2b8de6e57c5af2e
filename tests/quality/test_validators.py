from __future__ import annotations

import json

import pytest

from quality.validators import compiled, form_finding

SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string", "minLength": 2}, "score": {"type": "integer"}},
    "required": ["answer"],
}


def finding_of(content, schema):
    return form_finding(content, compiled(json.dumps(schema)))


def test_finds_nothing_wrong_with_a_record_that_fits():
    assert finding_of({"answer": "Yes", "score": 3}, SCHEMA) is None


@pytest.mark.parametrize(
    ("content", "detail", "rule"),
    [
        ({}, "$: 'answer' is a required property", ("required", "$", "answer", "answer")),
        ({"answer": "x"}, "$.answer: 'x' is too short", ("minLength", "$.answer", "x", "2")),
        (
            {"answer": "Yes", "score": "3"},
            "$.score: '3' is not of type 'integer'",
            ("type", "$.score", "3", "integer"),
        ),
    ],
)
def test_says_where_a_record_breaks_the_schema(content, detail, rule):
    parts = dict(zip(("rule", "path", "value", "limit"), rule, strict=True))
    finding = {"check": "schema", "code": "schema", "detail": detail, **parts}
    assert finding_of(content, SCHEMA) == finding


def test_names_every_property_that_is_missing_or_too_many():
    schema = {
        "type": "object",
        "properties": {"a": {}, "b": {}},
        "required": ["a", "b"],
        "additionalProperties": False,
    }
    assert finding_of({}, schema)["value"] == "a, b"
    assert finding_of({"a": 1, "b": 2, "c": 3, "d": 4}, schema)["value"] == "c, d"


@pytest.mark.parametrize("content", [None, "text", 7, ["list"]])
def test_takes_only_objects_even_without_a_schema(content):
    assert finding_of(content, {}) == {"check": "schema", "code": "not_an_object"}


def test_cuts_a_message_that_quotes_a_huge_value():
    finding = finding_of({"answer": "Yes", "score": "9" * 100_000}, SCHEMA)
    assert (len(finding["detail"]), len(finding["value"])) == (500, 101)
