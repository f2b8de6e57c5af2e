"""The cards over a rubric's dimensions write the JSON that the server reads."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from quality.models import Rubric
from tests import factories

pytestmark = [
    pytest.mark.browser,
    pytest.mark.any_database,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def editor(open_page: Callable[..., Page]) -> Page:
    page = open_page(reverse("admin:quality_rubric_change", args=[factories.rubric().pk]))
    page.get_by_text("What is judged", exact=True).first.click()
    return page


def test_a_dimension_is_added_moved_and_saved(editor: Page) -> None:
    page = editor
    page.get_by_role("button", name="+ Add a dimension").click()
    card = page.locator(".dm-card").nth(1)
    card.get_by_label("Name").fill("Style")
    card.get_by_label("Weight").fill("2.5")
    card.get_by_label("What 5 means").fill("Plain.")
    card.get_by_label("What 1 means").fill("Muddled.")
    card.get_by_title("Move up").click()
    expect(page.locator("#preview-output")).to_contain_text("d1 · Style")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("body")).to_contain_text("was changed successfully")
    saved = Rubric.objects.get().dimensions
    assert [row["name"] for row in saved] == ["Style", "Correctness"]
    assert saved[0] | {"description": ""} == {
        "name": "Style",
        "weight": 2.5,
        "description": "",
        "levels": {"1": "Muddled.", "5": "Plain."},
        "needs_source": False,
    }


def test_the_cards_and_the_json_are_one(editor: Page) -> None:
    page = editor
    page.get_by_role("button", name="Edit as JSON").click()
    source = page.locator("#id_dimensions")
    source.fill("{")
    page.get_by_role("button", name="Edit as cards").click()
    expect(page.get_by_text("This is not a JSON list of objects.")).to_be_visible()
    source.fill(json.dumps([factories.dimension("Tone")]))
    page.get_by_role("button", name="Edit as cards").click()
    expect(page.locator(".dm-card").get_by_label("Name")).to_have_value("Tone")
