"""What becomes of an uploaded file, and of records that leave and come back."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from synthesis import export, importing
from synthesis.engine import background, leases
from synthesis.engine.background import Assignment
from synthesis.models import DatasetImport, Job, Record, Worker
from synthesis.tables import rows
from tests import factories

pytestmark = pytest.mark.django_db

CONTENTS = [
    {"question": "茶是什么？", "answer": "一种饮料"},
    {"question": 'Line\nbreak "and" quote', "answer": "a,b;c\td|e"},
    {"question": "=1+1", "answer": "'=1+1"},
    {"question": "😀", "answer": "tail  "},
    {"question": "list", "answer": [1, "two", {"three": None}]},
    {"question": "object", "answer": {"a": {"b": [True]}}},
]
TYPED = [
    {"n": 0, "f": 0.5, "t": True, "x": None, "s": "007"},
    {"n": -(10**30), "f": 1e-9, "t": False, "x": [], "s": "[1]"},
]


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def uploaded(data: bytes | str, name: str) -> DatasetImport:
    encoded = data.encode() if isinstance(data, str) else data
    return DatasetImport.order(factories.dataset(), SimpleUploadedFile(name, encoded))


def done(order: DatasetImport) -> DatasetImport:
    background.perform_here(order.job)
    order.refresh_from_db()
    return order


def files(folder) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


def stored(contents):
    home = factories.dataset()
    Record.objects.write([Record(dataset=home, content=row) for row in contents], dataset=home)
    return Record.objects.filter(dataset=home)


def contents_of(dataset):
    return list(
        Record.objects.filter(dataset=dataset).order_by("pk").values_list("content", flat=1)
    )


@pytest.mark.parametrize(
    ("format", "contents"),
    [("jsonl", CONTENTS + TYPED), ("json", CONTENTS + TYPED), ("csv", CONTENTS)],
)
def test_an_export_comes_back_as_the_records_it_was_made_of(format, contents):
    data = b"".join(export.stream(stored(contents), format))
    order = done(uploaded(data, f"export.{format}"))
    assert (order.rows_read, order.unreadable) == (len(contents), 0)
    assert contents_of(order.dataset) == contents


def test_an_export_with_formulas_comes_back_word_for_word():
    texts = [{"t": text, "=h": "x"} for text in ("=A1", "'=A1", "''=A1", "-", "\t", " @b", "＝")]
    data = b"".join(export.stream(stored(texts), "csv"))
    assert contents_of(done(uploaded(data, "export.csv")).dataset) == texts


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "a.jsonl"),
        (b"3", "a.json"),
        (b"a,a\n", "a.csv"),
        (b"a,b\n", "a.csv"),
        (b"\x00\x01", "a.tsv"),
        (b"PK", "a.xlsx"),
        (b'[{"a": 1}, ', "a.json"),
    ],
    ids=["empty", "no list", "bad header", "header only", "no text", "no workbook", "broken off"],
)
def test_a_file_that_failed_is_forgotten_like_one_that_was_read(uploads, data, name):
    order = done(uploaded(data, name))
    order.job.refresh_from_db()
    assert order.job.state == "failed"
    assert files(uploads) == []


def test_rows_read_before_a_file_broke_off_stay(uploads):
    order = done(uploaded('[{"a": "tea"}, {"a": "rice"}, {"a"', "a.json"))
    order.job.refresh_from_db()
    assert order.job.reason == "This is no valid JSON: the list breaks off."
    # They were fewer than a page, so they came with the break, and none was written.
    assert (order.rows_read, contents_of(order.dataset)) == (0, [])


def test_pages_read_before_a_file_broke_off_stay(monkeypatch):
    monkeypatch.setattr(importing, "PAGE_ROWS", 1)
    order = done(uploaded('[{"a": "tea"}, {"a": "rice"}, {"a"', "a.json"))
    assert contents_of(order.dataset) == [{"a": "tea"}, {"a": "rice"}]


def test_a_file_whose_import_is_cancelled_at_work_is_forgotten(uploads, monkeypatch):
    monkeypatch.setattr(importing, "PAGE_ROWS", 1)
    monkeypatch.setattr(background, "REPORT_SECONDS", 0.0)
    order = uploaded('{"a": "tea"}\n{"a": "rice"}\n', "a.jsonl")
    background.perform_here(order.job, lambda done, _total: Job.objects.get().cancel())
    assert Job.objects.get().state == "cancelled"
    assert Record.objects.filter(dataset=order.dataset).count() == 1
    assert files(uploads) == []


def test_a_file_given_back_by_a_draining_worker_is_kept(uploads, monkeypatch):
    monkeypatch.setattr(importing, "PAGE_ROWS", 1)
    monkeypatch.setattr(background, "REPORT_SECONDS", 0.0)
    order = uploaded('{"a": "tea"}\n{"a": "rice"}\n', "a.jsonl")
    background.perform_here(order.job, lambda done, _total: leases.ask_to_drain())
    assert (Job.objects.get().state, files(uploads)) == ("waiting", ["a.jsonl"])
    Worker.objects.all().delete()
    assert contents_of(done(order).dataset) == [{"a": "tea"}, {"a": "rice"}]


@pytest.mark.parametrize("what", ["import", "dataset"])
def test_a_file_goes_with_its_import_or_dataset(uploads, what, django_capture_on_commit_callbacks):
    order = uploaded('{"a": "b"}', "a.jsonl")
    with django_capture_on_commit_callbacks(execute=True):
        (order if what == "import" else order.dataset).delete()
    assert files(uploads) == []


def test_a_job_whose_import_is_gone_says_so_in_both_languages():
    order = uploaded('{"a": "b"}', "a.jsonl")
    order.delete()
    job = background.perform_here(Job.objects.get())
    assert (job.state, job.reason) == ("failed", "The import was deleted before its file was read.")
    with translation.override("zh-hans"):
        assert job.reason == "导入记录在读取文件之前已被删除。"


@pytest.mark.parametrize(
    ("code", "detail", "english", "chinese"),
    [
        ("unknown_format", "exe", "Files called .exe cannot be read", "exe"),
        ("empty_file", "", "The file holds no rows.", ""),
        ("too_many_cells", "2", "The row has more cells than the 2 columns named", "2 列"),
        ("repeated_column", "问题", "The column “问题” stands there twice.", "问题"),
        ("too_many_columns", "1000", "The table has more than 1000 columns.", "1000"),
        ("bomb", "23", "The workbook unpacks to 23 MB, more than is allowed.", "23 MB"),
        ("bad_json", "{x}", "This is no valid JSON: {x}.", "{x}"),
    ],
)
def test_every_problem_is_a_sentence_in_both_languages(code, detail, english, chinese):
    assert rows.sentence(code, detail).startswith(english)
    with translation.override("zh-hans"):
        found = rows.sentence(code, detail)
    assert chinese in found
    assert any("\u4e00" <= letter <= "\u9fff" for letter in found)


def test_only_the_first_problems_are_kept_and_all_are_counted(monkeypatch):
    monkeypatch.setattr(importing, "PROBLEMS_KEPT", 3)
    monkeypatch.setattr(importing, "PAGE_ROWS", 2)
    order = done(uploaded("1\n2\n{}\n3\n4\n5\n", "a.jsonl"))
    assert (order.rows_read, order.unreadable) == (6, 5)
    assert [number for number, _sentence in order.sentences()] == [1, 2, 4]


@pytest.mark.parametrize("stopped_after", [0, 1, 2, 3])
def test_an_import_killed_after_any_page_stores_every_row_once(monkeypatch, stopped_after):
    monkeypatch.setattr(importing, "PAGE_ROWS", 2)
    lines = ['{"a": "tea"}', "bad", "", '{"a": "rice"}', '{"a": "salt"}', "worse"]
    order = uploaded("\n".join(lines), "a.jsonl")
    worker = leases.register(Worker.Role.JOB)
    assignment = Assignment(background.claim(worker), worker)
    read = importing.pages(importing.tables.read(io.BytesIO("\n".join(lines).encode()), "jsonl"), 0)
    for _page, page in zip(range(stopped_after), read, strict=False):
        importing.keep(assignment, order, page)
    leases.dismiss(worker.pk)
    order = done(order)
    assert contents_of(order.dataset) == [{"a": "tea"}, {"a": "rice"}, {"a": "salt"}]
    assert (order.rows_read, order.unreadable, order.accepted) == (5, 2, 3)


def test_a_worker_that_lost_the_job_writes_nothing_more():
    order = uploaded('{"a": "tea"}', "a.jsonl")
    worker = leases.register(Worker.Role.JOB)
    late = Assignment(background.claim(worker), worker)
    leases.dismiss(worker.pk)
    done(order)
    with pytest.raises(background.JobStoppedError):
        importing.keep(late, order, [rows.Row(number=1, content={"a": "late"})])
    assert contents_of(order.dataset) == [{"a": "tea"}]


@pytest.mark.parametrize("name", ["rows.csv", "行.csv", "a b.csv", "x" * 300 + ".csv", "../up.csv"])
def test_any_file_name_is_taken(name):
    order = done(uploaded("a\ntea\n", name))
    assert contents_of(order.dataset) == [{"a": "tea"}]
    assert order.name.endswith(".csv")
