"""Batches about records: planned with the records, claimed first, kept where a run may resume."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone, translation

from providers import errors
from synthesis.engine import lanes, leases, planner, settlement, works, writer
from synthesis.engine.lanes import Lane
from synthesis.models import Batch, Call, Run
from tests import factories, toy_judge
from tests.synthesis.engine.outcomes import answer, batch_of, claims, failure, running

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def judge(monkeypatch):
    monkeypatch.setitem(works.WORKS, "judge", None)
    toy_judge.connect()
    yield factories.language_model(name=toy_judge.NAME, capabilities=[])
    toy_judge.disconnect()


def generated(*questions: str, **fields: object) -> Run:
    """A run with one batch done, whose records wait for the judge."""
    run = running(**{"target_count": 20, **fields})
    (claim,) = claims(run)
    writer.write([answer(claim, *(questions or ("Who?", "What?", "When?")))])
    run.refresh_from_db()
    return run


def judgement(run: Run, *is_good: bool) -> None:
    """Claim the judge's batch and answer it."""
    (claim,) = claims(run)
    assert claim.batch.kind == Batch.Kind.JUDGE
    scores = [{"d1": {"score": 5 if good else 1}} for good in is_good]
    writer.write([answer(claim, text=str({"verdicts": scores}).replace("'", '"'))])
    run.refresh_from_db()


def numbers(run: Run) -> dict[str, int]:
    return {name: getattr(run, name) for name in Run.COUNTERS if getattr(run, name)}


def test_plans_the_judgement_with_the_records():
    run = generated()
    batch = run.batches.get(kind="judge")
    assert numbers(run) == {"pending": 3}
    assert (batch.index, batch.requested, batch.state) == (1, 3, "planned")
    assert batch.subject == list(run.records.order_by("pk").values_list("pk", flat=True))
    assert numbers(run.batches.get(kind="generate", index=1)) == {"pending": 3}


def test_moves_records_to_what_the_judge_says():
    run = generated()
    judgement(run, True, False, True)
    assert numbers(run) == {"accepted": 2, "rejected": 1}
    assert numbers(run.batches.get(kind="generate", index=1)) == {"accepted": 2, "rejected": 1}
    assert run.records.get(content__question="What?").status == "rejected"


def test_takes_no_more_than_the_target():
    run = generated(target_count=1)
    judgement(run, True, True, True)
    assert numbers(run) == {"accepted": 1, "surplus": 2}
    assert run.status == Run.Status.COMPLETED


def test_keeps_what_waits_as_surplus_when_the_run_is_full():
    run = generated()
    Run.objects.update(target_count=1, accepted=1, pending=3)
    settlement.settle(run)
    run.refresh_from_db()
    assert (run.status, numbers(run)) == ("completed", {"accepted": 1, "surplus": 3})
    assert run.batches.get(kind="judge").state == "cancelled"
    assert numbers(run.batches.get(kind="generate", index=1)) == {"surplus": 3}


def test_leaves_a_record_alone_that_waits_no_longer():
    run = generated()
    (claim,) = claims(run)
    run.records.filter(content__question="Who?").delete()
    scores = '{"verdicts": [{"d1": {"score": 5}}, {"d1": {"score": 5}}, {"d1": {"score": 5}}]}'
    writer.write([answer(claim, text=scores)])
    run.refresh_from_db()
    assert numbers(run) == {"accepted": 2}


def test_keeps_what_waits_as_surplus_when_the_run_is_cancelled():
    run = generated()
    run.cancel()
    run.refresh_from_db()
    assert numbers(run) == {"surplus": 3}
    assert set(run.batches.open()) == set()


def test_keeps_what_comes_after_a_cancel_as_surplus():
    run = running()
    (claim,) = claims(run)
    run.cancel()
    writer.write([answer(claim, "Too late?")])
    run.refresh_from_db()
    assert numbers(run) == {"surplus": 1}
    assert set(run.batches.open()) == set()


