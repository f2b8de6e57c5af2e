"""Which stored records a new one is measured against, and what is written of it."""

from __future__ import annotations

from typing import Any

import pytest

from quality.dedup import (
    Rules,
    accepted_by_hash,
    enter_index,
    fingerprint,
    mark_duplicates,
    selection,
)
from quality.fingerprints import BANDS
from quality.models import Band
from synthesis.models import Dataset, Record
from synthesis.models.bulk import insert_each
from tests import factories

TEXT = "Steep the leaves for three minutes in water that no longer boils, then pour it."
SLIP = TEXT.replace("minutes", "minuts")
VARIANT = TEXT.replace("three", "five")
OTHER = "The senate of Rome met in a house beside the forum every month."


@pytest.mark.parametrize(
    ("content", "fields", "selected"),
    [
        pytest.param({"q": 1, "a": 2}, ("q",), {"q": 1}, id="one field"),
        pytest.param({"q": 1, "a": 2}, ("a", "q"), {"a": 2, "q": 1}, id="in their order"),
        pytest.param({"q": 1, "a": 2}, None, {"q": 1, "a": 2}, id="all of them"),
        pytest.param({"q": 1, "a": 2}, (), {"q": 1, "a": 2}, id="none named"),
        pytest.param({"q": 1}, ("q", "z"), {"q": 1}, id="a field that is missing"),
        pytest.param({"q": 1}, ("z",), {"q": 1}, id="none of the fields"),
        pytest.param({"q": None}, ("q",), {"q": None}, id="an empty field"),
        pytest.param(["q"], ("q",), ["q"], id="a list"),
        pytest.param("text", ("q",), "text", id="a text"),
        pytest.param(None, ("q",), None, id="nothing"),
    ],
)
def test_selects_the_fields_that_count(content, fields, selected):
    assert selection(content, fields) == selected


@pytest.fixture
def into(db: None) -> Dataset:
    return factories.dataset()


def rows_of(into: Dataset, *texts: str, **fields: Any) -> list[Record]:
    return [Record(dataset=into, content={"text": text}, **fields) for text in texts]


def stored(into: Dataset, *texts: str, **fields: Any) -> list[Record]:
    """Store and index records as they are, whatever repeats what."""
    rows = rows_of(into, *texts, **fields)
    fingerprint(rows)
    insert_each(rows)
    enter_index(rows, into, created=True)
    return rows


def marked(into: Dataset, *texts: str, **rules: Any) -> list[Record]:
    rows = rows_of(into, *texts)
    mark_duplicates(rows, into, Rules(**rules))
    return rows


def said(row: Record) -> tuple[str, str, int | None]:
    return row.status, row.findings[0]["code"] if row.findings else "", row.duplicate_of_id


@pytest.mark.parametrize("text", [TEXT, SLIP], ids=["exact", "near"])
@pytest.mark.parametrize("status", ["accepted", "pending"])
def test_a_record_that_counts_is_repeated(into, text, status):
    [twin] = stored(into, TEXT, status=status)
    [row] = marked(into, text)
    assert (row.status, row.duplicate_of_id) == ("duplicate", twin.pk)


@pytest.mark.parametrize("text", [TEXT, SLIP], ids=["exact", "near"])
@pytest.mark.parametrize("status", ["rejected", "malformed", "surplus", "duplicate"])
def test_a_record_that_does_not_count_is_not_repeated(into, text, status):
    stored(into, TEXT, status=status)
    assert said(marked(into, text)[0]) == ("accepted", "", None)


@pytest.mark.parametrize("status", ["rejected", "malformed", "surplus", "duplicate"])
def test_what_was_refused_before_is_not_looked_at(into, status):
    stored(into, TEXT)
    rows = rows_of(into, TEXT, status=status)
    mark_duplicates(rows, into)
    assert said(rows[0]) == (status, "", None)


def test_what_was_refused_before_is_nobodys_twin(into):
    refused, fresh = rows_of(into, TEXT, TEXT)
    refused.status = "rejected"
    mark_duplicates([refused, fresh], into)
    assert said(fresh) == ("accepted", "", None)


@pytest.mark.parametrize("text", [TEXT, SLIP], ids=["exact", "near"])
def test_a_twin_that_was_rejected_since_is_repeated_no_more(into, text):
    [twin] = stored(into, TEXT)
    Record.objects.filter(pk=twin.pk).update(status="rejected")
    assert said(marked(into, text)[0]) == ("accepted", "", None)


def test_a_twin_that_was_rejected_leaves_the_index_when_it_is_met(into):
    [twin] = stored(into, TEXT)
    Record.objects.filter(pk=twin.pk).update(status="rejected")
    marked(into, SLIP)
    assert Band.objects.filter(record=twin.pk).count() < BANDS


def test_the_oldest_of_equal_twins_is_named(into):
    other = factories.dataset()
    [oldest], _later = stored(other, TEXT), stored(into, TEXT)
    [row] = marked(into, TEXT, also_datasets=(other.pk,))
    assert said(row) == ("duplicate", "exact", oldest.pk)


