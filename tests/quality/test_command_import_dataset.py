from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from quality.models import DatasetQuality, QualityPolicy
from synthesis.models import Dataset, DatasetImport, Record
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(tmp_path: Path) -> str:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "tea"}\n{"text": "green tea"}\n', "utf-8")
    return str(path)


def policy(**fields: object) -> QualityPolicy:
    made = QualityPolicy(name="House", **fields)
    made.save()
    return made


def test_rows_are_checked_by_the_policy_named(rows: str):
    policy(min_characters=5)

    call_command("import_dataset", rows, "New", "--create", "--policy", "House")

    records = Record.objects.order_by("pk").values_list("content__text", "status")
    assert list(records) == [("tea", "malformed"), ("green tea", "accepted")]


def test_the_dataset_keeps_the_policy(rows: str):
    home, house = factories.dataset("Home"), policy()
    DatasetQuality.objects.create(dataset=home)

    call_command("import_dataset", rows, "Home", "--policy", str(house.pk))

    assert DatasetQuality.objects.get(dataset=home).policy == house


def test_an_unknown_policy_is_refused_before_anything_is_made(rows: str):
    sentence = "There is no quality policy with the name or number “Nope”."

    with pytest.raises(CommandError, match=sentence) as refused:
        call_command("import_dataset", rows, "New", "--create", "--policy", "Nope")

    assert refused.value.returncode == 2
    assert not Dataset.objects.exists()
    assert not DatasetImport.objects.exists()


def test_without_a_policy_the_dataset_keeps_its_own(rows: str):
    home, house = factories.dataset("Home"), policy(min_characters=5)
    DatasetQuality.objects.create(dataset=home, policy=house)

    call_command("import_dataset", rows, "Home")

    assert DatasetQuality.objects.get(dataset=home).policy == house
    statuses = home.records.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == ["malformed", "accepted"]


def test_an_unknown_dataset_leaves_all_policies_alone(rows: str):
    policy()

    with pytest.raises(CommandError, match="Add --create to make it"):
        call_command("import_dataset", rows, "Nope", "--policy", "House")

    assert not DatasetQuality.objects.exists()


def test_another_policy_judges_only_what_comes_in_now(rows: str):
    policy(min_characters=50)
    home = factories.dataset("Home")
    before = factories.records(1, into=home)[0]

    call_command("import_dataset", rows, "Home", "--policy", "House")

    accepted = home.records.filter(status="accepted")
    assert list(accepted) == [before]
    assert home.records.filter(status="malformed").count() == 2
