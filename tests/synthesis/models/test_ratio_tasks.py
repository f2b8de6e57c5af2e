from __future__ import annotations

import pytest

from synthesis.errors import TaskNotReadyError, WrongStateError
from synthesis.models import Dataset, RatioCategory, RatioTask, Record, Run, SynthesisTask
from synthesis.models.ratio import fresh
from tests import factories

pytestmark = pytest.mark.django_db
SHARES = {"good": 50, "bad": 30, "plain": 20}


@pytest.fixture
def task() -> RatioTask:
    return factories.ratio_task(SHARES, name="Moods", total=10)


def in_states(task: RatioTask, *statuses: str) -> RatioTask:
    """Start the task and put the runs of its categories into these states, in their order."""
    task.start()
    for run, status in zip(Run.objects.order_by("pk"), statuses, strict=True):
        Run.objects.filter(pk=run.pk).update(status=status)
    return fresh(task)


def names(categories: list[RatioCategory]) -> list[str]:
    return [category.name for category in categories]


class TestCategories:
    def test_each_have_a_task_of_their_own(self, task):
        parts = SynthesisTask.objects.order_by("pk")
        assert [(part.name, part.target_count) for part in parts] == [
            ("Moods · good", 5),
            ("Moods · bad", 3),
            ("Moods · plain", 2),
        ]
        assert {part.dataset for part in parts} == {task.dataset}

    def test_take_another_name_for_their_task_where_theirs_is_taken(self):
        factories.task(name="Tea · green")
        factories.ratio_task({"green": 100}, name="Tea")
        assert RatioCategory.objects.get().task.name == "Tea · green (2)"

    def test_have_room_for_the_longest_names(self):
        task = factories.ratio_task({"c" * 100: 100}, name="n" * 200)
        assert len(task.categories.get().task.name) == 190

    def test_keep_their_tasks_when_they_are_arranged_anew(self, task):
        before = task.categories.get(name="bad").task
        orders = [category.order() for category in task.categories.all()]
        task.arrange([orders[1], orders[0]])
        assert names(task.categories.all()) == ["bad", "good"]
        assert task.categories.get(name="bad").task == before
        assert SynthesisTask.objects.count() == 2

    def test_stay_as_they_are_once_they_have_run(self, task):
        task = in_states(task, "completed", "completed", "completed")
        with pytest.raises(TaskNotReadyError, match="The ratio task has run"):
            task.arrange([])
        assert task.categories.count() == 3

    @pytest.mark.parametrize("name", ["start", "delete"])
    def test_do_nothing_alone_that_would_break_the_proportion(self, task, name):
        part = task.categories.get(name="bad").task
        with pytest.raises(TaskNotReadyError) as caught:
            getattr(part, name)()
        assert str(caught.value) == (
            "The task is a category of the ratio task Moods, which alone starts, changes and"
            " deletes it."
        )


class TestStart:
    def test_runs_every_category_under_its_name(self, task):
        task.start()
        runs = Run.objects.order_by("pk").values_list("category", "target_count", "ratio_task")
        assert list(runs) == [("good", 5, task.pk), ("bad", 3, task.pk), ("plain", 2, task.pk)]

    def test_starts_nothing_where_one_category_cannot_start(self, task):
        last = task.categories.last().task.task_models.get().language_model
        others = factories.language_model()
        task.categories.first().task.set_mix({others.pk: 1})
        type(last).objects.filter(pk=last.pk).update(is_enabled=False)
        with pytest.raises(TaskNotReadyError, match="is switched off"):
            task.start()
        assert not Run.objects.exists()

    def test_is_refused_while_one_category_is_at_work(self, task):
        task = in_states(task, "completed", "paused", "completed")
        with pytest.raises(TaskNotReadyError, match="The task is still running"):
            task.start()

    def test_runs_all_categories_again(self, task):
        in_states(task, "completed", "stalled", "completed").start()
        assert sorted(Run.objects.values_list("number", flat=True)) == [1, 1, 1, 2, 2, 2]


