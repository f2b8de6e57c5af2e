from __future__ import annotations

import pytest

from synthesis.models import Record
from tests import api, factories

pytestmark = pytest.mark.django_db

URL = "/api/v1/judgements/"


def ids(query=""):
    return [row["id"] for row in api.client("view").get(f"{URL}{query}").data["results"]]


def test_a_judgement_tells_scores_and_reasons():
    [record] = factories.records(1)
    judgement = factories.judgement(record)
    row = api.client("view").get(f"{URL}{judgement.pk}/").data
    assert (row["record"], row["score"], row["passed"], row["threshold"]) == (
        record.pk,
        75,
        True,
        60,
    )
    assert row["dimension_scores"] == [
        {"name": "Correctness", "weight": 1, "score": 4, "reason": "Nearly right."}
    ]


def test_judgements_are_found_by_record_outcome_and_score():
    first, second = factories.records(2)
    good = factories.judgement(first)
    poor = factories.judgement(second, score=10, passed=False)
    failed = factories.judgement(second, state="failed", score=None, passed=False)
    assert ids() == [failed.pk, poor.pk, good.pk]
    assert ids(f"?record={second.pk}") == [failed.pk, poor.pk]
    assert ids("?state=failed") == [failed.pk]
    assert ids("?passed=true") == [good.pk]
    assert ids("?min_score=50") == [good.pk]
    assert ids("?max_score=50") == [poor.pk]


def test_judgements_are_found_by_run():
    of_run = factories.run()
    wanted = factories.judgement(factories.records(1, of_run=of_run)[0])
    factories.judgement(factories.records(1)[0])
    assert ids(f"?run={of_run.pk}") == [wanted.pk]


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_nobody_writes_judgements_by_hand(method):
    judgement = factories.judgement(factories.records(1)[0])
    url = URL if method == "post" else f"{URL}{judgement.pk}/"
    assert getattr(api.editor(), method)(url, {}).status_code == 405


def test_judgements_need_the_right_to_see_them():
    assert api.client("add").get(URL).status_code == 403


def test_records_tell_the_judges_score_and_are_found_by_it():
    poor, good = factories.records(2)
    for record, score in ((poor, 20), (good, 80)):
        Record.objects.filter(pk=record.pk).update(judge_score=score)
    client = api.client("view")
    rows = client.get("/api/v1/records/?judge_score_min=50").data["results"]
    assert [(row["id"], row["judge_score"]) for row in rows] == [(good.pk, 80)]
    assert [row["id"] for row in client.get("/api/v1/records/?judge_score_max=50").data["results"]]
