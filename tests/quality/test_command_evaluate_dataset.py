from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from quality.evaluation import reports
from quality.models import Evaluation
from synthesis.models import Dataset
from tests import factories
from tests.quality.evaluation import datasets

pytestmark = pytest.mark.django_db


@pytest.fixture
def dataset() -> Dataset:
    return datasets.mixed()


def run(*words: str) -> str:
    out = io.StringIO()
    call_command("evaluate_dataset", *words, stdout=out)
    return out.getvalue()


def test_tells_the_figures_and_what_to_do(dataset: Dataset) -> None:
    lines = run(dataset.name).splitlines()
    assert lines[:3] == ["records made: 18", "records accepted: 6", "share accepted: 33.3%"]
    assert lines[6].startswith("- 11.1% of the records could not be read")
    assert Evaluation.objects.get().state == "completed"


@pytest.mark.parametrize(("format", "start"), [("json", b"{"), ("html", b"<!DO"), ("xlsx", b"PK")])
def test_writes_a_file(dataset: Dataset, tmp_path: Path, format: str, start: bytes) -> None:
    path = tmp_path / f"report.{format}"
    lines = run(dataset.name, "--format", format, "--output", str(path)).splitlines()
    assert lines[-1] == f"The report is in {path}."
    assert path.read_bytes().startswith(start)


def test_writes_to_the_standard_output(dataset: Dataset, capfdbinary: Any) -> None:
    run(str(dataset.pk), "--output", "-", "--field", "text")
    assert json.loads(capfdbinary.readouterr().out)["balance"]["field"] == "text"


def test_replaces_no_file_without_being_told(dataset: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("mine")
    with pytest.raises(CommandError) as refused:
        run(dataset.name, "--output", str(path))
    assert (refused.value.returncode, path.read_text()) == (2, "mine")
    run(dataset.name, "--output", str(path), "--force")
    assert json.loads(path.read_text())["records"] == 18


def test_ends_with_1_and_the_reason_without_a_report() -> None:
    with pytest.raises(CommandError, match="The dataset has no record") as refused:
        run(factories.dataset().name)
    assert refused.value.returncode == 1


def test_ends_with_2_for_a_dataset_that_is_not_there() -> None:
    with pytest.raises(CommandError) as refused:
        run("nowhere")
    assert refused.value.returncode == 2


def test_ends_with_2_for_a_name_longer_than_any_field(dataset: Dataset) -> None:
    with pytest.raises(CommandError, match="at most 200 characters") as refused:
        run(dataset.name, "--field", "x" * 201)
    assert (refused.value.returncode, Evaluation.objects.count()) == (2, 0)


@pytest.mark.parametrize("field", ["nowhere", "茶", "a b", "text__gt", "%(x)s", "x" * 200])
def test_a_field_that_no_record_has_is_without_values(
    dataset: Dataset, field: str, capfdbinary: Any
) -> None:
    run(dataset.name, "--field", field, "--output", "-")
    balance = json.loads(capfdbinary.readouterr().out)["balance"]
    assert (balance["values"], balance["without"]) == ([], 6)


def test_an_interrupt_cancels_it(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_arguments: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(reports, "pages", interrupt)
    with pytest.raises(CommandError, match="The evaluation was not finished") as stopped:
        run(dataset.name)
    assert stopped.value.returncode == 130
    assert Evaluation.objects.get().state == "cancelled"


def test_follows_what_a_worker_has_begun(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker took the job first; the command takes it over when that one has died."""
    from synthesis.engine import background, leases
    from synthesis.management import waiting
    from synthesis.models import Worker

    genuine = Evaluation.start.__func__  # type: ignore[attr-defined]

    def started(*arguments: Any, **fields: Any) -> Evaluation:
        evaluation: Evaluation = genuine(Evaluation, *arguments, **fields)
        background.claim(leases.register(Worker.Role.JOB))
        return evaluation

    monkeypatch.setattr(Evaluation, "start", started)
    monkeypatch.setattr(waiting.time, "sleep", lambda _seconds: Worker.objects.all().delete())
    assert run(dataset.name).startswith("records made: 18")
