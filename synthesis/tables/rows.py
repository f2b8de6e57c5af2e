"""What a file gives, and what can be wrong with it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from providers.sanitising import TooDeepError, clean
from synthesis import metadata

LONGEST_ROW_BYTES = 1024 * 1024
MOST_ROWS = 10_000_000
MOST_COLUMNS = 1000

SENTENCES = {
    "unknown_format": _(
        "Files called .{detail} cannot be read; take JSONL, JSON, CSV, TSV or XLSX."
    ),
    "empty_file": _("The file holds no rows."),
    "not_a_list": _("The JSON file holds no list of objects."),
    "bad_json": _("This is no valid JSON: {detail}."),
    "bad_table": _("This is no valid table: {detail}."),
    "no_header": _("The first line names no columns."),
    "repeated_column": _("The column “{detail}” stands there twice."),
    "too_many_columns": _("The table has more than {detail} columns."),
    "not_a_workbook": _("This is no XLSX workbook, or it is damaged."),
    "bomb": _("The workbook unpacks to {detail} MB, more than is allowed."),
    "bad_encoding": _("The text's encoding was not recognised; save the file as UTF-8."),
    "too_long": _("The row is longer than 1 MB."),
    "too_deep": _("The row is nested too deep."),
    "not_an_object": _("The row is no object."),
    "too_many_cells": _(
        "The row has more cells than the {detail} columns named; put texts with delimiters in"
        " quotes."
    ),
    "too_many_rows": _("The file has more than {detail} rows; the others were left out."),
    "import_gone": _("The import was deleted before its file was read."),
    "file_gone": _("The uploaded file is not there any more. Upload it again."),
}


def sentence(code: str, detail: str = "") -> str:
    return str(SENTENCES[code]).format(detail=detail)


class UnreadableFileError(ValueError):
    """The file as a whole cannot be read."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail

    def __str__(self) -> str:
        return sentence(self.code, self.detail)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row: its content, or the problem that kept it from being read."""

    number: int  # of the line, element or sheet row, from 1
    content: dict[str, Any] | None = None
    problem: str = ""
    detail: str = ""


def row_of(number: int, value: Any) -> Row:
    """Make a row of a JSON value; a bare text is one that has no name yet."""
    if isinstance(value, str):
        value = {"text": value}
    if not isinstance(value, dict):
        return Row(number=number, problem="not_an_object")
    try:
        return Row(number=number, content=metadata.without(clean(value)))
    except TooDeepError:
        return Row(number=number, problem="too_deep")


def parsed(number: int, text: str) -> Row:
    """Make a row of a line of JSON."""
    if len(text.encode()) > LONGEST_ROW_BYTES:
        return Row(number=number, problem="too_long")
    try:
        return row_of(number, json.loads(text))
    except RecursionError:
        return Row(number=number, problem="too_deep")
    except ValueError as error:
        return Row(number=number, problem="bad_json", detail=str(error)[:200])
