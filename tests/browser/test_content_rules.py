"""The panel beside a content rule tries it while it is being written."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from quality.models import ContentRule

pytestmark = [
    pytest.mark.browser,
    pytest.mark.any_database,
    pytest.mark.django_db(transaction=True),
]

OpenPage = Callable[..., Page]

ADD = reverse("admin:quality_contentrule_add")


def test_a_rule_is_tried_then_saved_with_the_words_of_a_file(open_page: OpenPage) -> None:
    page = open_page(ADD)
    expect(page.locator("#id_expression")).to_be_hidden()
    page.fill("#id_name", "Abuse")
    page.fill("#id_words", "fool")
    page.locator("[name=preview_text]").fill("What a fool, said the clown.")
    expect(page.locator("#preview-output")).to_contain_text("“Abuse”: fool.")
    expect(page.locator("#preview-output")).to_contain_text("What a ****, said the clown.")
    page.set_input_files(
        "#id_word_file",
        {"name": "words.txt", "mimeType": "text/plain", "buffer": "小丑\nclown".encode("gbk")},
    )
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("body")).to_contain_text("2 words were added.")
    assert ContentRule.objects.get().words == "fool\n小丑\nclown"


def test_the_form_shows_what_the_chosen_kind_needs(open_page: OpenPage) -> None:
    page = open_page(ADD)
    page.select_option("#id_kind", "expression")
    expect(page.locator("#id_words")).to_be_hidden()
    page.fill("#id_expression", "(a+)+$")
    page.locator("[name=preview_text]").fill("aaa")
    expect(page.locator("#preview-output")).to_contain_text("takes too long on some texts")