@pytest.mark.parametrize("status", ["stalled", "failed"])
def test_keeps_the_judgements_of_a_run_that_may_be_resumed(status):
    run = generated()
    run.stop(status, "timeout")
    run.refresh_from_db()
    settlement.tidy(run)
    assert (run.batches.get(kind="judge").state, run.pending) == ("planned", 3)
    run.resume()
    judgement(run, True, True, True)
    assert numbers(run) == {"accepted": 3}


@pytest.mark.parametrize(("kind", "state"), [("judge", "planned"), ("generate", "cancelled")])
def test_takes_back_from_a_dead_worker_what_a_resumed_run_needs(kind, state):
    run = generated()
    Run.objects.update(status="stalled")
    worker = leases.register("runner")
    row = run.batches.filter(kind=kind).latest("index")
    Batch.objects.filter(pk=row.pk).update(state="running", worker=worker)
    leases.dismiss(worker.pk)
    settlement.tidy(Run.objects.get(pk=run.pk))
    row.refresh_from_db()
    assert row.state == state


def test_judges_before_it_makes_more():
    run = generated()
    kinds = [claim.batch.kind for claim in claims(run, 3)]
    assert kinds == ["judge", "generate", "generate"]


def test_draws_the_same_plan_with_a_judge_and_without():
    run = generated()
    judged = list(run.batches.filter(kind="generate").values_list("index", flat=True))
    assert judged == list(range(1, len(judged) + 1))


def test_asks_nothing_about_records_that_are_gone():
    run = generated()
    run.records.all().delete()
    run.refresh_from_db()
    assert numbers(run) == {}
    step = lanes.step(leases.register("runner"), Lane(run.pk))
    assert {order.claim.batch.kind for order in step.orders} == {"generate"}
    batch = run.batches.get(kind="judge")
    assert (batch.state, batch.calls.count()) == ("cancelled", 0)


def test_pauses_a_run_whose_judge_has_a_key_that_cannot_be_read(judge, monkeypatch):
    def account(provider):
        raise errors.AuthenticationError("The key cannot be decrypted.")

    run = generated()
    monkeypatch.setattr("providers.models.Provider.account", account)
    lanes.step(leases.register("runner"), Lane(run.pk))
    run.refresh_from_db()
    assert (run.status, run.reason_code) == ("paused", "judge:authentication")
    assert run.reason_detail == f"{judge}: The key cannot be decrypted."
    assert run.batches.get(kind="judge").state == "planned"


def test_does_not_take_a_repeated_content_while_the_first_waits():
    run = generated("Who?", "Who?")
    first, second = run.records.order_by("pk")
    assert (second.status, second.duplicate_of) == ("duplicate", first)


def test_lets_an_edited_record_go_on_waiting():
    run = generated()
    record = run.records.get(content__question="Who?")
    record.content = {"question": "Whom?", "answer": "Nobody."}
    record.save()
    run.refresh_from_db()
    assert (record.status, run.pending) == ("pending", 3)


def test_counts_an_edited_record_that_has_become_a_duplicate():
    run = generated()
    record = run.records.get(content__question="Who?")
    record.content = {"question": "What?", "answer": "Yes."}
    record.save()
    run.refresh_from_db()
    assert numbers(run) == {"duplicate": 1, "pending": 2}
    assert numbers(run.batches.get(kind="generate", index=1)) == {"duplicate": 1, "pending": 2}


# 60 good and 40 bad ones decided: of 10 waiting records 6 are expected to pass, of 10 asked for 6
def test_expects_of_the_judge_what_it_has_done_so_far(judge):
    run = running(target_count=100, batch_size=10)
    run.batches.update(state="done")
    Run.objects.update(accepted=60, rejected=40, pending=10)
    Batch.objects.create(run=run, kind="judge", index=1, requested=10, seed=1, language_model=judge)
    run.refresh_from_db()
    planner.top_up(run)
    asked = sum(run.batches.planned().filter(kind="generate").values_list("requested", flat=True))
    assert asked == 57  # 34 are missing, at 0.6 each


