from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from quality import findings
from synthesis import parsing


@pytest.mark.parametrize(
    ("finding", "sentence"),
    [
        (
            {"check": "parse", "code": "refused"},
            "The model refused to answer.",
        ),
        (
            {"check": "schema", "code": "schema", "detail": "$.answer: 1 is not of type 'string'"},
            "The record does not fit the template's output schema."
            " $.answer: 1 is not of type 'string'",
        ),
        (
            {
                "check": "schema",
                "code": "schema",
                "detail": "$.answer: 1 is not of type 'string'",
                "rule": "type",
                "path": "$.answer",
                "value": "1",
                "limit": "string",
            },
            "The record does not fit the template's output schema."
            " $.answer is 1; it must be of type string.",
        ),
        (
            {"check": "schema", "code": "not_an_object"},
            "The record is not a JSON object.",
        ),
        (
            {"check": "duplicate", "code": "exact"},
            "The dataset holds a record with the same content already.",
        ),
        (
            {"check": "format", "code": "language", "field": "", "value": "en", "limit": "zh"},
            "The record is in English; the template expects Chinese.",
        ),
        (
            {"check": "format", "code": "code", "field": "q", "limit": "sql", "detail": "no SQL"},
            "q does not parse as sql. no SQL",
        ),
        (
            {
                "check": "content",
                "code": "words",
                "field": "a",
                "value": "100% x",
                "rule_name": "%(b)s",
                "action": "mask",
            },
            "a has words of the list “%(b)s”: 100% x. It was masked.",
        ),
        (
            {"check": "content", "code": "email", "field": "a[0].b", "action": "reject"},
            "a[0].b has an e-mail address. The record was rejected.",
        ),
        ({"check": "new", "code": "odd"}, "Found by a check: new:odd."),
        ({}, "Found by a check: :."),
    ],
)
def test_says_a_finding_in_words(finding: dict[str, Any], sentence: str) -> None:
    with translation.override("en"):
        assert findings.sentence(finding) == sentence


@pytest.mark.parametrize("code", sorted(parsing.PROBLEMS))
def test_knows_every_problem_of_parsing(code: str) -> None:
    with translation.override("en"):
        sentence = findings.sentence({"check": "parse", "code": code})
    assert not sentence.startswith("Found by a check")
