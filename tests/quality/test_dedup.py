from __future__ import annotations

import pytest

from quality.dedup import content_hash
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
    assert len(content_hash({"question": "茶？"})) == 64


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
