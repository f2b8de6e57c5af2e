from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from unittest import mock

import pytest
from django.core.management import CommandError, call_command

from synthesis.export import columns
from synthesis.models import Record
from tests import factories
from tests.conftest import ROOT

pytestmark = pytest.mark.django_db


@pytest.fixture
def dataset():
    dataset = factories.dataset("Tea")
    rows = [Record(dataset=dataset, content={"question": "茶？", "answer": str(n)}) for n in (1, 2)]
    Record.objects.write(rows, dataset=dataset)
    return dataset


def export(*words, **options):
    output = io.StringIO()
    call_command("export_dataset", *words, stdout=output, **options)
    return output.getvalue().strip()


def refused(*words):
    with pytest.raises(CommandError) as caught:
        export(*words)
    return caught.value


def test_writes_accepted_records_into_a_file_of_the_datasets_name(dataset, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert export("Tea") == "2 records are in Tea.jsonl."
    lines = (tmp_path / "Tea.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["answer"] for line in lines] == ["1", "2"]


def test_finds_the_dataset_by_its_number(dataset, tmp_path):
    path = tmp_path / "out.jsonl"
    assert export(str(dataset.pk), output=str(path)) == f"2 records are in {path}."


def test_takes_a_name_that_looks_like_a_number_for_a_name(dataset, tmp_path):
    factories.dataset(str(dataset.pk))
    path = tmp_path / "out.jsonl"
    assert export(str(dataset.pk), output=str(path)) == f"0 records are in {path}."


@pytest.mark.parametrize(
    ("format", "beginning"),
    [("json", b'[\n{"'), ("csv", b"\xef\xbb\xbf"), ("jsonl", b'{"')],
)
def test_writes_the_format_that_is_asked(dataset, tmp_path, format, beginning):
    path = tmp_path / "out"
    export("Tea", format=format, output=str(path))
    assert path.read_bytes().startswith(beginning)


def test_writes_records_of_another_status(dataset, tmp_path):
    twin = Record(dataset=dataset, content={"question": "茶？", "answer": "1"})
    Record.objects.write([twin], dataset=dataset)
    path = tmp_path / "out.jsonl"
    export("Tea", output=str(path), status="duplicate")
    assert path.read_text(encoding="utf-8").count("\n") == 1


def test_says_that_there_is_no_such_dataset():
    error = refused("Coffee")
    assert str(error) == "There is no dataset with the name or number “Coffee”."
    assert error.returncode == 2


def test_does_not_overwrite_a_file(dataset, tmp_path):
    path = tmp_path / "out.jsonl"
    path.write_text("mine", encoding="utf-8")
    error = refused("Tea", "--output", str(path))
    assert str(error) == f"{path} exists already. Add --force to replace it."
    assert error.returncode == 2
    assert path.read_text(encoding="utf-8") == "mine"


def test_replaces_a_file_by_force(dataset, tmp_path):
    path = tmp_path / "out.jsonl"
    path.write_text("mine", encoding="utf-8")
    export("Tea", output=str(path), force=True)
    assert "茶" in path.read_text(encoding="utf-8")


def test_says_why_a_file_cannot_be_written(dataset, tmp_path):
    path = tmp_path / "no" / "out.jsonl"
    assert str(refused("Tea", "--output", str(path))) == (
        f"{path} cannot be written: No such file or directory."
    )


def test_leaves_no_half_file_when_it_breaks_off(dataset, tmp_path):
    path = tmp_path / "out.csv"
    with mock.patch.object(columns, "_checked", side_effect=columns.ColumnsChangedError):
        error = refused("Tea", "--format", "csv", "--output", str(path))
    assert str(error) == "The records were changed meanwhile. Run the command again."
    assert list(tmp_path.iterdir()) == []


def test_gives_the_file_the_permissions_that_others_get(dataset, tmp_path):
    (tmp_path / "other").touch()
    export("Tea", output=str(tmp_path / "out.jsonl"))
    assert (tmp_path / "out.jsonl").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_shows_no_progress_where_no_terminal_is(dataset, tmp_path, capsys):
    export("Tea", output=str(tmp_path / "out.jsonl"))
    assert capsys.readouterr().err == ""


class TestStandardOutput:
    @pytest.fixture
    def command(self, database_url):
        factories.records(1200, into=factories.dataset("Tea"))
        return {
            "args": [sys.executable, ROOT / "manage.py", "export_dataset", "Tea", "--output", "-"],
            "env": {**os.environ, "DATABASE_URL": database_url},
        }

    def test_gets_nothing_but_the_records(self, command):
        done = subprocess.run(**command, capture_output=True, check=True)
        assert len([json.loads(line) for line in done.stdout.splitlines()]) == 1200
        assert done.stderr == b""

    def test_may_be_closed_early(self, command):
        process = subprocess.Popen(**command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        process.stderr.close()
        assert process.wait() == 0


def test_brings_the_metadata_along_when_asked(dataset, capfdbinary):
    export("Tea", "--metadata", "--output", "-")
    first = json.loads(capfdbinary.readouterr().out.splitlines()[0])
    assert first["_meta"]["id"] == dataset.records.order_by("pk")[0].pk
    assert first["_meta"]["status"] == "accepted"
