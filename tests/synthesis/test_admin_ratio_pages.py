from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.text import capfirst
from pytest_django import DjangoAssertNumQueries

from synthesis.admin.ratio_commands import COMMANDS
from synthesis.models import RatioTask, Record, Run, SynthesisTask
from synthesis.models.ratio import fresh
from tests import factories
from tests.synthesis.test_admin_tasks_form import texts
from tests.synthesis.test_admin_tasks_list import viewer
from tests.synthesis.test_admin_tasks_page import call

pytestmark = pytest.mark.django_db

LIST = reverse("admin:synthesis_ratiotask_changelist")
TASKS = reverse("admin:synthesis_synthesistask_changelist")
ROWS = reverse("admin:synthesis_ratiotask_rows")
SHARES = {"good": 50, "bad": 30, "plain": 20}


def url(task: RatioTask, name: str = "change", *more: Any) -> str:
    return reverse(f"admin:synthesis_ratiotask_{name}", args=[task.pk, *more])


def part_url(task: RatioTask, name: str = "change", *more: Any) -> str:
    part = SynthesisTask.objects.get(category__ratio_task=task, category__name="good")
    return reverse(f"admin:synthesis_synthesistask_{name}", args=[part.pk, *more])


@pytest.fixture
def task() -> RatioTask:
    return factories.ratio_task(SHARES, name="Moods", total=10)


@pytest.fixture
def running(task: RatioTask) -> RatioTask:
    """One category at work, one complete, one stalled."""
    task.start()
    states = (("running", 2, ""), ("completed", 3, ""), ("stalled", 1, "low_acceptance"))
    for run, (status, accepted, code) in zip(Run.objects.order_by("pk"), states, strict=True):
        Run.objects.filter(pk=run.pk).update(
            status=status, accepted=accepted, duplicate=1, reason_code=code
        )
    return fresh(task)


