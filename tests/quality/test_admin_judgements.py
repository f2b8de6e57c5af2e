from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from quality.models import Judgement
from synthesis.models import Record
from tests import factories

pytestmark = pytest.mark.django_db

LIST = reverse("admin:quality_judgement_changelist")


@pytest.fixture
def record() -> Record:
    return factories.records(1)[0]


def failed(record: Record, **fields: Any) -> Judgement:
    return factories.judgement(record, state="failed", score=None, passed=False, **fields)


def page_of(record: Record, client: Client) -> str:
    url = reverse("admin:synthesis_record_change", args=[record.pk])
    return client.get(url).content.decode()


def test_a_record_shows_scores_reasons_and_model(admin_client: Client, record: Record) -> None:
    judgement = factories.judgement(record, position="second")
    html = page_of(record, admin_client)
    for text in ("second judge", "75 of 100, threshold 60", "passed", "4/5", "Nearly right."):
        assert text in html
    assert str(judgement.language_model) in html
    assert str(judgement.rubric_version) in html


def test_a_failed_judge_is_shown_as_failed(admin_client: Client, record: Record) -> None:
    failed(record, error_code="no_score", error_detail="Style")
    html = page_of(record, admin_client)
    assert "no readable answer" in html
    assert "The judge gave a score that is not a whole number from 1 to 5. Style" in html


def test_a_judge_that_cannot_be_reached_is_told_with_advice(
    admin_client: Client, record: Record
) -> None:
    failed(record, error_code="unavailable", error_detail="502 Bad Gateway")
    assert "502 Bad Gateway" in page_of(record, admin_client)


def test_a_record_that_nobody_judged_says_nothing_of_judges(
    admin_client: Client, record: Record
) -> None:
    assert "What the judges say" not in page_of(record, admin_client)


def test_a_reason_that_is_markup_stays_text(admin_client: Client, record: Record) -> None:
    hostile = "<script>alert(1)</script>"
    scores = [{"name": hostile, "weight": 1, "score": 5, "reason": hostile}]
    judgement = factories.judgement(record, dimension_scores=scores)
    url = reverse("admin:quality_judgement_change", args=[judgement.pk])
    for html in (page_of(record, admin_client), admin_client.get(url).content.decode()):
        assert hostile not in html
        assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 2


def test_the_list_shows_every_outcome(admin_client: Client, record: Record) -> None:
    factories.judgement(record)
    factories.judgement(record, passed=False, score=12.5)
    failed(record)
    html = admin_client.get(LIST).content.decode()
    for text in ("passed", "below the threshold", "no readable answer", "12.5"):
        assert text in html


def test_the_list_is_filtered_by_outcome(admin_client: Client, record: Record) -> None:
    factories.judgement(record)
    bad = failed(record)
    response = admin_client.get(f"{LIST}?state__exact=failed")
    assert list(response.context["cl"].queryset) == [bad]


def test_the_list_costs_the_same_with_more_rows(
    admin_client: Client, record: Record, django_assert_max_num_queries: Any
) -> None:
    for _row in range(5):
        factories.judgement(record)
    admin_client.get(LIST)
    with django_assert_max_num_queries(5):  # PostgreSQL is asked for its clock
        admin_client.get(LIST)


@pytest.mark.parametrize("name", ["add", "delete"])
def test_nobody_writes_judgements_by_hand(admin_client: Client, record: Record, name: str) -> None:
    arguments = [factories.judgement(record).pk] if name == "delete" else []
    url = reverse(f"admin:quality_judgement_{name}", args=arguments)
    assert admin_client.get(url).status_code == 403


def test_records_are_sorted_and_chosen_by_the_judges_score(admin_client: Client) -> None:
    poor, good = factories.records(2)
    for record, score in ((poor, 20), (good, 80)):
        Record.objects.filter(pk=record.pk).update(judge_score=score)
    factories.records(1)
    url = reverse("admin:synthesis_record_changelist")
    found = admin_client.get(f"{url}?judge_score_from=50").context["cl"].result_list
    assert [record.pk for record in found] == [good.pk]
    assert "80.0" in admin_client.get(url).content.decode()
