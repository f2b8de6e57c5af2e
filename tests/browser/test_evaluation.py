"""From the button on a dataset's page to the report and its file, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
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


def test_a_dataset_is_evaluated_read_and_exported(
    open_page: Callable[..., Page], tmp_path: Path
) -> None:
    page = open_page(reverse("admin:synthesis_dataset_change", args=[datasets.mixed().pk]))
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