class TestList:
    @pytest.mark.parametrize(
        ("language", "columns"),
        [
            ("en", ["Task name", "Status", "Progress", "Records", "Actions"]),
            ("zh-hans", ["任务名称", "状态", "进度", "生成数量", "操作"]),
        ],
    )
    def test_has_the_columns_of_the_list_of_tasks(
        self, admin_client: Client, task: RatioTask, language: str, columns: list[str]
    ) -> None:
        page = admin_client.get(LIST, headers={"Accept-Language": language}).content.decode()
        cells = re.findall(r'<td[^>]* data-label="([^"]+)"|<th[^>]* data-label="([^"]+)"', page)
        shown = [capfirst(first or second) for first, second in cells]
        assert [label for label in shown if label in columns] == columns

    def test_shows_the_sums_over_all_categories(
        self, admin_client: Client, running: RatioTask
    ) -> None:
        page = admin_client.get(LIST).content.decode()
        assert "6/10" in page
        assert "60%" in page
        # 6 accepted and 3 duplicate of 10 wanted + 3 wasted
        assert 'sy-bar-accepted" style="width:46.15%"' in page
        assert f'hx-get="{ROWS}?ids={running.pk}"' in page

    def test_costs_no_more_for_more_rows(
        self, admin_client: Client, task: RatioTask, django_assert_max_num_queries: Any
    ) -> None:
        admin_client.get(LIST)
        for _row in range(3):
            factories.ratio_task(SHARES)
        with django_assert_max_num_queries(10):
            admin_client.get(LIST)

    def test_is_filtered_by_the_status_of_the_whole(
        self, admin_client: Client, running: RatioTask
    ) -> None:
        draft = factories.ratio_task(SHARES)
        for status, expected in (("running", [running]), ("draft", [draft]), ("stopped", [])):
            response = admin_client.get(LIST, {"status": status})
            assert list(response.context["cl"].result_list) == expected

    def test_moves_the_cells_of_rows_at_work(
        self,
        admin_client: Client,
        running: RatioTask,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        admin_client.get(f"{ROWS}?ids={running.pk}")
        # session, user, ratio tasks, categories
        with django_assert_num_queries(4):
            response = admin_client.get(f"{ROWS}?ids={running.pk},x")
        assert response.status_code == 200
        assert f'id="task-{running.pk}-records"' in response.content.decode()

    def test_stops_polling_when_nothing_moves(self, admin_client: Client, task: RatioTask) -> None:
        assert admin_client.get(f"{ROWS}?ids={task.pk}").status_code == 286
        assert ROWS not in admin_client.get(LIST).content.decode()


class TestPage:
    def test_shows_each_category_and_the_sum(
        self, admin_client: Client, running: RatioTask
    ) -> None:
        page = admin_client.get(url(running)).content.decode()
        for text in ("good", "50%", "2/5", "3/3", "1/2", "6/10", "Template"):
            assert text in page
        # the target of the largest category fills the chart, the others in relation to it
        assert 'sy-bar-target" style="width:100.00%" title="target: 5"' in page
        assert 'sy-bar-accepted" style="width:40.00%" title="accepted: 2"' in page
        assert part_url(running) in page

    def test_says_why_a_category_stopped(self, admin_client: Client, running: RatioTask) -> None:
        page = admin_client.get(url(running)).content.decode()
        assert page.count("Why it stopped:") == 1
        assert "Hardly any new record was accepted lately: of 2 made, 1 were accepted" in page

    def test_adds_up_calls_and_costs(self, admin_client: Client, running: RatioTask) -> None:
        for run in Run.objects.all():
            model = run.task.task_models.get().language_model
            call(run, model, "stored", cost=Decimal("0.25"))
        page = admin_client.get(url(running)).content.decode()
        assert page.count("0.25 USD") == 3
        assert "0.75 USD" in page

    def test_polls_while_a_category_is_at_work(
        self, admin_client: Client, running: RatioTask
    ) -> None:
        assert f'hx-get="{url(running, "overview")}"' in admin_client.get(url(running)).text
        assert admin_client.get(url(running, "overview")).status_code == 200
        Run.objects.filter(status="running").update(status="completed")
        response = admin_client.get(url(running, "overview"))
        assert (response.status_code, response.headers["HX-Trigger"]) == (286, "records-made")

    def test_shows_and_downloads_the_records_of_all_categories(
        self, admin_client: Client, running: RatioTask
    ) -> None:
        for run in Run.objects.all():
            run.target_count = 9
            factories.records(1, of_run=run, category=run.category)
        factories.records(1, into=running.dataset)
        accepted = Record.objects.accepted().filter(run__isnull=False)
        fragment = admin_client.get(url(running, "records")).content.decode()
        assert fragment.count('class="sy-record"') == accepted.count()
        response = admin_client.get(url(running, "download", "jsonl"))
        lines = b"".join(response.streaming_content).decode().splitlines()
        assert len(lines) == accepted.count()

    def test_offers_changes_before_the_first_run_only(
        self, admin_client: Client, task: RatioTask
    ) -> None:
        assert 'href="?edit=1"' in admin_client.get(url(task)).content.decode()
        task.start()
        assert 'href="?edit=1"' not in admin_client.get(url(task)).content.decode()


class TestCommands:
    def test_say_what_became_of_each_category(
        self, admin_client: Client, running: RatioTask
    ) -> None:
        response = admin_client.post(url(running, "command", "pause"), follow=True)
        assert texts(response) == [
            "Paused. Calls in flight are still stored; no new ones start. Categories: good."
            " As they were: bad (completed), plain (stalled)."
        ]
        response = admin_client.post(url(running, "command", "resume"), follow=True)
        assert texts(response) == [
            "The runs go on where they stopped. Categories: good, plain. As they were:"
            " bad (completed)."
        ]

    def test_are_offered_where_a_category_can_follow(
        self, admin_client: Client, running: RatioTask
    ) -> None:
        page = admin_client.get(url(running)).content.decode()
        offered = {name for name in COMMANDS if url(running, "command", name) in page}
        assert offered == {"pause", "resume", "cancel", "retry-failed"}

    def test_run_everything_again_once_all_have_ended(
        self, admin_client: Client, running: RatioTask
    ) -> None:
        Run.objects.filter(status="running").update(status="cancelled")
        response = admin_client.post(url(running, "command", "rerun"), follow=True)
        assert texts(response) == ["All categories have started."]
        assert Run.objects.active().count() == 3

    def test_ask_before_they_cancel(self, admin_client: Client, running: RatioTask) -> None:
        dialog = admin_client.get(url(running, "command", "cancel")).content.decode()
        assert "No more calls start" in dialog
        assert fresh(running).status == "running"

    def test_refuse_in_words(self, admin_client: Client, running: RatioTask) -> None:
        response = admin_client.post(url(running, "command", "rerun"), follow=True)
        assert texts(response) == ["The task is still running. Cancel it, or wait until it ends."]

    def test_replace_what_reviewers_rejected(
        self, admin_client: Client, running: RatioTask
    ) -> None:
        Run.objects.filter(category="bad").update(accepted=2)
        admin_client.post(url(running, "command", "top-up"))
        assert Run.objects.get(category="bad").status == "pending"

    def test_clone_into_a_draft(self, admin_client: Client, running: RatioTask) -> None:
        response = admin_client.post(url(running, "clone"), follow=True)
        assert texts(response) == ["This is a copy of Moods. Change what you want, then start it."]
        assert RatioTask.objects.get(name="Moods (2)").status == "draft"

    @pytest.mark.parametrize(
        ("name", "method", "more", "codename"),
        [
            ("change", "get", (), "view"),
            ("overview", "get", (), "view"),
            ("records", "get", (), "view"),
            ("download", "get", ("jsonl",), "view"),
            ("command", "post", ("pause",), "change"),
            ("delete", "get", (), "delete"),
        ],
    )
    def test_and_pages_need_their_permission(
        self, running: RatioTask, name: str, method: str, more: Any, codename: str
    ) -> None:
        others = {"view", "add", "change", "delete"} - {codename}
        # who may change may also look
        others -= {"change"} if codename == "view" else set()
        client = viewer(*(f"{other}_ratiotask" for other in others))
        assert getattr(client, method)(url(running, name, *more)).status_code == 403


class TestDeletion:
    def test_waits_for_the_end(self, admin_client: Client, running: RatioTask) -> None:
        page = admin_client.get(url(running, "delete")).content.decode()
        assert "Moods is not finished; cancel it first." in page

    def test_takes_everything_along(self, admin_client: Client, running: RatioTask) -> None:
        running.cancel()
        page = admin_client.get(url(running, "delete")).content.decode()
        assert "Ratio task: Moods" in page
        admin_client.post(url(running, "delete"), {"post": "yes"})
        assert not RatioTask.objects.exists()
        assert not SynthesisTask.objects.exists()


class TestTasksOfCategories:
    @pytest.mark.parametrize(("chosen", "count"), [("", 1), ("with", 4), ("only", 3)])
    def test_are_left_out_of_the_list_unless_asked_for(
        self, admin_client: Client, task: RatioTask, chosen: str, count: int
    ) -> None:
        factories.task()
        response = admin_client.get(TASKS, {"ratio": chosen} if chosen else {})
        assert len(response.context["cl"].result_list) == count

    def test_lead_to_their_ratio_task_and_do_not_start_alone(
        self, admin_client: Client, task: RatioTask
    ) -> None:
        page = admin_client.get(part_url(task)).content.decode()
        assert f'href="{url(task)}"' in page
        assert part_url(task, "command", "start") not in page
        assert 'href="?edit=1"' not in page
        assert part_url(task, "delete") not in page

    def test_are_changed_with_their_ratio_task_only(
        self, admin_client: Client, task: RatioTask
    ) -> None:
        response = admin_client.get(part_url(task) + "?edit=1", follow=True)
        assert texts(response)[0].startswith("The task is a category of the ratio task Moods")

    def test_are_deleted_with_their_ratio_task_only(
        self, admin_client: Client, task: RatioTask
    ) -> None:
        page = admin_client.get(part_url(task, "delete")).content.decode()
        assert "Moods · good is a category of a ratio task; delete that one." in page
