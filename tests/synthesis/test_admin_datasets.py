from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from synthesis.models import Dataset, Record
from tests import factories
from tests.synthesis.test_admin_tasks_list import viewer
from tests.synthesis.test_admin_tasks_page import HOSTILE, body, read

pytestmark = pytest.mark.django_db

LIST = reverse("admin:synthesis_dataset_changelist")


def page_url(dataset: Dataset) -> str:
    return reverse("admin:synthesis_dataset_change", args=[dataset.pk])


def download_url(dataset: Dataset, format: str = "json") -> str:
    return reverse("admin:synthesis_dataset_download", args=[dataset.pk, format])


def test_lists_accepted_records_and_tasks(admin_client: Client) -> None:
    task = factories.task()
    factories.records(3, into=task.dataset)
    factories.records(1, into=task.dataset, status="malformed")
    (dataset,) = admin_client.get(LIST).context["cl"].result_list
    assert (dataset.accepted_count, dataset.task_count) == (3, 1)


def test_lists_with_few_queries(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _row in range(8):
        factories.records(2)
    with django_assert_max_num_queries(8):
        admin_client.get(LIST)


def test_previews_records_and_each_format(admin_client: Client) -> None:
    (record,) = factories.records(1)
    response = admin_client.get(page_url(record.dataset))
    examples = dict(response.context["examples"])
    assert json.loads(examples["JSON"]) == [record.content]
    assert json.loads(examples["JSONL"]) == record.content
    assert examples["CSV"].splitlines()[0] == "question,answer"
    assert record.content["question"] in response.content.decode()


def test_shows_an_empty_dataset(admin_client: Client) -> None:
    assert "No record yet." in admin_client.get(page_url(factories.dataset())).content.decode()


@pytest.mark.parametrize("format", ["json", "jsonl", "csv"])
def test_downloads_what_a_query_finds(admin_client: Client, format: str) -> None:
    dataset = factories.dataset("医疗 问答")
    factories.records(3, into=dataset)
    factories.records(1, into=dataset, status="malformed")
    response = admin_client.get(download_url(dataset, format))
    wanted = Record.objects.accepted().filter(dataset=dataset).order_by("pk")
    assert read(body(response), format) == list(wanted.values_list("content", flat=True))
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")


def test_downloads_everything_when_asked(admin_client: Client) -> None:
    dataset = factories.dataset()
    factories.records(1, into=dataset)
    factories.records(1, into=dataset, status="malformed")
    response = admin_client.get(f"{download_url(dataset)}?records=all")
    assert len(json.loads(body(response))) == 2


def test_says_when_a_table_would_be_too_wide(admin_client: Client) -> None:
    dataset = factories.dataset()
    content: dict[str, Any] = {f"key {index}": index for index in range(1001)}
    Record.objects.write([Record(dataset=dataset, content=content)], dataset=dataset)
    response = admin_client.get(download_url(dataset, "csv"), follow=True)
    (message,) = response.context["messages"]
    assert "too many for a table" in str(message)


def test_escapes_what_a_model_wrote(admin_client: Client) -> None:
    dataset = factories.dataset(HOSTILE[:190])
    Record.objects.write([Record(dataset=dataset, content={HOSTILE: HOSTILE})], dataset=dataset)
    for address in (LIST, page_url(dataset)):
        page = admin_client.get(address).content.decode()
        assert "<script>alert(1)" not in page
        assert "<img src=x" not in page


def test_creates_and_renames_a_dataset(admin_client: Client) -> None:
    posted = {"description": "", "quality-TOTAL_FORMS": 0, "quality-INITIAL_FORMS": 0}
    admin_client.post(reverse("admin:synthesis_dataset_add"), {"name": "new", **posted})
    dataset = Dataset.objects.get()
    admin_client.post(page_url(dataset), {"name": "renamed", **posted})
    dataset.refresh_from_db()
    assert (dataset.name, dataset.created_by.username) == ("renamed", "admin")


def test_counts_what_a_deletion_takes_along(admin_client: Client) -> None:
    (record, _other) = factories.records(2)
    url = reverse("admin:synthesis_dataset_delete", args=[record.dataset_id])
    assert dict(admin_client.get(url).context["model_count"])["records"] == 2
    admin_client.post(url, {"post": "yes"})
    assert not Record.objects.exists()


def test_does_not_delete_a_dataset_that_a_task_writes(admin_client: Client) -> None:
    task = factories.task()
    url = reverse("admin:synthesis_dataset_delete", args=[task.dataset_id])
    assert f"Synthesis task: {task.name}" in admin_client.get(url).content.decode()
    admin_client.post(url, {"post": "yes"})
    assert Dataset.objects.filter(pk=task.dataset_id).exists()


def test_downloads_the_metadata_when_asked(admin_client: Client) -> None:
    dataset = factories.dataset()
    [record] = factories.records(1, into=dataset)
    page = admin_client.get(page_url(dataset)).content.decode()
    assert f"{download_url(dataset)}?metadata=1" in page
    [row] = json.loads(body(admin_client.get(f"{download_url(dataset)}?metadata=1")))
    assert row["_meta"]["id"] == record.pk


def test_lets_a_viewer_download_and_a_stranger_nothing() -> None:
    dataset = factories.dataset()
    assert viewer("view_dataset").get(download_url(dataset)).status_code == 200


def test_shows_nothing_without_permission() -> None:
    dataset = factories.dataset()
    client = viewer()
    assert client.get(download_url(dataset)).status_code == 403
    assert client.get(page_url(dataset)).status_code == 403


def test_does_not_know_other_datasets(admin_client: Client) -> None:
    missing = reverse("admin:synthesis_dataset_download", args=[999, "json"])
    assert admin_client.get(missing).status_code == 404
