"""A task from a source as its user makes it, from the form to the record beside its source."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from synthesis.models import Run, SynthesisTask
from tests import factories
from tests.stub_vendor import StubVendor
from tests.synthesis.engine.serving import serve_until_ended

pytestmark = [
    pytest.mark.browser,
    pytest.mark.any_database,
    pytest.mark.django_db(transaction=True),
]

TEXT = "Green tea is steamed; black tea is oxidised. {seed} stays text."


def serve(run: Run) -> None:
    """Serve in another thread: this one has the browser's event loop."""
    thread = threading.Thread(target=serve_until_ended, args=[run])
    thread.start()
    thread.join()


def test_a_task_from_a_source_shows_the_source_beside_its_records(
    open_page: Callable[..., Page], stub_vendor: StubVendor
) -> None:
    factories.language_model(stub_vendor.openai_url, is_default=True)
    template = factories.template(
        prompt="Ask about {text} as {tone}. N_RECORDS={count}", variables=[]
    )
    source = factories.source(TEXT, "Rice grows in water.", name="Crops")
    page = open_page(reverse("admin:synthesis_synthesistask_add"))

    page.fill("#id_name", "Questions about crops")
    expect(page.locator("#id_records_per_item")).to_be_hidden()
    expect(page.locator("#id_items_per_call")).to_be_hidden()
    page.select_option("#id_template", str(template.pk))
    expect(page.locator("#id_values-text")).to_be_visible()
    page.select_option("#id_source", str(source.pk))
    expect(page.locator("#task-variables")).to_contain_text("Filled by the source: {text}")
    expect(page.locator("#id_values-text")).to_have_count(0)
    page.fill("#id_values-tone", "a child")
    page.fill("#id_target_count", "77")
    page.fill("#id_records_per_item", "2")
    expect(page.locator("#id_target_count")).to_have_value("4")
    expect(page.locator("#id_target_count")).to_be_disabled()
    page.fill("#id_records_per_item", "")
    expect(page.locator("#id_target_count")).to_have_value("77")
    expect(page.locator("#id_target_count")).to_be_enabled()
    page.fill("#id_records_per_item", "2")
    page.get_by_role("button", name="Create and start").click()

    expect(page.get_by_text("The task was created and has started.")).to_be_visible()
    serve(SynthesisTask.objects.get().latest_run)
    expect(page.get_by_text("2 of 2 items are complete (2 accepted from each).")).to_be_visible()

    record = source.items.get(position=0).records.first()
    page.goto(
        f"{page.url.split('/admin')[0]}{reverse('admin:synthesis_record_change', args=[record.pk])}"
    )
    expect(page.locator("article.sy-record")).to_contain_text(TEXT)
    page.get_by_role("link", name="Crops", exact=True).click()
    expect(page).to_have_title(re.compile("^Crops"))
