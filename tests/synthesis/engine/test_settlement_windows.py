"""Which batches a run is judged by, and what of them counts against it."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.utils import timezone

from providers import errors
from synthesis.engine import settlement
from synthesis.models import Batch, Run
from tests import factories
from tests.synthesis.engine.outcomes import running
from tests.synthesis.engine.test_continuation import two_steps


def row(accepted: int, requested: int = 10) -> dict[str, Any]:
    return {"accepted": accepted, "requested": requested}


# at 0.1, more than a tenth of what was asked for must be accepted
@pytest.mark.parametrize(
    ("latest", "expected"),
    [
        ([row(1), row(1)], False),
        ([row(1), row(2)], True),
        ([row(0, 1), row(1, 1)], True),
        ([row(9), row(0, 90)], False),  # 9 of 100
        ([row(0, 90), row(11)], True),
    ],
)
def test_a_run_fills_by_what_all_its_batches_together_brought(settings, latest, expected):
    settings.DATAMATE_STALL_MIN_ACCEPTANCE = 0.1
    assert settlement.is_filling(latest) is expected


def test_a_run_that_needs_no_acceptance_fills_with_a_single_record(settings):
    settings.DATAMATE_STALL_MIN_ACCEPTANCE = 0
    assert settlement.is_filling([row(1, 1000)])
    assert not settlement.is_filling([row(0)])


GENERATE = Batch(kind="generate")


@pytest.mark.parametrize(
    ("batch", "error", "fatal"),
    [
        (GENERATE, errors.ContextTooLongError(""), True),
        (Batch(kind="generate", items=[1]), errors.ContextTooLongError(""), False),
        (Batch(kind="step", items=[]), errors.ContextTooLongError(""), False),
        (GENERATE, errors.ContentRefusedError(""), False),
        (GENERATE, errors.ReplyTooLargeError(""), False),
        (GENERATE, errors.CallTimeoutError(""), False),
        (Batch(kind="step", items=[]), errors.AuthenticationError(""), True),
        (Batch(kind="generate", items=[1]), errors.AuthenticationError(""), True),
    ],
)
def test_only_what_no_other_call_would_escape_is_fatal(batch, error, fatal):
    assert settlement.is_fatal(batch, error) is fatal


@pytest.fixture
def window_of_four(settings) -> None:
    settings.DATAMATE_STALL_WINDOW_BATCHES = 4
    settings.DATAMATE_STALL_MIN_ACCEPTANCE = 0.1


def batches(run: Run, *given: dict[str, Any]) -> list[Batch]:
    """Give a run these batches in place of its plan; they ended a second after each other."""
    run.batches.all().delete()
    Run.objects.filter(pk=run.pk).update(created_at=timezone.now() - datetime.timedelta(hours=1))
    run.refresh_from_db()
    common = {"run": run, "seed": 1, "requested": 10, "state": "done"}
    common["language_model_id"] = run.mix[0]["language_model"]
    return Batch.objects.bulk_create(
        Batch(
            **{
                **common,
                "index": number,
                "ended_at": run.created_at + datetime.timedelta(seconds=number),
                **fields,
            }
        )
        for number, fields in enumerate(given, 1)
    )


def outcome(run: Run) -> tuple[str, str, str]:
    settlement.stop_when_stalled(run)
    run.refresh_from_db()
    return run.status, run.reason_code, run.reason_detail


FAILED = {"state": "failed", "error_code": "timeout"}
REFUSED = {"state": "failed", "error_code": "content_refused"}


@pytest.mark.django_db
@pytest.mark.usefixtures("window_of_four")
class TestTheWindow:
    def test_is_none_where_there_are_too_few(self):
        run = running()
        batches(run, {}, {}, {})
        assert settlement.window(settlement.latest_ended(run, "generate")) == []

    def test_holds_the_batches_that_ended_latest(self):
        run = running()
        rows = batches(run, {}, {}, {}, {}, {})
        found = settlement.window(settlement.latest_ended(run, "generate"))
        assert [batch["pk"] for batch in found] == [row.pk for row in reversed(rows[1:])]

    def test_leaves_out_what_waits_for_its_judge(self):
        run = running()
        batches(run, {}, {}, {}, {"pending": 1})
        assert outcome(run)[0] == "running"

    @pytest.mark.parametrize("kind", ["judge", "step", "repair"])
    def test_leaves_out_calls_that_begin_no_records(self, kind):
        run = running()
        batches(run, {}, {}, {}, {"kind": kind})
        assert outcome(run)[0] == "running"

    def test_leaves_out_batches_whose_drafts_are_on_their_way(self):
        run = two_steps()
        *_others, latest = batches(run, {}, {}, {}, {})
        step = Batch(
            run=run, kind="step", index=1, seed=1, requested=1, origin=latest, subject=[0],
            language_model_id=latest.language_model_id, state="running",
        )  # fmt: skip
        step.save()
        assert outcome(run)[0] == "running"
        Batch.objects.filter(pk=step.pk).update(state="done")
        assert outcome(run)[:2] == ("stalled", "low_acceptance")

    def test_counts_a_batch_as_failed_whose_later_step_failed(self):
        run = two_steps()
        rows = batches(run, {}, {}, {}, {})
        for number, origin in enumerate(rows[:2], 1):
            Batch.objects.create(
                run=run, kind="step", index=number, seed=1, requested=1, origin=origin,
                subject=[0], language_model_id=origin.language_model_id, ended_at=origin.ended_at,
                **FAILED,
            )  # fmt: skip
        assert outcome(run) == ("failed", "calls_failing", "timeout")


@pytest.fixture
def sourced() -> Run:
    """A run over six items of which each is to have two records; its pass is over."""
    source = factories.source(*({"question": str(number)} for number in range(6)))
    run = factories.run(factories.task(source=source, records_per_item=2, batch_size=2))
    run.begin()
    return run


@pytest.mark.django_db
@pytest.mark.usefixtures("window_of_four")
class TestARunOverASource:
    def test_blames_the_items_and_not_the_calls_for_refusals(self, sourced):
        batches(sourced, *[{"requested": 2, **REFUSED}] * 6)
        assert outcome(sourced) == ("stalled", "items_lacking", "6")

    def test_blames_the_calls_where_half_of_them_failed_otherwise(self, sourced):
        batches(sourced, *[{"requested": 2, **REFUSED}] * 4, *[{"requested": 2, **FAILED}] * 2)
        assert outcome(sourced) == ("failed", "calls_failing", "timeout")

    # 12 records are missing, so six batches of two ask for every item once more
    @pytest.mark.parametrize(("first", "status"), [(2, "running"), (0, "stalled")])
    def test_asks_for_all_items_once_more_before_it_stalls(self, sourced, first, status):
        batches(sourced, {"requested": 2, "accepted": first}, *[{"requested": 2}] * 5)
        assert outcome(sourced)[0] == status

    def test_is_judged_as_any_run_while_its_pass_goes_on(self, sourced):
        batches(sourced, *[{"requested": 2}] * 4)
        assert outcome(sourced)[:2] == ("stalled", "low_acceptance")

    def test_says_how_many_items_lack_records(self, sourced):
        batches(sourced, *[{"requested": 2}] * 6)
        item = sourced.source.items.get(position=3)
        factories.records(2, of_run=sourced, source_item=item)
        sourced.refresh_from_db()
        assert outcome(sourced) == ("stalled", "items_lacking", "5")

    def test_counts_refusals_as_failed_calls_where_there_is_no_source(self):
        run = running()
        batches(run, *[REFUSED] * 4)
        assert outcome(run) == ("failed", "calls_failing", "content_refused")


@pytest.mark.django_db
@pytest.mark.usefixtures("window_of_four")
@pytest.mark.parametrize(("rejected", "code"), [(5, "low_acceptance"), (6, "low_judgement")])
def test_blames_the_judge_for_more_than_half_of_what_came_back(rejected, code):
    run = running()
    batches(run, {"rejected": rejected, "duplicate": 10 - rejected}, {}, {}, {"kind": "generate"})
    Batch.objects.create(
        run=run, kind="judge", index=1, seed=1, requested=1, subject=[1], state="done",
        language_model_id=run.mix[0]["language_model"],
    )  # fmt: skip
    assert outcome(run)[:2] == ("stalled", code)


@pytest.mark.django_db
@pytest.mark.usefixtures("window_of_four")
def test_rejections_without_a_judge_are_low_acceptance():
    run = running()
    batches(run, {"rejected": 10}, {}, {}, {})
    assert outcome(run)[:2] == ("stalled", "low_acceptance")
