from __future__ import annotations

from typing import Any

import pytest
from jsonschema.exceptions import best_match

from synthesis import schemas, violations


def sentence(rule: dict[str, Any], value: Any) -> str:
    schema = {"type": "object", "properties": {"a": rule}}
    error = best_match(schemas.validator(schema).iter_errors({"a": value}))
    return violations.sentence(violations.parts(error))


@pytest.mark.parametrize(
    ("rule", "value", "words"),
    [
        ({"type": "string"}, 1, "$.a is 1; it must be of type string."),
        ({"type": ["string", "null"]}, 1, "$.a is 1; it must be of type string, null."),
        ({"enum": ["x", 2]}, "y", "$.a is y; it must be one of x, 2."),
        ({"const": "x"}, "", '$.a is ""; it must be x.'),
        ({"pattern": "^b"}, "c", "$.a is c; it must match ^b."),
        ({"minLength": 2}, "x", "$.a has fewer characters than 2."),
        ({"maxLength": 1}, "xyz", "$.a has more characters than 1."),
        ({"minItems": 1}, [], "$.a has fewer elements than 1."),
        ({"maxItems": 1}, [1, 2], "$.a has more elements than 1."),
        ({"uniqueItems": True}, [1, 1], "$.a has an element twice."),
        ({"minimum": 1}, 0, "$.a is 0; it must be at least 1."),
        ({"maximum": 1}, 2, "$.a is 2; it must be at most 1."),
        ({"exclusiveMinimum": 1}, 1, "$.a is 1; it must be above 1."),
        ({"exclusiveMaximum": 1}, 1, "$.a is 1; it must be below 1."),
        ({"required": ["b", "c"]}, {}, "$.a lacks b, c."),
        (
            {"properties": {"b": {}}, "additionalProperties": False},
            {"b": 1, "c": 2, "d": 3},
            "$.a has more than the schema allows: c, d.",
        ),
    ],
)
def test_says_which_rule_is_broken(rule: dict[str, Any], value: Any, words: str) -> None:
    assert sentence(rule, value) == words


def test_has_no_words_for_a_rule_that_it_does_not_know() -> None:
    assert sentence({"multipleOf": 2}, 3) == ""


def test_has_no_words_for_a_finding_without_a_rule() -> None:
    assert violations.sentence({"check": "schema", "detail": "old"}) == ""


def test_cuts_a_huge_value() -> None:
    assert len(sentence({"type": "integer"}, "9" * 100_000)) < 200
