"""What becomes of the files of a source, and what is there after a stop at any place."""

from __future__ import annotations

import hashlib
import io
import sys
from types import SimpleNamespace

import pytest

from synthesis import source_items, source_loading
from synthesis.engine import background, leases
from synthesis.engine.background import Assignment
from synthesis.errors import SourceError
from synthesis.models import Job, Source, SourceItem, Worker
from synthesis.tables import Row
from tests import factories
from tests.synthesis.documents import files
from tests.synthesis.sources import done, loaded, rows, source, table, upload

pytestmark = pytest.mark.django_db
SENTENCES = "春天来了。花都开了！你看见了吗？"


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def values(row):
    return list(row.items.order_by("position").values_list("values", flat=True))


def positions(row):
    return list(row.items.order_by("position").values_list("position", flat=True))


def states(row):
    return [(file.name, file.state, file.item_count) for file in row.files.all()]


def stored(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_good_documents_give_chunks_with_their_place_and_a_broken_one_its_reason():
    row = loaded(
        ("report.pdf", files.pdf("First page.", "Second page.")),
        ("letter.docx", files.word(("Greeting", 1), "Dear reader.")),
        ("gbk.txt", (SENTENCES * 20).encode("gbk")),
        ("broken.docx", b"nothing of the kind"),
        cut="heading",
        chunk_characters=100,
    )
    assert (row.job.state, row.item_count) == ("done", row.items.count())
    broken = row.files.get(state="failed")
    assert (broken.name, broken.reason) == (
        "broken.docx",
        "This is no DOCX file, or it is damaged.",
    )
    page = row.items.get(file__name="report.pdf")
    assert (page.page, page.start, page.end) == (1, 0, 25)
    letter = row.items.get(file__name="letter.docx")
    assert letter.values == {
        "text": "Greeting\n\nDear reader.",
        "document": "letter.docx",
        "heading": "Greeting",
    }
    assert row.columns == ["text", "document", "heading"]


def test_a_hundred_characters_give_one_item():
    row = loaded(("short.txt", "x" * 99 + "."))
    assert values(row) == [{"text": "x" * 99 + ".", "document": "short.txt", "heading": ""}]


def test_rows_become_items_with_names_that_prompts_can_use():
    row = rows(("a.csv", "问题,First name,2nd\n茶?,Ann,x\n"))
    assert values(row) == [{"问题": "茶?", "First_name": "Ann", "_2nd": "x"}]
    assert row.columns == ["问题", "First_name", "_2nd"]


def test_columns_are_those_of_all_rows():
    row = rows(("a.jsonl", table({"a": 1}, {"b": 2})), ("b.jsonl", table({"c": [1]})))
    assert (row.columns, row.item_count) == (["a", "b", "c"], 3)


def test_rows_of_a_dataset_keep_their_record():
    home = factories.dataset()
    good = factories.records(2, into=home)
    row = Source.objects.create(name="Rows", kind="rows", dataset=home)
    row.load()
    row = done(row)
    assert list(row.items.values_list("record_id", flat=True)) == [record.pk for record in good]
    assert row.columns == ["question", "answer"]


def test_a_file_with_the_content_of_another_is_left_out():
    row = rows(("a.jsonl", table({"a": 1})), ("b.jsonl", table({"a": 1})))
    assert states(row) == [("a.jsonl", "loaded", 1), ("b.jsonl", "repeated", 0)]
    assert row.files.last().reason == "It has the same content as a.jsonl, and was left out."


def test_rows_that_cannot_be_read_are_named():
    row = rows(("a.jsonl", '{"a": 1}\nbad\n[]\n{"a": 2}'))
    file = row.files.get()
    assert (file.item_count, file.unreadable) == (2, 2)
    assert file.reason == "Rows that could not be read were left out: 2, 3"


def test_a_file_that_breaks_off_leaves_nothing_and_no_gap(monkeypatch):
    monkeypatch.setattr(source_items, "GROUP_ITEMS", 1)
    row = rows(
        ("a.jsonl", table({"a": 1})),
        ("broken.json", '[{"a": 2}, {"a": 3}, {"a"'),
        ("c.jsonl", table({"a": 4})),
    )
    assert states(row) == [
        ("a.jsonl", "loaded", 1),
        ("broken.json", "failed", 0),
        ("c.jsonl", "loaded", 1),
    ]
    assert (values(row), positions(row)) == ([{"a": 1}, {"a": 4}], [0, 1])


def test_a_source_of_nothing_readable_fails():
    row = rows(("a.jsonl", "bad"), ("b.csv", ""))
    assert row.job.reason == "Nothing could be loaded: the files or the dataset gave not one item."
    assert [file.reason for file in row.files.all()][1] == "The first line names no columns."


@pytest.mark.parametrize("groups", [0, 1, 2])
def test_a_job_whose_worker_died_goes_on_at_the_file_where_it_stopped(monkeypatch, groups):
    monkeypatch.setattr(source_items, "GROUP_ITEMS", 1)
    row = source(
        ("a.jsonl", table({"a": 1})),
        ("b.jsonl", table({"a": 2}, {"a": 3}, {"a": 4})),
        kind="rows",
    )
    worker = leases.register(Worker.Role.JOB)
    work = source_loading.Loading(Assignment(background.claim(worker), worker), row)
    work.load_file(row.files.first())
    row.add_items([SourceItem(values={"a": 2}) for _item in range(groups)], row.files.last())
    leases.dismiss(worker.pk)
    row = done(row)
    assert values(row) == [{"a": 1}, {"a": 2}, {"a": 3}, {"a": 4}]
    assert (positions(row), row.item_count, row.job.attempts) == ([0, 1, 2, 3], 4, 2)


def test_a_cancelled_job_leaves_the_source_without_count(monkeypatch):
    monkeypatch.setattr(background, "REPORT_SECONDS", 0.0)
    row = source(("a.txt", "Tea."))
    background.perform_here(row.job, lambda _done, _total: Job.objects.get().cancel())
    row = Source.objects.get()
    assert (row.state, row.item_count, row.items.count()) == ("cancelled", 0, 0)


def test_loading_afresh_replaces_what_was_there():
    row = loaded(("a.txt", "Tea. " * 100), chunk_characters=100, overlap_characters=0)
    row.chunk_characters = 1000
    row.save()
    row.load(afresh=True)
    row = done(row)
    assert (row.item_count, positions(row)) == (1, [0])


def test_files_are_added_after_those_that_are_there():
    row = rows(("a.jsonl", table({"a": 1})))
    row.load(uploads=[upload("b.jsonl", table({"b": 2})), upload("c.jsonl", table({"a": 1}))])
    row = done(row)
    assert (values(row), row.columns) == ([{"a": 1}, {"b": 2}], ["a", "b"])
    assert [state for _name, state, _count in states(row)] == ["loaded", "loaded", "repeated"]


def test_rows_of_a_table_are_cut_one_by_one_among_documents():
    text = table({"text": "Tea. " * 20}, {"title": "Rice", "n": 2})
    row = loaded(("a.jsonl", text), chunk_characters=60, overlap_characters=0)
    found = [(item.start, item.end, item.values["heading"]) for item in row.items.all()]
    assert found == [(0, 59, "#1"), (60, 99, "#1"), (102, 118, "#2")]
    assert values(row)[-1]["text"] == "title: Rice\nn: 2"


def test_a_source_that_runs_used_stays_as_it_is():
    row = rows(("a.jsonl", table({"a": 1})))
    factories.run(source=row)
    with pytest.raises(SourceError, match="Runs have used this source"):
        row.load(afresh=True)


def test_a_source_that_is_loaded_waits():
    row = source(("a.txt", "Tea."))
    with pytest.raises(SourceError, match="The source is being loaded"):
        row.load(afresh=True)


def test_a_copy_has_the_files_and_settings_and_is_loaded_by_itself(uploads):
    row = loaded(("a.txt", "Tea."), cut="paragraph", name="Tea")
    copy = row.duplicate()
    assert (copy.name, copy.cut, copy.item_count, copy.state) == (
        "Tea (2)",
        "paragraph",
        0,
        "waiting",
    )
    copy.load()
    assert done(copy).item_count == 1
    assert stored(uploads) == ["a.txt"]


def test_a_file_goes_with_the_last_source_that_has_it(uploads, django_capture_on_commit_callbacks):
    row = loaded(("a.txt", "Tea."))
    copy = row.duplicate()
    with django_capture_on_commit_callbacks(execute=True):
        row.delete()
    assert stored(uploads) == ["a.txt"]
    with django_capture_on_commit_callbacks(execute=True):
        copy.delete()
    assert stored(uploads) == []


def test_records_stay_when_their_source_is_deleted():
    row = rows(("a.jsonl", table({"a": 1})))
    record = factories.records(1)[0]
    type(record).objects.update(source_item=row.items.get())
    row.delete()
    record.refresh_from_db()
    assert record.source_item is None
    assert not SourceItem.objects.exists()


def test_deleting_a_source_ends_its_loading():
    row = source(("a.txt", "Tea."))
    row.delete()
    assert Job.objects.get().state == "cancelled"


def test_a_job_whose_source_is_gone_says_so():
    row = source(("a.txt", "Tea."))
    Source.objects.filter(pk=row.pk).delete()
    job = background.perform_here(Job.objects.get())
    assert (job.state, job.reason) == ("failed", "The source was deleted before it was loaded.")


def test_a_file_that_is_gone_is_asked_for_again(uploads):
    row = source(("a.txt", "Tea."))
    (path,) = uploads.rglob("a.txt")
    path.unlink()
    reason = done(row).files.get().reason
    assert reason == "The uploaded file is not there any more. Upload it again."


@pytest.mark.parametrize("name", ["../up.txt", "a b.txt", "文.txt", "x" * 300 + ".txt"])
def test_any_file_name_is_taken(name):
    row = loaded((name, "Tea."))
    assert row.files.get().name.endswith(name.rpartition("/")[2][-20:])
    assert row.item_count == 1


def test_progress_reaches_the_size_of_the_files():
    seen = []
    row = source(("a.txt", "x" * 1000), ("b.txt", "\x00" * 6))
    background.perform_here(row.job, lambda done, total: seen.append((done, total)))
    assert seen[-1] == (1006, 1006)
    assert [done for done, _total in seen] == sorted(done for done, _total in seen)


def test_groups_are_bounded_in_number_and_size(monkeypatch):
    monkeypatch.setattr(source_items, "GROUP_ITEMS", 3)
    monkeypatch.setattr(source_items, "GROUP_CHARACTERS", 100)
    items = [SourceItem(values={"a": "x" * size}) for size in (1, 1, 1, 1, 200, 1)]
    assert [len(group) for group in source_items.groups(items)] == [3, 2, 1]


class TestRowsThatCannotBeRead:
    """Without a database: counted, the first named, and the others gone on with."""

    @staticmethod
    def bad(*found):
        rows = source_loading.BadRows()
        return rows, list(rows.taken_out(found))

    def test_none_say_nothing(self):
        item = SourceItem(values={})
        rows, kept = self.bad(item)
        assert kept == [item]
        assert rows.summary() == {}
        assert rows.problem() == ("empty_file", "")

    def test_the_first_gives_its_reason(self):
        rows, kept = self.bad(
            Row(number=4, problem="bad_json", detail="x"), Row(number=5, problem="too_deep")
        )
        assert kept == []
        assert rows.problem() == ("bad_json", "x")
        assert rows.summary() == {"code": "rows_unreadable", "detail": "4, 5", "unreadable": 2}

    def test_ten_are_named_and_all_are_counted(self):
        rows, _kept = self.bad(*(Row(number=number, problem="bad_json") for number in range(1, 13)))
        summary = rows.summary()
        assert (summary["detail"], summary["unreadable"]) == ("1, 2, 3, 4, 5, 6, 7, 8, 9, 10…", 12)

    def test_just_ten_are_all(self):
        rows, _kept = self.bad(*(Row(number=number, problem="bad_json") for number in range(10)))
        assert rows.summary()["detail"].endswith("8, 9")


def test_a_file_that_its_reader_closed_was_read_to_its_end():
    file = io.BytesIO(b"abc")
    file.read(2)
    assert source_loading.place_in(file) == 2
    file.close()
    assert source_loading.place_in(file) == sys.maxsize


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 24])
def test_the_digest_of_a_file_does_not_depend_on_how_it_is_read(monkeypatch, size):
    monkeypatch.setattr(source_loading, "HASHED_BYTES", 8)
    file = io.BytesIO(b"x" * size)
    work = source_loading.Loading(SimpleNamespace(report=lambda done, total: None), None)
    assert work.digest(file) == hashlib.sha256(b"x" * size).hexdigest()
    assert file.tell() == 0


def test_more_columns_than_are_kept_are_left_out_of_the_variables(monkeypatch):
    monkeypatch.setattr("synthesis.models.source.MOST_COLUMNS", 3)
    row = rows(("a.jsonl", table({"a": 1, "b": 2}, {"c": 3, "d": 4}, {"e": 5})))
    assert (row.columns, row.item_count) == (["a", "b", "c"], 3)
