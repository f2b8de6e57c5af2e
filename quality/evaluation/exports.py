"""A report as a file: a page that needs nothing else, JSON, or a workbook."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from quality.evaluation import tables, words
from quality.evaluation.tables import Cell, Table
from quality.models import Evaluation
from synthesis.export import file_name
from synthesis.export.delimited import neutral

CONTENT_TYPES = {
    "html": "text/html; charset=utf-8",
    "json": "application/json; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FORMATS = tuple(CONTENT_TYPES)
LONGEST_CELL = 32_000  # Excel takes 32,767
LONGEST_SHEET_NAME = 31
NOT_IN_SHEET_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


def write(evaluation: Evaluation, format: str) -> bytes:
    """Write a completed evaluation in one of FORMATS, in the active language."""
    return WRITERS[format](evaluation)


def name_of(evaluation: Evaluation, format: str) -> str:
    stem = file_name(evaluation.dataset, format).removesuffix(f".{format}")
    return f"{stem}-{evaluation.pk}.{format}"


def as_html(evaluation: Evaluation) -> bytes:
    context = {**context_of(evaluation), "language": get_language()}
    return render_to_string("admin/quality/evaluation/file.html", context).encode(errors="replace")


def context_of(evaluation: Evaluation) -> dict[str, Any]:
    report = evaluation.report
    return {
        "evaluation": evaluation,
        "figures": tables.figures(report),
        "advice": tables.advice(report),
        "tables": tables.of(report),
    }


def as_json(evaluation: Evaluation) -> bytes:
    whole = {
        "evaluation": evaluation.pk,
        "created_at": evaluation.created_at.isoformat(),
        **evaluation.report,
        "advice": [
            {**given, "sentence": words.advice(given)} for given in evaluation.report["advice"]
        ],
    }
    return json.dumps(whole, ensure_ascii=False, indent=2).encode(errors="replace")


def as_xlsx(evaluation: Evaluation) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(sheet_name(_("Summary")))
    sheet.append([cell(str(evaluation))])
    sheet.append([cell(evaluation.created_at.isoformat(timespec="seconds"))])
    for row in (*tables.figures(evaluation.report), (), *rows_of(tables.advice(evaluation.report))):
        sheet.append([cell(value) for value in row])
    for table in tables.of(evaluation.report):
        add_sheet(book, table)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def rows_of(lines: list[str]) -> list[tuple[str]]:
    return [(line,) for line in lines]


def add_sheet(book: Workbook, table: Table) -> None:
    sheet = book.create_sheet(sheet_name(table.title))
    sheet.append([cell(title) for title in table.head])
    for row in table.rows:
        sheet.append([cell(value) for value in row.cells])
    if table.note:
        sheet.append([])
        sheet.append([cell(table.note)])


def sheet_name(title: str) -> str:
    bare = ILLEGAL_CHARACTERS_RE.sub("", title.translate(NOT_IN_SHEET_NAMES))
    return bare[:LONGEST_SHEET_NAME].strip() or "-"


def cell(value: Cell) -> Cell:
    """Make a text harmless: no formula, no character that XML cannot hold, not too long."""
    if not isinstance(value, str):
        return value
    clean = ILLEGAL_CHARACTERS_RE.sub("", value).encode(errors="replace").decode()
    return neutral(clean)[:LONGEST_CELL]


WRITERS: dict[str, Callable[[Evaluation], bytes]] = {
    "html": as_html,
    "json": as_json,
    "xlsx": as_xlsx,
}
