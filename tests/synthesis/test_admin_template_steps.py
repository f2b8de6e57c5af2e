"""Templates of several steps on the pages and in the API."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from synthesis import trial
from synthesis.admin import template_versions
from synthesis.models import PromptTemplate
from tests import api, factories
from tests.stub_vendor import StubVendor, failure
from tests.synthesis.engine.test_continuation import STEPS, ask, reply, two_steps
from tests.synthesis.test_admin_templates import errors, form
from tests.synthesis.test_admin_templates_exchange import exported, imported

pytestmark = pytest.mark.django_db


def template(**fields: Any) -> PromptTemplate:
    return factories.template(prompt="Ask {count} about {topic}.", steps=STEPS, **fields)


def test_the_form_keeps_steps(admin_client: Client) -> None:
    add = reverse("admin:synthesis_prompttemplate_add")
    assert 'x-data="stepsEditor"' in admin_client.get(add).content.decode()
    schema = json.dumps(factories.QA_SCHEMA)
    admin_client.post(add, form(output_schema=schema, steps=json.dumps(STEPS)))
    assert PromptTemplate.objects.get(name="Quiz").latest_version.steps == STEPS


@pytest.mark.any_database
def test_the_form_says_what_is_wrong_with_a_step(admin_client: Client) -> None:
    add = reverse("admin:synthesis_prompttemplate_add")
    steps = '[{"prompt": "x", "fields": ["score"]}]'
    response = admin_client.post(
        add, form(output_schema=json.dumps(factories.QA_SCHEMA), steps=steps)
    )
    assert errors(response)["steps"] == ["Step 2: the output schema has no field called score."]


@pytest.mark.any_database
def test_the_preview_shows_every_step(admin_client: Client) -> None:
    given = form(output_schema=json.dumps(factories.QA_SCHEMA), steps=json.dumps(STEPS))
    url = reverse("admin:synthesis_prompttemplate_preview")
    response = admin_client.post(url, given)
    sent = [step.messages[-1].content for step in response.context["prepared"]]
    assert [text.splitlines()[0] for text in sent] == [
        "Write 3 questions about {topic}.",
        "Answer: {question}",
    ]
    assert "Step 2" in response.content.decode()


def test_a_trial_runs_all_steps(stub_vendor: StubVendor) -> None:
    stub_vendor.set(count=1)
    names = ["json_schema", "seed"]
    model = factories.language_model(
        stub_vendor.openai_url, capabilities=names, input_price=1, output_price=1
    )
    result = trial.run(template(), {"topic": "tea"}, model, 1)
    [record] = result.records
    assert (list(record.content), record.problem) == (["question", "answer"], "")
    [later] = result.later
    assert later.prepared.messages[-1].content == f"Answer: {record.content['question']}"
    assert result.cost > later.cost > 0


def test_a_trial_says_what_a_later_step_did_not_bring(
    stub_vendor: StubVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub_vendor.set(count=1)
    model = factories.language_model(stub_vendor.openai_url, capabilities=["json_schema"])
    row = template()
    answer = stub_vendor.respond
    failed = failure(400, "bad_request", "No second step.")
    monkeypatch.setattr(
        stub_vendor, "respond", lambda asked: failed if stub_vendor.stats.ok else answer(asked)
    )
    result = trial.run(row, {"topic": "tea"}, model, 1)
    [record], [later] = result.records, result.later
    assert list(record.content) == ["question"]
    assert (record.problem, later.detail) == (str(later.advice), "HTTP 400: No second step.")


def test_the_pages_of_a_record_and_its_run_show_the_steps(admin_client: Client) -> None:
    run = two_steps()
    ask(run, {"question": "<b>Why?</b>"})
    reply(run, '{"answer": "So."}')
    page = reverse("admin:synthesis_record_change", args=[run.records.get().pk])
    html = admin_client.get(page).content.decode()
    assert "Answer: &lt;b&gt;Why?&lt;/b&gt;" in html
    assert html.count("Show the reply as it came") == 2
    page = reverse("admin:synthesis_run_change", args=[run.pk])
    assert "later step" in admin_client.get(page).content.decode()


@pytest.mark.any_database
def test_the_api_takes_and_gives_steps() -> None:
    client = api.editor()
    given = {
        "name": "Two steps",
        "prompt": "Ask {count}",
        "output_schema": factories.QA_SCHEMA,
        "steps": STEPS,
    }
    made = client.post("/api/v1/templates/", given).json()
    assert made["steps"] == STEPS
    shown = client.post(f"/api/v1/templates/{made['id']}/preview/", {}).json()
    [[message]] = shown["later_steps"]
    assert message["content"].startswith("Answer: {question}")


@pytest.mark.any_database
def test_a_file_of_templates_brings_steps_and_their_versions() -> None:
    row = template()
    text = exported(row)
    row.delete()
    assert imported(text).totals["new"] == 1
    again = PromptTemplate.objects.get(name=row.name)
    assert again.steps == again.latest_version.steps == STEPS


@pytest.mark.any_database
def test_the_versions_page_compares_steps() -> None:
    row = template()
    row.steps = [{"prompt": "Answer shortly: {question}", "fields": ["answer"]}]
    row.save()
    latest, _first = template_versions.changes(row)
    assert latest.lines[-2:] == [
        ("removed", "-Answer: {question}"),
        ("added", "+Answer shortly: {question}"),
    ]