def test_the_same_content_goes_before_a_reworded_one(into):
    _reworded, same = stored(into, SLIP, TEXT)
    assert said(marked(into, TEXT)[0]) == ("duplicate", "exact", same.pk)


def test_a_stored_twin_goes_before_one_of_the_same_write(into):
    [twin] = stored(into, TEXT)
    rows = marked(into, TEXT, TEXT)
    assert [said(row) for row in rows] == [("duplicate", "exact", twin.pk)] * 2


def test_a_repeat_goes_before_a_variant(into):
    _variant, twin = stored(into, VARIANT, SLIP)
    assert said(marked(into, TEXT)[0]) == ("duplicate", "near", twin.pk)


def test_a_variant_says_what_differs_and_is_kept(into):
    [twin] = stored(into, TEXT)
    [row] = marked(into, VARIANT)
    assert (row.status, row.duplicate_of_id) == ("accepted", twin.pk)
    [finding] = row.findings
    assert 0.9 < finding.pop("similarity") < 1
    assert finding == {
        "check": "duplicate",
        "code": "variant",
        "reason": "number",
        "ours": "five",
        "theirs": "three",
    }


def test_findings_that_were_there_stay_first(into):
    stored(into, TEXT)
    [row] = rows_of(into, TEXT, findings=[{"check": "format", "code": "unread"}])
    mark_duplicates([row], into)
    assert [finding["code"] for finding in row.findings] == ["unread", "exact"]


class TestOtherDatasets:
    @pytest.fixture
    def other(self, into: Dataset) -> Dataset:
        return factories.dataset()

    @pytest.mark.parametrize("text", [TEXT, SLIP], ids=["exact", "near"])
    def test_are_another_matter_unless_named(self, into, other, text):
        [twin] = stored(other, TEXT)
        assert said(marked(into, text)[0])[0] == "accepted"
        [row] = marked(into, text, also_datasets=(other.pk,))
        assert (row.status, row.duplicate_of_id) == ("duplicate", twin.pk)

    def test_are_searched_for_the_same_content_even_without_near_ones(self, into, other):
        [twin] = stored(other, TEXT)
        rows = marked(into, TEXT, SLIP, also_datasets=(other.pk,), near=False)
        assert [said(row) for row in rows] == [
            ("duplicate", "exact", twin.pk),
            ("accepted", "", None),
        ]

    def test_that_are_gone_hold_nothing(self, into, other):
        stored(other, TEXT)
        number = other.pk
        other.delete()
        assert said(marked(into, TEXT, SLIP, also_datasets=(number,))[0])[0] == "accepted"

    def test_twice_the_same_one_changes_nothing(self, into, other):
        [twin] = stored(other, TEXT)
        scope = (other.pk, other.pk, into.pk)
        assert said(marked(into, SLIP, also_datasets=scope)[0])[2] == twin.pk


class TestEditedRecords:
    @pytest.mark.parametrize("text", [TEXT, SLIP, VARIANT], ids=["exact", "near", "variant"])
    def test_do_not_repeat_themselves(self, into, text):
        [row] = stored(into, TEXT)
        row.content = {"text": text}
        mark_duplicates([row], into)
        assert said(row) == ("accepted", "", None)

    @pytest.mark.parametrize("text", [TEXT, SLIP], ids=["exact", "near"])
    def test_repeat_another_stored_one(self, into, text):
        twin, row = stored(into, TEXT, OTHER)
        row.content = {"text": text}
        mark_duplicates([row], into)
        assert (row.status, row.duplicate_of_id) == ("duplicate", twin.pk)

    def test_are_compared_with_each_other_as_they_are_now(self, into):
        first, second = stored(into, TEXT, OTHER)
        first.content, second.content = second.content, first.content
        mark_duplicates([first, second], into)
        assert [said(row)[0] for row in (first, second)] == ["accepted", "accepted"]

    def test_that_became_alike_are_linked_at_once(self, into):
        first, second = stored(into, TEXT, OTHER)
        second.content = {"text": SLIP}
        mark_duplicates([first, second], into)
        assert said(second) == ("duplicate", "near", first.pk)

    def test_get_the_hash_and_keys_of_what_they_say_now(self, into):
        row, model = stored(into, TEXT, OTHER)
        row.content = {"text": OTHER}
        fingerprint([row])
        assert (row.content_hash, row.index_keys) == (model.content_hash, model.index_keys)


