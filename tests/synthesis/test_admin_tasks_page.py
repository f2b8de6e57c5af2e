from __future__ import annotations

import csv
import html
import io
import json
import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from providers.models import LanguageModel
from synthesis.models import Batch, Call, Dataset, Record, Run, SynthesisTask
from tests import factories
from tests.synthesis.test_admin_tasks_list import page_url, viewer

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> [go](javascript:alert(3))"


@pytest.fixture
def model() -> LanguageModel:
    return factories.language_model(input_price=Decimal(1), output_price=Decimal(2), currency="USD")


@pytest.fixture
def run(model: LanguageModel) -> Run:
    return factories.run(factories.task(model), status="running", started_at=timezone.now())


def call(run: Run, model: LanguageModel, state: str, **fields: Any) -> Call:
    """Enter one call of one batch of its own in the ledger."""
    batch = Batch.objects.create(
        run=run, index=run.batches.count() + 1, requested=10, seed=1, language_model=model
    )
    now = timezone.now()
    return Call.objects.create(
        **{
            "run": run,
            "batch": batch,
            "provider": model.provider,
            "language_model": model,
            "number": 1,
            "token": 1,
            "state": state,
            "started_at": now,
            "ended_at": now,
            **fields,
        }
    )


def url(name: str, run: Run, *more: Any) -> str:
    return reverse(f"admin:synthesis_synthesistask_{name}", args=[run.task_id, *more])


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def test_shows_numbers_that_equal_queries(
    admin_client: Client, run: Run, model: LanguageModel
) -> None:
    factories.records(4, of_run=run)
    factories.records(1, of_run=run, status="malformed")
    call(run, model, "stored", prompt_tokens=100, completion_tokens=50, cost=Decimal("0.0002"))
    call(
        run,
        model,
        "stored",
        number=2,
        prompt_tokens=10,
        completion_tokens=5,
        cost=Decimal("0.0001"),
    )
    call(run, model, "failed", error_code="rate_limited")
    context = admin_client.get(page_url(run.task)).context
    assert context["run"].made == Record.objects.filter(run=run).count() == 5
    assert context["run"].accepted == Record.objects.accepted().filter(run=run).count() == 4
    assert context["run"].failed == 1
    assert context["run"].success_rate == 0.8
    assert context["calls"]["calls"] == Call.objects.filter(run=run).count() == 3
    assert context["calls"]["retried"] == 1
    assert context["calls"]["prompt_tokens"] == 110
    assert context["calls"]["costs"] == {"USD": Decimal("0.0003")}
    assert context["unit_costs"] == {"USD": Decimal("0.0003") / 4}


def test_shows_results_that_add_up(admin_client: Client) -> None:
    run = factories.run(
        factories.task(target_count=5),
        status="completed",
        **{"accepted": 5, "surplus": 2, "duplicate": 1, "malformed": 1, "rejected": 1},
    )
    page = admin_client.get(page_url(run.task)).content.decode()
    stat = r"<div><div>([^<]+)</div><div class=\"sy-stat-number[^>]*>([^<]+)</div></div>"
    # 10 = 5 + 2 + 3, and (5 + 2) / 10 are good
    assert re.findall(stat, page)[:5] == [
        ("Total generated", "10"),
        ("Succeeded", "5"),
        ("Surplus", "2"),
        ("Failed", "3"),
        ("Success rate", "70.0%"),
    ]
    assert "Total = succeeded + surplus + failed." in page


def test_groups_failures_with_what_to_do(
    admin_client: Client, run: Run, model: LanguageModel
) -> None:
    for _call in range(2):
        call(run, model, "failed", error_code="rate_limited", error_detail="slow <b>down</b>")
    call(run, model, "failed", error_code="authentication")
    response = admin_client.get(page_url(run.task))
    failures = response.context["failures"]
    assert [(row["error_code"], row["total"]) for row in failures] == [
        ("rate_limited", 2),
        ("authentication", 1),
    ]
    assert html.escape(str(failures[0]["advice"])) in response.content.decode()
    assert "slow &lt;b&gt;down&lt;/b&gt;" in response.content.decode()


def test_says_in_words_why_a_run_stopped(admin_client: Client, run: Run) -> None:
    run.stop("stalled", "low_acceptance")
    page = admin_client.get(page_url(run.task)).content.decode()
    assert "Hardly any new record was accepted lately: of 0 made" in page


