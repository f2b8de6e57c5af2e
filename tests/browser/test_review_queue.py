"""A reviewer at the keyboard, in a real browser: decisions, a typed reason, an edit, no scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from quality import review
from quality.models import ReviewEvent
from synthesis.models import Record
from tests import factories

pytestmark = [
    pytest.mark.browser,
    pytest.mark.any_database,
    pytest.mark.django_db(transaction=True),
]

QUEUE = reverse("admin:synthesis_record_review")


@pytest.fixture
def reviewer() -> User:
    user = User.objects.create_user("mei", password="tea and rice", is_staff=True)
    codenames = ("view_record", "review_record", "change_record")
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


@pytest.fixture
def records() -> list[Record]:
    return factories.records(3, of_run=factories.run(factories.task(target_count=3)))


@pytest.fixture
def queue(open_page: Callable[..., Page], reviewer: User, records: list[Record]) -> Page:
    return open_page(QUEUE, reviewer)


@pytest.fixture
def plain(
    browser: Browser, open_page: Callable[..., Page], reviewer: User, records: list[Record]
) -> Iterator[Page]:
    """The queue in a browser without scripts."""
    context = browser.new_context(locale="en-GB", java_script_enabled=False)
    yield open_page(QUEUE, reviewer, context.new_page())
    context.close()


def shown(page: Page) -> Any:
    return page.locator("#review")


def reviews() -> list[str]:
    return list(Record.objects.order_by("pk").values_list("review", flat=True))


def test_decides_with_one_key_and_shows_the_next_record(queue: Page, records: list[Record]) -> None:
    for record in records[:2]:
        expect(shown(queue)).to_contain_text(record.content["question"])
        queue.keyboard.press("a")
    expect(shown(queue)).to_contain_text("2 of 3 reviewed")
    queue.keyboard.press("r")
    queue.keyboard.press("2")
    expect(shown(queue)).to_contain_text("Nothing is waiting for review here.")
    expect(shown(queue)).to_contain_text("3 of 3 reviewed")
    assert reviews() == ["approved", "approved", "rejected"]
    assert Record.objects.get(review="rejected").review_note == "Incomplete"


def test_takes_a_typed_reason_for_what_it_is(queue: Page, records: list[Record]) -> None:
    queue.keyboard.press("r")
    queue.keyboard.type("a near rerun, and n=2")
    queue.keyboard.press("Enter")
    expect(shown(queue)).to_contain_text(records[1].content["question"])
    assert Record.objects.get(pk=records[0].pk).review_note == "a near rerun, and n=2"
    assert reviews()[1:] == ["unreviewed", "unreviewed"]


def test_leaves_letters_to_an_input_method(queue: Page, records: list[Record]) -> None:
    queue.evaluate(
        "document.body.dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'a', isComposing: true, bubbles: true}))"
    )
    queue.keyboard.press("Control+r")
    queue.wait_for_load_state()
    expect(shown(queue)).to_contain_text("0 of 3 reviewed")
    assert reviews() == ["unreviewed"] * 3


def test_passes_over_a_record_and_takes_a_decision_back(queue: Page, records: list[Record]) -> None:
    queue.keyboard.press("n")
    expect(shown(queue)).to_contain_text(records[1].content["question"])
    queue.keyboard.press("a")
    expect(shown(queue)).to_contain_text("1 of 3 reviewed")
    queue.keyboard.press("u")
    expect(shown(queue)).to_contain_text("0 of 3 reviewed")
    assert reviews() == ["unreviewed"] * 3


def test_edits_and_approves_without_the_mouse(queue: Page, records: list[Record]) -> None:
    queue.keyboard.press("e")
    field = queue.get_by_label("answer")
    field.fill("A better answer.")
    field.press("Control+Enter")
    expect(shown(queue)).to_contain_text(records[1].content["question"])
    edited = Record.objects.get(pk=records[0].pk)
    assert (edited.content["answer"], edited.review) == ("A better answer.", "approved")
    assert ReviewEvent.objects.filter(action="edited").count() == 1


def test_tells_who_came_first(queue: Page, records: list[Record], reviewer: User) -> None:
    review.decide(records[0].pk, review.Order(action="rejected", user=reviewer, note="No."))
    queue.keyboard.press("a")
    expect(shown(queue)).to_contain_text("mei rejected this record at ")
    expect(shown(queue)).to_contain_text(records[1].content["question"])


def test_works_without_scripts(plain: Page, records: list[Record]) -> None:
    plain.get_by_role("button", name="Approve").click()
    expect(shown(plain)).to_contain_text("1 of 3 reviewed")
    plain.locator(".qr-reject summary").click()
    plain.get_by_label("Reason").fill("Wrong.")
    plain.get_by_role("button", name="Reject", exact=True).click()
    expect(shown(plain)).to_contain_text(records[2].content["question"])
    assert reviews() == ["approved", "rejected", "unreviewed"]
