"""Every command of a task in every state: its button, its words and its history."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import translation

from synthesis.admin.commands import COMMANDS, possible
from synthesis.models import Batch, Dataset, Run, SynthesisTask
from tests import factories
from tests.synthesis.test_admin_tasks_list import LIST, command_url, messages, page_url, viewer

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

CHINESE = {"Accept-Language": "zh-hans"}
STATUSES = [status.value for status in Run.Status]
# What a page offers, and whether the task may be edited there.
OFFERED = [
    ("draft", {"start"}, True),
    ("pending", {"pause", "cancel"}, False),
    ("running", {"pause", "cancel", "retry-failed"}, False),
    ("paused", {"resume", "cancel", "retry-failed"}, True),
    ("stalled", {"resume", "cancel", "retry-failed", "rerun"}, True),
    ("failed", {"resume", "cancel", "retry-failed", "rerun"}, True),
    ("completed", {"rerun"}, True),
    ("cancelled", {"rerun"}, True),
]
# The commands that a run refuses, with the state as it is named in the sentence.
REFUSED = [
    ("pause", "paused", "paused", "已暂停"),
    ("pause", "stalled", "stalled", "已停滞"),
    ("pause", "failed", "failed", "失败"),
    ("pause", "completed", "completed", "已完成"),
    ("pause", "cancelled", "cancelled", "已取消"),
    ("resume", "pending", "waiting", "等待中"),
    ("resume", "running", "running", "运行中"),
    ("resume", "completed", "completed", "已完成"),
    ("resume", "cancelled", "cancelled", "已取消"),
    ("cancel", "completed", "completed", "已完成"),
    ("cancel", "cancelled", "cancelled", "已取消"),
]


def in_state(status: str) -> SynthesisTask:
    if status == "draft":
        return factories.task()
    return factories.run(status=status, accepted=10 if status == "completed" else 0).task


def offered(task: SynthesisTask, html: str) -> set[str]:
    return {name for name in COMMANDS if command_url(task, name) in html}


@pytest.mark.parametrize(("status", "names", "editable"), OFFERED)
def test_the_page_and_its_poll_offer_what_the_state_allows(
    admin_client: Client, status: str, names: set[str], editable: bool
) -> None:
    task = in_state(status)
    html = admin_client.get(page_url(task)).content.decode()
    assert offered(task, html) == names
    poll = reverse("admin:synthesis_synthesistask_overview", args=[task.pk])
    assert offered(task, admin_client.get(poll).content.decode()) == names
    assert ('href="?edit=1"' in html) is editable


def test_offers_to_replace_what_a_completed_run_has_lost(admin_client: Client) -> None:
    task = factories.run(status="completed", accepted=8).task
    html = admin_client.get(page_url(task)).content.decode()
    assert offered(task, html) == {"top-up", "rerun"}
    assert "The run was complete; 2 records were rejected or removed since." in html
    admin_client.post(command_url(task, "top-up"))
    task.latest_run.refresh_from_db()
    assert task.latest_run.status == "pending"


@pytest.mark.parametrize(("status", "names", "_editable"), OFFERED)
def test_the_polled_row_offers_what_the_list_offers(
    admin_client: Client, status: str, names: set[str], _editable: bool
) -> None:
    task = in_state(status)
    rows = reverse("admin:synthesis_synthesistask_rows")
    polled = admin_client.get(f"{rows}?ids={task.pk}").content.decode()
    assert offered(task, polled) == names
    assert offered(task, admin_client.get(LIST).content.decode()) == names


@pytest.mark.parametrize("status", ["draft", *STATUSES])
def test_offers_a_deletion_exactly_when_it_is_not_refused(
    admin_client: Client, status: str
) -> None:
    task = in_state(status)
    delete = reverse("admin:synthesis_synthesistask_delete", args=[task.pk])
    is_offered = f'href="{delete}"' in admin_client.get(page_url(task)).content.decode()
    admin_client.post(delete, {"post": "yes"})
    assert is_offered is not SynthesisTask.objects.filter(pk=task.pk).exists()


@pytest.mark.parametrize("status", ["draft", *STATUSES])
def test_a_viewer_is_offered_no_command_in_any_state(status: str) -> None:
    task, client = in_state(status), viewer("view_synthesistask")
    for url in (page_url(task), LIST):
        html = client.get(url).content.decode()
        assert offered(task, html) == set()
        assert 'href="?edit=1"' not in html


@pytest.mark.parametrize("status", ["draft", *STATUSES])
def test_every_offered_command_is_carried_out(admin_client: Client, status: str) -> None:
    for command in possible(in_state(status)):
        task = in_state(status)
        response = admin_client.post(command_url(task, command.name))
        told = list(get_messages(response.wsgi_request))
        assert told[-1].level_tag == "success"


@pytest.mark.parametrize(("name", "status", "english", "chinese"), REFUSED)
def test_says_in_which_state_a_command_is_refused(
    admin_client: Client, name: str, status: str, english: str, chinese: str
) -> None:
    run = factories.run(status=status)
    response = admin_client.post(command_url(run.task, name))
    assert messages(response) == [f"This is not possible while the run is “{english}”."]
    response = admin_client.post(command_url(run.task, name), headers=CHINESE)
    assert f"“{chinese}”" in messages(response)[-1]
    run.refresh_from_db()
    assert run.status == status


@pytest.mark.parametrize("name", ["resume", "cancel", "retry-failed"])
def test_a_draft_has_no_run_for_a_command(admin_client: Client, name: str) -> None:
    response = admin_client.post(command_url(factories.task(), name))
    assert messages(response) == ["The task has not run yet. Start it first."]


@pytest.mark.parametrize("name", ["start", "rerun"])
@pytest.mark.parametrize("status", ["pending", "running"])
def test_a_task_that_runs_is_not_started_twice(
    admin_client: Client, status: str, name: str
) -> None:
    task = in_state(status)
    response = admin_client.post(command_url(task, name))
    sentence = "The task is still running. Cancel it, or wait until it ends."
    assert messages(response) == [sentence]
    assert task.runs.count() == 1


@pytest.mark.parametrize(
    ("status", "name", "sentence", "chinese"),
    [
        ("draft", "start", "Run 1 has started.", "执行"),
        (
            "running",
            "pause",
            "Paused. Calls in flight are still stored; no new ones start.",
            "暂停",
        ),
        ("paused", "resume", "The run goes on where it stopped.", "继续"),
        ("running", "cancel", "Cancelled. The records that were made are kept.", "取消"),
    ],
)
def test_says_what_a_command_did(
    admin_client: Client, status: str, name: str, sentence: str, chinese: str
) -> None:
    response = admin_client.post(command_url(in_state(status), name))
    assert messages(response) == [sentence]
    url = command_url(in_state(status), name)
    assert chinese in messages(admin_client.post(url, headers=CHINESE))[-1]


@pytest.mark.parametrize(
    ("failed", "sentence"),
    [
        (0, "No batch of this run has failed; there is nothing to retry."),
        (1, "1 failed batch is tried again."),
        (3, "3 failed batches are tried again."),
    ],
)
def test_counts_the_batches_that_are_tried_again(
    admin_client: Client, failed: int, sentence: str
) -> None:
    run = factories.run(status="failed")
    model = run.task.task_models.get().language_model
    for index in range(failed):
        Batch.objects.create(
            run=run, index=index + 1, requested=1, seed=1, language_model=model, state="failed"
        )
    response = admin_client.post(command_url(run.task, "retry-failed"))
    assert messages(response) == [sentence]


def test_an_unknown_command_is_not_found(admin_client: Client) -> None:
    task = factories.task()
    assert admin_client.post(command_url(task, "explode")).status_code == 404
    assert admin_client.post(command_url(task, "clone")).status_code == 404


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_a_command_knows_no_other_method(admin_client: Client, method: str) -> None:
    run = factories.run(status="running")
    response = getattr(admin_client, method)(command_url(run.task, "cancel"))
    assert response.status_code == 405
    run.refresh_from_db()
    assert run.status == "running"


@pytest.mark.parametrize("name", ["clone", "variables"])
def test_what_changes_something_is_a_post(admin_client: Client, name: str) -> None:
    arguments = [factories.task().pk] if name == "clone" else []
    url = reverse(f"admin:synthesis_synthesistask_{name}", args=arguments)
    response = admin_client.get(url)
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
    assert SynthesisTask.objects.count() == len(arguments)


# History


@pytest.mark.parametrize(
    ("status", "name", "label"),
    [
        ("draft", "start", "Start"),
        ("running", "pause", "Pause"),
        ("paused", "resume", "Resume"),
        ("running", "cancel", "Cancel run"),
        ("failed", "retry-failed", "Retry failed"),
        ("completed", "rerun", "Run again"),
    ],
)
def test_the_history_names_the_command(
    admin_client: Client, status: str, name: str, label: str
) -> None:
    task = in_state(status)
    admin_client.post(command_url(task, name))
    entry = LogEntry.objects.get(object_id=str(task.pk))
    assert (entry.action_flag, entry.change_message) == (CHANGE, label)
    history = reverse("admin:synthesis_synthesistask_history", args=[task.pk])
    assert label in admin_client.get(history).content.decode()


def test_a_refused_command_leaves_no_history(admin_client: Client) -> None:
    admin_client.post(command_url(in_state("completed"), "pause"))
    assert not LogEntry.objects.exists()


def test_a_clone_is_an_addition_of_the_copy(admin_client: Client) -> None:
    task = factories.task(name="first")
    url = reverse("admin:synthesis_synthesistask_clone", args=[task.pk])
    response = admin_client.post(url)
    entry = LogEntry.objects.get()
    copy = SynthesisTask.objects.exclude(pk=task.pk).get()
    assert (entry.object_id, entry.action_flag) == (str(copy.pk), ADDITION)
    assert messages(response) == ["This is a copy of first. Change what you want, then start it."]


# Dialogs and where they lead back to


def test_the_dialog_names_the_task_and_what_happens(admin_client: Client) -> None:
    task = in_state("running")
    url = command_url(task, "cancel")
    html = admin_client.get(url).content.decode()
    assert task.name in html
    assert f'hx-post="{url}"' in html
    with translation.override("zh-hans"):
        sentence = str(COMMANDS["cancel"].confirmation)
    assert sentence in admin_client.get(url, headers=CHINESE).content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "javascript:alert(1)",
        "http://testserver@elsewhere.example/",
        "",
    ],
)
def test_a_dialog_never_leads_to_a_stranger(admin_client: Client, address: str) -> None:
    task = in_state("running")
    headers = {"HX-Request": "true", "HX-Current-URL": address}
    response = admin_client.post(command_url(task, "cancel"), headers=headers)
    assert response.headers["HX-Redirect"] == page_url(task)


def test_a_button_leads_back_to_the_list_it_stood_in(admin_client: Client) -> None:
    came_from = f"http://testserver{LIST}?p=2&status=running"
    response = admin_client.post(
        command_url(in_state("running"), "pause"), headers={"Referer": came_from}
    )
    assert response.headers["Location"] == came_from


# Copying into a dataset


def copy_url(run: Run) -> str:
    return reverse("admin:synthesis_synthesistask_copy", args=[run.task_id])


def test_a_copy_says_how_many_were_new(admin_client: Client) -> None:
    run = factories.run(status="completed")
    factories.records(3, of_run=run)
    target = factories.dataset("target")
    given = {"existing_dataset": target.pk, "_form_submitted": "1"}
    admin_client.post(copy_url(run), given)
    response = admin_client.post(copy_url(run), given)
    assert messages(response) == [
        "3 records were copied to target; 0 were not new.",
        "0 records were copied to target; 3 were not new.",
    ]


@pytest.mark.parametrize(
    ("given", "field", "english", "chinese"),
    [
        (
            {"new_dataset": "  "},
            "existing_dataset",
            "Choose a dataset, or name a new one.",
            "请选择数据集，或填写新数据集的名称。",
        ),
        (
            {"new_dataset": "taken"},
            "new_dataset",
            "There is a dataset of this name already; choose it from the list.",
            "已有同名的数据集，请从列表中选择。",
        ),
    ],
)
def test_a_copy_that_is_not_clear_is_refused_in_both_languages(
    admin_client: Client, given: dict[str, str], field: str, english: str, chinese: str
) -> None:
    run = factories.run(status="completed")
    factories.dataset("taken")
    before = Dataset.objects.count()
    given = {**given, "_form_submitted": "1"}
    response = admin_client.post(copy_url(run), given)
    assert response.context["form"].errors == {field: [english]}
    response = admin_client.post(copy_url(run), given, headers=CHINESE)
    assert response.context["form"].errors == {field: [chinese]}
    assert Dataset.objects.count() == before
