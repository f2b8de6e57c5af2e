"""Reports of datasets with one record, with odd ones and with hostile ones, in every format."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from quality.evaluation import comparison, exports, tables
from quality.models import Evaluation
from tests import factories
from tests.quality.evaluation import datasets

ODD: list[Any] = [
    pytest.param({"text": "One."}, id="one text"),
    pytest.param({}, id="no field"),
    pytest.param({"text": ""}, id="no text"),
    pytest.param({"n": 1, "ok": True, "none": None}, id="no texts at all"),
    pytest.param([], id="an empty list"),
    pytest.param(["a", ["b", {"c": "d"}]], id="a list"),
    pytest.param("only text", id="a bare text"),
    pytest.param(7, id="a number"),
    pytest.param({"": "", " ": " "}, id="blank names"),
    pytest.param({"label": {"a": ["b"]}}, id="a label that is an object"),
    pytest.param({"text": "\u202e<b>{{ x }}%(y)s</b>"}, id="markup"),
    pytest.param({"=cmd|' /C calc'!A0": "=1+1"}, id="formulas"),
    pytest.param({"x" * 5000: "y"}, id="a name without end"),
    pytest.param({str(number): "x" for number in range(300)}, id="three hundred fields"),
]


def evaluation_of(*contents: Any, **fields: Any) -> Evaluation:
    """Build a report over records with these contents, as an evaluation that is not stored."""
    into = factories.dataset()
    datasets.insert([datasets.row(into, content=content, **fields) for content in contents])
    report = datasets.report(into)
    return Evaluation(pk=1, dataset=into, report=report, created_at=into.created_at)


def workbook(evaluation: Evaluation) -> Any:
    return load_workbook(io.BytesIO(exports.as_xlsx(evaluation)))


@pytest.mark.django_db
@pytest.mark.any_database
class TestOneRecord:
    @pytest.mark.parametrize("content", ODD)
    def test_has_a_report_in_every_format(self, content):
        evaluation = evaluation_of(content)
        report = evaluation.report
        assert (report["records"], report["accepted"], report["lengths"]["least"]) == (
            1,
            1,
            report["lengths"]["most"],
        )
        assert json.loads(exports.as_json(evaluation))["records"] == 1
        assert len(workbook(evaluation).sheetnames) == 1 + len(tables.of(report))
        assert "<script" not in exports.as_html(evaluation).decode()

    @pytest.mark.parametrize("content", ODD[:4])
    def test_is_no_different_from_itself(self, content):
        report = evaluation_of(content).report
        assert {row.change for row in comparison.compare(report, report)} <= {0, None}

    def test_is_nothing_like_another(self):
        found = evaluation_of({"text": "One."}).report["diversity"]
        assert (found["sample"], found["mean_similarity"], found["nearest_similarity"]) == (
            1,
            None,
            None,
        )

    def test_has_a_score_that_is_its_least_and_its_most(self):
        scores = evaluation_of({"text": "One."}, score=70.0).report["scores"]
        names = ("least", "median", "mean", "ninetieth", "most")
        assert {scores[name] for name in names} == {70.0}
        assert [row["records"] for row in scores["histogram"]] == [0] * 7 + [1, 0, 0]

    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    def test_is_told_that_it_is_few(self, language):
        evaluation = evaluation_of({"text": "One."})
        with translation.override(language):
            sentences = [
                row["sentence"] for row in json.loads(exports.as_json(evaluation))["advice"]
            ]
        assert any("1" in sentence for sentence in sentences)
        assert all(sentence.isascii() for sentence in sentences) is (language == "en")


@pytest.mark.django_db
@pytest.mark.any_database
def test_the_same_numbers_stand_in_every_format():
    contents = [{"text": f"Text {number}.", "label": "ab"[number % 2]} for number in range(7)]
    evaluation = evaluation_of(*contents, score=80.0)
    sheet = workbook(evaluation)["Fields"]
    fields = json.loads(exports.as_json(evaluation))["fields"]
    rows = [list(row) for row in sheet.values][1:]
    assert rows == [
        [row["field"], row["records"], row["empty"], row["mean_characters"]] for row in fields
    ]
    page = exports.as_html(evaluation).decode()
    for row in rows:
        assert all(f">{value}<" in page for value in row[:3])


@pytest.mark.django_db
@pytest.mark.any_database
def test_a_workbook_holds_numbers_as_numbers():
    sheet = workbook(evaluation_of({"text": "One."}, score=70.0))["Rule score by its parts"]
    assert {type(value) for _name, value in list(sheet.values)[1:]} <= {int, float}


@given(st.text(st.sampled_from("=+-@\t\r\n'a \x00\x07\ud800茶😀\ufffe"), max_size=12))
def test_no_text_is_a_formula_or_breaks_the_workbook(text):
    cell = exports.cell(text)
    assert not re.match(r"\s*[=+\-@]", cell)
    assert not exports.ILLEGAL_CHARACTERS_RE.search(cell)
    cell.encode()


@pytest.mark.parametrize("value", [None, 0, -1, 2.5, True])
def test_what_is_no_text_stays_as_it_is(value):
    assert exports.cell(value) is value


def test_a_text_without_end_is_cut_to_what_a_cell_takes():
    assert len(exports.cell("x" * 100_000)) == 32_000
    assert len(exports.cell("=" + "x" * 100_000)) == 32_000


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Length", "Length"),
        ("a/b\\c?d*e[f]g:h", "a b c d e f g h"),
        ("'quoted'", "quoted"),
        ("x" * 40, "x" * 31),
        ("", "-"),
        ("???", "-"),
        ("\x07bell", "bell"),
        ("“类别”的均衡", "“类别”的均衡"),
    ],
)
def test_a_sheet_has_a_name_that_excel_takes(title, name):
    assert exports.sheet_name(title) == name
