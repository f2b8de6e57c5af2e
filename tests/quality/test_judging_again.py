from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from quality import judge
from quality.admin.records import NOTHING_TO_JUDGE
from quality.judging_again import judge_again
from synthesis import reasons
from synthesis.models import Batch, Record, Run
from tests import api, factories
from tests.quality.test_judge_work import written

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> Run:
    """A paused run with three records whose judgements failed, each in a call of its own."""
    made = written()
    made.batches.filter(kind="judge").update(state="failed", attempts=3, error_code="timeout")
    made.hold("judge_failing", "")
    made.refresh_from_db()
    return made


def states(run: Run) -> list[str]:
    judged = run.batches.filter(kind="judge").order_by("index")
    return list(judged.values_list("state", flat=True))


def test_asks_anew_about_the_records_chosen_and_resumes(run: Run) -> None:
    first = run.records.order_by("pk")[0]
    assert judge_again(Record.objects.filter(pk=first.pk)) == 1
    run.refresh_from_db()
    assert (states(run), run.status) == (["planned", "failed", "failed"], "pending")
    assert run.batches.get(kind="judge", state="planned").attempts == 0


@pytest.mark.any_database
@pytest.mark.parametrize("change", [{"status": "accepted"}, {"run": None}])
def test_leaves_records_that_wait_for_no_judge(run: Run, change: dict[str, Any]) -> None:
    run.records.update(**change)
    assert judge_again(Record.objects.filter(dataset=run.dataset)) == 0
    assert states(run) == ["failed"] * 3


@pytest.mark.any_database
def test_leaves_what_its_judge_is_still_asked_about(run: Run) -> None:
    Batch.objects.filter(kind="judge").update(state="running")
    assert judge_again(run.records.all()) == 0


@pytest.mark.any_database
def test_leaves_runs_that_are_over(run: Run) -> None:
    Run.objects.update(status="cancelled")
    assert judge_again(run.records.all()) == 0


@pytest.mark.any_database
def test_the_api_asks_for_a_filter_and_the_permission_to_change_runs(run: Run) -> None:
    address = "/api/v1/records/judge/"
    assert api.editor().post(address).status_code == 400
    assert api.client("view", "review").post(f"{address}?run={run.pk}").status_code == 403
    answer = api.editor().post(f"{address}?run={run.pk}&status=pending")
    assert (answer.status_code, answer.json()) == (200, {"records": 3})


@pytest.mark.any_database
def test_the_list_of_records_offers_it(run: Run, admin_client: Client) -> None:
    ids = [record.pk for record in run.records.all()]
    order = {"action": "judge_selected_again", "_selected_action": ids}
    answer = admin_client.post(reverse("admin:synthesis_record_changelist"), order, follow=True)
    assert "3 records wait for their judge again." in answer.content.decode()
    assert states(run) == ["planned"] * 3


@pytest.mark.any_database
def test_the_list_says_that_imported_records_have_no_judge(admin_client: Client) -> None:
    [record] = factories.records(1)
    order = {"action": "judge_selected_again", "_selected_action": [record.pk]}
    answer = admin_client.post(reverse("admin:synthesis_record_changelist"), order, follow=True)
    assert [str(message) for message in answer.context["messages"]] == [NOTHING_TO_JUDGE]


def test_the_reason_of_a_pause_is_in_one_language() -> None:
    run = Run(reason_code="judge_failing", reason_detail=f"judge: {judge.PROBLEMS['not_json']}")
    with translation.override("zh-hans"):
        assert "The judge" not in reasons.sentence("judge_failing", run)
        assert reasons.in_words("HTTP 500 from the vendor") == "HTTP 500 from the vendor"
