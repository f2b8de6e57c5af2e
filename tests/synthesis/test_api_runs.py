from __future__ import annotations

import pytest
from django.utils import timezone

from synthesis.models import Batch, Call
from tests import api, factories

pytestmark = pytest.mark.django_db

RUNS = "/api/v1/runs/"
BATCHES = "/api/v1/batches/"


@pytest.fixture
def viewer():
    return api.client("view")


def model_of(run):
    return run.task.task_models.get().language_model


def batches(run, count=1, **fields):
    start = run.batches.count() + 1
    return Batch.objects.bulk_create(
        Batch(
            run=run,
            index=start + offset,
            requested=5,
            seed=1,
            language_model=model_of(run),
            **fields,
        )
        for offset in range(count)
    )


def call(batch, **fields):
    return Call.objects.create(
        run=batch.run,
        batch=batch,
        provider=batch.language_model.provider,
        language_model=batch.language_model,
        token=1,
        started_at=timezone.now(),
        **{"number": 1, **fields},
    )


class TestOneRun:
    def test_tells_its_calls_and_costs(self, viewer):
        run = factories.run()
        first, second = batches(run, 2)
        call(first, state="failed", error_code="timeout", error_detail="too slow")
        call(first, number=2, state="stored", prompt_tokens=10, completion_tokens=5, cost="0.25")
        call(second, state="started")
        assert viewer.get(f"{RUNS}{run.pk}/").json()["calls"] == {
            "calls": 3,
            "answered": 1,
            "failed": 1,
            "unknown": 0,
            "in_flight": 1,
            "retried": 1,
            "prompt_tokens": 10,
            "completion_tokens": 5,
            "costs": {"USD": "0.25000000"},
        }

    def test_tells_why_calls_failed(self, viewer):
        run = factories.run()
        [batch] = batches(run)
        call(batch, state="failed", error_code="quota_exhausted", error_detail="no credit")
        assert viewer.get(f"{RUNS}{run.pk}/").json()["failures"] == [
            {
                "error_code": "quota_exhausted",
                "total": 1,
                "example": "no credit",
                "advice": "The account at the vendor has no credit or quota left."
                " Top it up there, then resume.",
            }
        ]

    def test_tells_what_became_of_its_records(self, viewer):
        run = factories.run(accepted=3, duplicate=1)
        shown = viewer.get(f"{RUNS}{run.pk}/").json()
        assert (shown["made"], shown["success_rate"], shown["progress_percent"]) == (4, 0.75, 30)

    def test_has_no_success_rate_before_the_first_record(self, viewer):
        assert viewer.get(f"{RUNS}{factories.run().pk}/").json()["success_rate"] is None

    def test_shows_the_mix_that_it_froze(self, viewer):
        run = factories.run()
        model = model_of(run)
        assert viewer.get(f"{RUNS}{run.pk}/").json()["models"] == [
            {"language_model": model.pk, "name": str(model), "weight": 1}
        ]

    def test_speaks_the_language_asked(self):
        run = factories.run(status="failed", reason_code="authentication")
        shown = api.client("view", **{"Accept-Language": "en"}).get(f"{RUNS}{run.pk}/").json()
        assert shown["reason"].startswith("The vendor did not accept the API key.")


class TestRuns:
    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
    def test_cannot_be_changed(self, method):
        run = factories.run()
        address = RUNS if method == "post" else f"{RUNS}{run.pk}/"
        assert getattr(api.editor(), method)(address, {"accepted": 9}).status_code == 405

    def test_are_filtered_by_task_and_status(self, viewer):
        run, _other = factories.run(status="failed"), factories.run()
        for query in ({"task": run.task_id}, {"status": "failed"}, {"dataset": run.dataset_id}):
            [found] = viewer.get(RUNS, query).json()["results"]
            assert found["id"] == run.pk

    @pytest.mark.parametrize("value", ["0", "abc", "99999999999999999999999"])
    def test_of_no_task_are_refused(self, viewer, value):
        response = viewer.get(RUNS, {"task": value})
        assert (response.status_code, list(response.json()["fields"])) == (400, ["task"])

    def test_asks_the_database_no_more_for_more_runs(self, viewer, django_assert_max_num_queries):
        for _row in range(5):
            factories.run()
        with django_assert_max_num_queries(4):
            assert len(viewer.get(RUNS).json()["results"]) == 5


class TestBatches:
    def test_belong_to_the_run_asked(self, viewer):
        run, other = factories.run(), factories.run()
        batches(run, 2)
        batches(other)
        results = viewer.get(BATCHES, {"run": run.pk}).json()["results"]
        assert [(row["run"], row["index"]) for row in results] == [(run.pk, 2), (run.pk, 1)]

    def test_are_filtered_by_state(self, viewer):
        run = factories.run()
        batches(run, state="failed")
        batches(run, state="done")
        [found] = viewer.get(BATCHES, {"state": "failed"}).json()["results"]
        assert found["state"] == "failed"

    def test_say_why_they_failed(self, viewer):
        batches(factories.run(), state="failed", error_code="timeout", error_detail="300 s")
        [found] = viewer.get(BATCHES).json()["results"]
        assert found["error"].startswith("No complete answer arrived in time.")
        assert found["error_detail"] == "300 s"

    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
    def test_cannot_be_changed(self, method):
        [batch] = batches(factories.run())
        address = BATCHES if method == "post" else f"{BATCHES}{batch.pk}/"
        assert getattr(api.editor(), method)(address, {"state": "done"}).status_code == 405

    def test_are_paged_without_a_count(self, viewer, django_assert_max_num_queries):
        batches(factories.run(), 5)
        with django_assert_max_num_queries(3):
            page = viewer.get(BATCHES, {"page_size": 2}).json()
        assert (list(page), len(page["results"])) == (["next", "previous", "results"], 2)
