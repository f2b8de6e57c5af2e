"""load_source: what it says, and with which code it ends."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from synthesis.models import Job, Source
from tests import factories

pytestmark = pytest.mark.django_db
NO_TEXT = "The text's encoding was not recognised; save the file as UTF-8."


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "uploads"


@pytest.fixture
def write(tmp_path):
    def written(name, text):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return str(tmp_path / name)

    return written


def refused(*arguments, **options):
    with pytest.raises(CommandError) as caught:
        call_command("load_source", *arguments, **options)
    return caught.value.returncode, str(caught.value)


def test_files_are_loaded_and_broken_ones_named(write, capsys):
    call_command(
        "load_source", "Tea", write("a.txt", "Tea."), write("b.txt", "\x00"), "--cut=paragraph"
    )
    out = capsys.readouterr()
    assert out.out == "items: 1\n"
    assert out.err == f"b.txt: {NO_TEXT}\n"
    assert Source.objects.get().cut == "paragraph"


def test_short_chunks_repeat_no_more_than_half(write):
    call_command("load_source", "Tea", write("a.txt", "Tea."), "--characters=150")
    assert Source.objects.get().overlap_characters == 75


def test_files_are_added_to_a_source_that_is_there(write, capsys):
    call_command("load_source", "Tea", write("a.txt", "Tea."))
    call_command("load_source", "Tea", write("b.txt", "Rice."))
    assert capsys.readouterr().out == "items: 1\nitems: 2\n"


def test_rows_of_a_file_or_a_dataset_are_items(write, capsys):
    home = factories.dataset("Home")
    factories.records(2, into=home)
    call_command("load_source", "Rows", write("a.csv", "a\n1\n2\n3\n"), "--rows")
    call_command("load_source", "Records", "--dataset", "Home")
    assert capsys.readouterr().out == "items: 3\nitems: 2\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["Tea"], "Name a file, or a dataset with --dataset."),
        (
            ["Tea", "a.exe"],
            "a.exe: Files called .exe cannot be read; take TXT, MD, HTML, PDF, DOCX, XLSX, CSV,"
            " JSON or JSONL.",
        ),
        (
            ["Tea", "a.exe", "--rows"],
            "a.exe: Files called .exe cannot be read; take JSONL, JSON, CSV, TSV or XLSX.",
        ),
        (
            ["Tea", "a.txt", "--characters=9"],
            "characters per chunk: Ensure this value is greater than or equal to 50.",
        ),
        (
            ["Tea", "a.txt", "--cut=delimiter"],
            "delimiter: Say which text stands between two chunks.",
        ),
        (
            ["Tea", "a.txt", "--characters=150", "--overlap=76"],
            "overlap: At most half of the characters per chunk.",
        ),
        (
            ["Tea", "a.txt", "--overlap=-1"],
            "overlap: Ensure this value is greater than or equal to 0.",
        ),
        (
            ["x" * 201, "a.txt"],
            "source name: Ensure this value has at most 200 characters (it has 201).",
        ),
        (["Tea", "--dataset=None"], "There is no dataset with the name or number “None”."),
    ],
)
def test_wrong_words_are_refused(write, arguments, sentence):
    paths = [write(word, "x") if "." in word else word for word in arguments]
    assert refused(*paths) == (2, sentence)
    assert not Source.objects.exists()


def test_a_file_that_is_not_there_is_named(tmp_path):
    path = tmp_path / "none.txt"
    assert refused("Tea", str(path)) == (2, f"{path} cannot be read: No such file or directory.")


def test_settings_of_a_source_that_is_there_stay(write):
    path = write("a.txt", "Tea.")
    call_command("load_source", "Tea", path)
    sentence = "The source is there already; its settings are changed on its page."
    assert refused("Tea", path, "--cut=heading") == (2, sentence)


def test_a_folder_is_no_file(tmp_path):
    assert refused("Tea", str(tmp_path)) == (2, f"{tmp_path} cannot be read: Is a directory.")


def test_rows_come_of_files_or_of_a_dataset_and_nothing_is_left_of_both(write):
    factories.dataset("Home")
    sentence = "Take the rows of a dataset or of files, not of both."
    assert refused("Tea", write("a.csv", "a\n1\n"), "--dataset=Home") == (2, sentence)
    assert not Source.objects.exists()


def test_an_escaped_delimiter_cuts_at_the_line_break(write, capsys):
    path = write("a.txt", "Tea.\nRice. Salt.\n\nOil.")
    call_command("load_source", "Lines", path, "--cut=delimiter", r"--delimiter=\n")
    assert capsys.readouterr().out == "items: 3\n"


def test_a_source_of_nothing_readable_ends_with_code_one(write):
    sentence = "Nothing could be loaded: the files or the dataset gave not one item. items: 0"
    assert refused("Tea", write("b.txt", "\x00")) == (1, sentence)


def test_an_interrupt_says_how_it_goes_on(write, monkeypatch):
    def interrupted(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("synthesis.source_loading.Loading.load_files", interrupted)
    assert refused("Tea", write("a.txt", "x")) == (
        130,
        "Stopped; load the source again on its page.",
    )
    assert Job.objects.get().state == "cancelled"
