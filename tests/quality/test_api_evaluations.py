from __future__ import annotations

import json

import pytest

from quality.models import Evaluation
from synthesis.models import Dataset
from tests import api, factories
from tests.quality.evaluation import datasets

pytestmark = pytest.mark.django_db

URL = "/api/v1/evaluations/"


@pytest.fixture
def dataset() -> Dataset:
    return datasets.mixed()


def test_evaluates_a_dataset_in_the_background(dataset: Dataset) -> None:
    answer = api.editor().post(URL, {"dataset": dataset.pk, "field": "label"})
    evaluation = Evaluation.objects.get()
    assert answer.status_code == 202
    assert answer.json()["id"] == evaluation.pk
    assert (answer.json()["status"], answer.json()["status_label"]) == ("waiting", "waiting")
    assert evaluation.field == "label"
    assert answer.json()["created_by"] == str(evaluation.created_by)


@pytest.mark.parametrize("dataset_id", [None, 999, "x"])
def test_refuses_a_dataset_that_is_not_there(dataset_id: object) -> None:
    answer = api.editor().post(URL, {"dataset": dataset_id})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["dataset"])


def test_tells_the_report_with_its_advice(dataset: Dataset) -> None:
    evaluation = datasets.evaluated(dataset)
    found = api.client("view").get(f"{URL}{evaluation.pk}/").json()
    assert (found["status"], found["progress_percent"]) == ("completed", 100)
    assert found["report"] == evaluation.report
    assert found["advice"][0].startswith("11.1% of the records could not be read")


def test_tells_why_one_failed() -> None:
    evaluation = datasets.evaluated(factories.dataset())
    found = api.client("view").get(f"{URL}{evaluation.pk}/").json()
    assert (found["status"], found["report"], found["advice"]) == ("failed", None, [])
    assert found["reason"].startswith("The dataset has no record")


def test_lists_by_dataset_and_status(dataset: Dataset) -> None:
    done = datasets.evaluated(dataset)
    waiting, _other = Evaluation.start(dataset), Evaluation.start(factories.dataset())
    client = api.client("view")

    def listed(**query: object) -> list[int]:
        return [row["id"] for row in client.get(URL, query).json()["results"]]

    assert listed(dataset=dataset.pk) == [waiting.pk, done.pk]
    assert listed(status="completed") == [done.pk]
    assert listed(status="waiting", dataset=dataset.pk) == [waiting.pk]
    assert "report" not in client.get(URL).json()["results"][0]


def test_cancels_what_has_not_ended(dataset: Dataset) -> None:
    evaluation, client = Evaluation.start(dataset), api.editor()
    assert client.post(f"{URL}{evaluation.pk}/cancel/").json()["status"] == "cancelled"
    again = client.post(f"{URL}{evaluation.pk}/cancel/")
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")


def test_compares_two_reports(dataset: Dataset) -> None:
    first, second = datasets.evaluated(dataset), datasets.evaluated(dataset)
    query = {"first": first.pk, "second": second.pk}
    rows = api.client("view").get(f"{URL}compare/", query).json()
    assert rows[0] == {
        "metric": "records",
        "label": "records made",
        "first": 18.0,
        "second": 18.0,
        "change": 0.0,
    }


def test_does_not_compare_what_has_no_report(dataset: Dataset) -> None:
    query = {"first": datasets.evaluated(dataset).pk, "second": Evaluation.start(dataset).pk}
    answer = api.client("view").get(f"{URL}compare/", query)
    assert (answer.status_code, answer.json()["fields"]) == (
        400,
        {"second": ["It has no report."]},
    )


@pytest.mark.parametrize(
    ("format", "media_type"),
    [
        ("html", "text/html; charset=utf-8"),
        ("json", "application/json; charset=utf-8"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_downloads_a_report(dataset: Dataset, format: str, media_type: str) -> None:
    evaluation = datasets.evaluated(dataset)
    address = f"{URL}{evaluation.pk}/download/"
    answer = api.client("view").get(address, {"file_format": format})
    assert answer.headers["Content-Type"] == media_type
    assert f"-{evaluation.pk}.{format}" in answer.headers["Content-Disposition"]


def test_a_download_is_json_unless_asked_otherwise(dataset: Dataset) -> None:
    evaluation = datasets.evaluated(dataset)
    answer = api.client("view").get(f"{URL}{evaluation.pk}/download/")
    assert json.loads(answer.content)["records"] == 18


def test_what_has_no_report_is_not_downloaded(dataset: Dataset) -> None:
    evaluation = Evaluation.start(dataset)
    answer = api.client("view").get(f"{URL}{evaluation.pk}/download/")
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")


def test_an_evaluation_is_deleted(dataset: Dataset) -> None:
    evaluation = datasets.evaluated(dataset)
    assert api.editor().delete(f"{URL}{evaluation.pk}/").status_code == 204
    assert not Evaluation.objects.exists()


def test_each_command_asks_for_its_permission(dataset: Dataset) -> None:
    evaluation, viewer = Evaluation.start(dataset), api.client("view")
    assert viewer.post(URL, {"dataset": dataset.pk}).status_code == 403
    assert viewer.post(f"{URL}{evaluation.pk}/cancel/").status_code == 403
    assert viewer.delete(f"{URL}{evaluation.pk}/").status_code == 403
    assert api.client("add").get(f"{URL}{evaluation.pk}/").status_code == 403
    assert api.client("add").post(URL, {"dataset": dataset.pk}).status_code == 403
