"""From asking for a report to its end, whatever happens on the way."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from quality.evaluation import reports
from quality.models import Evaluation
from synthesis.engine import background, leases
from synthesis.errors import WrongStateError
from synthesis.models import Dataset, Job, Worker
from tests import factories
from tests.quality.evaluation import datasets

pytestmark = pytest.mark.django_db


@pytest.fixture
def dataset() -> Dataset:
    return datasets.mixed()


def status_in_queries(evaluation: Evaluation) -> str:
    found: str = Evaluation.objects.with_status().get(pk=evaluation.pk).found_status
    return found


def test_waits_until_a_worker_takes_it(dataset: Dataset) -> None:
    evaluation = Evaluation.start(dataset)
    assert (evaluation.status, evaluation.is_open, evaluation.progress_percent) == (
        "waiting",
        True,
        0,
    )
    assert status_in_queries(evaluation) == "waiting"


def test_completes_with_a_report(dataset: Dataset) -> None:
    evaluation = datasets.evaluated(dataset)
    assert (evaluation.status, evaluation.reason, evaluation.progress_percent) == (
        "completed",
        "",
        100,
    )
    assert evaluation.report == datasets.report(dataset)
    assert status_in_queries(evaluation) == "completed"


def test_a_list_knows_the_state_without_the_report(
    dataset: Dataset, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    datasets.evaluated(dataset)
    Evaluation.start(dataset)
    rows = Evaluation.objects.select_related("job").without_report()
    with django_assert_num_queries(1):
        found = [(row.state, row.progress_percent, row.reason) for row in rows]
    assert found == [("waiting", 0, ""), ("completed", 100, "")]


def test_counts_the_field_that_was_asked_for(dataset: Dataset) -> None:
    assert datasets.evaluated(dataset, field="text").report["balance"]["field"] == "text"


def test_an_empty_dataset_fails_with_the_reason() -> None:
    evaluation = datasets.evaluated(factories.dataset())
    assert (evaluation.status, evaluation.report) == ("failed", None)
    assert evaluation.reason == (
        "The dataset has no record, so there is nothing to evaluate. Run a task that writes into"
        " it, or import records; then evaluate it again."
    )
    assert status_in_queries(evaluation) == "failed"


def test_a_dataset_of_failures_fails_with_their_number() -> None:
    into = factories.dataset()
    datasets.insert([datasets.row(into, status="rejected") for _number in range(2)])
    assert datasets.evaluated(into).reason == (
        "None of the dataset's 2 records was accepted, so there is nothing to evaluate. Look at"
        " the reasons in the list of its records."
    )


def test_a_job_that_is_done_without_a_report_has_failed(dataset: Dataset) -> None:
    evaluation = Evaluation.start(dataset)
    Job.objects.update(state=Job.State.DONE)
    evaluation.refresh_from_db()
    assert (evaluation.status, status_in_queries(evaluation)) == ("failed", "failed")


def test_an_evaluation_whose_job_is_gone_says_so(dataset: Dataset) -> None:
    evaluation = Evaluation.start(dataset)
    Job.objects.all().delete()
    evaluation.refresh_from_db()
    assert evaluation.status == status_in_queries(evaluation) == "failed"
    assert evaluation.reason == "Its background job is gone. Start another one."
    with pytest.raises(WrongStateError):
        evaluation.cancel()


def test_a_cancelled_one_stops_at_the_next_page(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluation = Evaluation.start(dataset)
    monkeypatch.setattr(background, "REPORT_SECONDS", 0.0)
    genuine = reports.pages

    def cancelling(*arguments: Any) -> Any:
        if evaluation.job.state != Job.State.CANCELLED:
            evaluation.cancel()
        return genuine(*arguments)

    monkeypatch.setattr(reports, "pages", cancelling)
    background.perform_here(evaluation.job)
    evaluation = Evaluation.objects.get(pk=evaluation.pk)
    assert (evaluation.status, evaluation.report) == ("cancelled", None)
    assert status_in_queries(evaluation) == "cancelled"


def test_a_completed_one_cannot_be_cancelled(dataset: Dataset) -> None:
    with pytest.raises(WrongStateError):
        datasets.evaluated(dataset).cancel()


def test_a_killed_worker_s_evaluation_is_made_by_the_next(dataset: Dataset) -> None:
    evaluation = Evaluation.start(dataset)
    dead = leases.register(Worker.Role.JOB)
    assert background.claim(dead) == evaluation.job
    Worker.objects.all().delete()
    background.perform_here(evaluation.job)
    assert Evaluation.objects.get().state == "completed"


def test_a_deleted_one_ends_its_job(dataset: Dataset) -> None:
    evaluation = Evaluation.start(dataset)
    job = evaluation.job
    evaluation.delete()
    job = background.perform_here(job)
    assert (job.state, job.reason) == (
        "failed",
        "The evaluation was deleted before it had ended.",
    )


def test_reasons_are_told_in_chinese(dataset: Dataset) -> None:
    evaluation = datasets.evaluated(factories.dataset())
    with translation.override("zh-hans"):
        assert evaluation.reason.startswith("数据集中没有数据")
