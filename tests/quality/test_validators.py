from __future__ import annotations

import pytest

from quality.validators import form_finding

SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string", "minLength": 2}, "score": {"type": "integer"}},
    "required": ["answer"],
}


def test_finds_nothing_wrong_with_a_record_that_fits():
    assert form_finding({"answer": "Yes", "score": 3}, SCHEMA) is None


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        ({}, "$: 'answer' is a required property"),
        ({"answer": "x"}, "$.answer: 'x' is too short"),
        ({"answer": "Yes", "score": "3"}, "$.score: '3' is not of type 'integer'"),
    ],
)
def test_says_where_a_record_breaks_the_schema(content, detail):
    assert form_finding(content, SCHEMA) == {"check": "schema", "code": "schema", "detail": detail}


@pytest.mark.parametrize("content", [None, "text", 7, ["list"]])
def test_takes_only_objects_even_without_a_schema(content):
    assert form_finding(content, {}) == {"check": "schema", "code": "not_an_object"}


def test_cuts_a_message_that_quotes_a_huge_value():
    finding = form_finding({"answer": "Yes", "score": "9" * 100_000}, SCHEMA)
    assert len(finding["detail"]) == 500