class TestStatus:
    @pytest.mark.parametrize(
        ("states", "status", "label"),
        [
            (("pending", "running", "paused"), "running", "running"),
            (("pending", "completed", "stalled"), "pending", "waiting"),
            (("paused", "completed", "failed"), "paused", "paused"),
            (
                ("stalled", "completed", "cancelled"),
                "stopped",
                "stopped: 1 of 3 categories complete",
            ),
            (
                ("failed", "completed", "completed"),
                "stopped",
                "stopped: 2 of 3 categories complete",
            ),
            (("cancelled", "completed", "completed"), "cancelled", "cancelled"),
            (("completed", "completed", "completed"), "completed", "completed"),
        ],
    )
    def test_is_what_the_categories_come_to(self, task, states, status, label):
        task = in_states(task, *states)
        assert (task.status, task.status_label) == (status, label)
        found = {s for s in RatioTask.Status if RatioTask.objects.of_status(s).exists()}
        assert found == {status}

    def test_is_draft_before_the_first_run(self, task):
        assert task.status == RatioTask.Status.DRAFT
        assert RatioTask.objects.of_status("draft").get() == task

    def test_finds_nothing_for_an_unknown_word(self, task):
        assert not RatioTask.objects.of_status("lost").exists()

    def test_adds_up_what_the_categories_made(self, task):
        task.start()
        Run.objects.filter(category="good").update(accepted=4, duplicate=2)
        Run.objects.filter(category="bad").update(accepted=3, malformed=1)
        task = fresh(task)
        assert (task.accepted_count, task.progress_percent) == (7, 70)
        assert task.counts == {
            "accepted": 7,
            "pending": 0,
            "duplicate": 2,
            "malformed": 1,
            "rejected": 0,
            "surplus": 0,
        }

    def test_of_a_whole_list_costs_two_queries(self, task, django_assert_num_queries):
        factories.ratio_task(SHARES).start()
        with django_assert_num_queries(2):
            assert len({row.status_label for row in RatioTask.objects.with_progress()}) == 2


class TestCommands:
    @pytest.mark.parametrize(
        ("name", "states", "changed", "after"),
        [
            ("pause", ("running", "completed", "pending"), ["good", "plain"], "paused"),
            ("resume", ("paused", "stalled", "completed"), ["good", "bad"], "pending"),
            ("cancel", ("paused", "stalled", "completed"), ["good", "bad"], "cancelled"),
            ("retry_failed", ("running", "failed", "cancelled"), ["good", "bad"], "running"),
        ],
    )
    def test_reach_the_categories_that_they_can(self, task, name, states, changed, after):
        task = in_states(task, *states)
        reach = getattr(task, name)()
        assert names(reach.changed) == changed
        assert len(reach.unchanged) == 3 - len(changed)
        assert fresh(task).status == after

    def test_are_refused_where_they_reach_none(self, task):
        task = in_states(task, "completed", "completed", "stalled")
        with pytest.raises(WrongStateError) as caught:
            task.pause()
        assert str(caught.value) == (
            "This is not possible while the run is “stopped: 2 of 3 categories complete”."
        )

    def test_are_refused_before_the_first_run(self, task):
        with pytest.raises(TaskNotReadyError, match="The task has not run yet"):
            task.cancel()


class TestCopies:
    def test_are_drafts_of_the_same_order(self, task):
        copy = in_states(task, "completed", "stalled", "failed").clone()
        assert (copy.name, copy.dataset.name, copy.status) == ("Moods (2)", "Moods (2)", "draft")
        orders = [[category.order() for category in row.categories.all()] for row in (task, copy)]
        assert orders[0] == orders[1]

    def test_of_one_category_stand_alone(self, task):
        copy = task.categories.get(name="bad").task.clone()
        assert (copy.name, copy.category) == ("Moods · bad (2)", None)
        assert copy.start().ratio_task is None


class TestDeletion:
    def test_takes_the_categories_their_runs_and_records_along(self, task):
        task = in_states(task, "completed", "completed", "completed")
        factories.records(2, of_run=Run.objects.first())
        task.delete()
        kinds = (RatioCategory, SynthesisTask, Run, Record)
        assert [kind.objects.count() for kind in kinds] == [0, 0, 0, 0]
        assert Dataset.objects.count() == 1

    def test_is_refused_while_one_category_is_at_work(self, task):
        task = in_states(task, "completed", "paused", "completed")
        with pytest.raises(TaskNotReadyError, match="The task is still running"):
            task.delete()
