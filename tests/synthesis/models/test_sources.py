"""What a source knows before it is stored: its cutting, its state and its words."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from synthesis.errors import WrongStateError
from synthesis.models import Job, Source, SourceFile, SourceItem

pytestmark = pytest.mark.any_database


def refused(**fields):
    with pytest.raises(ValidationError) as caught:
        Source(**{"name": "Tea", **fields}).full_clean(validate_unique=False)
    return caught.value.message_dict


@pytest.mark.parametrize(
    ("typed", "meant"),
    [(r"\n", "\n"), (r"\n\n--\t", "\n\n--\t"), ("\n", "\n"), ("n\\", "n\\"), (r"\r\s", r"\r\s")],
)
def test_escapes_of_a_delimiter_are_line_breaks_and_tabs(typed, meant):
    assert Source(cut="delimiter", delimiter=typed).cutting.delimiter == meant


def test_the_cutting_is_that_of_the_fields():
    cutting = Source(cut="heading", chunk_characters=300, overlap_characters=200).cutting
    assert (cutting.by, cutting.length, cutting.overlap) == ("heading", 300, 200)
    assert cutting.repeated == 150


def test_documents_cut_at_a_delimiter_need_one():
    expected = {"delimiter": ["Say which text stands between two chunks."]}
    assert refused(cut="delimiter") == expected


@pytest.mark.parametrize("cut", ["length", "heading", "delimiter"])
def test_more_than_half_of_a_chunk_is_never_repeated(cut):
    fields = {"cut": cut, "delimiter": "--", "chunk_characters": 150, "overlap_characters": 76}
    assert refused(**fields) == {
        "overlap_characters": ["At most half of the characters per chunk."]
    }


@pytest.mark.parametrize("fields", [{"cut": "paragraph"}, {"kind": "rows"}])
def test_where_nothing_is_repeated_the_overlap_does_not_matter(fields):
    Source(name="Tea", chunk_characters=150, **fields).full_clean(validate_unique=False)


def test_rows_need_no_delimiter_however_documents_would_be_cut():
    Source(name="Tea", kind="rows", cut="delimiter").full_clean(validate_unique=False)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"chunk_characters": 100_001},
            {"chunk_characters": ["Ensure this value is less than or equal to 100000."]},
        ),
        (
            {"chunk_characters": -1},
            {"chunk_characters": ["Ensure this value is greater than or equal to 50."]},
        ),
        (
            {"overlap_characters": 50_001},
            {
                "overlap_characters": [
                    "Ensure this value is less than or equal to 50000.",
                    "At most half of the characters per chunk.",
                ]
            },
        ),
        (
            {"delimiter": "x" * 51},
            {"delimiter": ["Ensure this value has at most 50 characters (it has 51)."]},
        ),
        ({"cut": "page"}, {"cut": ["Value 'page' is not a valid choice."]}),
        ({"kind": ""}, {"kind": ["This field cannot be blank."]}),
        ({"name": ""}, {"name": ["This field cannot be blank."]}),
    ],
)
def test_settings_out_of_range_are_refused(fields, expected):
    found = refused(**fields)
    assert {name: found.get(name) for name in expected} == expected


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "waiting"),
        ({"item_count": 1}, "done"),
        ({"item_count": 1, "job": Job(state="failed")}, "failed"),
        ({"job": Job(state="running")}, "running"),
    ],
)
def test_the_state_is_that_of_the_job_else_of_the_items(fields, state):
    assert Source(**fields).state == state


def test_a_source_without_a_job_has_nothing_to_cancel():
    with pytest.raises(WrongStateError):
        Source(item_count=1).cancel()


def test_a_file_that_was_read_gives_no_reason():
    assert SourceFile(state="loaded").reason == ""


@pytest.mark.parametrize(
    ("code", "detail", "sentence"),
    [
        ("no_text", "", "The file holds no text."),
        ("document_bomb", "300", "The file unpacks to 300 MB, more than is allowed."),
        ("repeated_column", "{0} %s", "The column “{0} %s” stands there twice."),
        ("took_too_long", "120", "The file was not read within 120 seconds, and was given up."),
    ],
)
def test_a_file_says_why_it_could_not_be_read(code, detail, sentence):
    assert SourceFile(reason_code=code, reason_detail=detail).reason == sentence


def test_items_are_numbered_from_one_for_people():
    assert str(SourceItem(source=Source(name="Tea"), position=0)) == "Tea · 1"