class TestThreshold:
    @pytest.mark.parametrize(
        ("threshold", "status"),
        [(0.5, "duplicate"), (0.66, "duplicate"), (0.98, "accepted"), (1.0, "accepted")],
    )
    def test_decides_how_alike_a_repeat_is(self, into, threshold, status):
        stored(into, TEXT)
        assert said(marked(into, SLIP, threshold=threshold)[0])[0] == status

    def test_at_its_edge_still_makes_a_repeat(self, into):
        stored(into, TEXT)
        [row] = marked(into, SLIP)
        # Of 15 words each, 14 are in both.
        alike = 28 / 30
        assert row.findings[0]["similarity"] == round(alike, 3)
        assert said(marked(into, SLIP, threshold=alike)[0])[0] == "duplicate"
        assert said(marked(into, SLIP, threshold=alike + 0.001)[0])[0] == "accepted"

    def test_does_not_touch_the_same_content(self, into):
        stored(into, TEXT)
        assert said(marked(into, TEXT, threshold=1.0)[0])[:2] == ("duplicate", "exact")


class TestComparedFields:
    def pair(self, into: Dataset, one: Any, other: Any, *fields: str) -> list[str]:
        rows = [Record(dataset=into, content=content) for content in (one, other)]
        mark_duplicates(rows, into, Rules(fields=fields))
        return [row.status for row in rows]

    @pytest.mark.parametrize(
        ("one", "other", "status"),
        [
            pytest.param({"q": TEXT, "a": "x"}, {"q": TEXT, "a": "y"}, "duplicate", id="the same"),
            pytest.param({"q": TEXT, "a": "x"}, {"q": SLIP, "a": "y"}, "duplicate", id="near"),
            pytest.param({"q": TEXT, "a": "x"}, {"q": OTHER, "a": "x"}, "accepted", id="another"),
            pytest.param({"q": TEXT}, {"a": TEXT}, "duplicate", id="in another field"),
            pytest.param({"q": "1"}, {"q": 1}, "duplicate", id="a digit as text"),
        ],
    )
    def test_alone_decide(self, into, one, other, status):
        assert self.pair(into, one, other, "q") == ["accepted", status]

    def test_all_have_to_agree(self, into):
        one, other = {"q": TEXT, "a": OTHER}, {"q": TEXT, "a": "Chess has sixteen pawns."}
        assert self.pair(into, one, other, "q", "a") == ["accepted", "accepted"]

    def test_of_stored_records_are_read_by_the_same_rule(self, into):
        rows = [Record(dataset=into, content={"q": TEXT, "a": OTHER})]
        mark_duplicates(rows, into, Rules(fields=("q",)))
        insert_each(rows)
        enter_index(rows, into, created=True)
        fresh = Record(dataset=into, content={"q": SLIP, "a": "Chess has sixteen pawns."})
        mark_duplicates([fresh], into, Rules(fields=("q",)))
        assert said(fresh) == ("duplicate", "near", rows[0].pk)


class TestIndex:
    def test_holds_a_row_a_band_of_what_counts(self, into):
        first, second = stored(into, TEXT, OTHER)
        assert Band.objects.filter(record=first.pk).count() == BANDS
        assert Band.objects.filter(record=second.pk).count() == BANDS

    @pytest.mark.parametrize("status", ["rejected", "malformed", "surplus", "duplicate"])
    def test_holds_nothing_of_what_does_not_count(self, into, status):
        stored(into, TEXT, status=status)
        assert not Band.objects.exists()

    def test_takes_a_record_that_was_accepted_later(self, into):
        [row] = stored(into, TEXT, status="rejected")
        known = Record.objects.get(pk=row.pk)
        known.status = "accepted"
        enter_index([known], into, created=False)
        assert Band.objects.filter(record=row.pk).count() == BANDS

    def test_stays_as_it_is_when_a_record_is_entered_again(self, into):
        [row] = stored(into, TEXT)
        enter_index([row], into, created=False)
        assert Band.objects.filter(record=row.pk).count() == BANDS

    def test_of_another_dataset_is_left_alone(self, into):
        other = factories.dataset()
        stored(other, TEXT)
        stored(into, TEXT)
        other.delete()
        assert set(Band.objects.values_list("dataset", flat=True)) == {into.pk}

    def test_forgets_only_the_records_named(self, into):
        first, second = stored(into, TEXT, SLIP)
        keys = Band.objects.filter(record=first.pk).values_list("key", flat=True)
        Band.objects.forget(into.pk, set(keys), {first.pk})
        assert not Band.objects.filter(record=first.pk).exists()
        assert Band.objects.filter(record=second.pk).count() == BANDS


class TestSameHash:
    def test_names_the_record_that_counts(self, into):
        [first], [second] = stored(into, TEXT, status="rejected"), stored(into, TEXT)
        fresh = Record(content_hash=first.content_hash)
        assert accepted_by_hash([fresh], into) == {first.content_hash: second.pk}

    def test_leaves_the_records_themselves_out(self, into):
        [row] = stored(into, TEXT)
        assert accepted_by_hash([row], into) == {}

    def test_asks_one_dataset_only(self, into):
        [row] = stored(factories.dataset(), TEXT)
        assert accepted_by_hash([Record(content_hash=row.content_hash)], into) == {}
