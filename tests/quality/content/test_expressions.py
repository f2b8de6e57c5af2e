from __future__ import annotations

import pytest

from quality.content import Kind, expressions
from tests.quality.content.finding import found

SLOW = (
    "The expression takes too long on some texts: it has a repetition inside a repetition, such as"
    " (a+)+. Write it without that."
)


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("(", "The expression cannot be read: missing ) at position 1"),
        ("[z-a]", "The expression cannot be read: bad character range at position 4"),
        ("a" * 501, "The expression is longer than 500 characters."),
        ("a*", "The expression fits the empty text, so it would be found in every record."),
        ("", "The expression fits the empty text, so it would be found in every record."),
        (r"(a+)+$", SLOW),
        (r"(?:\w+\s*)+:", SLOW),
        (r"(.*)*=", SLOW),
    ],
)
def test_says_why_an_expression_cannot_be_a_rule(expression: str, sentence: str) -> None:
    with pytest.raises(expressions.ExpressionError) as refused:
        expressions.check(expression)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    "expression", [r"\d{3}-\d{4}", "(?i)draft|entwurf", r"^第[一二三]章", r"\bfoo\b"]
)
def test_takes_ordinary_expressions(expression: str) -> None:
    expressions.check(expression)


def test_finds_what_fits_with_anchors_of_each_text() -> None:
    assert found(Kind.EXPRESSION, "foo 1\nfoo 2", expression=r"^foo \d") == [
        ("expression", "foo 1")
    ]


def test_stops_an_expression_that_takes_too_long() -> None:
    assert found(Kind.EXPRESSION, "a" * 5_000, expression="(a|aa)+$b") == [("timeout", "")]


def test_shows_only_the_beginning_of_what_fits() -> None:
    [(_code, value)] = found(Kind.EXPRESSION, "b" * 900, expression="b+")
    assert value == "b" * 60