def test_expects_nothing_of_a_judgement_that_failed(judge):
    run = running(target_count=20, batch_size=10)
    run.batches.update(state="done")
    Run.objects.update(pending=20)
    Batch.objects.create(
        run=run, kind="judge", index=1, requested=20, seed=1, language_model=judge, state="failed"
    )
    run.refresh_from_db()
    assert planner.top_up(run) == 2


@pytest.mark.parametrize(
    ("error", "kind", "fatal", "free"),
    [
        (errors.AuthenticationError, "generate", True, False),
        (errors.AuthenticationError, "judge", True, True),
        (errors.ContextTooLongError, "generate", True, False),
        (errors.ContextTooLongError, "judge", False, False),
        (errors.ContentRefusedError, "judge", False, False),
        (errors.RateLimitedError, "judge", False, True),
        (errors.RateLimitedError, "generate", False, True),
        (errors.UnavailableError, "judge", False, True),
        (errors.UnavailableError, "generate", False, False),
        (errors.CallTimeoutError, "judge", False, False),
    ],
)
def test_knows_what_stops_a_run_and_what_costs_an_attempt(error, kind, fatal, free):
    raised, batch = error("No."), Batch(kind=kind)
    assert settlement.is_fatal(batch, raised) is fatal
    assert settlement.costs_no_attempt(batch, raised) is free


def test_an_item_that_is_too_long_stops_nothing_but_its_call():
    batch = Batch(kind="generate", items=[1])
    assert settlement.is_fatal(batch, errors.ContextTooLongError("Too long.")) is False


def test_plans_a_judgement_again_that_met_a_fatal_error(judge):
    run = generated()
    (claim,) = claims(run)
    writer.write([failure(claim, errors.ModelNotFoundError("No such model."))])
    batch, now = batch_of(claim), Run.objects.get(pk=run.pk)
    assert (batch.state, batch.attempts) == ("planned", 0)
    assert (now.status, now.reason_code) == ("paused", "judge:model_not_found")
    assert now.reason_detail == f"{judge}: No such model."


def test_pauses_after_five_minutes_without_an_answer_of_the_judge(judge):
    run = generated()
    (claim,) = claims(run)
    error = errors.UnavailableError("Overloaded.")
    assert settlement.pause_when_judge_is_away(run, claim.batch, error) is False
    now = timezone.now()
    Call.objects.filter(pk=claim.call_id).update(
        state="failed", started_at=now, ended_at=now + datetime.timedelta(seconds=300)
    )
    assert settlement.pause_when_judge_is_away(run, claim.batch, error) is True
    run.refresh_from_db()
    assert (run.status, run.reason_code) == ("paused", "judge:unavailable")
    assert run.reason_detail == f"{judge}: Overloaded."


def test_forgives_failures_of_the_judge_before_its_latest_answer():
    run = generated()
    (claim,) = claims(run)
    now = timezone.now()
    later = now + datetime.timedelta(seconds=400)
    Call.objects.filter(pk=claim.call_id).update(state="failed", started_at=now, ended_at=later)
    call = Call.objects.get(pk=claim.call_id)
    call.pk, call.state = None, "stored"
    call.save()
    error = errors.UnavailableError("")
    assert settlement.pause_when_judge_is_away(run, claim.batch, error) is False


def test_pauses_when_what_the_judges_said_cannot_be_stored(judge, monkeypatch):
    def finish(*_args):
        raise ValueError("No room for verdicts.")

    monkeypatch.setattr(toy_judge.ToyJudge, "finish", finish)
    monkeypatch.setattr(toy_judge, "RECORDS_PER_CALL", 1)
    run = generated(*"ABCDE", max_attempts=1)
    verdict = '{"verdicts": [{"d1": {"score": 5}}]}'
    writer.write([answer(claim, text=verdict) for claim in claims(run, 5)])
    run.refresh_from_db()
    assert (run.status, run.reason_code) == ("paused", "judge_failing")
    assert run.reason_detail == f"{judge}: No room for verdicts."
    assert numbers(run) == {"pending": 5}


def test_names_the_judge_in_chinese():
    run = factories.run(reason_code="judge:authentication")
    with translation.override("zh-hans"):
        assert run.reason.startswith("因评审模型而暂停")
