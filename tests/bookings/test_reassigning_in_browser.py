"""Giving a booking on as everybody might see it: both themes, phone and desk, with axe (T34, PG-82, CK-01, CK-03)."""

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from accounts.enums import Role
from accounts.tenancy import tenant_scope
from bookings import services
from calendars import services as calendars
from tests import factories
from tests.browser.looking import Looker
from tests.site import session_of

pytestmark = pytest.mark.browser


@pytest.fixture
def looker(shop, site, browser, django_db_blocker):
    """Staff on the running site, before a request to Ana at a time that Ben, who offers two things, has blocked."""
    with django_db_blocker.unblock(), site.data(), tenant_scope(shop.tenant):
        ben = factories.provider("Ben Roth", zone="Asia/Tokyo", now=shop.now)
        for name in ("Taxes with Ben", "Company taxes"):
            factories.service(ben, name, price=30)
        calendars.block(calendar=ben.calendar, start=shop.start, end=shop.start + timedelta(hours=2))
        staff, kim = factories.member("Sam Support", roles=(Role.STAFF,)), factories.member("Kim Okafor")
        asked = services.request_session(client=kim, service=shop.service, starts=[shop.start], now=shop.now)
        key = session_of(staff.user)
    context = browser.new_context()
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": site.url}])
    looker = Looker(context, site.url)
    looker.start = f"{shop.path}/admin/bookings/booking/{asked.pk}/reassign/"
    yield looker
    context.close()


def judge(looker, name):
    assert looker.faults() == [], name
    if shots := os.environ.get("SHOTS"):
        looker.page.screenshot(path=Path(shots) / f"{name}.png", full_page=True)


def test_the_way_through_the_page_is_fit_for_everybody(looker):
    """From the empty page over what is wrong to the preview; the icon of a refusal is as high as its line."""
    page = looker.page
    assert looker.open(looker.start) == 200
    judge(looker, "empty")
    page.get_by_label("Reason").fill("Ana is ill")
    for typed, name in (("Nobody", "nobody"), ("Ben Roth", "several")):
        page.get_by_label(re.compile("takes it over")).fill(typed)
        page.get_by_role("button", name="Preview").click()
        page.wait_for_load_state()
        assert page.locator(".errs .i").bounding_box()["height"] == 16
        judge(looker, name)
    page.get_by_label(re.compile("Company taxes")).check()
    page.get_by_role("button", name="Preview").click()
    page.get_by_text("This overlaps time they blocked").wait_for()
    judge(looker, "clash")
    page.get_by_label(re.compile("Do it anyway")).check()
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Apply").wait_for()
    judge(looker, "preview")
    page.get_by_role("button", name="Apply").click()
    page.get_by_text("Done: Give it to somebody else.").wait_for()
