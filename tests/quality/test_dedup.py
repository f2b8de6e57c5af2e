from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quality.dedup import (
    Rules,
    digest_of,
    duplicate_of,
    ids_by_hash,
    mark_duplicates,
    variant_of,
)
from quality.models import Band
from quality.normalise import canonical, normalise
from synthesis.models import Record
from tests import factories


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Ｈｅｌｌｏ　World", "hello world"),
        ("  two\n\twords ", "two words"),
        ("STRASSE", "straße"),
        ("１２＋５", "12+5"),
    ],
)
def test_normalises_width_case_and_blanks(text, same):
    assert normalise(text) == normalise(same)


def test_keeps_numbers_and_signs_apart():
    assert normalise("12+5") != normalise("12+6")
    assert normalise("12+5") != normalise("1+25")


def test_looks_through_line_ends_inside_texts():
    assert canonical({"a": "two\n\nwords "}) == canonical({"a": "Two words"})


def test_ignores_the_order_of_names():
    assert canonical({"a": 1, "b": 2}) == canonical({"b": 2, "a": 1})


def test_hashes_to_64_hex_digits():
    assert len(digest_of({"question": "茶"})) == 64


@pytest.mark.django_db
class TestMarkDuplicates:
    def write(self, into, *questions):
        rows = [Record(dataset=into, content={"question": text}) for text in questions]
        return Record.objects.write(rows, dataset=into)

    def test_marks_a_repeat_of_a_stored_record_and_links_it(self):
        into = factories.dataset()
        (first,) = self.write(into, "What is tea?")
        (second,) = self.write(into, "what is  TEA?")
        second.refresh_from_db()
        assert (second.status, second.duplicate_of) == ("duplicate", first)
        assert second.findings == [{"check": "duplicate", "code": "exact"}]

    def test_marks_a_repeat_inside_one_write_and_links_it(self):
        first, second = self.write(factories.dataset(), "Tea?", "tea?")
        second.refresh_from_db()
        assert (first.status, second.status) == ("accepted", "duplicate")
        assert second.duplicate_of == first

    def test_lets_two_datasets_hold_the_same_record(self):
        rows = [self.write(factories.dataset(), "Tea?")[0] for _dataset in range(2)]
        assert [row.status for row in rows] == ["accepted", "accepted"]

    def test_lets_a_record_return_after_its_twin_was_deleted(self):
        into = factories.dataset()
        self.write(into, "Tea?")[0].delete()
        assert self.write(into, "Tea?")[0].status == "accepted"

    def test_asks_the_database_once_for_any_number_of_records(self, django_assert_max_num_queries):
        into = factories.dataset()
        with django_assert_max_num_queries(14):
            self.write(into, *(f"Question {number}?" for number in range(300)))

    def test_marks_a_reworded_repeat_and_says_how_alike_they_are(self):
        into = factories.dataset()
        (first,) = self.write(into, FIRST)
        (second,) = self.write(into, REWORDED)
        second.refresh_from_db()
        assert (second.status, second.duplicate_of) == ("duplicate", first)
        assert second.findings == [
            {"check": "duplicate", "code": "near", "similarity": second.findings[0]["similarity"]}
        ]

    def test_links_a_repeat_of_a_repeat_to_the_record_that_stays(self):
        first, second, third = self.write(factories.dataset(), FIRST, REWORDED, REWORDED)
        assert Record.objects.get(pk=third.pk).duplicate_of == first
        assert [row.findings[0]["code"] for row in (second, third)] == ["near", "near"]

    def test_keeps_a_variant_and_links_it(self):
        into = factories.dataset()
        first, second = self.write(into, FIRST, FIRST.replace("six", "nine"))
        second.refresh_from_db()
        assert (second.status, second.duplicate_of) == ("accepted", first)
        assert (second.findings[0]["code"], second.findings[0]["reason"]) == ("variant", "number")

    def test_forgets_a_twin_that_was_deleted(self):
        into = factories.dataset()
        self.write(into, FIRST)[0].delete()
        assert Band.objects.filter(dataset=into).exists()
        assert self.write(into, REWORDED)[0].status == "accepted"

    def test_finds_an_edited_record_by_what_it_says_now(self):
        into = factories.dataset()
        (row,) = self.write(into, "Something else altogether is asked here.")
        row.content = {"question": FIRST}
        row.save()
        assert self.write(into, REWORDED)[0].duplicate_of == row

    def test_looks_into_other_datasets_when_asked(self):
        other, into = factories.dataset(), factories.dataset()
        (known,) = self.write(other, FIRST)
        row = Record(dataset=into, content={"question": REWORDED})
        mark_duplicates([row], into, Rules(also_datasets=(other.pk,)))
        assert (row.status, row.duplicate_of_id) == ("duplicate", known.pk)

    def test_compares_only_the_fields_that_count(self):
        into = factories.dataset()
        rows = [
            Record(dataset=into, content={"question": "Why is tea hot?", "answer": answer})
            for answer in ("Because water boils.", "Ask the cook, who knows it better.")
        ]
        mark_duplicates(rows, into, Rules(fields=("question",)))
        assert [row.status for row in rows] == ["accepted", "duplicate"]

    def test_looks_only_for_the_same_content_where_near_ones_are_welcome(self):
        into = factories.dataset()
        rows = [Record(dataset=into, content={"q": text}) for text in (FIRST, REWORDED, FIRST)]
        mark_duplicates(rows, into, Rules(near=False))
        assert [row.status for row in rows] == ["accepted", "accepted", "duplicate"]

    def test_drops_the_index_with_its_dataset(self):
        into = factories.dataset()
        self.write(into, FIRST)
        into.delete()
        assert not Band.objects.exists()

    @pytest.mark.parametrize("content", [{}, {"a": None}, {"a": ""}, {"a": ["x", 1, {"b": 2.5}]}])
    def test_takes_contents_of_any_shape(self, content):
        into = factories.dataset()
        rows = [Record(dataset=into, content=content) for _row in range(2)]
        mark_duplicates(rows, into)
        assert [row.status for row in rows] == ["accepted", "duplicate"]


