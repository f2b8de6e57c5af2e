"""Where a record's score shows: its page, the list, the API."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from quality import findings
from synthesis.models import Record
from tests import api, factories

pytestmark = pytest.mark.django_db

LIST = reverse("admin:synthesis_record_changelist")


@pytest.fixture
def rows() -> list[Record]:
    answers = ["A drink made from dried leaves.", "Drink"]
    into = factories.dataset()
    rows = [
        Record(dataset=into, content={"question": "What is tea?", "answer": answer})
        for answer in answers
    ]
    return Record.objects.write(rows, dataset=into)


def test_the_page_shows_each_part_with_what_it_means(
    admin_client: Client, rows: list[Record]
) -> None:
    url = reverse("admin:synthesis_record_change", args=[rows[1].pk])
    page = admin_client.get(url).content.decode()
    assert '<span class="sy-figures">50.0</span>' in page
    assert 'value="10">10</meter>' in page
    assert "an answer has more than a word or two" in page


def test_the_list_is_sorted_and_chosen_by_score(admin_client: Client, rows: list[Record]) -> None:
    column = 1 + list(admin_client.get(LIST).context["cl"].list_display).index("score_cell") - 1
    ascending = admin_client.get(LIST, {"o": column}).context["cl"].result_list
    assert [row.score for row in ascending] == [50.0, 100.0]
    low = admin_client.get(LIST, {"score_from": "0", "score_to": "60"}).context["cl"].result_list
    assert [row.pk for row in low] == [rows[1].pk]


def test_a_record_without_a_score_shows_none(admin_client: Client) -> None:
    (row,) = factories.records(1, status="malformed")
    url = reverse("admin:synthesis_record_change", args=[row.pk])
    assert "Rule score" not in admin_client.get(url).content.decode()


def test_the_api_tells_the_score_and_chooses_by_it(rows: list[Record]) -> None:
    client = api.client("view")
    (found,) = client.get("/api/v1/records/", {"score_max": 60}).json()["results"]
    assert (found["id"], found["score"]) == (rows[1].pk, 50.0)
    assert found["score_parts"]["length"] == 10
    assert client.get("/api/v1/records/", {"score_min": 101}).json()["results"] == []


def test_the_api_does_not_take_a_score(rows: list[Record]) -> None:
    changed = api.editor().patch(f"/api/v1/records/{rows[1].pk}/", {"score": 99, "score_parts": {}})
    assert changed.json()["score"] == 50.0


def test_a_rejection_by_score_says_both_numbers() -> None:
    found = {"check": "score", "code": "below", "score": 50.0, "minimum": 62.5}
    assert findings.sentence(found) == "The rule score is 50.0; at least 62.5 is asked for."
