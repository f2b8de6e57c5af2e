"""What becomes of the files of a source, and what is there after a stop at any place."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from synthesis import source_items
from synthesis.engine import background
from synthesis.models import Source
from tests import factories
from tests.synthesis.documents import files

pytestmark = pytest.mark.django_db
SENTENCES = "春天来了。花都开了！你看见了吗？"


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def upload(name, data):
    return SimpleUploadedFile(name, data.encode() if isinstance(data, str) else data)


def source(*named, **fields):
    """Order the loading of files, given as pairs of name and content."""
    row = Source.objects.create(name=fields.pop("name", "Material"), **fields)
    row.load(uploads=[upload(*pair) for pair in named])
    return row


def loaded(*named, **fields):
    return done(source(*named, **fields))


def done(row):
    background.perform_here(row.job)
    return Source.objects.select_related("job").get(pk=row.pk)


def rows(*named, **fields):
    return loaded(*named, kind="rows", **fields)


def table(*contents):
    return "\n".join(json.dumps(content) for content in contents)


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
