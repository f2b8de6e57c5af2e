"""Every command of a task in every state of its run, and what it leaves behind."""

from __future__ import annotations

import pytest

from providers.models import LanguageModel
from synthesis.models import Batch, Run, SynthesisTask
from tests import api, factories

pytestmark = pytest.mark.django_db

TASKS = "/api/v1/tasks/"
CHINESE = {"Accept-Language": "zh-hans"}
REFUSED = "refused"

# What each state turns into; a run that is completed here has all its records.
TRANSITIONS = {
    "pause": {"pending": "paused", "running": "paused"},
    "resume": {"paused": "pending", "stalled": "pending", "failed": "pending"},
    "cancel": dict.fromkeys(["pending", "running", "paused", "stalled", "failed"], "cancelled"),
    "retry-failed": {
        "pending": "pending",
        "running": "running",
        "paused": "pending",
        "stalled": "pending",
        "failed": "pending",
    },
    "start": dict.fromkeys(["completed", "stalled", "failed", "cancelled"], "pending"),
    "rerun": dict.fromkeys(["completed", "stalled", "failed", "cancelled"], "pending"),
    "top-up": {},
}
MATRIX = [
    (name, status, allowed.get(status, REFUSED))
    for name, allowed in TRANSITIONS.items()
    for status in Run.Status.values
]


@pytest.fixture
def editor():
    return api.editor()


def in_state(status, **fields):
    return factories.run(status=status, accepted=10 if status == "completed" else 0, **fields)


def command(client, task, name):
    return client.post(f"{TASKS}{task.pk}/{name}/")


def batch(run, index, state, **fields):
    model = LanguageModel.objects.get(pk=run.mix[0]["language_model"])
    return run.batches.create(
        index=index, state=state, requested=1, seed=1, language_model=model, **fields
    )


@pytest.mark.parametrize(("name", "status", "after"), MATRIX)
def test_every_command_in_every_state(editor, name, status, after):
    run = in_state(status)
    before = list(Run.objects.values())
    response = command(editor, run.task, name)
    if after == REFUSED:
        expected = "still_active" if name in ("start", "rerun") else "wrong_state"
        assert (response.status_code, response.json()["code"]) == (409, expected)
        assert list(Run.objects.values()) == before
    else:
        assert response.json()["status"] == after
        assert SynthesisTask.objects.get().status == after


class TestSentences:
    @pytest.mark.parametrize(
        ("status", "label"),
        [
            ("pending", "等待中"),
            ("running", "运行中"),
            ("completed", "已完成"),
            ("cancelled", "已取消"),
        ],
    )
    def test_of_a_refused_resume_are_chinese_when_asked(self, status, label):
        response = command(api.editor(**CHINESE), in_state(status).task, "resume")
        assert response.json() == {
            "code": "wrong_state",
            "detail": f"执行状态为“{label}”时无法进行此操作。",
        }

    @pytest.mark.parametrize(
        ("language", "detail"),
        [
            ("en", "The task is still running. Cancel it, or wait until it ends."),
            ("zh-hans", "任务仍在运行。请取消执行，或等待结束。"),
        ],
    )
    def test_of_a_second_start(self, language, detail):
        client = api.editor(**{"Accept-Language": language})
        response = command(client, in_state("running").task, "start")
        assert response.json() == {"code": "still_active", "detail": detail}

    @pytest.mark.parametrize(
        ("language", "detail"),
        [
            ("en", "The task has not run yet. Start it first."),
            ("zh-hans", "任务尚未执行，请先开始执行。"),
        ],
    )
    def test_of_a_command_to_a_draft(self, language, detail):
        client = api.editor(**{"Accept-Language": language})
        response = command(client, factories.task(), "cancel")
        assert response.json() == {"code": "never_ran", "detail": detail}

    @pytest.mark.parametrize(
        ("language", "detail"),
        [
            (
                "en",
                "No language model is chosen and there is no default one. Choose a model.",
            ),
            ("zh-hans", "没有选择模型，也没有默认模型。请选择模型。"),
        ],
    )
    def test_of_a_task_without_a_model(self, language, detail):
        task = factories.task()
        task.set_mix({})
        LanguageModel.objects.update(is_default=False, is_enabled=False)
        response = command(api.editor(**{"Accept-Language": language}), task, "start")
        assert (response.status_code, response.json()) == (
            409,
            {"code": "no_model", "detail": detail},
        )

    @pytest.mark.parametrize("switch", ["model", "provider"])
    def test_of_a_model_that_is_switched_off(self, editor, switch):
        model = factories.language_model()
        task = factories.task(model)
        off = model if switch == "model" else model.provider
        type(off).objects.filter(pk=off.pk).update(is_enabled=False)
        response = command(editor, task, "start")
        assert (response.json()["code"], response.json()["detail"]) == (
            "model_disabled",
            f"The model {model}, or its provider, is switched off."
            " Enable it or choose another model.",
        )
        assert not Run.objects.exists()


