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


SCHEMA, MASKED = {"check": "schema", "code": "schema"}, {"check": "content", "code": "phone"}
PERSON, JUDGE = {"check": "review", "code": "rejected"}, {"check": "judge", "code": "below"}


@pytest.mark.parametrize(
    ("status", "found", "decided"),
    [
        pytest.param("malformed", [SCHEMA], SCHEMA, id="one check"),
        pytest.param("rejected", [MASKED, JUDGE], JUDGE, id="the last of two"),
        pytest.param("rejected", [MASKED, PERSON], PERSON, id="a person"),
        pytest.param("malformed", [SCHEMA, PERSON], SCHEMA, id="a person who agrees"),
        pytest.param("duplicate", [MASKED, PERSON], MASKED, id="a person, with a remark before"),
        pytest.param("duplicate", [PERSON], {}, id="a person alone, who did not decide"),
        pytest.param("pending", [], {}, id="nothing"),
    ],
)
def test_the_finding_that_decided_is(status, found, decided):
    assert findings.deciding(status, found) == decided
