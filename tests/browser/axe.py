"""Asking axe about the page that is open (CK-01, CK-43)."""

from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What axe judges by colours. The themes differ in nothing else (tests/ui/test_static.py sees to that), so after all rules in one
# theme these are enough in the other one at the same width.
CONTRAST, LINKS = "color-contrast", "link-in-text-block"
SCRIPTS = AXE_SCRIPT + (Path(__file__).parent / "alike.js").read_text(encoding="utf-8")
RUN = """async ([context, rules]) => {
  // Fetching style sheets anew, axe would meet the content policy and add complaints of its own.
  // What is in a frame of the mailbox may run no script, so it could not answer axe.
  const options = { ...rules, resultTypes: ["violations"], preload: false, iframes: false };
  const found = await axe.run(context === "text" ? { include: window.texts() } : document, options);
  return found.violations;
}"""


def violations(page: Page, *, by_colour: bool = False) -> list[dict[str, Any]]:
    """What axe finds by all its rules, or by those about colours alone; a page without axe gets it.

    Three quarters of its time went into the contrast of rows that are all alike: of texts that get the same colours from
    themselves and all around them it sees the first two and the last.
    """
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(SCRIPTS)
    rest: dict[str, Any] = {"runOnly": {"type": "tag", "values": STANDARDS}, "rules": {CONTRAST: {"enabled": False}}}
    if by_colour:
        rest = {"runOnly": {"type": "rule", "values": [LINKS]}}
    contrast = {"runOnly": {"type": "rule", "values": [CONTRAST]}}
    found = page.evaluate(RUN, ["text", contrast]) + page.evaluate(RUN, ["all", rest])
    return sorted(found, key=lambda rule: rule["id"])