class TestCancelling:
    def test_abandons_what_was_only_planned(self, editor):
        run = in_state("running")
        for index, state in enumerate(Batch.State.values, start=1):
            batch(run, index, state)
        command(editor, run.task, "cancel")
        states = list(run.batches.order_by("index").values_list("state", flat=True))
        assert states == ["cancelled", "running", "done", "failed", "cancelled"]

    def test_keeps_the_records(self, editor):
        run = in_state("running")
        rows = factories.records(3, of_run=run)
        command(editor, run.task, "cancel")
        assert run.records.count() == len(rows)

    def test_is_final(self, editor):
        task = in_state("running").task
        codes = [command(editor, task, name).status_code for name in ("cancel", "resume", "cancel")]
        assert codes == [200, 409, 409]

    def test_tells_when_it_ended(self, editor):
        run = in_state("paused")
        command(editor, run.task, "cancel")
        assert editor.get(f"/api/v1/runs/{run.pk}/").json()["finished_at"]


class TestResuming:
    def test_forgets_why_the_run_stopped(self, editor):
        run = in_state("running")
        run.stop("failed", "authentication", "key wrong")
        assert editor.get(f"{TASKS}{run.task_id}/").json()["reason_code"] == "authentication"
        shown = command(editor, run.task, "resume").json()
        assert (shown["reason_code"], shown["reason"]) == ("", "")
        run.refresh_from_db()
        assert (run.reason_detail, run.finished_at, bool(run.resumed_at)) == ("", None, True)

    def test_leaves_failed_batches_failed(self, editor):
        run = in_state("failed")
        row = batch(run, 1, "failed", attempts=5)
        command(editor, run.task, "resume")
        row.refresh_from_db()
        assert (row.state, row.attempts) == ("failed", 5)


class TestRetryingFailedBatches:
    def test_gives_them_a_fresh_set_of_attempts(self, editor):
        run = in_state("failed")
        failed = batch(run, 1, "failed", attempts=5, error_code="timeout", error_detail="slow")
        done = batch(run, 2, "done", attempts=3)
        command(editor, run.task, "retry-failed")
        failed.refresh_from_db()
        done.refresh_from_db()
        assert (failed.state, failed.attempts, failed.error_code) == ("planned", 0, "")
        assert (done.state, done.attempts) == ("done", 3)

    def test_of_a_full_run_changes_no_batch(self, editor):
        run = in_state("completed")
        row = batch(run, 1, "failed", attempts=5)
        assert command(editor, run.task, "retry-failed").status_code == 409
        row.refresh_from_db()
        assert (row.state, row.attempts) == ("failed", 5)

    def test_is_of_the_latest_run_only(self, editor):
        first = in_state("failed")
        old = batch(first, 1, "failed")
        command(editor, first.task, "rerun")
        command(editor, first.task, "retry-failed")
        old.refresh_from_db()
        assert old.state == "failed"


class TestRerunning:
    def test_draws_with_the_next_seed(self, editor):
        task = factories.task(seed=41)
        command(editor, task, "start")
        Run.objects.update(status="completed")
        command(editor, task, "rerun")
        assert list(Run.objects.order_by("number").values_list("seed", flat=True)) == [41, 42]

    def test_counts_from_zero(self, editor):
        run = in_state("completed", duplicate=3)
        shown = command(editor, run.task, "rerun").json()
        assert (set(shown["counts"].values()), shown["progress_percent"]) == ({0}, 0)

    def test_names_who_started_it(self, editor):
        run = in_state("completed")
        command(editor, run.task, "rerun")
        newest = editor.get("/api/v1/runs/", {"task": run.task_id}).json()["results"][0]
        assert newest["created_by"] == editor.handler._force_user.username

    def test_takes_what_the_task_says_now(self, editor):
        run = in_state("completed")
        editor.patch(f"{TASKS}{run.task_id}/", {"target_count": 77})
        command(editor, run.task, "rerun")
        targets = list(Run.objects.order_by("number").values_list("target_count", flat=True))
        assert targets == [10, 77]


class TestCloning:
    def test_again_counts_on(self, editor):
        task = factories.task(name="Tea")
        names = [command(editor, task, "clone").json()["name"] for _copy in range(3)]
        assert names == ["Tea (2)", "Tea (3)", "Tea (4)"]

    def test_keeps_the_mix_and_its_weights(self, editor):
        models = [factories.language_model(), factories.language_model()]
        task = factories.task(*models, weights=(7, 3))
        copy = command(editor, task, "clone").json()
        assert [(row["language_model"], row["weight"]) for row in copy["models"]] == [
            (models[0].pk, 7),
            (models[1].pk, 3),
        ]

    def test_of_the_longest_name_fits(self, editor):
        task = factories.task(name="茶" * 200)
        response = command(editor, task, "clone")
        assert (response.status_code, response.json()["name"]) == (201, "茶" * 190 + " (2)")

    def test_says_where_the_copy_is(self, editor):
        response = command(editor, factories.task(), "clone")
        assert editor.get(response["Location"]).json()["id"] == response.json()["id"]


@pytest.mark.parametrize("name", [*TRANSITIONS, "clone"])
def test_commands_are_posts_only(editor, name):
    task = in_state("running").task
    codes = [getattr(editor, method)(f"{TASKS}{task.pk}/{name}/") for method in ("get", "put")]
    assert [response.status_code for response in codes] == [405, 405]


@pytest.mark.parametrize("name", TRANSITIONS)
def test_commands_need_the_permission_to_change(name):
    run = in_state("running")
    response = command(api.client("view", "add", "delete"), run.task, name)
    assert (response.status_code, response.json()["code"]) == (403, "permission_denied")
    assert Run.objects.get().status == "running"
