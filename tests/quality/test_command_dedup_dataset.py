from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from quality.deduplication import search
from quality.models import Deduplication
from synthesis.models import Dataset, Record
from tests import factories
from tests.quality.deduplication.datasets import OOLONG, REWORDED, ROME, unsearched

pytestmark = pytest.mark.django_db


@pytest.fixture
def dataset() -> Dataset:
    return unsearched(OOLONG, ROME, REWORDED)[0].dataset


def run(*words: str) -> list[str]:
    out = io.StringIO()
    call_command("dedup_dataset", *words, stdout=out)
    return out.getvalue().splitlines()


def accepted() -> int:
    return Record.objects.accepted().count()


def test_marks_repeats_and_says_how_many(dataset: Dataset) -> None:
    assert run(dataset.name) == [
        "3 records searched: 1 repeat one of 1 others.",
        "marked as a duplicate: 1",
    ]
    assert accepted() == 2


def test_a_dry_run_changes_nothing(dataset: Dataset) -> None:
    assert run(dataset.name, "--dry-run") == ["3 records searched: 1 repeat one of 1 others."]
    assert accepted() == 3


def test_undo_takes_the_latest_back(dataset: Dataset) -> None:
    run(dataset.name)
    assert run(dataset.name, "--undo") == ["put back: 1"]
    assert accepted() == 3


def test_keeps_to_what_was_asked(dataset: Dataset) -> None:
    run(str(dataset.pk), "--keep", "oldest", "--threshold", "0.95", "--fields", "text, label")
    order = Deduplication.objects.get()
    assert (order.keep, order.threshold, order.compared_fields) == (
        "oldest",
        0.95,
        ["text", "label"],
    )
    assert accepted() == 3


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--threshold", "0.1"], "greater than or equal to 0.3"),
        (["--undo"], "No deduplication of this dataset has changed anything."),
    ],
)
def test_ends_with_2_for_what_makes_no_sense(
    dataset: Dataset, words: list[str], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence) as refused:
        run(dataset.name, *words)
    assert refused.value.returncode == 2


@pytest.mark.parametrize("threshold", ["nan", "inf", "-inf", "much", ""])
def test_refuses_a_threshold_that_is_no_number(dataset: Dataset, threshold: str) -> None:
    with pytest.raises(CommandError, match="argument --threshold: invalid number value"):
        run(dataset.name, f"--threshold={threshold}")
    assert not Deduplication.objects.exists()


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        ("", []),
        (" , ", []),
        ("text", ["text"]),
        ("text,label", ["text", "label"]),
        (" text ,, label,", ["text", "label"]),
        ("问题，回答", ["问题", "回答"]),
    ],
    ids=["none", "commas", "one", "two", "spaces and gaps", "commas of Chinese"],
)
def test_reads_the_names_of_fields(dataset: Dataset, words: str, fields: list[str]) -> None:
    run(dataset.name, "--dry-run", "--fields", words)
    assert Deduplication.objects.get().compared_fields == fields


def test_ends_with_2_for_a_dataset_that_is_not_there() -> None:
    with pytest.raises(CommandError) as refused:
        run("nowhere")
    assert refused.value.returncode == 2


def test_says_nothing_more_where_nothing_repeats() -> None:
    into = factories.records(2)[0].dataset
    assert run(into.name) == ["2 records searched: none repeats another one."]


def test_an_interrupt_cancels_it(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_arguments: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(search, "find", interrupt)
    with pytest.raises(CommandError, match="--undo puts it back") as stopped:
        run(dataset.name)
    assert stopped.value.returncode == 130
    assert Deduplication.objects.get().state == "cancelled"


def test_ends_with_1_and_the_reason_when_it_breaks_off(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(*_arguments: Any) -> Any:
        raise RuntimeError("no more paper")

    monkeypatch.setattr(search, "find", break_off)
    with pytest.raises(CommandError, match="no more paper") as failed:
        run(dataset.name)
    assert failed.value.returncode == 1
