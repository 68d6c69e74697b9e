"""Asking axe about the page that is open (CK-01, CK-43)."""

from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What axe judges by colours. The themes differ in nothing else (tests/ui/test_static.py sees to that), so after all rules in one
# theme these are enough in the other one at the same width.
CONTRAST, LINKS = "color-contrast", "link-in-text-block"
SCRIPTS = AXE_SCRIPT + "".join(
    (Path(__file__).parent / name).read_text(encoding="utf-8") for name in ("alike.js", "outline.js")
)
RUN = """async ([rules, judged]) => {
  // Fetching style sheets anew, axe would meet the content policy and add complaints of its own.
  // What is in a frame of the mailbox may run no script, so it could not answer axe.
  const options = { ...rules, resultTypes: ["violations"], preload: false, iframes: false };
  const { texts, looks } = judged === null ? {} : window.texts(judged);
  const found = texts?.length === 0 ? { violations: [] } : await axe.run(texts ? { include: texts } : document, options);
  return [found.violations, looks];
}"""

# The looks of texts on the good pages that this process has seen.
_judged: set[int] = set()


def violations(page: Page, *, by_colour: bool = False, judged: set[int] = _judged) -> list[dict[str, Any]]:
    """What axe finds by all its rules, or by those about colours alone; a page without axe gets it.

    Three quarters of its time went into the contrast of texts that are all alike: of texts that get the same colours from
    themselves and all around them it sees the first two and the last, and none that look like one in `judged`. Where it finds
    nothing, the looks of this page are added there.
    """
    _prepare(page)
    rest: dict[str, Any] = {"runOnly": {"type": "tag", "values": STANDARDS}, "rules": {CONTRAST: {"enabled": False}}}
    if by_colour:
        rest = {"runOnly": {"type": "rule", "values": [LINKS]}}
    pale, looks = page.evaluate(RUN, [{"runOnly": {"type": "rule", "values": [CONTRAST]}}, list(judged)])
    if not pale:
        judged.update(looks)
    found, _ = page.evaluate(RUN, [rest, None])
    return sorted(pale + found, key=lambda rule: rule["id"])


def outline(page: Page) -> str:
    """The page that is open without its words: pages of one outline look alike to axe."""
    _prepare(page)
    return page.evaluate("outline()")


def _prepare(page: Page) -> None:
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(SCRIPTS)
