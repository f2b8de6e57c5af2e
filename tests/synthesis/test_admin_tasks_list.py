from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils.text import capfirst
from pytest_django import DjangoAssertNumQueries

from synthesis.models import Run, SynthesisTask
from tests import factories

pytestmark = pytest.mark.django_db

LIST = reverse("admin:synthesis_synthesistask_changelist")
ROWS = reverse("admin:synthesis_synthesistask_rows")


def command_url(task: SynthesisTask, name: str) -> str:
    return reverse("admin:synthesis_synthesistask_command", args=[task.pk, name])


def page_url(task: SynthesisTask) -> str:
    return reverse("admin:synthesis_synthesistask_change", args=[task.pk])


def messages(response: Any) -> list[str]:
    """Read what the user is told, without rendering the page that tells it."""
    return [str(message) for message in get_messages(response.wsgi_request)]


def viewer(*codenames: str) -> Client:
    user = User.objects.create_user("viewer", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    ("language", "columns"),
    [
        ("en", ["Task name", "Template", "Status", "Progress", "Records", "Actions"]),
        ("zh-hans", ["任务名称", "模板", "状态", "进度", "生成数量", "操作"]),
    ],
)
def test_has_the_columns_of_the_guide(
    admin_client: Client, language: str, columns: list[str]
) -> None:
    factories.task()
    page = admin_client.get(LIST, headers={"Accept-Language": language}).content.decode()
    cells = re.findall(r'<td[^>]* data-label="([^"]+)"|<th[^>]* data-label="([^"]+)"', page)
    shown = [capfirst(first or second) for first, second in cells]
    assert [label for label in shown if label in columns] == columns


def test_shows_accepted_and_wanted_records(admin_client: Client) -> None:
    run = factories.run(factories.task(target_count=8))
    factories.records(4, of_run=run)
    page = admin_client.get(LIST).content.decode()
    assert "4/8" in page
    assert "50%" in page


def test_draws_a_bar_that_is_full_only_when_the_quota_is(admin_client: Client) -> None:
    factories.run(factories.task(target_count=4), accepted=2, duplicate=3, malformed=1)
    page = admin_client.get(LIST).content.decode()
    # 2 accepted + 3 duplicate + 1 malformed of 4 wanted + 4 wasted
    assert 'sy-bar-accepted" style="width:25.00%"' in page
    assert 'sy-bar-duplicate" style="width:37.50%"' in page
    assert 'sy-bar-malformed" style="width:12.50%"' in page
    assert "sy-bar-rejected" not in page


@pytest.mark.parametrize(
    ("status", "labels"),
    [
        ("pending", {"Pause", "Cancel run"}),
        ("running", {"Pause", "Cancel run", "Retry failed"}),
        ("paused", {"Resume", "Cancel run", "Retry failed"}),
        ("stalled", {"Resume", "Cancel run", "Retry failed", "Run again"}),
        ("failed", {"Resume", "Cancel run", "Retry failed", "Run again"}),
        ("completed", {"Run again"}),
        ("cancelled", {"Run again"}),
    ],
)
def test_offers_what_the_state_allows(admin_client: Client, status: str, labels: set[str]) -> None:
    factories.run(status=status)
    page = admin_client.get(LIST).content.decode()
    known = {"Start", "Pause", "Resume", "Cancel run", "Retry failed", "Run again"}
    assert {label for label in known if f'aria-label="{label}"' in page} == labels


def test_offers_a_start_for_a_draft(admin_client: Client) -> None:
    factories.task()
    assert 'aria-label="Start"' in admin_client.get(LIST).content.decode()


def test_needs_few_queries_whatever_the_rows(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _row in range(12):
        factories.run()
    with django_assert_max_num_queries(10):
        admin_client.get(LIST)


def test_polls_only_tasks_that_run(admin_client: Client) -> None:
    factories.run(status="completed")
    running = factories.run(status="running").task
    page = admin_client.get(LIST).content.decode()
    assert f'hx-get="{ROWS}?ids={running.pk}" hx-trigger="every 2s"' in page


def test_does_not_poll_when_nothing_runs(admin_client: Client) -> None:
    factories.run(status="completed")
    assert "every 2s" not in admin_client.get(LIST).content.decode()


def test_answers_286_once_every_polled_task_has_ended(admin_client: Client) -> None:
    run = factories.run(status="running")
    url = f"{ROWS}?ids={run.task_id}"
    assert admin_client.get(url).status_code == 200
    Run.objects.update(status="completed", accepted=10)
    answer = admin_client.get(url)
    assert answer.status_code == 286
    assert "10/10" in answer.content.decode()


def test_polls_with_one_query_beside_those_of_the_session(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    ids = [str(factories.run(status="running").task_id) for _row in range(5)]
    with django_assert_max_num_queries(3):
        admin_client.get(f"{ROWS}?ids={','.join(ids)}")


def test_ignores_polled_ids_that_are_no_numbers(admin_client: Client) -> None:
    assert admin_client.get(f"{ROWS}?ids=1;drop,x").content == b""


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=draft", {"draft one"}),
        ("status=failed", {"failed one"}),
        ("q=failed", {"failed one"}),
    ],
)
def test_filters_and_searches(admin_client: Client, query: str, found: set[str]) -> None:
    factories.task(name="draft one")
    factories.run(factories.task(name="failed one"), status="failed")
    tasks = admin_client.get(f"{LIST}?{query}").context["cl"].result_list
    assert {task.name for task in tasks} == found


