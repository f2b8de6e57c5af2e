"""The form of ratio tasks as its user types it: numbers follow one another, and it starts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from synthesis.models import RatioTask
from tests import factories

pytestmark = [
    pytest.mark.browser,
    pytest.mark.any_database,
    pytest.mark.django_db(transaction=True),
]

SHARES = [("正面", "40"), ("负面", "30"), ("中性", "30")]


def inputs(page: Page, name: str) -> Locator:
    return page.locator(f'[data-category] [name$="-{name}"]')


def values(page: Page, name: str) -> list[str]:
    return [field.input_value() for field in inputs(page, name).all()]


def test_the_guides_task_is_typed_and_started(open_page: Callable[..., Page]) -> None:
    factories.language_model(is_default=True)
    template = factories.template(
        name="Moods", variables=[{"name": "topic", "type": "text", "required": True}]
    )
    page = open_page(reverse("admin:synthesis_ratiotask_add"))

    page.get_by_role("button", name="Add a category").click()
    page.get_by_role("button", name="Split evenly").click()
    assert values(page, "share") == ["33.3334", "33.3333", "33.3333"]
    assert values(page, "count") == ["34", "33", "33"]

    inputs(page, "count").nth(0).fill("67")
    assert values(page, "share") == ["50.376", "24.812", "24.812"]
    assert page.input_value("#id_total") == "133"

    page.fill("#id_name", "balanced_dataset_synthesis")
    page.fill("#id_total", "1000")
    for row, (name, share) in enumerate(SHARES):
        inputs(page, "name").nth(row).fill(name)
        inputs(page, "share").nth(row).fill("39" if row == 0 else share)
        inputs(page, "template").nth(row).select_option(str(template.pk))
        page.fill(f"[name=categories-{row}-values-topic]", "tea")
    problem = page.locator("[data-sum=problem]")
    expect(problem).to_have_text("The shares add up to 99%, not to 100%.")
    inputs(page, "share").nth(0).fill("40")
    expect(problem).to_have_text("")
    assert values(page, "count") == ["400", "300", "300"]

    page.get_by_role("button", name="Create and start").click()
    expect(page.locator("body")).to_contain_text("its categories have started")
    expect(page.locator("#ratiotask-overview")).to_contain_text("0/1000")
    categories = RatioTask.objects.get().categories.all()
    assert [(row.name, row.count) for row in categories] == [
        ("正面", 400),
        ("负面", 300),
        ("中性", 300),
    ]
