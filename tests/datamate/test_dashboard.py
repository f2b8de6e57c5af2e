from __future__ import annotations

import io
import tempfile
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from datamate import dashboard
from providers.models import LanguageModel
from synthesis.models import Batch, Call, PromptTemplate, Record, Run, SynthesisTask, Worker
from tests import factories

pytestmark = pytest.mark.django_db

HOME = reverse("admin:index")
BANNER = "No worker is running, so tasks wait."


def beat(age_seconds: float, role: str = Worker.Role.SUPERVISOR) -> Worker:
    now = timezone.now()
    return Worker.objects.create(
        role=role,
        host="here",
        pid=1,
        started_at=now,
        heartbeat_at=now - timedelta(seconds=age_seconds),
    )


def done() -> list[bool]:
    return [step["is_done"] for step in dashboard.onboarding()]


def call(cost: str | None, **fields: Any) -> Call:
    run = fields.pop("run", None) or factories.run()
    model = LanguageModel.objects.get(pk=run.mix[0]["language_model"])
    index = run.batches.count() + 1
    batch = Batch.objects.create(run=run, index=index, requested=1, seed=1, language_model=model)
    return Call.objects.create(
        **{
            "run": run,
            "batch": batch,
            "provider": model.provider,
            "language_model": model,
            "number": 1,
            "token": 1,
            "state": Call.State.STORED,
            "prompt_tokens": 100,
            "completion_tokens": 20,
            "cost": cost and Decimal(cost),
            "started_at": timezone.now(),
            **fields,
        }
    )


def clear() -> None:
    PromptTemplate.objects.all().delete()
    LanguageModel.objects.all().delete()


def test_first_step_is_open_in_an_empty_house() -> None:
    clear()
    assert done() == [False, False, False, False, False]


def test_steps_follow_the_data() -> None:
    clear()
    model = factories.language_model()
    template = factories.template()
    assert done() == [True, True, False, False, False]
    task = factories.task(model, template=template)
    assert done() == [True, True, True, False, False]
    factories.records(1, of_run=factories.run(task))
    assert done() == [True, True, True, True, False]


def test_a_disabled_model_or_template_is_no_step_done() -> None:
    clear()
    factories.language_model(is_enabled=False)
    factories.template(is_enabled=False)
    assert done()[:2] == [False, False]


@pytest.mark.parametrize("way", ["dataset", "task", "api", "command", "pipe"])
def test_every_way_to_export_ends_the_checklist(admin_client: Client, way: str) -> None:
    run = factories.run()
    factories.records(1, of_run=run)
    assert not done()[-1]
    export(way, run, admin_client)
    assert all(done())


def export(way: str, run: Run, client: Client) -> None:
    dataset = str(run.dataset_id)
    if way == "api":
        client.get(f"/api/v1/datasets/{dataset}/export/")
    elif way == "command":
        with tempfile.TemporaryDirectory() as folder:
            call_command("export_dataset", dataset, output=f"{folder}/out", stdout=io.StringIO())
    elif way == "pipe":
        call_command("export_dataset", dataset, output="-", stdout=io.StringIO())
    else:
        name, number = {
            "dataset": ("dataset", dataset),
            "task": ("synthesistask", run.task_id),
        }[way]
        client.get(reverse(f"admin:synthesis_{name}_download", args=[number, "jsonl"]))


def test_a_done_checklist_leaves_the_page(admin_client: Client) -> None:
    run = factories.run()
    factories.records(1, of_run=run)
    assert "Getting started" in admin_client.get(HOME).content.decode()
    run.dataset.mark_exported()
    assert "Getting started" not in admin_client.get(HOME).content.decode()


def test_every_step_leads_to_a_page(admin_client: Client) -> None:
    for step in dashboard.onboarding():
        assert admin_client.get(step["link"]).status_code == 200


def test_totals_equal_queries() -> None:
    run = factories.run(target_count=2)
    factories.records(3, of_run=run)
    Record.objects.write(
        [Record(dataset=run.dataset, run=run, content={"question": "?", "answer": 1})],
        dataset=run.dataset,
        run=run,
    )
    totals = dashboard.totals()
    for status in Record.Status.values:
        assert totals[status] == Record.objects.filter(status=status).count()
    assert totals["accepted"] == 2
    assert totals["tasks"] == SynthesisTask.objects.count()
    assert totals["active"] == 1


def test_sums_up_the_calls_of_this_month_by_currency() -> None:
    run = factories.run(factories.task(factories.language_model(currency="CNY")))
    call("0.25", run=run)
    call("0.5", run=run)
    call(None, run=run)
    call("1", started_at=timezone.now() - timedelta(days=40), run=run)
    month = dashboard.this_month()
    # Three calls of 100 + 20 tokens; 0.25 + 0.5, the third one's price is not known.
    assert (month["calls"], month["tokens"]) == (3, 360)
    assert month["costs"] == [("CNY", Decimal("0.75"))]


def test_shows_the_latest_tasks_with_their_progress(admin_client: Client) -> None:
    task = factories.task(name="Medical", target_count=4)
    factories.records(1, of_run=factories.run(task))
    html = admin_client.get(HOME).content.decode()
    assert "Medical" in html
    assert "1/4" in html
    assert "width: 25%" in html


def test_shows_what_the_latest_run_wants(admin_client: Client) -> None:
    run = factories.run(target_count=4)
    SynthesisTask.objects.update(target_count=9, latest_run=run)
    assert "0/4" in admin_client.get(HOME).content.decode()


def test_shows_a_ratio_task_once(admin_client: Client) -> None:
    factories.ratio_task({"green": 50, "black": 50}, name="Teas", total=9)
    response = admin_client.get("/admin/")
    assert [row["task"].name for row in response.context["latest_tasks"]] == ["Teas"]
    assert "0/9" in response.content.decode()
    assert dashboard.totals()["tasks"] == 0


def test_hostile_names_stay_text(admin_client: Client) -> None:
    factories.task(name="<script>alert(1)</script>")
    html = admin_client.get(HOME).content.decode()
    assert "<script>alert(1)</script>" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_warns_while_no_worker_runs(admin_client: Client) -> None:
    html = admin_client.get(HOME).content.decode()
    assert BANNER in html
    assert "manage.py synthesis_worker" in html


def test_warns_on_the_pages_of_tasks_too(admin_client: Client) -> None:
    page = reverse("admin:synthesis_synthesistask_changelist")
    assert BANNER in admin_client.get(page).content.decode()


def test_is_quiet_while_a_supervisor_beats(admin_client: Client) -> None:
    beat(5)
    assert BANNER not in admin_client.get(HOME).content.decode()


@pytest.mark.parametrize(("age", "role"), [(16, "supervisor"), (1, "runner")])
def test_an_old_beat_or_a_lone_runner_is_no_worker(age: int, role: str) -> None:
    beat(age, role)
    assert dashboard.worker_is_missing()


def test_the_login_page_says_nothing_about_workers(client: Client) -> None:
    assert BANNER not in client.get(reverse("admin:login")).content.decode()


def test_costs_a_bounded_number_of_queries(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(8):
        factories.run()
    with django_assert_max_num_queries(20):
        admin_client.get(HOME)


def test_renders_in_chinese(admin_client: Client) -> None:
    factories.run()
    response = admin_client.get(HOME, headers={"accept-language": "zh-hans"})
    assert response.status_code == 200
    assert 'lang="zh-hans"' in response.content.decode()
