"""What one visit to the database brings for a lane."""

from __future__ import annotations

import pytest

from providers import errors
from synthesis.engine import lanes, leases, ledger
from synthesis.engine.lanes import Lane
from synthesis.models import Batch, PromptTemplate, Run
from tests import factories
from tests.synthesis.engine.outcomes import answer, claims, running


# with a window of 8, 2 orders wait ready: it asks once 2 or more of these 10 are missing
@pytest.mark.parametrize(
    ("window", "in_flight", "ready", "hungry"),
    [
        (0, 0, 0, True),  # an unknown window
        (1, 0, 0, True),
        (1, 1, 0, False),
        (8, 8, 2, False),
        (8, 8, 1, False),
        (8, 8, 0, True),
        (8, 6, 2, True),
        (100, 100, 13, False),  # 25 ahead, 12 missing: half of the reserve is there
        (100, 100, 12, True),
        (4, 9, 0, False),  # more in flight than the window has become
    ],
)
def test_asks_for_more_when_half_of_the_reserve_is_gone(window, in_flight, ready, hungry):
    lane = Lane(1, window=window, in_flight=in_flight)
    lane.ready.extend([None] * ready)
    assert lane.is_hungry is hungry


@pytest.mark.django_db
class TestStep:
    def test_begins_a_run_plans_it_and_renders_its_calls(self):
        run = factories.run(factories.task(target_count=30, concurrency=2))
        step = lanes.step(leases.register("runner"), Lane(run.pk))
        run.refresh_from_db()
        assert (run.status, run.batches.count()) == (Run.Status.RUNNING, 3)
        assert (step.window, len(step.orders), step.answered) == (2, 2, [])
        assert "N_RECORDS=10" in step.orders[0].request.messages[-1].content
        assert step.orders[0].account.api_key == "sk-test-0123456789"

    def test_claims_a_quarter_more_than_the_window(self):
        run = factories.run(factories.task(target_count=500, concurrency=16))
        step = lanes.step(leases.register("runner"), Lane(run.pk))
        assert (step.window, len(step.orders)) == (16, 20)

    def test_claims_only_what_the_lane_lacks(self):
        run = factories.run(factories.task(target_count=500, concurrency=8))
        lane = Lane(run.pk, window=8, in_flight=7)
        assert len(lanes.step(leases.register("runner"), lane).orders) == 3

    def test_claims_nothing_for_a_full_lane(self):
        run = factories.run(factories.task(target_count=500, concurrency=8))
        step = lanes.step(leases.register("runner"), Lane(run.pk, window=8, in_flight=10))
        assert (step.window, step.orders) == (8, [])
        assert not run.calls.exists()

    @pytest.mark.parametrize("status", ["paused", "stalled", "failed", "cancelled", "completed"])
    def test_claims_nothing_of_a_run_that_is_not_active(self, status):
        run = running()
        Run.objects.update(status=status)
        assert lanes.step(leases.register("runner"), Lane(run.pk)) == lanes.Step(window=0)
        assert not run.calls.exists()

    def test_claims_nothing_for_a_lane_that_closes(self):
        run = running()
        lane = Lane(run.pk, is_closing=True)
        assert lanes.step(leases.register("runner"), lane) == lanes.Step(window=0)
        assert run.batches.planned().count() == 1

    def test_hands_on_an_answer_that_is_stored(self):
        run = running()
        worker = leases.register("runner")
        (claim,) = claims(run, worker=worker)
        ledger.store([answer(claim, "Paid for?")])
        leases.dismiss(worker.pk)
        step = lanes.step(leases.register("runner"), Lane(run.pk))
        assert (len(step.orders), [row.call_id for row in step.answered]) == (0, [claim.call_id])

    def test_completes_a_full_run_instead_of_claiming(self):
        run = factories.run(factories.task(target_count=5), accepted=5)
        assert lanes.step(leases.register("runner"), Lane(run.pk)).orders == []
        run.refresh_from_db()
        assert run.status == Run.Status.COMPLETED

    def test_stops_a_run_whose_prompt_cannot_be_made(self):
        run = running()
        run.batches.update(values={"count": 10, "seed": 1})
        step = lanes.step(leases.register("runner"), Lane(run.pk))
        run.refresh_from_db()
        assert (step, run.status) == (lanes.Step(window=0), Run.Status.FAILED)
        assert run.reason_code == "missing_variable"
        assert run.reason_detail == "Give a value for each of these variables: topic."
        assert not run.calls.exists()

    def test_stops_a_run_whose_key_cannot_be_read(self, monkeypatch):
        def account(_provider):
            raise errors.AuthenticationError("The key cannot be decrypted.")

        monkeypatch.setattr("providers.models.Provider.account", account)
        run = factories.run()
        lanes.step(leases.register("runner"), Lane(run.pk))
        run.refresh_from_db()
        assert (run.status, run.reason_code) == (Run.Status.FAILED, "authentication")
        assert run.batches.get().state == Batch.State.CANCELLED

    def test_uses_the_template_that_the_run_began_with(self):
        task = factories.task()
        run = factories.run(task)
        PromptTemplate.objects.get().versions.exclude(pk=run.template_version_id).delete()
        row = PromptTemplate.objects.get()
        row.prompt = "Something else about {topic}"
        row.save()
        step = lanes.step(leases.register("runner"), Lane(run.pk))
        assert step.orders[0].request.messages[-1].content.startswith("Write 10 questions")