@pytest.mark.django_db
def test_looks_many_hashes_up_in_their_index():
    """PostgreSQL looks at a hundred values to see whether a partial index has them."""
    explain = {"postgresql": "EXPLAIN"}.get(connection.vendor, "EXPLAIN QUERY PLAN")
    with CaptureQueriesContext(connection) as queries:
        ids_by_hash({digest_of(str(number)) for number in range(150)}, [1], set())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # which a small table would get
        cursor.execute(f"{explain} {queries[-1]['sql']}")
        assert "one_accepted_record_per_content" in str(cursor.fetchall())


@pytest.mark.django_db
def test_asks_for_no_record_without_a_hash():
    [known] = factories.records(1)
    hashes = {"", known.content_hash, digest_of("other")}
    assert ids_by_hash(hashes, [known.dataset_id], ()) == {known.content_hash: known.pk}
    assert ids_by_hash({""}, [known.dataset_id], ()) == {}


FIRST = "The library closes at six on weekdays; please return every book before that hour."
REWORDED = "The library closes at six on weekdays; kindly return every book before that hour."


def test_finds_repeats_among_plain_texts():
    texts = [FIRST, "Something else is asked here.", REWORDED, FIRST.replace("six", "nine")]
    assert duplicate_of(texts) == [None, None, 0, None]
    assert variant_of(texts) == [None, None, None, 0]


def test_a_repeat_of_a_repeat_is_one_of_the_text_that_stays():
    assert duplicate_of([FIRST, REWORDED, REWORDED.upper(), FIRST]) == [None, 0, 0, 0]


def test_the_same_text_as_a_variant_repeats_the_variant():
    variant = FIRST.replace("six", "nine")
    assert duplicate_of([FIRST, variant, variant]) == [None, None, 1]


def test_takes_texts_that_all_look_alike():
    texts = [f"Write a poem about number {number} in the usual form." for number in range(300)]
    assert duplicate_of(texts) == [None] * 300