def test_lists_runs_with_their_calls_and_costs(
    admin_client: Client, run: Run, model: LanguageModel
) -> None:
    call(run, model, "stored", cost=Decimal("0.5"))
    Run.objects.update(status="completed")
    run.task.refresh_from_db()
    run.task.start()
    rows = admin_client.get(page_url(run.task)).context["runs"]
    assert [(row["run"].number, row["calls"], row["costs"]) for row in rows] == [
        (2, 0, {}),
        (1, 1, {"USD": Decimal("0.5")}),
    ]


def test_writes_lists_of_values_as_prompts_do(admin_client: Client, run: Run) -> None:
    SynthesisTask.objects.update(values={"topic": ["茶", "米饭"]})
    assert "茶、米饭</dd>" in admin_client.get(page_url(run.task)).text


def test_tells_that_the_template_was_modified_since(admin_client: Client, run: Run) -> None:
    template = run.task.template_version.template
    template.prompt += " Be brief."
    template.save()
    page = admin_client.get(page_url(run.task)).content.decode()
    assert "modified since: version 2" in page


def test_needs_few_queries_whatever_the_records(
    admin_client: Client,
    run: Run,
    model: LanguageModel,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    factories.records(25, of_run=run)
    for _call in range(5):
        call(run, model, "failed", error_code="unavailable")
    with django_assert_max_num_queries(17):  # PostgreSQL is asked for its clock besides
        admin_client.get(page_url(run.task))


def test_shows_a_draft(admin_client: Client) -> None:
    page = admin_client.get(page_url(factories.task())).content.decode()
    assert "No record yet." in page
    assert "Start" in page
    assert "every 2s" not in page


def test_polls_until_the_run_has_ended(admin_client: Client, run: Run) -> None:
    fragment = admin_client.get(url("overview", run))
    assert fragment.status_code == 200
    assert 'hx-trigger="every 2s"' in fragment.content.decode()
    Run.objects.update(status="completed")
    last = admin_client.get(url("overview", run))
    assert last.status_code == 286
    assert "every 2s" not in last.content.decode()
    assert last["HX-Trigger"] == "records-made"


def test_polls_on_while_answers_come_in_after_a_stop(
    admin_client: Client, run: Run, model: LanguageModel
) -> None:
    call(run, model, "started")
    Batch.objects.update(state="running")
    Run.objects.update(status="cancelled")
    fragment = admin_client.get(url("overview", run))
    assert (fragment.status_code, fragment["HX-Trigger"]) == (200, "records-come")
    Batch.objects.update(state="done")
    assert admin_client.get(url("overview", run)).status_code == 286


def test_loads_records_that_come_until_the_page_is_full(admin_client: Client, run: Run) -> None:
    Run.objects.update(target_count=100)
    factories.records(19, of_run=run)
    assert "records-come from:body" in admin_client.get(url("records", run)).text
    factories.records(1, of_run=run)
    assert "records-come from:body" not in admin_client.get(url("records", run)).text


def test_previews_the_newest_accepted_records(admin_client: Client, run: Run) -> None:
    Run.objects.update(target_count=100)
    made = factories.records(25, of_run=run)
    factories.records(1, of_run=run, status="malformed")
    records = admin_client.get(url("records", run)).context["records"]
    assert [record.pk for record in records] == [record.pk for record in reversed(made[5:])]


def test_escapes_what_a_model_wrote(admin_client: Client, run: Run) -> None:
    record = Record(
        dataset=run.dataset, run=run, content={HOSTILE: HOSTILE, "question": "Q", "answer": "A"}
    )
    Record.objects.write([record], dataset=run.dataset, run=run)
    Run.objects.update(reason_code="authentication", reason_detail=HOSTILE)
    for address in (page_url(run.task), url("records", run), url("overview", run)):
        page = admin_client.get(address).content.decode()
        assert "<script>alert(1)" not in page
        assert "<img src=x" not in page
        assert 'href="javascript:' not in page
        assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("format", ["json", "jsonl", "csv"])
def test_downloads_the_accepted_records(admin_client: Client, run: Run, format: str) -> None:
    factories.records(3, of_run=run)
    factories.records(1, of_run=run, status="malformed")
    wanted = list(Record.objects.accepted().order_by("pk").values_list("content", flat=True))
    response = admin_client.get(url("download", run, format))
    assert read(body(response), format) == wanted
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["X-Content-Type-Options"] == "nosniff"


def read(data: bytes, format: str) -> list[Any]:
    text = data.decode("utf-8-sig")
    if format == "json":
        return json.loads(text)
    if format == "jsonl":
        return [json.loads(line) for line in text.splitlines()]
    return list(csv.DictReader(io.StringIO(text)))


def test_downloads_rejected_records_too_when_asked(admin_client: Client, run: Run) -> None:
    factories.records(2, of_run=run)
    factories.records(1, of_run=run, status="malformed")
    response = admin_client.get(f"{url('download', run, 'json')}?records=all")
    assert len(json.loads(body(response))) == 3


def test_downloads_only_the_records_of_the_task(admin_client: Client, run: Run) -> None:
    factories.records(2, of_run=run)
    factories.records(2, into=run.dataset)
    response = admin_client.get(url("download", run, "json"))
    assert len(json.loads(body(response))) == 2


def test_neutralises_formulas_in_tables(admin_client: Client, run: Run) -> None:
    record = Record(dataset=run.dataset, run=run, content={"question": "=1+1", "answer": "@x"})
    Record.objects.write([record], dataset=run.dataset, run=run)
    assert b"'=1+1,'@x" in body(admin_client.get(url("download", run, "csv")))


def test_knows_no_other_formats(admin_client: Client, run: Run) -> None:
    assert admin_client.get(url("download", run, "exe")).status_code == 404


def test_copies_accepted_records_to_a_new_dataset(admin_client: Client, run: Run) -> None:
    factories.records(3, of_run=run)
    response = admin_client.post(
        url("copy", run), {"_form_submitted": "True", "new_dataset": "elsewhere"}, follow=True
    )
    copies = Record.objects.filter(dataset__name="elsewhere")
    assert copies.accepted().count() == 3
    assert not copies.exclude(run=None).exists()
    assert [str(text) for text in response.context["messages"]] == [
        "3 records were copied to elsewhere; 0 were not new."
    ]


def test_judges_copies_by_what_the_dataset_holds(admin_client: Client, run: Run) -> None:
    factories.records(3, of_run=run)
    data = {"_form_submitted": "True", "existing_dataset": factories.dataset("other").pk}
    admin_client.post(url("copy", run), data)
    admin_client.post(url("copy", run), data)
    copies = Dataset.objects.get(name="other").records
    assert copies.accepted().count() == 3
    assert copies.filter(status="duplicate").count() == 3


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Choose a dataset, or name a new one."),
        ({"new_dataset": "known"}, "There is a dataset of this name already"),
    ],
)
def test_says_what_is_wrong_with_the_dataset(
    admin_client: Client, run: Run, data: dict[str, str], sentence: str
) -> None:
    factories.dataset("known")
    response = admin_client.post(url("copy", run), {"_form_submitted": "True", **data})
    assert sentence in response.content.decode()


