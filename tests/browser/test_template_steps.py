"""The cards over a template's later steps, and the coverage that a run's page loads."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from synthesis.models import PromptTemplate
from tests import factories
from tests.synthesis.engine.outcomes import running

pytestmark = [
    pytest.mark.browser,
    pytest.mark.any_database,
    pytest.mark.django_db(transaction=True),
]


def test_a_step_is_added_previewed_and_saved(open_page: Callable[..., Page]) -> None:
    template = factories.template()
    page = open_page(reverse("admin:synthesis_prompttemplate_change", args=[template.pk]))
    page.get_by_text("Prompt", exact=True).first.click()
    page.get_by_role("button", name="+ Add a step").click()
    card = page.locator(".dm-card")
    card.get_by_label("Prompt; it may use").fill("Answer: {question}")
    card.get_by_label("Fields of the output schema").fill("answer")
    expect(page.locator("#preview-output")).to_contain_text("Answer: {question}")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("body")).to_contain_text("was changed successfully")
    saved = PromptTemplate.objects.get().steps
    assert saved == [{"prompt": "Answer: {question}", "fields": ["answer"]}]


def test_a_run_shows_its_coverage_when_asked(open_page: Callable[..., Page]) -> None:
    topics = [{"name": "topic", "type": "list", "default": ["green tea"]}]
    run = running(template=factories.template(variables=topics))
    page = open_page(reverse("admin:synthesis_run_change", args=[run.pk]))
    page.get_by_text("Records planned, made and accepted").click()
    expect(page.get_by_role("row", name="green tea 10 0 0")).to_be_visible()
