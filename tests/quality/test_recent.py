"""How the latest records begin is remembered, and never out of date."""

from __future__ import annotations

import pytest
from django.utils import timezone

from quality import recent
from synthesis.models import Record
from synthesis.models.bulk import insert_each, update_each
from tests import factories

pytestmark = pytest.mark.django_db
TEXTS = ["Green tea is best.", "Black tea is older.", "White tea is rare."]


@pytest.fixture
def records(monkeypatch):
    monkeypatch.setattr(recent, "remembered", {})
    into = factories.dataset()
    rows = [Record(dataset=into, content={"text": text}) for text in TEXTS]
    insert_each(rows)
    return rows


def openings(records):
    return dict(recent.openings(records[0].dataset).counts)


def test_counts_how_accepted_records_begin(records):
    assert openings(records) == {"greenteaisbest": 1, "blackteaisolder": 1, "whiteteaisrare": 1}


def test_reads_contents_only_once(records, django_assert_num_queries):
    openings(records)
    with django_assert_num_queries(1):
        openings(records)


def test_reads_an_edited_record_again(records):
    openings(records)
    records[0].content = {"text": "Iced tea came late."}
    records[0].edited_at = timezone.now()
    update_each([records[0]], ["content", "edited_at"])
    assert "icedteacamelate" in openings(records)


def test_leaves_out_what_was_deleted_or_is_accepted_no_more(records):
    openings(records)
    records[0].delete()
    Record.objects.filter(pk=records[1].pk).update(status="rejected")
    assert openings(records) == {"whiteteaisrare": 1}


def test_takes_another_record_of_the_same_number_for_another(records):
    openings(records)
    Record.objects.filter(pk=records[0].pk).update(
        content={"text": "Herbal tea is none."}, created_at="2026-01-01T00:00Z"
    )
    assert "herbalteaisnone" in openings(records)


def test_remembers_no_more_than_it_may(records, monkeypatch):
    monkeypatch.setattr(recent, "MOST_REMEMBERED", 2)
    openings(records)
    records[2].delete()
    assert len(openings(records)) == 2
    assert len(recent.remembered) <= 3
