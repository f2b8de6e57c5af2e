"""A browser for tests and pictures; needs no Django."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def browser_path(own: str) -> str:
    """Return this machine's Chromium, else the one that playwright has installed."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    if Path(own).exists():
        return own
    pytest.fail("The browser tests need a Chromium; on Debian: apt install chromium fonts-noto-cjk")


@contextlib.contextmanager
def launched(playwright: Playwright) -> Iterator[Browser]:
    path = browser_path(playwright.chromium.executable_path)
    browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
    yield browser
    browser.close()
