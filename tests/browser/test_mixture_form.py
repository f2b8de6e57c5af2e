"""The form of mixtures as its user types it: it counts what filters find, and what is missing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from synthesis.engine import background
from synthesis.models import Mixture
from tests import factories

pytestmark = [
    pytest.mark.browser,
    pytest.mark.any_database,
    pytest.mark.django_db(transaction=True),
]


def test_a_mixture_is_typed_counted_and_drawn(open_page: Callable[..., Page]) -> None:
    sources = [factories.dataset(name) for name in ("News", "Books")]
    for source, category in zip(sources, ("news", "books"), strict=True):
        factories.records(6, into=source, category=category)
    page = open_page(reverse("admin:synthesis_mixture_add"))
    rows = page.locator("[data-category]")

    page.fill("#id_name", "Blend")
    page.fill("#id_total", "10")
    for place, source in enumerate(sources):
        rows.nth(place).locator('[name$="-source"]').select_option(str(source.pk))
        expect(rows.nth(place)).to_contain_text("The filters find 6 accepted records.")

    rows.nth(0).locator('[name$="-share"]').fill("70")
    rows.nth(1).locator('[name$="-share"]').fill("30")
    short = rows.nth(0).get_by_text("These are fewer than wanted.")
    expect(short).to_be_visible()
    rows.nth(0).locator('[name$="-share"]').fill("60")
    rows.nth(1).locator('[name$="-share"]').fill("40")
    expect(short).to_be_hidden()

    page.get_by_role("button", name="Add a source").click()
    rows.nth(2).locator('[name$="-source"]').select_option(str(sources[0].pk))
    expect(rows.nth(2)).to_contain_text("The filters find 6 accepted records.")
    rows.nth(2).get_by_role("button", name="Remove this row").click()

    rows.nth(1).get_by_text("Filters", exact=True).click()
    category = rows.nth(1).locator('[name$="-category"]')
    category.fill("poems")
    category.blur()
    expect(rows.nth(1)).to_contain_text("The filters find 0 accepted records.")
    category.fill("books")
    page.get_by_role("button", name="Create and start").click()
    expect(page.locator("body")).to_contain_text("its records are being drawn")

    background.perform_here(Mixture.objects.get().job)
    expect(page.locator("#mixture-overview")).to_contain_text("10/10", timeout=15_000)
