"""What the commands answer to orders that cannot be carried out, in words and exit codes."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from providers.models import LanguageModel
from synthesis.models import Dataset, DatasetImport, Job, RatioTask, Record, Run
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def answered(*words: str) -> tuple[str, str]:
    output, errors = io.StringIO(), io.StringIO()
    call_command(*words, stdout=output, stderr=errors)
    return output.getvalue().strip(), errors.getvalue().strip()


def refused(*words: str) -> tuple[str, int]:
    with pytest.raises(CommandError) as caught:
        answered(*words)
    return str(caught.value), caught.value.returncode


NOBODY = [
    pytest.param(
        "run_task", "There is no synthesis task with the name or number “{}”.",
        "没有名称或编号为“{}”的合成任务。", id="run_task",
    ),
    pytest.param(
        "run_ratio_task", "There is no ratio task with the name or number “{}”.",
        "没有名称或编号为“{}”的比例任务。", id="run_ratio_task",
    ),
    pytest.param(
        "export_dataset", "There is no dataset with the name or number “{}”.",
        "没有名称或编号为“{}”的数据集。", id="export_dataset",
    ),
]  # fmt: skip


@pytest.mark.parametrize("words", ["Tea", "0", "999", "9" * 30, "-1", "１", "%s", "{x}"])
@pytest.mark.parametrize(("command", "english", "chinese"), NOBODY)
def test_a_row_that_is_not_there(command, english, chinese, words):
    arguments = [command, "--", words]
    assert refused(*arguments) == (english.format(words), 2)
    with translation.override("zh-hans"):
        assert refused(*arguments) == (chinese.format(words), 2)


@pytest.mark.parametrize("command", ["run_task", "run_ratio_task", "export_dataset"])
def test_a_name_goes_before_a_number(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first = made(command, "first")
    other = made(command, str(first.pk))
    output, _errors = answered(command, str(first.pk))
    if command == "export_dataset":
        assert output == f"0 records are in {first.pk}.jsonl."
    else:
        assert output.startswith("Run" if command == "run_task" else f"{other.name} started")
        of_task = (
            {"task": other} if command == "run_task" else {"task__category__ratio_task": other}
        )
        assert Run.objects.filter(**of_task).exists()


def made(command: str, name: str) -> Dataset | RatioTask | Run:
    if command == "export_dataset":
        return factories.dataset(name)
    if command == "run_task":
        return factories.task(name=name)
    return factories.ratio_task({"a": 60, "b": 40}, name=name)


class TestRatioTasks:
    @pytest.mark.parametrize(
        ("change", "english", "chinese"),
        [
            (
                {"is_enabled": False, "is_default": False},
                "The model {}, or its provider, is switched off. Enable it or choose another"
                " model.",
                "模型 {} 或其提供商已停用。请启用，或选择其他模型。",
            ),
        ],
    )
    def test_of_which_one_category_cannot_start_start_none(self, change, english, chinese):
        good, bad = factories.language_model(), factories.language_model(name="tired")
        factories.ratio_task({"a": 60, "b": 40}, good, bad, name="Moods")
        LanguageModel.objects.filter(pk=bad.pk).update(**change)
        assert refused("run_ratio_task", "Moods") == (english.format(bad), 1)
        with translation.override("zh-hans"):
            assert refused("run_ratio_task", "Moods") == (chinese.format(bad), 1)
        assert not Run.objects.exists()

    @pytest.mark.parametrize("status", ["stalled", "failed", "cancelled", "completed"])
    def test_that_have_ended_start_anew(self, status):
        task = factories.ratio_task({"a": 60, "b": 40}, name="Moods")
        task.start()
        Run.objects.update(status=status)
        output, _errors = answered("run_ratio_task", "Moods")
        assert output == "Moods started: 10 records."
        assert Run.objects.count() == 4

    @pytest.mark.parametrize("status", ["pending", "running", "paused"])
    def test_that_have_not_ended_do_not_start_again(self, status):
        task = factories.ratio_task({"a": 60, "b": 40}, name="Moods")
        task.start()
        Run.objects.update(status=status)
        sentence = "The task is still running. Cancel it, or wait until it ends."
        assert refused("run_ratio_task", "Moods") == (sentence, 1)

    @pytest.mark.parametrize("seconds", ["0", "-5", "0.0"])
    def test_are_left_when_the_time_is_over_before_it_began(self, seconds):
        factories.ratio_task({"a": 60, "b": 40}, name="Moods")
        sentence = "The time is over; Moods goes on with 0 of 10 records."
        assert refused("run_ratio_task", "Moods", f"--timeout={seconds}") == (sentence, 1)
        assert Run.objects.active().count() == 2


class TestImports:
    @pytest.mark.parametrize(
        ("name", "data", "english", "chinese"),
        [
            ("a.jsonl", b"", "The file holds no rows.", "文件中没有任何行。"),
            ("a.csv", b"a,a\n1,2\n", "The column “a” stands there twice.", "列“a”出现了两次。"),
            ("a.csv", b"\n", "The first line names no columns.", "首行没有列名。"),
            ("a.json", b"3", "The JSON file holds no list of objects.", None),
            ("a.xlsx", b"PK", "This is no XLSX workbook, or it is damaged.", None),
            (
                "a.csv",
                b"\x00",
                "The text's encoding was not recognised; save the file as UTF-8.",
                None,
            ),
        ],
    )  # fmt: skip
    def test_of_a_file_that_cannot_be_read_fail_with_the_reason(
        self, tmp_path, name, data, english, chinese
    ):
        path = tmp_path / name
        path.write_bytes(data)
        arguments = ["import_dataset", str(path), factories.dataset().name]
        assert refused(*arguments) == (f"{english} rows read: 0 · not readable: 0", 1)
        assert Job.objects.get().state == "failed"
        if chinese is not None:
            with translation.override("zh-hans"):
                assert refused(*arguments)[0].startswith(chinese)

    @pytest.mark.parametrize("name", ["a.exe", "a", ".csv", "a.csv.gz", "a.xls"])
    def test_of_unknown_formats_are_refused_before_anything_is_kept(self, tmp_path, name):
        path = tmp_path / name
        path.write_bytes(b"a\n1\n")
        sentence, code = refused("import_dataset", str(path), "New", "--create")
        assert sentence.endswith("cannot be read; take JSONL, JSON, CSV, TSV or XLSX.")
        assert code == 2
        assert not Dataset.objects.exists()
        assert not DatasetImport.objects.exists()

    def test_need_a_dataset_that_is_there(self, tmp_path):
        path = tmp_path / "a.csv"
        path.write_bytes(b"a\n1\n")
        sentence = "There is no dataset with the name or number “New”. Add --create to make it."
        assert refused("import_dataset", str(path), "New") == (sentence, 2)

    def test_create_no_second_dataset_of_a_name(self, tmp_path):
        path = tmp_path / "a.csv"
        path.write_bytes(b"a\ntea\n")
        home = factories.dataset("New")
        answered("import_dataset", str(path), "New", "--create")
        assert Dataset.objects.get() == home
        assert Record.objects.get().dataset == home

    def test_of_a_folder_are_refused(self, tmp_path):
        folder = tmp_path / "rows.csv"
        folder.mkdir()
        sentence = f"{folder} cannot be read: Is a directory."
        assert refused("import_dataset", str(folder), factories.dataset().name) == (sentence, 2)

    def test_larger_than_allowed_are_refused(self, tmp_path, settings):
        settings.DATAMATE_UPLOAD_MEGABYTES = 1
        path = tmp_path / "rows.csv"
        path.write_bytes(b"a\n" + b"x" * 1024**2)
        sentence = "The file is larger than 1 MB. Split it, or ask the administrator."
        assert refused("import_dataset", str(path), factories.dataset().name) == (sentence, 2)


class TestExports:
    @pytest.mark.parametrize("status", Record.Status.values)
    def test_take_the_status_that_is_asked_for(self, status, tmp_path):
        home = factories.dataset("Home")
        for row, one in zip(factories.records(6, into=home), Record.Status.values, strict=True):
            Record.objects.filter(pk=row.pk).update(status=one, content={"was": one})
        path = tmp_path / "out.jsonl"
        answered("export_dataset", "Home", "--status", status, "--output", str(path))
        assert path.read_text() == f'{{"was": "{status}"}}\n'

    @pytest.mark.parametrize(
        "option", ["--format=xml", "--status=good", "--review=maybe", "--formats=csv"]
    )
    def test_know_only_their_own_words(self, option):
        factories.dataset("Home")
        with pytest.raises(CommandError):
            answered("export_dataset", "Home", option)

    def test_into_a_folder_that_is_not_there_say_so(self, tmp_path):
        factories.dataset("Home")
        path = tmp_path / "none" / "out.jsonl"
        sentence = f"{path} cannot be written: No such file or directory."
        assert refused("export_dataset", "Home", "--output", str(path)) == (sentence, 1)
        with translation.override("zh-hans"):
            assert refused("export_dataset", "Home", "--output", str(path))[0].startswith(
                f"无法写入 {path}"
            )
