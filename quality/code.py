"""Does a text parse as the code that it should be? Nothing of it is ever run."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Callable

# Longer code, in characters, is left unread: parsing it would hold up the writing of records.
LONGEST = {"json": 100_000, "python": 20_000, "sql": 8_000}
LONGEST_REASON = 200
FILE_NAME = "<record>"
FENCED = re.compile(r"\A\s*```[\w+-]*[ \t]*\r?\n(.*?)\s*```\s*\Z", re.DOTALL)

# Of odd escapes in a record's code: they concern nobody here.
warnings.filterwarnings("ignore", module=re.escape(FILE_NAME))


class CodeError(ValueError):
    """Code that does not parse; its text is the parser's reason."""


def problem(text: str, code_language: str) -> str | None:
    """Return why a text is no code of a language, in the parser's words; None when it is."""
    fenced = FENCED.match(text)
    try:
        _PARSERS[code_language](fenced[1] if fenced else text)
    except CodeError as error:
        return str(error)[:LONGEST_REASON]
    return None


def _parse_json(text: str) -> None:
    try:
        json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise CodeError(str(error)) from error


def _refuse_constant(name: str) -> None:
    raise CodeError(f"{name} is no JSON")


def _parse_python(text: str) -> None:
    try:
        ast.parse(text, FILE_NAME)
    except SyntaxError as error:
        raise CodeError(f"{error.msg} (line {error.lineno})") from error
    # Deep nesting ends in one of these.
    except (ValueError, RecursionError, MemoryError) as error:
        raise CodeError(str(error) or "too deeply nested") from error


def _parse_sql(text: str) -> None:
    # Its parser takes long to import: each process of the product would wait for it at its start.
    from quality import sql

    if reason := sql.problem(text):
        raise CodeError(reason)


_PARSERS: dict[str, Callable[[str], None]] = {
    "json": _parse_json,
    "python": _parse_python,
    "sql": _parse_sql,
}
