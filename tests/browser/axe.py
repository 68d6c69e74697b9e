"""Asking axe about the page that is open (CK-01, CK-43)."""

import json
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# All that axe judges by colours. The themes differ in nothing else (tests/ui/test_static.py sees to that), so after all rules in
# one theme these are enough in the other one at the same width.
BY_COLOUR = ["color-contrast", "link-in-text-block"]


def violations(page: Page, *, by_colour: bool = False) -> list[dict[str, Any]]:
    """What axe finds by all its rules, or by those about colours alone; axe itself is put into a page once."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    rules = {"type": "rule", "values": BY_COLOUR} if by_colour else {"type": "tag", "values": STANDARDS}
    # Fetching style sheets anew, axe would meet the content policy and add complaints of its own.
    options = {"runOnly": rules, "resultTypes": ["violations"], "preload": False}
    return page.evaluate(f"axe.run({json.dumps(options)}).then((result) => result.violations)")
