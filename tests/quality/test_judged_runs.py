"""Whole runs with a judge at a vendor of its own: exactly the target passes it, or it says why."""

from __future__ import annotations

from typing import Any

import pytest

from quality.models import Judgement
from synthesis.engine import writer
from synthesis.models import Record, Run
from tests import factories
from tests.quality import judged
from tests.stub_vendor import StubVendor
from tests.synthesis.engine.serving import counts, serve_until_ended

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "pause_seconds", lambda *_args: 0)


@pytest.fixture
def judge():
    """A vendor whose answers pass seven records in ten."""
    with StubVendor(p_pass=0.7, seed=5) as server:
        yield server


def started(generator: StubVendor, *judges: StubVendor, **fields: Any) -> Run:
    """Start a task over a generator, with judges that the policy names."""
    models = [
        factories.language_model(server.openai_url, name=f"judge-{number}")
        for number, server in enumerate(judges)
    ]
    of_task = {"target_count": 20, "batch_size": 10, **fields.pop("task", {})}
    model = factories.language_model(generator.openai_url)
    return judged.task(judged.policy(*models, **fields), model, **of_task).start()


def assert_true(run: Run) -> None:
    """Every accepted record has a verdict above the mark, and the counters are what is there."""
    accepted = run.records.filter(status="accepted")
    assert accepted.filter(judge_score__gte=60).count() == run.accepted == accepted.count()
    assert {name: getattr(run, name) for name in Run.COUNTERS} == counts(run)
    said = Judgement.objects.filter(record__in=accepted, state="scored")
    assert set(said.values_list("passed", flat=True)) == {True}


def test_ends_with_exactly_the_target_above_the_threshold(stub_vendor, judge):
    run = serve_until_ended(started(stub_vendor, judge, task={"target_count": 60}))
    assert (run.status, run.accepted) == (Run.Status.COMPLETED, 60)
    assert run.rejected > 8
    assert_true(run)
    sums = run.call_counts()
    assert sums["calls"] == stub_vendor.stats.requests + judge.stats.requests
    assert Judgement.objects.count() == judge.stats.judged


def test_judges_several_records_in_a_call(stub_vendor, judge):
    run = serve_until_ended(started(stub_vendor, judge, records_per_judge_call=5))
    assert (run.status, run.accepted) == (Run.Status.COMPLETED, 20)
    assert judge.stats.judged < Judgement.objects.count() / 3
    assert_true(run)


def test_judges_a_sample_and_lets_the_others_pass(stub_vendor, judge):
    run = serve_until_ended(started(stub_vendor, judge, judge_share=50))
    judged_ones = run.records.filter(judge_score__isnull=False)
    assert (run.status, run.accepted) == (Run.Status.COMPLETED, 20)
    assert 2 < judged_ones.count() < 30
    assert judged_ones.filter(status="accepted", judge_score__lt=60).count() == 0


def test_two_judges_decide_together(stub_vendor, judge):
    with StubVendor(p_pass=1) as kind:
        run = serve_until_ended(started(stub_vendor, judge, kind))
    assert (run.status, run.accepted) == (Run.Status.COMPLETED, 20)
    accepted = run.records.filter(status="accepted")
    assert Judgement.objects.filter(record__in=accepted).count() == 40
    rejected = run.records.filter(status="rejected").first()
    codes = [found["code"] for found in rejected.findings]
    assert (codes, rejected.judge_score) == (["below", "disagreement"], 50)


def test_a_wrong_key_of_the_judge_pauses_and_says_so(stub_vendor, judge):
    judge.set(key="sk-another")
    run = serve_until_ended(started(stub_vendor, judge))
    assert (run.status, run.accepted) == (Run.Status.PAUSED, 0)
    assert run.reason.startswith("Paused because of the judge: The vendor did not accept")
    assert "judge-0" in run.reason_detail
    judge.set(key="")
    run.resume()
    run = serve_until_ended(run)
    assert (run.status, run.accepted) == (Run.Status.COMPLETED, 20)
    assert_true(run)


def test_a_judge_that_is_down_for_a_while_is_waited_for(stub_vendor, judge):
    judge.set(first_fail=12)
    run = serve_until_ended(started(stub_vendor, judge))
    assert (run.status, run.accepted) == (Run.Status.COMPLETED, 20)
    assert not Judgement.objects.filter(state="failed").exists()
    assert_true(run)


def test_unreadable_answers_are_bought_again(stub_vendor, judge):
    judge.set(p_broken=0.2)
    run = serve_until_ended(started(stub_vendor, judge, task={"max_attempts": 5}))
    assert (run.status, run.accepted) == (Run.Status.COMPLETED, 20)
    assert run.calls.filter(error_code="reply_malformed").count() == judge.stats.broken > 0
    assert_true(run)


def test_a_judge_that_gives_no_verdict_passes_nothing(stub_vendor, judge):
    judge.set(p_broken=1)
    run = serve_until_ended(started(stub_vendor, judge, task={"max_attempts": 2}))
    assert (run.status, run.accepted, run.reason_code) == ("paused", 0, "judge_failing")
    assert "The judge's answer is not one JSON object." in run.reason
    failed = Judgement.objects.filter(state="failed", passed=False, error_code="not_json")
    assert failed.count() == Judgement.objects.count() >= 5
    assert not Record.objects.filter(status__in=("accepted", "rejected")).exists()
    judge.set(p_broken=0)
    run.retry_failed()
    run = serve_until_ended(run)
    assert (run.status, run.accepted) == (Run.Status.COMPLETED, 20)
    assert_true(run)
