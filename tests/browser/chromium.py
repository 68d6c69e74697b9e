"""Chromium for tests: one for the whole session, found where dev.py finds it."""

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from dev import BROWSERS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MISSING = "BROWSER TEST SKIPPED: no Chromium or Chrome was found. Install one, or set CHROMIUM to its path."


def chromium() -> str | None:
    """The path of the browser: $CHROMIUM, as dev.py sets it, or an installed one."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """The session's browser; each test opens contexts of its own in it, and closes them."""
    path = chromium()
    if path is None:
        pytest.skip(MISSING)
    from playwright.sync_api import sync_playwright

    # Playwright's loop counts as running in this thread from now on, and Django would refuse every query as asynchronous.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        with sync_playwright() as playwright:
            chrome = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            yield chrome
            chrome.close()
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
