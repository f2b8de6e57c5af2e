"""Is a text SQL, of whatever database? It is read and never run."""

from __future__ import annotations

import logging

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

# What sqlglot reads out of plain words, an expression, is no statement.
STATEMENTS = (
    *(exp.Query, exp.DML, exp.DDL, exp.Alter, exp.Command, exp.Describe, exp.Drop, exp.Merge),
    *(exp.Set, exp.Show, exp.Use, exp.Transaction, exp.Commit, exp.Rollback, exp.Pragma),
    *(exp.TruncateTable, exp.Grant, exp.Comment, exp.Cache, exp.Kill),
)

# It warns of every statement whose details it does not know.
logging.getLogger("sqlglot").setLevel(logging.ERROR)


def problem(text: str) -> str | None:
    """Return why a text is no SQL, in the parser's words; None when it is."""
    try:
        statements = sqlglot.parse(text, error_level=ErrorLevel.RAISE)
    except (SqlglotError, RecursionError, ValueError) as error:
        return _first_line(str(error))
    found = [statement for statement in statements if statement is not None]
    if not found or not all(isinstance(statement, STATEMENTS) for statement in found):
        return "no SQL statement"
    return None


def _first_line(text: str) -> str:
    return text.partition("\n")[0].rstrip(" .")
