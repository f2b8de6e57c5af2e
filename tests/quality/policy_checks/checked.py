"""Policies and checks as tests want them."""

from __future__ import annotations

from typing import Any

from quality.models import PolicyCheck, QualityPolicy
from synthesis.engine import background
from synthesis.models import Dataset, Record
from tests import factories


def policy(**fields: Any) -> QualityPolicy:
    return QualityPolicy.objects.create(
        **{"name": f"Policy {next(factories.numbers)}", "near_duplicates": False, **fields}
    )


def check(dataset: Dataset, **fields: Any) -> PolicyCheck:
    """Preview what a policy of these fields would do."""
    made = PolicyCheck(dataset=dataset, version=policy(**fields).latest_version)
    made.begin()
    return worked_off(made)


def worked_off(made: PolicyCheck) -> PolicyCheck:
    job = background.perform_here(made.job)
    assert job.state == "done", job.reason
    return PolicyCheck.objects.select_related("dataset", "version", "job").get(pk=made.pk)


def applied(made: PolicyCheck) -> PolicyCheck:
    made.apply()
    return worked_off(made)


def undone(made: PolicyCheck) -> PolicyCheck:
    made.undo()
    return worked_off(made)


def texts(*answers: str, **fields: Any) -> Dataset:
    """Make a dataset of one record for each answer."""
    dataset = factories.dataset()
    rows = [Record(dataset=dataset, content={"answer": answer}, **fields) for answer in answers]
    Record.objects.write(rows, dataset=dataset)
    return dataset


def statuses(dataset: Dataset) -> list[str]:
    return list(dataset.records.order_by("pk").values_list("status", flat=True))


def everything(dataset: Dataset) -> list[dict[str, Any]]:
    return list(dataset.records.order_by("pk").values())
