"""Reports as files; what records hold is hostile, and stays text."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
from django.utils import translation
from openpyxl import load_workbook

from quality.evaluation import exports
from quality.models import Evaluation
from tests import factories
from tests.quality.evaluation import datasets
from tests.quality.evaluation.datasets import HOSTILE

pytestmark = pytest.mark.django_db


@pytest.fixture
def evaluation() -> Evaluation:
    return datasets.evaluated(datasets.mixed())


@pytest.fixture
def hostile() -> Evaluation:
    """A report whose names, values and texts come from somebody who means harm."""
    into = factories.dataset(HOSTILE.replace("\x07", ""))
    contents: list[dict[str, Any]] = [
        {"text": HOSTILE, f"=1+1{HOSTILE}": "x", "label": "=cmd|' /C calc'!A0"},
        {"text": "@SUM(1)", "label": "-2+3"},
        {"text": "A" * 100_000, "label": "+1"},
        {"text": "%(share)s {{ 7|add:7 }} {% now %}", "label": "{{ x }}"},
    ]
    datasets.insert(
        [datasets.row(into, content=content, score=float(n)) for n, content in enumerate(contents)]
    )
    return datasets.evaluated(into)


def sheets(evaluation: Evaluation) -> dict[str, list[tuple[Any, ...]]]:
    book = load_workbook(io.BytesIO(exports.write(evaluation, "xlsx")))
    return {sheet.title: list(sheet.values) for sheet in book}


def test_json_is_the_report_with_its_sentences(evaluation: Evaluation) -> None:
    written = json.loads(exports.write(evaluation, "json"))
    given = written.pop("advice")
    assert given[0]["sentence"].startswith("11.1% of the records could not be read")
    assert {**written, "advice": evaluation.report["advice"]} == {
        "evaluation": evaluation.pk,
        "created_at": evaluation.created_at.isoformat(),
        **evaluation.report,
    }


def test_html_needs_nothing_else(evaluation: Evaluation) -> None:
    page = exports.write(evaluation, "html").decode()
    assert page.startswith("<!DOCTYPE html>")
    assert not re.search(r"<script|<link|<img|@import|url\(|https?:", page)
    assert "Yield, step by step" in page
    assert '<td class="sy-number">18</td>' in page


def test_html_is_in_the_reader_s_language(evaluation: Evaluation) -> None:
    with translation.override("zh-hans"):
        page = exports.write(evaluation, "html").decode()
    assert '<html lang="zh-hans">' in page
    assert "Yield" not in page


def test_every_bar_stands_beside_its_number(evaluation: Evaluation) -> None:
    page = exports.write(evaluation, "html").decode()
    assert page.count("<svg") == page.count('aria-hidden="true"') > 30
    # 16 of 18 records could be read from the replies
    assert 'class="qu-bar-front" width="88.9"' in page


def test_the_workbook_has_a_sheet_for_each_table(evaluation: Evaluation) -> None:
    found = sheets(evaluation)
    assert list(found) == [
        "Summary",
        "Yield, step by step",
        "Why records were lost",
        "What the checks found",
        "Duplicates",
        "Length",
        "Language",
        "Balance of “label”",
        "Fields",
        "Diversity",
        "Rule score by its parts",
        "Rule score",
        "Review by people",
        "The records with the lowest sco",
    ]
    assert found["Yield, step by step"][:3] == [
        ("step", "records left", "lost here", "share left"),
        ("made", 18, 0, "100.0%"),
        ("read from the reply", 16, 2, "88.8%"),
    ]


def test_no_script_of_a_record_runs_in_the_page(hostile: Evaluation) -> None:
    page = exports.write(hostile, "html").decode()
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{ 7|add:7 }}" in page


def test_no_formula_of_a_record_runs_in_the_workbook(hostile: Evaluation) -> None:
    texts = [
        value
        for rows in sheets(hostile).values()
        for row in rows
        for value in row
        if isinstance(value, str)
    ]
    assert "'=cmd|' /C calc'!A0" in texts
    assert not [text for text in texts if re.match(r"\s*[=+\-@]", text)]
    assert not [text for text in texts if "\x07" in text or len(text) > 32_767]


def test_a_long_record_is_only_quoted(hostile: Evaluation) -> None:
    assert max(len(found["excerpt"]) for found in hostile.report["worst"]) == 301
    assert len(exports.write(hostile, "json")) < 50_000


def test_a_file_is_named_after_its_dataset(hostile: Evaluation) -> None:
    assert (
        exports.name_of(hostile, "xlsx")
        == f"script_alert(1)_script_😀=HYPERLINK(1)-{hostile.pk}.xlsx"
    )