def test_asks_for_the_dataset_first(admin_client: Client, run: Run) -> None:
    assert 'id="dialog"' in admin_client.get(url("copy", run)).content.decode()


def test_needs_permission_to_write_records_for_a_copy(run: Run) -> None:
    client = viewer("view_synthesistask")
    data = {"_form_submitted": "True", "new_dataset": "elsewhere"}
    assert client.post(url("copy", run), data).status_code == 403
    assert client.get(page_url(run.task)).status_code == 200
    assert client.get(url("download", run, "json")).status_code == 200


@pytest.mark.parametrize("name", ["overview", "records", "download"])
def test_shows_nothing_without_permission(run: Run, name: str) -> None:
    more = ("json",) if name == "download" else ()
    assert viewer().get(url(name, run, *more)).status_code == 403


def test_does_not_know_tasks_that_are_gone(admin_client: Client) -> None:
    missing = reverse("admin:synthesis_synthesistask_change", args=[999])
    assert admin_client.get(missing).status_code == 404
    assert admin_client.post(missing).status_code == 404


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ["Task configuration", "Runs", "Results", "Total generated", "Succeeded", "View data"],
        ),
        (
            "zh-hans",
            [
                "任务配置",
                "执行记录",
                "生成结果",
                "总生成数量",
                "成功数量",
                "失败数量",
                "成功率",
                "查看数据",
                "导出到数据集",
            ],
        ),
    ],
)
def test_says_what_the_guide_says(
    admin_client: Client, run: Run, language: str, words: list[str]
) -> None:
    page = admin_client.get(page_url(run.task), headers={"Accept-Language": language})
    text = page.content.decode()
    assert [word for word in words if word not in text] == []
