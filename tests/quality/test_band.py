"""The index of fingerprints: what stands under a key, as far as it is near."""

from __future__ import annotations

import numpy as np
import pytest

from quality import dedup, index, shelves
from quality.fingerprints import BANDS
from quality.models import Band
from quality.readings import FARTHEST
from synthesis.models import Record
from synthesis.models.bulk import insert_each
from tests import factories

pytestmark = pytest.mark.django_db
NEAR, FAR = 2**FARTHEST - 1, 2 ** (FARTHEST + 1) - 1  # in bits from 0


@pytest.fixture
def dataset():
    return factories.dataset()


def enter(dataset, *rows):
    Band.objects.enter_new(dataset.pk, np.array(rows, dtype=np.int64))


def look_up(datasets, *wanted):
    """Look (key, simhash) pairs up; return (place, record, bits, dataset) of what is near."""
    pairs = np.array(wanted, dtype=np.int64).reshape(-1, 2)
    return Band.objects.look_up([one.pk for one in datasets], *pairs.T).tolist()


def test_gives_the_rows_under_a_key_that_are_near(dataset):
    enter(dataset, (5, 1, NEAR), (5, 2, FAR), (6, 3, 0))
    assert look_up([dataset], (4, 0), (5, 0)) == [(1, 1, FARTHEST, dataset.pk)]


def test_gives_the_places_of_keys_in_any_order(dataset):
    enter(dataset, (5, 1, 0), (-6, 2, 0), (7, 3, 0))
    places = {
        (place, record) for place, record, *_rest in look_up([dataset], (7, 0), (-6, 0), (5, 0))
    }
    assert places == {(0, 3), (1, 2), (2, 1)}


def test_reads_signed_simhashes_as_bits(dataset):
    enter(dataset, (-5, 1, -1))
    assert look_up([dataset], (-5, -1)) == [(0, 1, 0, dataset.pk)]
    assert look_up([dataset], (-5, 0)) == []


def test_looks_only_into_the_datasets_named(dataset):
    other = factories.dataset()
    enter(other, (5, 1, 0))
    assert look_up([dataset], (5, 0)) == []
    assert look_up([dataset, other], (5, 0)) == [(0, 1, 0, other.pk)]


def test_asks_nothing_where_nothing_is_wanted(dataset, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert look_up([dataset]) == []


def test_enters_rows_twice_without_harm(dataset):
    for _time in range(2):
        Band.objects.enter(dataset.pk, np.array([(5, 1, 0)]))
    assert Band.objects.count() == 1


class TestFullBucket:
    """A thousand texts that are nearly the same: the index stops growing, repeats are found."""

    TEXT = "Write a poem about number {} in the usual form, with four lines and a rhyme."

    @pytest.fixture
    def crowd(self, dataset, monkeypatch):
        monkeypatch.setattr(shelves, "warned", set())
        rows = [
            Record(dataset=dataset, content={"q": self.TEXT.format(number)})
            for number in range(1000)
        ]
        dedup.fingerprinted(rows, dedup.USUAL)
        insert_each(rows)
        dedup.enter_index(rows, dataset, created=True)
        return rows

    def test_one_more_is_kept_and_not_entered_under_full_keys(self, dataset, crowd, caplog):
        row = Record(dataset=dataset, content={"q": self.TEXT.format("1000")})
        Record.objects.write([row], dataset=dataset)
        assert (row.status, row.findings[0]["code"]) == ("accepted", "variant")
        assert Band.objects.filter(record=row.pk).count() < BANDS
        assert "More than 100 texts share a part" in caplog.text

    def test_a_repeat_of_any_of_them_is_found(self, dataset, crowd):
        text = self.TEXT.format(707).replace("a rhyme", "rhymes")
        again = Record(dataset=dataset, content={"q": text})
        Record.objects.write([again], dataset=dataset)
        assert (again.status, again.duplicate_of_id) == ("duplicate", crowd[707].pk)

    def test_no_more_than_a_dozen_of_them_are_read(self, dataset, crowd, monkeypatch):
        read = []
        monkeypatch.setattr(index, "Stored", lambda pk: read.append(pk) or shelves.Stored(pk))
        row = Record(dataset=dataset, content={"q": self.TEXT.format("1000")})
        Record.objects.write([row], dataset=dataset)
        assert len(read) == shelves.MOST_COMPARED
