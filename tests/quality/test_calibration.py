from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from quality.calibration import calibration, judges_compared
from synthesis.models import Dataset, Record
from tests import factories

pytestmark = pytest.mark.django_db


def judged(into: Dataset, *verdicts: tuple[float, str], **fields) -> None:
    """Write a record per verdict: the judge's score, and what people said."""
    version = factories.rubric().latest_version
    for record, (score, said) in zip(
        factories.records(len(verdicts), into=into), verdicts, strict=True
    ):
        Record.objects.filter(pk=record.pk).update(review=said)
        given = {"score": score, "passed": score >= 60, "rubric_version": version, **fields}
        factories.judgement(record, **given)


@pytest.fixture
def dataset() -> Dataset:
    return factories.dataset()


def test_compares_the_judge_with_people_and_suggests_a_mark(dataset):
    judged(dataset, (90, "approved"), (80, "approved"), (70, "rejected"), (20, "rejected"))
    found = calibration(dataset)
    assert (found.records, found.agreed_share, found.kappa) == (4, 0.75, 0.5)
    assert (found.suggested.threshold, found.suggested.agreement) == (80, 1)


def test_leaves_out_what_one_of_them_has_not_decided(dataset):
    judged(dataset, (90, "unreviewed"))
    judged(dataset, (90, "approved"), position="second")
    judged(factories.dataset(), (90, "approved"))
    [record] = factories.records(1, into=dataset)
    Record.objects.filter(pk=record.pk).update(review="rejected")
    factories.judgement(record, state="failed", score=None, passed=False)
    assert calibration(dataset) is None


def test_asks_the_database_once(dataset, django_assert_num_queries):
    judged(dataset, (90, "approved"), (20, "rejected"))
    with django_assert_num_queries(1):
        calibration(dataset)


@pytest.mark.parametrize(
    ("verdicts", "sentence"),
    [
        ([(90, "approved"), (20, "rejected")], "A pass threshold of 90 would agree with people"),
        ([(90, "approved")], "so no pass threshold can be suggested yet."),
    ],
)
def test_is_on_the_dataset_page(admin_client: Client, dataset, verdicts, sentence):
    judged(dataset, *verdicts)
    address = reverse("admin:synthesis_dataset_change", args=[dataset.pk])
    page = admin_client.get(address).content.decode()
    assert f"they agree on 100.0% of {len(verdicts)} record" in page
    assert sentence in page


def test_is_left_out_while_there_is_nothing_to_compare(admin_client: Client, dataset):
    address = reverse("admin:synthesis_dataset_change", args=[dataset.pk])
    assert "Judge and people" not in admin_client.get(address).content.decode()


def judged_twice(into: Dataset, *pairs: tuple[float, float]) -> None:
    version = factories.rubric().latest_version
    for record, scores in zip(factories.records(len(pairs), into=into), pairs, strict=True):
        for position, score in zip(("first", "second"), scores, strict=True):
            given = {"score": score, "passed": score >= 60, "position": position}
            factories.judgement(record, rubric_version=version, **given)


def test_compares_two_judges(dataset, django_assert_num_queries):
    judged_twice(dataset, (100, 100), (0, 0), (75, 50), (25, 25))
    with django_assert_num_queries(1):
        found = judges_compared(dataset)
    assert (found.records, found.agreed_share) == (4, 0.75)
    # squared distances: 625 of (100+0+75+25 against 100+0+50+25)
    assert found.kappa == pytest.approx(0.9467, abs=0.001)


def test_one_judge_is_compared_with_nobody(dataset):
    judged(dataset, (90, "approved"))
    judged(dataset, (90, "approved"), position="second")
    judged_twice(factories.dataset(), (50, 50))
    assert judges_compared(dataset) is None


def test_two_judges_are_on_the_dataset_page(admin_client: Client, dataset):
    judged_twice(dataset, (100, 100), (0, 0))
    page = reverse("admin:synthesis_dataset_change", args=[dataset.pk])
    html = admin_client.get(page).content.decode()
    assert "they agree on 100.0% of 2 records, weighted κ of their scores 1.00" in html
