"""Mails on the smallest phone: nothing to scroll sideways, whatever people typed (R-MAIL-5, ux.md 3.1)."""

import pytest

from .test_rendering import KINDS, write_any

pytestmark = pytest.mark.browser
ROOM = "https://meet.jit.si/parley-EHfH29Q221lRhGqUHweNtK7"
NARROW = 320


def test_no_mail_is_wider_than_the_smallest_phone(browser):
    page = browser.new_page(viewport={"width": NARROW, "height": 800})

    wide = {}
    for kind in KINDS:
        page.set_content(write_any(kind, notes="x" * 300, message="y" * 300, join_url=ROOM).html)
        if (width := page.evaluate("document.documentElement.scrollWidth")) > NARROW:
            wide[kind] = width
    page.close()

    assert wide == {}
