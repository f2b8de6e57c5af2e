from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from quality.models import Evaluation
from synthesis.models import Dataset, Job
from tests import factories
from tests.quality.evaluation import datasets
from tests.quality.evaluation.datasets import HOSTILE

pytestmark = pytest.mark.django_db

LIST = reverse("admin:quality_evaluation_changelist")


@pytest.fixture
def dataset() -> Dataset:
    return datasets.mixed()


def url(evaluation: Evaluation, name: str = "change", *arguments: Any) -> str:
    return reverse(f"admin:quality_evaluation_{name}", args=[evaluation.pk, *arguments])


def start_url(dataset: Dataset) -> str:
    return reverse("admin:quality_evaluation_start", args=[dataset.pk])


def staff(*codenames: str) -> Client:
    user = User.objects.create_user("member", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


def read(client: Client, address: str, **data: Any) -> str:
    return client.get(address, data).content.decode()


def test_the_dataset_s_page_starts_an_evaluation(admin_client: Client, dataset: Dataset) -> None:
    page = read(admin_client, reverse("admin:synthesis_dataset_change", args=[dataset.pk]))
    assert start_url(dataset) in page
    answer = admin_client.post(start_url(dataset), {"field": " label "})
    evaluation = Evaluation.objects.get()
    assert answer.headers["Location"] == url(evaluation)
    assert (evaluation.dataset, evaluation.field, evaluation.status) == (
        dataset,
        "label",
        "waiting",
    )
    assert evaluation.created_by == evaluation.job.created_by == User.objects.get()


def test_the_form_starts_an_evaluation(admin_client: Client, dataset: Dataset) -> None:
    add = reverse("admin:quality_evaluation_add")
    assert admin_client.get(add).status_code == 200
    answer = admin_client.post(add, {"evaluation-dataset": dataset.pk})
    assert answer.headers["Location"] == url(Evaluation.objects.get())
    assert Job.objects.get().kind == "evaluate"


def test_the_dataset_s_page_lists_its_evaluations(admin_client: Client, dataset: Dataset) -> None:
    evaluation, other = datasets.evaluated(dataset), Evaluation.start(factories.dataset())
    page = read(admin_client, reverse("admin:synthesis_dataset_change", args=[dataset.pk]))
    assert url(evaluation) in page
    assert url(other) not in page


def test_progress_is_shown_until_it_has_ended(admin_client: Client, dataset: Dataset) -> None:
    evaluation = Evaluation.start(dataset)
    Job.objects.update(state="running", progress=5, total=20)
    assert f'hx-get="{url(evaluation, "progress")}"' in read(admin_client, url(evaluation))
    running = admin_client.get(url(evaluation, "progress"))
    assert (running.status_code, "25%" in running.content.decode()) == (200, True)
    Job.objects.update(state="failed", reason_code="evaluation_empty")
    ended = admin_client.get(url(evaluation, "progress"))
    assert (ended.status_code, ended.headers["HX-Refresh"]) == (286, "true")
    assert "hx-get" not in ended.content.decode()


def test_a_report_is_shown_with_links_to_its_records(
    admin_client: Client, dataset: Dataset
) -> None:
    page = read(admin_client, url(datasets.evaluated(dataset)))
    assert "Yield, step by step" in page
    assert "11.1% of the records could not be read from the replies." in page
    worst = dataset.records.accepted().order_by("score").exclude(score=None).first()
    assert reverse("admin:synthesis_record_change", args=[worst.pk]) in page


def test_a_report_is_shown_in_chinese(admin_client: Client, dataset: Dataset) -> None:
    evaluation = datasets.evaluated(dataset)
    page = admin_client.get(url(evaluation), headers={"Accept-Language": "zh-hans"})
    assert "11.1% 的数据" in page.content.decode()


def test_a_failed_one_says_why(admin_client: Client) -> None:
    page = read(admin_client, url(datasets.evaluated(factories.dataset())))
    assert "The dataset has no record, so there is nothing to evaluate." in page


def test_hostile_texts_stay_text(admin_client: Client) -> None:
    into = factories.dataset()
    content = {"text": HOSTILE, "label": HOSTILE, HOSTILE: "x"}
    datasets.insert([datasets.row(into, content=content, score=1.0)])
    page = read(admin_client, url(datasets.evaluated(into)))
    assert "<script>alert(1)" not in page
    assert page.count("&lt;script&gt;alert(1)") >= 3


@pytest.mark.parametrize("format", ["html", "json", "xlsx"])
def test_a_report_is_downloaded(admin_client: Client, dataset: Dataset, format: str) -> None:
    evaluation = datasets.evaluated(dataset)
    answer = admin_client.get(url(evaluation, "download", format))
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert len(answer.content) > 1000


def test_what_is_not_there_is_not_downloaded(admin_client: Client, dataset: Dataset) -> None:
    waiting, done = Evaluation.start(factories.dataset()), datasets.evaluated(dataset)
    assert admin_client.get(url(waiting, "download", "json")).status_code == 404
    assert admin_client.get(url(done, "download", "pdf")).status_code == 404
    gone = url(done, "download", "json").replace(str(done.pk), "999")
    assert admin_client.get(gone).status_code == 404


def test_two_reports_are_compared(admin_client: Client, dataset: Dataset) -> None:
    first, second = datasets.evaluated(dataset), datasets.evaluated(dataset)
    assert f'<option value="{second.pk}"' in read(admin_client, url(first))
    page = read(admin_client, url(first, "compare"), second=second.pk)
    assert "share accepted" in page
    assert page.count(">33.3%<") == 2


@pytest.mark.parametrize("second", ["", "0", "x", "999"])
def test_a_report_is_not_compared_with_nothing(
    admin_client: Client, dataset: Dataset, second: str
) -> None:
    evaluation = datasets.evaluated(dataset)
    answer = admin_client.get(url(evaluation, "compare"), {"second": second})
    assert answer.status_code == 404


def test_two_reports_are_chosen_in_the_list(admin_client: Client, dataset: Dataset) -> None:
    chosen = [datasets.evaluated(dataset).pk, datasets.evaluated(dataset).pk]
    order = {"action": "compare_two", "_selected_action": chosen}
    answer = admin_client.post(LIST, order)
    first = Evaluation.objects.get(pk=chosen[0])
    assert answer.headers["Location"] == f"{url(first, 'compare')}?second={chosen[1]}"


def test_one_report_alone_is_not_compared(admin_client: Client, dataset: Dataset) -> None:
    chosen = [datasets.evaluated(dataset).pk, Evaluation.start(dataset).pk]
    order = {"action": "compare_two", "_selected_action": chosen}
    page = admin_client.post(LIST, order, follow=True).content.decode()
    assert "Select exactly two completed evaluations." in page


def test_an_evaluation_is_cancelled_once(admin_client: Client, dataset: Dataset) -> None:
    evaluation = Evaluation.start(dataset)
    first = admin_client.post(url(evaluation, "cancel"), follow=True).content.decode()
    assert "The evaluation was cancelled." in first
    evaluation.job.refresh_from_db()
    assert evaluation.status == "cancelled"
    again = admin_client.post(url(evaluation, "cancel"), follow=True).content.decode()
    assert "The evaluation was cancelled." not in again


@pytest.mark.parametrize("name", ["start", "cancel"])
def test_commands_are_posted(admin_client: Client, dataset: Dataset, name: str) -> None:
    evaluation = Evaluation.start(dataset)
    address = start_url(dataset) if name == "start" else url(evaluation, name)
    assert admin_client.get(address).status_code == 405


def test_a_dataset_that_is_gone_is_not_evaluated(admin_client: Client) -> None:
    gone = reverse("admin:quality_evaluation_start", args=[999])
    assert admin_client.post(gone).status_code == 404


def test_lists_with_few_queries(
    admin_client: Client, dataset: Dataset, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _row in range(5):
        Evaluation.start(dataset)
    with django_assert_max_num_queries(10):
        assert "waiting" in read(admin_client, LIST)


def test_whoever_may_look_can_neither_start_nor_cancel(dataset: Dataset) -> None:
    client, evaluation = staff("view_evaluation", "view_dataset"), Evaluation.start(dataset)
    page = read(client, url(evaluation))
    assert start_url(dataset) not in page
    assert url(evaluation, "cancel") not in page
    assert client.post(start_url(dataset)).status_code == 403
    assert client.post(url(evaluation, "cancel")).status_code == 403


@pytest.mark.parametrize("name", ["change", "progress", "compare", "download"])
def test_whoever_may_not_look_sees_nothing(dataset: Dataset, name: str) -> None:
    evaluation = datasets.evaluated(dataset)
    address = url(evaluation, name, *(["json"] if name == "download" else []))
    assert staff("view_dataset").get(address).status_code == 403


def test_the_dataset_s_page_keeps_reports_from_those_who_may_not_look(dataset: Dataset) -> None:
    evaluation = Evaluation.start(dataset)
    page = read(staff("view_dataset"), reverse("admin:synthesis_dataset_change", args=[dataset.pk]))
    assert url(evaluation) not in page
    assert start_url(dataset) not in page
