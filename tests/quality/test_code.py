from __future__ import annotations

import pytest

from quality.code import problem


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("json", '{"a": [1, 2]}'),
        ("python", "def f(x):\n    return x + 1"),
        ("python", "return 5"),
        ("sql", "SELECT a, count(*) FROM t WHERE b = 'x' GROUP BY a;"),
        ("sql", "WITH x AS (SELECT 1) UPDATE t SET a = 1; DROP TABLE t"),
        ("sql", "EXPLAIN SELECT 1"),
        ("python", "```python\nprint(1)\n```"),
        ("sql", "```\nSELECT 1\n```\n"),
        ("json", '```json\r\n{"a": 1}\r\n```\r\n'),
        ("python", "```py\r\nprint(1)\r\n```"),
        ("json", "  ```json  \n[]\n  ```"),
        ("python", "```\n```"),
    ],
)
def test_takes_code_that_parses_fenced_or_not(language: str, text: str) -> None:
    assert problem(text, language) is None


@pytest.mark.parametrize(
    ("language", "text", "reason"),
    [
        ("json", "{a: 1}", "Expecting property name enclosed in double quotes"),
        ("json", "NaN", "NaN is no JSON"),
        ("json", '{"a": [1, -Infinity]}', "-Infinity is no JSON"),
        ("json", '{"a": 1} {}', "Extra data"),
        ("json", "", "Expecting value"),
        ("json", "{'a': 1}", "Expecting property name enclosed in double quotes"),
        ("python", "print 'tea'", "Missing parentheses in call to 'print'"),
        ("python", "  x = 1", "unexpected indent (line 1)"),
        ("python", "x = (1,", "'(' was never closed (line 1)"),
        ("python", "def f(:", "invalid syntax (line 1)"),
        ("python", "x = 1\x00", "source code string cannot contain null bytes"),
        ("sql", "SELEC * FROM t", "Required keyword: 'expression' missing"),
        ("sql", "hello world", "no SQL statement"),
        ("sql", "", "no SQL statement"),
        ("sql", "SELECT 'x", "Error tokenizing"),
    ],
)
def test_says_why_code_does_not_parse(language: str, text: str, reason: str) -> None:
    assert str(problem(text, language)).startswith(reason)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("json", "[" * 50_000),
        ("python", "(" * 5_000),
        ("python", "-" * 19_000 + "1"),
        ("python", "1" + "+1" * 9_000),
        ("python", "a" + ".b" * 9_000),
        ("sql", "SELECT " + "(" * 4_000),
        ("sql", "SELECT CASE WHEN " * 400),
    ],
)
def test_survives_code_that_is_nested_too_deeply(language: str, text: str) -> None:
    assert problem(text, language)


@pytest.mark.filterwarnings("ignore:invalid escape sequence")
def test_minds_no_odd_escapes() -> None:
    assert problem("x = '\\d'", "python") is None