def test_filters_by_template_and_type(admin_client: Client) -> None:
    summary = factories.template(type="summary")
    factories.task()
    task = factories.task(template=summary)
    for query in (
        f"template_version__template__id__exact={summary.pk}",
        "template_version__template__type__exact=summary",
    ):
        assert list(admin_client.get(f"{LIST}?{query}").context["cl"].result_list) == [task]


@pytest.mark.parametrize(
    ("before", "name", "after"),
    [
        ("running", "pause", "paused"),
        ("paused", "resume", "pending"),
        ("running", "cancel", "cancelled"),
        ("failed", "retry-failed", "pending"),
    ],
)
def test_carries_out_a_command(admin_client: Client, before: str, name: str, after: str) -> None:
    run = factories.run(status=before)
    admin_client.post(command_url(run.task, name))
    run.refresh_from_db()
    assert run.status == after


def test_starts_a_draft_and_runs_a_finished_task_again(admin_client: Client) -> None:
    task = factories.task()
    admin_client.post(command_url(task, "start"), follow=True)
    Run.objects.update(status="completed")
    response = admin_client.post(command_url(task, "rerun"), follow=True)
    assert task.runs.count() == 2
    assert messages(response) == ["Run 2 has started."]


def test_says_why_a_command_is_not_possible(admin_client: Client) -> None:
    run = factories.run(status="completed")
    response = admin_client.post(command_url(run.task, "pause"), follow=True)
    assert messages(response) == ["This is not possible while the run is “completed”."]


def test_says_that_a_draft_has_nothing_to_pause(admin_client: Client) -> None:
    response = admin_client.post(command_url(factories.task(), "pause"), follow=True)
    assert messages(response) == ["The task has not run yet. Start it first."]


def test_clones_a_task_as_a_draft(admin_client: Client) -> None:
    task = factories.task(name="original")
    url = reverse("admin:synthesis_synthesistask_clone", args=[task.pk])
    response = admin_client.post(url, follow=True)
    copy = SynthesisTask.objects.get(name="original (2)")
    assert copy.status == "draft"
    assert response.redirect_chain == [(page_url(copy), 302)]


@pytest.mark.parametrize("name", ["start", "pause", "resume", "retry-failed", "rerun"])
def test_changes_nothing_on_get(admin_client: Client, name: str) -> None:
    assert admin_client.get(command_url(factories.task(), name)).status_code == 405


def test_asks_before_it_cancels(admin_client: Client) -> None:
    run = factories.run(status="running")
    dialog = admin_client.get(command_url(run.task, "cancel")).content.decode()
    run.refresh_from_db()
    assert "the run cannot be resumed" in dialog
    assert run.status == "running"


def test_sends_a_dialog_back_to_the_page_it_was_opened_on(admin_client: Client) -> None:
    run = factories.run(status="running")
    address = f"http://testserver{LIST}?status=running"
    response = admin_client.post(
        command_url(run.task, "cancel"),
        headers={"HX-Request": "true", "HX-Current-URL": address},
    )
    assert response["HX-Redirect"] == address


def test_never_goes_back_to_a_stranger(admin_client: Client) -> None:
    run = factories.run(status="running")
    response = admin_client.post(
        command_url(run.task, "pause"), headers={"Referer": "https://elsewhere.example/"}
    )
    assert response["Location"] == page_url(run.task)


def test_needs_the_csrf_token() -> None:
    run = factories.run(status="running")
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("root"))
    assert client.post(command_url(run.task, "pause")).status_code == 403


def test_lets_a_viewer_look_and_nothing_else() -> None:
    run = factories.run(status="running")
    client = viewer("view_synthesistask")
    page = client.get(LIST).content.decode()
    assert "View details" in page
    assert 'aria-label="Pause"' not in page
    assert client.post(command_url(run.task, "pause")).status_code == 403
    clone = reverse("admin:synthesis_synthesistask_clone", args=[run.task_id])
    assert client.post(clone).status_code == 403


def test_shows_nothing_to_someone_without_permission() -> None:
    run = factories.run(status="running")
    client = viewer()
    for url in (f"{ROWS}?ids={run.task_id}", page_url(run.task), command_url(run.task, "cancel")):
        assert client.get(url).status_code == 403


def test_counts_what_a_deletion_takes_along(admin_client: Client) -> None:
    run = factories.run(status="completed")
    factories.records(3, of_run=run)
    url = reverse("admin:synthesis_synthesistask_delete", args=[run.task_id])
    context = admin_client.get(url).context
    assert dict(context["model_count"])["records"] == 3
    admin_client.post(url, {"post": "yes"})
    assert not SynthesisTask.objects.exists()


def test_does_not_delete_a_task_that_runs(admin_client: Client) -> None:
    run = factories.run(status="running")
    url = reverse("admin:synthesis_synthesistask_delete", args=[run.task_id])
    admin_client.post(url, {"post": "yes"})
    assert SynthesisTask.objects.exists()
