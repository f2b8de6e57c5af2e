from __future__ import annotations

import io
import json
import tempfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from synthesis import export, metadata, tables
from synthesis.export import columns, pages, workbook
from synthesis.models import Record
from tests import factories

pytestmark = pytest.mark.django_db

FORMATS = list(export.CONTENT_TYPES)


def written(*contents: Any, **fields: Any) -> Any:
    """Return the records of a new dataset as a queryset."""
    run = factories.run()
    rows = [Record(dataset=run.dataset, run=run, content=content) for content in contents]
    Record.objects.write(rows, dataset=run.dataset, run=run)
    records = Record.objects.filter(dataset=run.dataset)
    records.update(**fields)
    return records


def exported(records: Any, format: str, **options: Any) -> bytes:
    return b"".join(export.stream(records, format, **options))


def read(data: bytes, format: str) -> list[Any]:
    return [row.content for row in tables.read(io.BytesIO(data), format)]


def sheet(records: Any, **options: Any) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(exported(records, "xlsx", **options)))
    return list(book.worksheets[0].iter_rows(values_only=True))


def qa(answer: Any = "A drink.") -> dict[str, Any]:
    return {"question": "What is tea?", "answer": answer}


class TestMetadata:
    def test_says_what_is_known_beside_the_content(self) -> None:
        records = written(qa(), score=81.5, score_parts={"length": 90}, judge_score=75)
        records.update(review="approved", review_note="Good.", category="tea")
        record = records.select_related("run__task").get()
        row = json.loads(exported(records, "jsonl", metadata=True))
        assert row == {
            **qa(),
            "category": "tea",
            "_meta": {
                "id": record.pk,
                "status": "accepted",
                "score": 81.5,
                "score_parts": {"length": 90},
                "judge_score": 75,
                "judge_dimensions": {},
                "review": "approved",
                "review_note": "Good.",
                "category": "tea",
                "task": record.run.task.name,
                "run": record.run_id,
                "model": "",
                "origin": None,
                "origin_dataset": "",
                "source": "",
                "source_item": None,
                "source_document": "",
                "source_page": None,
                "created_at": record.created_at.isoformat(),
            },
        }

    def test_holds_the_mean_of_the_judges_by_dimension(self) -> None:
        records = written(qa(), judge_score=75)
        old = [{"name": "Correctness", "weight": 1, "score": 1, "reason": "No."}]
        factories.judgement(records.get(), dimension_scores=old)
        factories.judgement(records.get())
        second = [{"name": "Correctness", "weight": 1, "score": 5, "reason": "Yes."}]
        factories.judgement(records.get(), dimension_scores=second, position="second")
        [row] = json.loads(exported(records, "json", metadata=True))
        assert row["_meta"]["judge_dimensions"] == {"Correctness": 4.5}

    def test_is_columns_of_a_table(self) -> None:
        records = written(qa(), score=81.5, score_parts={"length": 90})
        head, line = exported(records, "csv", metadata=True).decode("utf-8-sig").splitlines()
        assert head.startswith("question,answer,_meta.id,_meta.status,_meta.score,")
        assert '81.5,"{""length"": 90}"' in line

    def test_takes_another_key_where_contents_have_this_one(self) -> None:
        records = written({**qa(), "_meta": "mine"})
        row = json.loads(exported(records, "jsonl", metadata=True))
        assert (row["_meta"], row["_meta_2"]["status"]) == ("mine", "accepted")

    def test_stands_beside_a_content_that_is_no_object(self) -> None:
        records = written(qa(), content="Tea.")
        row = json.loads(exported(records, "jsonl", metadata=True))
        assert (row["content"], row["_meta"]["status"]) == ("Tea.", "accepted")

    def test_costs_no_query_a_record(self, django_assert_max_num_queries: Any) -> None:
        records = written(*[qa(str(number)) for number in range(9)])
        with django_assert_max_num_queries(10):
            exported(records, "jsonl", metadata=True)

    @pytest.mark.parametrize("format", FORMATS)
    @pytest.mark.parametrize(
        "content",
        [qa(), {**qa(), "_meta": {"mine": 1}}, {**qa(), "_meta.id": "m1", "_meta_2.score": "3"}],
    )
    def test_is_left_out_when_the_file_is_read_again(self, format: str, content: Any) -> None:
        records = written(content, score=81.5, score_parts={"length": 90}, review_note="=1")
        assert read(exported(records, format, metadata=True), format) == [content]

    @pytest.mark.parametrize(
        ("name", "value"),
        [("_meta", {"id": 1}), ("_meta", "x"), ("_meta.mine", 1), ("meta", {"id": 1, "status": 2})],
    )
    def test_is_known_by_its_form_only(self, name: str, value: Any) -> None:
        assert metadata.without({name: value}) == {name: value}


class TestXlsx:
    def test_has_a_column_for_each_key(self) -> None:
        assert sheet(written(qa(), qa(["a", 1]))) == [
            ("question", "answer"),
            ("What is tea?", "A drink."),
            ("What is tea?", '["a", 1]'),
        ]

    def test_keeps_numbers_and_truth_values(self) -> None:
        content = {"question": 1.5, "answer": True, "none": None}
        assert sheet(written(qa(), content=content))[1] == (1.5, True, None)

    @pytest.mark.parametrize(("safe", "cell"), [(True, "'=1+1"), (False, "=1+1")])
    def test_never_holds_a_formula(self, safe: bool, cell: str) -> None:
        data = exported(written(qa("=1+1")), "xlsx", safe=safe)
        found = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]["B2"]
        assert (found.value, found.data_type) == (cell, "s")

    def test_leaves_out_what_xml_cannot_say(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pages, "contents", lambda *_words: iter([[{"a": "x\x07y\ud800z"}]]))
        monkeypatch.setattr(columns, "of", lambda *_words: ["a"])
        assert sheet(Record.objects.none())[1] == ("xy?z",)

    def test_refuses_texts_that_a_cell_would_cut_and_leaves_no_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        records = written(qa(), qa("x" * 32_768))
        with pytest.raises(export.NotATableError, match="A text has more than 32767 characters"):
            export.stream(records, "xlsx")
        assert list(tmp_path.iterdir()) == []

    def test_refuses_more_records_than_a_sheet_takes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(workbook, "MOST_ROWS", 2)
        with pytest.raises(export.NotATableError, match="A sheet takes at most 1 records"):
            export.stream(written(qa(), qa("2")), "xlsx")

    def test_of_no_record_is_still_a_workbook(self) -> None:
        assert sheet(Record.objects.none()) == []
