"""Two files, one of them broken, from the form to their chunks, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from synthesis.engine import background
from synthesis.models import Source

pytestmark = [
    pytest.mark.browser,
    pytest.mark.any_database,
    pytest.mark.django_db(transaction=True),
]
TEXT = "# Tea\nTea is a drink.\n\n# Rice\nRice is a grain."


def test_two_files_are_previewed_loaded_and_shown(
    open_page: Callable[..., Page], tmp_path: Path, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path / "uploads"
    good, broken = tmp_path / "good.md", tmp_path / "broken.docx"
    good.write_text(TEXT, encoding="utf-8")
    broken.write_bytes(b"nothing")
    page = open_page(reverse("admin:synthesis_source_add"))
    page.get_by_label("Source name").fill("Food")
    expect(page.locator(".field-dataset")).to_be_hidden()
    page.locator("input[type=file]").set_input_files([good, broken])
    page.locator("select[name=source-cut]").select_option("heading")
    preview = page.locator("#source-preview")
    expect(preview).to_contain_text("The first 2 of good.md")
    expect(preview).to_contain_text("Rice is a grain.")
    page.get_by_role("button", name="Load", exact=True).click()
    expect(page.get_by_text("waiting").first).to_be_visible()
    background.perform_here(Source.objects.get().job)
    expect(page.get_by_role("heading", name="Items 1–2 of 2")).to_be_visible()
    row = page.get_by_role("row", name="broken.docx")
    expect(row).to_contain_text("This is no DOCX file, or it is damaged.")


def test_too_much_is_refused_before_it_is_sent(
    open_page: Callable[..., Page], tmp_path: Path, settings: Any
) -> None:
    settings.DATAMATE_UPLOAD_MEGABYTES = 1
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    small, large = tmp_path / "small.txt", tmp_path / "large.txt"
    small.write_bytes(b"x")
    large.write_bytes(b"x" * (1024**2 + 1))
    page = open_page(reverse("admin:synthesis_source_add"))
    files = page.locator("input[type=file]")
    files.set_input_files([large])
    message = "input => input.validationMessage"
    assert files.evaluate(message).startswith("The file is larger than 1 MB.")
    files.set_input_files([small, large, tmp_path / "small.txt"])
    assert files.evaluate(message) == "At most 2 files at once; add the others afterwards."
    files.set_input_files([small])
    assert files.evaluate(message) == ""
    expect(page.locator("#source-preview")).to_contain_text("The first 1 of small.txt")
