from __future__ import annotations

import csv
import io
import json

import pytest

from synthesis import export
from synthesis.models import Dataset, Record
from tests import api, factories

pytestmark = pytest.mark.django_db

DATASETS = "/api/v1/datasets/"


@pytest.fixture
def editor():
    return api.editor()


def address(dataset, command=""):
    return f"{DATASETS}{dataset.pk}/{command}"


@pytest.fixture
def dataset():
    home = factories.dataset("茶")
    for content in ({"question": "=1+1", "answer": "二"}, {"question": "b", "answer": "2"}):
        Record.objects.write([Record(dataset=home, content=content)], dataset=home)
    return home


def download(client, dataset, **query):
    response = client.get(address(dataset, "export/"), query)
    assert response.status_code == 200, response.content
    return response


class TestExporting:
    def test_gives_json_lines(self, editor, dataset):
        lines = download(editor, dataset).getvalue().decode().splitlines()
        assert [json.loads(line)["answer"] for line in lines] == ["二", "2"]

    def test_gives_json(self, editor, dataset):
        body = download(editor, dataset, file_format="json").getvalue()
        assert json.loads(body)[0] == {"question": "=1+1", "answer": "二"}

    @pytest.mark.parametrize(("safe", "cell"), [({}, "'=1+1"), ({"safe": "false"}, "=1+1")])
    def test_gives_csv_that_is_safe_unless_asked(self, editor, dataset, safe, cell):
        text = download(editor, dataset, file_format="csv", **safe).getvalue().decode("utf-8-sig")
        assert next(csv.DictReader(io.StringIO(text, newline="")))["question"] == cell

    def test_takes_the_status_asked(self, editor, dataset):
        Record.objects.filter(content__answer="2").update(status="rejected")
        body = download(editor, dataset, status="rejected").getvalue().decode()
        assert json.loads(body)["answer"] == "2"

    def test_brings_the_metadata_along_when_asked(self, editor, dataset):
        first = download(editor, dataset, metadata="true").getvalue().splitlines()[0]
        assert json.loads(first)["_meta"]["review"] == "unreviewed"

    def test_streams(self, editor, dataset):
        assert download(editor, dataset).streaming

    @pytest.mark.parametrize("file_format", list(export.CONTENT_TYPES))
    def test_is_a_download_that_no_browser_opens(self, editor, dataset, file_format):
        response = download(editor, dataset, file_format=file_format)
        response.close()
        assert response["Content-Type"] == export.CONTENT_TYPES[file_format]
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Disposition"] == (
            f"attachment; filename*=utf-8''%E8%8C%B6.{file_format}"
        )

    @pytest.mark.parametrize("accept", ["text/csv", "application/x-ndjson", "image/png", "*/*"])
    def test_does_not_mind_what_the_client_accepts(self, dataset, accept):
        client = api.client("view", Accept=accept)
        assert download(client, dataset, file_format="csv").status_code == 200

    @pytest.mark.parametrize(
        ("query", "sentence"),
        [
            ({"file_format": "pdf"}, '"pdf" is not a valid choice.'),
            ({"status": "good"}, '"good" is not a valid choice.'),
            ({"safe": "perhaps"}, "Must be a valid boolean."),
        ],
    )
    def test_refuses_what_it_does_not_know(self, editor, dataset, query, sentence):
        response = editor.get(address(dataset, "export/"), query)
        assert (response.status_code, response.json()["fields"]) == (
            400,
            {name: [sentence] for name in query},
        )

    def test_says_when_a_table_would_be_too_wide(self, editor, dataset, monkeypatch):
        monkeypatch.setattr("synthesis.export.columns.MAX_COLUMNS", 1)
        response = editor.get(address(dataset, "export/"), {"file_format": "csv"})
        assert (response.status_code, response.json()["fields"]["file_format"]) == (
            400,
            [
                "The records have more than 1 different keys, too many for a table."
                " Export them as JSONL."
            ],
        )

    def test_answers_404_for_no_dataset(self, editor):
        assert editor.get(f"{DATASETS}404/export/").status_code == 404


class TestDatasets:
    def test_are_created_and_renamed(self, editor):
        created = editor.post(DATASETS, {"name": "Tea"}).json()
        renamed = editor.patch(f"{DATASETS}{created['id']}/", {"name": "Leaves"}).json()
        assert (renamed["name"], renamed["accepted_count"]) == ("Leaves", 0)

    def test_count_accepted_records_only(self, editor, dataset):
        Record.objects.filter(content__answer="2").update(status="rejected")
        assert editor.get(address(dataset)).json()["accepted_count"] == 1

    @pytest.mark.parametrize(
        ("field", "value"), [("accepted_count", 9), ("created_by", "root"), ("created_at", "")]
    )
    def test_ignore_what_only_the_server_decides(self, editor, field, value):
        created = editor.post(DATASETS, {"name": "Tea", field: value}).json()
        assert created[field] != value

    def test_without_tasks_are_deleted_with_their_records(self, editor, dataset):
        assert editor.delete(address(dataset)).status_code == 204
        assert (Dataset.objects.count(), Record.objects.count()) == (0, 0)

    def test_are_found_by_name(self, editor, dataset):
        factories.dataset("other")
        [found] = editor.get(DATASETS, {"search": "茶"}).json()["results"]
        assert found["id"] == dataset.pk

    def test_ask_the_database_no_more_for_more_rows(self, editor, django_assert_max_num_queries):
        for _row in range(5):
            factories.records(2)
        with django_assert_max_num_queries(5):
            editor.get(DATASETS)
