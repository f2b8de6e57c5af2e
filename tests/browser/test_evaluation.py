"""From the button on a dataset's page to the report and its file, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from quality.models import Evaluation
from synthesis.engine import background
from tests.quality.evaluation import datasets

pytestmark = [
    pytest.mark.browser,
    pytest.mark.any_database,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture(autouse=True, scope="module")
def queries_beside_a_browser() -> Iterator[None]:
    # Playwright keeps an event loop in this thread; the tests' own queries block it alone.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture
def dataset_page(page: Page, live_server: Any) -> Page:
    User.objects.create_superuser("mei", password="tea and rice")
    url = reverse("admin:synthesis_dataset_change", args=[datasets.mixed().pk])
    page.goto(f"{live_server.url}{reverse('admin:login')}?next={url}")
    page.get_by_label("Username").fill("mei")
    page.get_by_label("Password").fill("tea and rice")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live_server.url}{url}")
    return page


def test_a_dataset_is_evaluated_read_and_exported(dataset_page: Page, tmp_path: Path) -> None:
    page = dataset_page
    page.get_by_role("button", name="Evaluate").click()
    expect(page.get_by_label("progress")).to_be_visible()
    background.perform_here(Evaluation.objects.get().job)
    expect(page.get_by_role("heading", name="Yield, step by step")).to_be_visible()
    step = page.get_by_role("row", name="read from the reply 16")
    expect(step.get_by_role("cell")).to_have_text(["read from the reply", "16", "2", "88.8%", ""])
    with page.expect_download() as download:
        page.get_by_role("link", name="Download HTML").click()
    saved = tmp_path / "report.html"
    download.value.save_as(saved)
    page.goto(saved.as_uri())
    expect(page.get_by_role("heading", name="What to do")).to_be_visible()
    bar = page.locator(".qu-bar-front").nth(1).bounding_box()
    assert bar is not None
    assert bar["width"] > 50
