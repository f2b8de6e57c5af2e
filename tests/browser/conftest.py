from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import launched


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright, launched(playwright) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a window of its own, without anybody signed in."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    context.close()


@pytest.fixture(scope="module")
def queries_beside_a_browser() -> Iterator[None]:
    """Let a test ask the database: Playwright keeps an event loop in its thread."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture
def open_page(
    queries_beside_a_browser: None, page: Page, live_server: Any, client: Client
) -> Callable[..., Page]:
    """Open an address as a user who is signed in, an administrator unless one is given."""

    def opened(url: str, user: User | None = None, inside: Page = page) -> Page:
        client.force_login(user or User.objects.create_superuser("admin"))
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
        inside.context.add_cookies([{**cookie, "url": live_server.url}])
        inside.goto(f"{live_server.url}{url}")
        return inside

    return opened
