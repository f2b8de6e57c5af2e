"""How many records prompts show, from an order to its runs and its copies."""

from __future__ import annotations

from typing import Any

import pytest

from synthesis.models import Run, SynthesisTask
from tests import api, factories

pytestmark = pytest.mark.django_db

COUNTS = {"avoid_count": 4, "example_count": 2}
TOO_MANY = {
    "avoid_count": ["Ensure this value is less than or equal to 50."],
    "example_count": ["Ensure this value is less than or equal to 5."],
}


def counts(row: Any) -> dict[str, int]:
    return {name: getattr(row, name) for name in COUNTS}


def ordered(address: str, **fields: Any) -> Any:
    factories.language_model(is_default=True)
    template = factories.template().pk
    given = {"name": "Tea", "template": template, "target_count": 3}
    if "ratio" in address:
        categories = [{"name": name, "share": 50, "template": template} for name in "ab"]
        given = {"name": "Tea", "total": 4, "categories": categories}
    return api.editor().post(address, {**given, **fields})


@pytest.mark.parametrize("kind", ["tasks", "ratio-tasks"])
def test_an_order_to_the_api_says_them_to_every_run(kind):
    report = ordered(f"/api/v1/{kind}/", **COUNTS).json()
    assert {name: report[name] for name in COUNTS} == COUNTS
    assert [counts(run) for run in Run.objects.all()] == [COUNTS] * (1 + (kind != "tasks"))


@pytest.mark.any_database
@pytest.mark.parametrize("kind", ["tasks", "ratio-tasks"])
def test_an_order_that_says_nothing_shows_nothing(kind):
    report = ordered(f"/api/v1/{kind}/").json()
    assert {name: report[name] for name in COUNTS} == {"avoid_count": 0, "example_count": 0}


@pytest.mark.any_database
@pytest.mark.parametrize("kind", ["tasks", "ratio-tasks"])
def test_the_api_refuses_more_than_a_prompt_shows(kind):
    response = ordered(f"/api/v1/{kind}/", avoid_count=51, example_count=6)
    assert (response.status_code, response.json()["fields"]) == (400, TOO_MANY)
    assert not SynthesisTask.objects.exists()


@pytest.mark.any_database
def test_the_report_of_a_run_tells_them():
    run = factories.run(factories.task(**COUNTS))
    report = api.client("view").get(f"/api/v1/runs/{run.pk}/").json()
    assert {name: report[name] for name in COUNTS} == COUNTS


def test_a_run_keeps_what_its_task_said_when_it_began():
    run = factories.run(factories.task(**COUNTS))
    SynthesisTask.objects.update(avoid_count=9, example_count=0)
    run.refresh_from_db()
    assert counts(run) == COUNTS


def test_a_copy_says_the_same_to_its_run():
    copy = factories.task(**COUNTS).clone()
    assert counts(copy) == counts(copy.start()) == COUNTS


def test_a_copy_of_a_ratio_task_says_the_same_to_every_category():
    copy = factories.ratio_task({"a": 1, "b": 1}, **COUNTS).clone()
    copy.start()
    assert [counts(run) for run in Run.objects.filter(ratio_task=copy)] == [COUNTS, COUNTS]


def test_a_copy_shows_records_of_its_own_dataset_only():
    task = factories.task(**COUNTS)
    factories.records(3, into=task.dataset)
    copy = task.clone()
    assert copy.dataset != task.dataset
    assert not copy.dataset.records.exists()


def test_a_second_run_takes_what_the_task_says_now():
    task = factories.task(avoid_count=1)
    factories.run(task, status="completed")
    task.avoid_count = 4
    task.save()
    assert task.start().avoid_count == 4
