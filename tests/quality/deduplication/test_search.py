from __future__ import annotations

import pytest

from quality.deduplication import search
from quality.deduplication.search import Comparison
from quality.models import DatasetQuality, Deduplication, QualityPolicy
from synthesis.models import Dataset, Record
from tests import factories
from tests.quality.deduplication.datasets import (
    KETTLE,
    KETTLES,
    OOLONG,
    REWORDED,
    ROME,
    unsearched,
)

pytestmark = pytest.mark.django_db


def copies(dataset: Dataset, keep: str = "best", **wanted) -> list[tuple[int, int]]:
    found = search.find(dataset, Comparison.of(dataset, **wanted), keep, lambda *_progress: None)
    return [(copy.record, copy.kept) for page in found for copy in page]


def test_finds_what_says_the_same_and_nothing_else():
    first, _other, copy = unsearched(OOLONG, ROME, REWORDED)
    assert copies(first.dataset) == [(copy.pk, first.pk)]


def test_is_the_pipeline_of_new_records_for_records_that_are_there():
    texts = [OOLONG, KETTLE, REWORDED, ROME, KETTLES, f"{ROME} 12.", f"{ROME} 13."]
    rows = unsearched(*texts)
    into = factories.dataset()
    fresh = [Record(dataset=into, content={"text": text}) for text in texts]
    Record.objects.write(fresh, dataset=into)
    places = {record.pk: place for place, record in enumerate(fresh)}
    expected = [
        (rows[place].pk, rows[places[record.duplicate_of_id]].pk)
        for place, record in enumerate(fresh)
        if record.status == "duplicate"
    ]
    assert len(expected) == 2
    assert copies(rows[0].dataset, "oldest") == expected


def test_a_variant_is_no_repeat():
    first, _variant = unsearched(f"{OOLONG} It takes 3 minutes.", f"{OOLONG} It takes 4 minutes.")
    assert copies(first.dataset) == []


def test_finds_the_same_content_as_exact():
    first, copy = unsearched(OOLONG, ROME)
    Record.objects.filter(pk=copy.pk).update(content={"text": f"  {OOLONG.upper()}"})
    [[found]] = search.find(
        first.dataset, Comparison.of(first.dataset), "best", lambda *_progress: None
    )
    assert (found.is_exact, found.likeness.similarity) == (True, 1.0)


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        ({"score": 60.0}, {"score": 80.0}, 1),
        ({"score": 60.0}, {"score": 60.0}, 0),
        ({"score": 60.0}, {"score": 20.0, "judge_score": 90.0}, 1),
        ({"score": None}, {"score": 1.0}, 1),
        ({"score": 60.0, "review": "approved"}, {"score": 80.0}, 0),
        ({"score": 60.0, "review": "rejected"}, {"score": 80.0}, 1),
    ],
)
def test_keeps_the_best(first, second, kept):
    rows = unsearched(OOLONG, REWORDED)
    for row, fields in zip(rows, (first, second), strict=True):
        Record.objects.filter(pk=row.pk).update(**fields)
    assert copies(rows[0].dataset) == [(rows[1 - kept].pk, rows[kept].pk)]


def test_keeps_the_oldest_but_for_one_that_people_approved():
    first, second, third = unsearched(OOLONG, REWORDED, f"Well, {OOLONG}")
    Record.objects.filter(pk=second.pk).update(score=100.0)
    assert copies(first.dataset, "oldest") == [(second.pk, first.pk), (third.pk, first.pk)]
    Record.objects.filter(pk=third.pk).update(review="approved")
    assert copies(first.dataset, "oldest") == [(first.pk, third.pk), (second.pk, third.pk)]


def test_two_that_people_approved_both_stay():
    rows = unsearched(OOLONG, REWORDED)
    Record.objects.update(review="approved")
    assert copies(rows[0].dataset) == []


@pytest.mark.parametrize("status", ["pending", "rejected", "surplus", "malformed"])
def test_looks_at_accepted_records_only(status):
    first, copy = unsearched(OOLONG, REWORDED)
    Record.objects.filter(pk=copy.pk).update(status=status)
    assert copies(first.dataset) == []


def test_another_dataset_is_another_matter():
    [first], _other = unsearched(OOLONG), unsearched(REWORDED)
    assert copies(first.dataset) == []


def test_compares_the_fields_of_the_order():
    into = factories.dataset()
    contents = [{"q": OOLONG, "a": ROME}, {"q": REWORDED, "a": "Chess has sixteen pawns."}]
    rows = [Record(dataset=into, content=content) for content in contents]
    first, copy = Record.objects.write(rows, dataset=into)
    assert copies(into) == []
    assert copies(into, fields=["q"]) == [(copy.pk, first.pk)]


def test_compares_the_fields_of_the_template_that_a_record_was_made_with():
    template = factories.template(compared_fields=["question"])
    run = factories.run(factories.task(template=template))
    QualityPolicy.objects.update(near_duplicates=False)
    first, copy = factories.records(2, of_run=run)
    for row, (question, answer) in {first: (OOLONG, ROME), copy: (REWORDED, KETTLE)}.items():
        content = {"question": question, "answer": answer}
        Record.objects.filter(pk=row.pk).update(content=content, status="accepted")
    assert copies(run.dataset) == [(copy.pk, first.pk)]


def test_the_threshold_is_the_policys_unless_the_order_names_one():
    first, _copy = unsearched(OOLONG, REWORDED)
    assert len(copies(first.dataset)) == 1
    policy = DatasetQuality.objects.get(dataset=first.dataset).policy
    policy.duplicate_threshold = 1.0
    policy.save()
    assert copies(first.dataset) == []
    assert len(copies(first.dataset, threshold=0.7)) == 1


def test_memory_holds_pages_not_the_dataset(monkeypatch):
    monkeypatch.setattr(search, "PAGE_RECORDS", 2)
    rows = unsearched(OOLONG, KETTLE, ROME, REWORDED, KETTLES)
    progress: list[tuple[int, int]] = []
    found = search.find(
        rows[0].dataset,
        Comparison.of(rows[0].dataset),
        Deduplication.Keep.OLDEST,
        lambda *step: progress.append(step),
    )
    pairs = [(copy.record, copy.kept) for page in found for copy in page]
    assert pairs == [(rows[3].pk, rows[0].pk), (rows[4].pk, rows[1].pk)]
    assert progress[:4] == [(0, 10), (2, 10), (4, 10), (5, 10)]


def test_a_dataset_without_records_repeats_nothing():
    assert copies(factories.dataset()) == []
