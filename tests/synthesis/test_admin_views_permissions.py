"""Who may open or do what: a stranger, staff without a permission, and with exactly one."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from synthesis.models import Dataset, PromptTemplate, Record, Run, SynthesisTask
from tests import factories
from tests.synthesis.test_admin_tasks_list import viewer
from tests.synthesis.test_admin_tasks_page import call

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

LISTS = ("synthesistask", "prompttemplate", "run", "record", "dataset")
# The view, its method, the arguments beside the row, and the permissions that it needs.
TASK_VIEWS = [
    ("change", "get", (), ["view_synthesistask"]),
    ("change", "head", (), ["view_synthesistask"]),
    ("overview", "get", (), ["view_synthesistask"]),
    ("records", "get", (), ["view_synthesistask"]),
    ("history", "get", (), ["view_synthesistask"]),
    ("download", "get", ("jsonl",), ["view_synthesistask"]),
    ("clone", "post", (), ["view_synthesistask", "add_synthesistask"]),
    ("copy", "get", (), ["view_synthesistask", "add_record"]),
    ("command", "post", ("pause",), ["change_synthesistask"]),
    ("command", "get", ("cancel",), ["change_synthesistask"]),
    ("delete", "get", (), ["delete_synthesistask"]),
]
TEMPLATE_VIEWS = [
    ("change", "get", (), ["view_prompttemplate"]),
    ("versions", "get", (), ["view_prompttemplate"]),
    ("history", "get", (), ["view_prompttemplate"]),
    ("restore", "post", (1,), ["change_prompttemplate"]),
    ("try_it", "get", (), ["change_prompttemplate"]),
    ("duplicate", "post", (), ["add_prompttemplate"]),
    ("create_task", "get", (), ["add_synthesistask"]),
    ("delete", "get", (), ["delete_prompttemplate"]),
]
DATASET_VIEWS = [
    ("change", "get", (), ["view_dataset"]),
    ("history", "get", (), ["view_dataset"]),
    ("download", "get", ("csv",), ["view_dataset"]),
    ("delete", "get", (), ["delete_dataset"]),
]
EVERY_VIEW = [
    (kind, *row)
    for kind, rows in (
        ("synthesistask", TASK_VIEWS),
        ("prompttemplate", TEMPLATE_VIEWS),
        ("dataset", DATASET_VIEWS),
    )
    for row in rows
]


@pytest.fixture
def run() -> Run:
    run = factories.run(status="running")
    factories.records(2, of_run=run)
    return run


def url_of(run: Run, kind: str, name: str, more: tuple[Any, ...]) -> str:
    rows = {
        "synthesistask": run.task_id,
        "prompttemplate": run.template_version.template_id,
        "dataset": run.dataset_id,
    }
    return reverse(f"admin:synthesis_{kind}_{name}", args=[rows[kind], *more])


def grant(user: User, *codenames: str) -> None:
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))


@pytest.mark.parametrize(("kind", "name", "method", "more", "needed"), EVERY_VIEW)
def test_sends_whoever_is_not_staff_to_the_login_and_back(
    client: Client, run: Run, kind: str, name: str, method: str, more: Any, needed: list[str]
) -> None:
    url = url_of(run, kind, name, more)
    customer = Client()
    customer.force_login(User.objects.create_user("customer"))
    for stranger in (client, customer):
        response = getattr(stranger, method)(url)
        assert response.status_code == 302
        assert response.headers["Location"] == f"{reverse('admin:login')}?next={url}"


@pytest.mark.parametrize(("kind", "name", "method", "more", "needed"), EVERY_VIEW)
def test_lets_staff_in_that_has_every_permission_and_no_other(
    run: Run, kind: str, name: str, method: str, more: Any, needed: list[str]
) -> None:
    url = url_of(run, kind, name, more)
    client = viewer()
    user = User.objects.get(username="viewer")
    for left_out in needed:
        others = [codename for codename in needed if codename != left_out]
        grant(user, *others)
        assert getattr(client, method)(url).status_code == 403
    grant(user, "view_prompttemplate", "view_synthesistask", *needed)
    assert getattr(client, method)(url).status_code in (200, 302)


@pytest.mark.parametrize("kind", LISTS)
def test_shows_a_list_to_its_viewers_only(run: Run, kind: str) -> None:
    url = reverse(f"admin:synthesis_{kind}_changelist")
    client = viewer(*(f"view_{other}" for other in LISTS if other != kind))
    assert client.get(url).status_code == 403
    grant(User.objects.get(username="viewer"), f"view_{kind}")
    assert client.get(url).status_code == 200


@pytest.mark.parametrize("kind", ["synthesistask", "prompttemplate", "dataset"])
def test_a_viewer_of_everything_deletes_nothing(run: Run, kind: str) -> None:
    client = viewer(*(f"view_{name}" for name in LISTS))
    models = {"synthesistask": SynthesisTask, "prompttemplate": PromptTemplate, "dataset": Dataset}
    before = models[kind].objects.count()
    response = client.post(url_of(run, kind, "delete", ()), {"post": "yes"})
    assert response.status_code == 403
    given = {"action": "delete_selected", "_selected_action": [1], "post": "yes"}
    client.post(reverse(f"admin:synthesis_{kind}_changelist"), given)
    assert models[kind].objects.count() == before


def test_a_refused_command_leaves_the_run_as_it_was(run: Run) -> None:
    client = viewer("view_synthesistask", "add_synthesistask", "delete_synthesistask")
    for name in ("pause", "cancel", "retry-failed", "start"):
        url = reverse("admin:synthesis_synthesistask_command", args=[run.task_id, name])
        assert client.post(url).status_code == 403
    run.refresh_from_db()
    assert (run.status, run.task.runs.count()) == ("running", 1)


def test_a_refused_copy_makes_no_dataset(run: Run) -> None:
    client = viewer("view_synthesistask", "change_synthesistask", "add_dataset")
    url = reverse("admin:synthesis_synthesistask_copy", args=[run.task_id])
    assert client.post(url, {"new_dataset": "stolen"}).status_code == 403
    assert not Dataset.objects.filter(name="stolen").exists()


def test_a_task_viewer_reads_neither_the_records_page_nor_the_ledger(run: Run) -> None:
    client = viewer("view_synthesistask")
    made = call(run, run.task.task_models.get().language_model, "stored")
    record = Record.objects.filter(run=run).first()
    for name, arguments in (
        ("record_change", [record.pk]),
        ("run_change", [run.pk]),
        ("run_call", [run.pk, made.pk]),
    ):
        assert client.get(reverse(f"admin:synthesis_{name}", args=arguments)).status_code == 403


@pytest.mark.parametrize(
    ("codename", "is_offered"), [("add_synthesistask", True), ("change_synthesistask", False)]
)
def test_offers_a_clone_to_those_who_may_make_one(
    run: Run, codename: str, is_offered: bool
) -> None:
    client = viewer("view_synthesistask", codename)
    for url in (
        reverse("admin:synthesis_synthesistask_changelist"),
        f"{reverse('admin:synthesis_synthesistask_rows')}?ids={run.task_id}",
        url_of(run, "synthesistask", "change", ()),
    ):
        page = client.get(url).content.decode()
        assert (url_of(run, "synthesistask", "clone", ()) in page) is is_offered


@pytest.mark.parametrize(("codename", "is_offered"), [("add_record", True), ("add_dataset", False)])
def test_offers_a_copy_to_those_who_may_add_records(
    run: Run, codename: str, is_offered: bool
) -> None:
    page = viewer("view_synthesistask", codename).get(url_of(run, "synthesistask", "records", ()))
    assert (url_of(run, "synthesistask", "copy", ()) in page.content.decode()) is is_offered


def test_copies_into_datasets_that_exist_where_none_may_be_added(run: Run) -> None:
    client = viewer("view_synthesistask", "add_record")
    url, given = url_of(run, "synthesistask", "copy", ()), {"_form_submitted": "1"}
    response = client.post(url, {**given, "new_dataset": "mine"})
    assert response.context["form"].errors == {"existing_dataset": ["This field is required."]}
    assert not Dataset.objects.filter(name="mine").exists()
    other = factories.dataset()
    client.post(url, {**given, "existing_dataset": other.pk})
    assert Record.objects.filter(dataset=other).count() == 2


@pytest.mark.parametrize("codename", ["view_record", "delete_record", "view_dataset"])
def test_only_an_editor_of_records_changes_one(run: Run, codename: str) -> None:
    record = Record.objects.filter(run=run).first()
    url = reverse("admin:synthesis_record_change", args=[record.pk])
    given = {"content": '{"question": "Mine?", "answer": "Mine."}'}
    assert viewer(codename).post(url, given).status_code == 403
    record.refresh_from_db()
    assert record.content["question"] != "Mine?"


def test_an_editor_of_records_changes_one(run: Run) -> None:
    record = Record.objects.filter(run=run).first()
    url = reverse("admin:synthesis_record_change", args=[record.pk])
    given = {"content": '{"question": "Mine?", "answer": "Mine."}'}
    viewer("view_record", "change_record").post(url, given)
    record.refresh_from_db()
    assert record.content["question"] == "Mine?"


@pytest.mark.parametrize("codename", ["add_run", "change_run", "delete_run"])
def test_no_permission_lets_anyone_write_a_run(run: Run, codename: str) -> None:
    client = viewer("view_run", codename)
    page = reverse("admin:synthesis_run_change", args=[run.pk])
    assert client.get(page).status_code == 200
    assert client.get(reverse("admin:synthesis_run_add")).status_code == 403
    delete = reverse("admin:synthesis_run_delete", args=[run.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(
    ("codename", "status"),
    [("view_synthesistask", 403), ("add_synthesistask", 200), ("change_synthesistask", 200)],
)
def test_shows_the_inputs_of_a_template_to_those_with_a_form(
    run: Run, codename: str, status: int
) -> None:
    url = reverse("admin:synthesis_synthesistask_variables")
    given = {"template": run.template_version.template_id}
    assert viewer(codename).post(url, given).status_code == status


@pytest.mark.parametrize(("codename", "status"), [("view_run", 403), ("view_prompttemplate", 200)])
def test_previews_for_viewers_of_templates(codename: str, status: int) -> None:
    url = reverse("admin:synthesis_prompttemplate_preview")
    assert viewer(codename).post(url, {"prompt": "Hi"}).status_code == status


def test_a_deactivated_user_is_out_at_once(run: Run) -> None:
    client = viewer("view_synthesistask")
    url = url_of(run, "synthesistask", "change", ())
    assert client.get(url).status_code == 200
    User.objects.filter(username="viewer").update(is_active=False)
    assert client.get(url).status_code == 302
