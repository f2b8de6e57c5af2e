"""What a model, a vendor or a user wrote stays text on every page that shows it."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from synthesis.models import Batch, Record, Run, SynthesisTask
from tests import factories
from tests.synthesis.test_admin_tasks_page import call

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

MARK = "zzhostile"
TEXTS = {
    "script": f"<script>{MARK}()</script>",
    "image": f"<img src=x onerror={MARK}()>",
    "attribute": f'" onmouseover="{MARK}()" x=\'',
    "comment": f"--><b class={MARK}>",
    "closing": f"</pre></textarea></title><b class={MARK}>",
    "template": "{% load nothing %}{{ request.user.password }}" + f"<b class={MARK}>",
}


class Intruder(HTMLParser):
    """Finds the mark wherever a browser would act on it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        for name, value in values.items():
            is_live = name.startswith("on") or name == "class" or name in {"href", "src"}
            if MARK in name or (is_live and MARK in (value or "")):
                self.found.append(f"<{tag} {name}>")
        self.in_script = tag == "script" and values.get("type") != "application/json"

    def handle_data(self, data: str) -> None:
        if getattr(self, "in_script", False) and MARK in data:
            self.found.append("<script>")

    def handle_endtag(self, tag: str) -> None:
        self.in_script = False

    def handle_comment(self, data: str) -> None:
        if MARK in data:
            self.found.append("<!---->")


@pytest.fixture(params=list(TEXTS))
def text(request: pytest.FixtureRequest) -> str:
    return TEXTS[request.param]


@pytest.fixture
def run(text: str) -> Run:
    """Return a run that wrote, failed and is named with the hostile text throughout."""
    provider = factories.provider(name=f"P {text}")
    model = factories.language_model(provider=provider, name=f"m {text}", label=text)
    template = factories.template(name=f"T {text}", description=text)
    task = factories.task(
        model,
        template=template,
        name=f"N {text}",
        description=text,
        values={"topic": text},
        dataset=factories.dataset(f"D {text}"),
    )
    run = factories.run(task, status="failed", reason_code="authentication", reason_detail=text)
    call(run, model, "failed", error_code="authentication", error_detail=text, request_id=text[:60])
    call(run, model, "stored", response=json.dumps({"text": text}).encode())
    Batch.objects.update(error_code="authentication", error_detail=text, values={"topic": text})
    return run


def records(run: Run, text: str) -> list[Record]:
    batch = run.batches.first()
    rows = [
        {"content": {"question": text, "answer": text, text: [text, {text: 1}]}},
        {
            "raw": text,
            "content": None,
            "status": "malformed",
            "findings": [{"check": "schema", "code": "invalid", "detail": text}],
        },
    ]
    made = [
        Record(dataset=run.dataset, run=run, batch=batch, position=position, **row)
        for position, row in enumerate(rows)
    ]
    return Record.objects.write(made, dataset=run.dataset, run=run)


def intruders(client: Client, url: str) -> list[str]:
    response = client.get(url)
    assert response.status_code in (200, 286)
    html = response.content.decode()
    assert MARK in html
    return Intruder(html).found


def test_the_finder_finds_what_is_not_escaped() -> None:
    for raw in ("script", "image", "comment", "closing", "template"):
        assert Intruder(f"<p>{TEXTS[raw]}</p>").found
    assert Intruder(f"""<p title="{TEXTS["attribute"]}'></p>""").found


def test_lists_show_text(admin_client: Client, run: Run, text: str) -> None:
    records(run, text)
    for kind in ("synthesistask", "prompttemplate", "run", "record", "dataset"):
        assert intruders(admin_client, reverse(f"admin:synthesis_{kind}_changelist")) == []
    for kind in ("provider", "languagemodel"):
        assert intruders(admin_client, reverse(f"admin:providers_{kind}_changelist")) == []


def test_pages_of_a_task_show_text(admin_client: Client, run: Run, text: str) -> None:
    records(run, text)
    for page in ("change", "overview", "records", "delete", "history"):
        url = reverse(f"admin:synthesis_synthesistask_{page}", args=[run.task_id])
        assert intruders(admin_client, url) == []


def test_the_forms_of_a_task_show_text(admin_client: Client, run: Run) -> None:
    edit = reverse("admin:synthesis_synthesistask_change", args=[run.task_id]) + "?edit=1"
    cancel = reverse("admin:synthesis_synthesistask_command", args=[run.task_id, "cancel"])
    copy = reverse("admin:synthesis_synthesistask_copy", args=[run.task_id])
    for url in (edit, cancel, copy):
        assert intruders(admin_client, url) == []


def test_the_polled_row_shows_text(admin_client: Client, run: Run) -> None:
    rows = reverse("admin:synthesis_synthesistask_rows")
    html = admin_client.get(f"{rows}?ids={run.task_id}").content.decode()
    assert Intruder(html).found == []


def test_the_pages_of_a_run_show_text(admin_client: Client, run: Run) -> None:
    assert intruders(admin_client, reverse("admin:synthesis_run_change", args=[run.pk])) == []
    for made in run.calls.all():
        url = reverse("admin:synthesis_run_call", args=[run.pk, made.pk])
        assert intruders(admin_client, url) == []


def test_the_pages_of_a_record_show_text(admin_client: Client, run: Run, text: str) -> None:
    for record in records(run, text):
        for page in ("change", "delete"):
            url = reverse(f"admin:synthesis_record_{page}", args=[record.pk])
            assert Intruder(admin_client.get(url).content.decode()).found == []


def test_the_page_of_a_dataset_shows_text(admin_client: Client, run: Run, text: str) -> None:
    records(run, text)
    url = reverse("admin:synthesis_dataset_change", args=[run.dataset_id])
    assert intruders(admin_client, url) == []


def test_the_dashboard_shows_text(admin_client: Client, run: Run) -> None:
    assert intruders(admin_client, reverse("admin:index")) == []


def test_a_message_shows_text(admin_client: Client, run: Run) -> None:
    url = reverse("admin:synthesis_synthesistask_clone", args=[run.task_id])
    response = admin_client.post(url, follow=True)
    assert MARK in str(next(iter(response.context["messages"])))
    assert Intruder(response.content.decode()).found == []
    assert SynthesisTask.objects.count() == 2


def test_a_download_is_never_shown_by_the_browser(
    admin_client: Client, run: Run, text: str
) -> None:
    records(run, text)
    for kind, pk in (("dataset", run.dataset_id), ("synthesistask", run.task_id)):
        for format in ("json", "jsonl", "csv"):
            url = reverse(f"admin:synthesis_{kind}_download", args=[pk, format])
            headers: Any = admin_client.get(url).headers
            assert headers["Content-Disposition"].startswith("attachment; filename")
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert "html" not in headers["Content-Type"]
