"""The bench of the record checks runs, in a size that measures nothing."""

from __future__ import annotations

from collections import Counter

import pytest

from bench import writes
from quality.fingerprints import BANDS
from quality.models import Band
from synthesis.models import Dataset, Record


@pytest.mark.django_db(transaction=True)
def test_writes_both_ways_into_a_full_index(capsys, monkeypatch):
    monkeypatch.setattr(writes, "STORED", 120)
    monkeypatch.setattr(writes, "HALVES", 250)
    writes.measure(130, 40, 20)
    first, told, _head, plain, checked = capsys.readouterr().out.splitlines()
    assert "index of 130 texts" in first
    assert "0 content rules; characters in the middle: " in told
    assert plain.startswith("plain insert")
    assert checked.startswith("checked write")
    assert float(plain.split()[-1]) == 1.0


@pytest.mark.django_db
def test_indexes_texts_that_are_not_stored_under_numbers_of_stored_ones(monkeypatch):
    monkeypatch.setattr(writes, "HALVES", 250)
    dataset = Dataset.objects.create(name="Bench")
    (stored,) = Record.objects.write([Record(dataset=dataset, content="tea")], dataset=dataset)
    Band.objects.all().delete()
    writes.index_more(dataset, 3)
    assert Counter(Band.objects.values_list("record", flat=True)) == {stored.pk: 3 * BANDS}


def test_some_texts_repeat_known_ones():
    known = [{"question": "Tea?", "answer": "Green or black, hot or cold, as you like it."}]
    texts = writes.some_repeated(known)
    drawn = Counter(next(texts)["question"] == "Tea?" for _text in range(300))
    assert 10 < drawn[True] < 60
