"""The pages about credits as everybody might see them: both themes, phone and desk, with axe (PG-50, CK-43)."""

import os
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.enums import Role
from accounts.tenancy import tenant_scope, uuid7
from credits import services
from tests import factories
from tests.browser.looking import Looker
from tests.site import session_of

pytestmark = pytest.mark.browser
PAGES = ("/credits/", "/credits/statement/", "/credits/statement/?month=2020-01", "/credits/earned/")


@pytest.fixture
def looker(site, browser, django_db_blocker):
    """Kim's window on the running site: credits given, held, spent in part and earned."""
    now = timezone.now()
    with django_db_blocker.unblock(), site.data():
        tenant = factories.tenant(f"purse-{uuid7().hex[-12:]}")
        with tenant_scope(tenant):
            staff = factories.member("Ida Berg", roles=(Role.STAFF,))
            kim = factories.member("Kim Okafor", roles=(Role.CLIENT, Role.PROVIDER), zone="Europe/Prague", credits=0)
            lena = factories.member("Lena Hartmann")
            services.adjust(member=kim, amount=100, reason="Welcome", by=staff, request_key="1", now=now)
            services.hold(member=kim, amount=30, reference="booking:NO-7K4Q", key="1", now=now)
            for number, (payer, earner) in enumerate(((kim, lena), (lena, kim))):
                held = services.hold(member=payer, amount=20, reference=f"booking:NO-{number}", key="1", now=now)
                services.capture(member=payer, hold_id=held.pk, earner=earner, charged=10, earned=5, now=now)
        key = session_of(kim.user)
    context = browser.new_context()
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": site.url}])
    looker = Looker(context, site.url)
    looker.start = f"/t/{tenant.slug}"
    yield looker
    context.close()


def test_the_pages_are_fit_for_everybody(looker):
    for path in PAGES:
        assert looker.open(f"{looker.start}{path}") == 200
        if shots := os.environ.get("SHOTS"):
            _keep(looker, path, Path(shots))
        assert looker.faults() == [], path


def test_a_statement_on_paper_is_the_lines_alone(looker):
    """PG-50: whose they are stands there, and nothing to press."""
    looker.open(f"{looker.start}/credits/statement/")
    looker.page.emulate_media(media="print")
    looker.page.set_viewport_size({"width": 720, "height": 1000})
    shown = {
        what: looker.page.locator(what).first.is_visible() for what in (".only-print", "form", ".nav", ".btn", ".table")
    }
    assert shown == {".only-print": True, "form": False, ".nav": False, ".btn": False, ".table": True}
    assert looker.page.locator(".only-print").first.inner_text().startswith("Kim Okafor, ")
    if shots := os.environ.get("SHOTS"):
        looker.page.screenshot(path=Path(shots) / "print.png", full_page=True)


def _keep(looker, path, folder):
    """Pictures for people, where SHOTS names a folder."""
    for theme in ("light", "dark"):
        for width in (360, 1280):
            looker.page.emulate_media(color_scheme=theme)
            looker.page.set_viewport_size({"width": width, "height": 900})
            looker.page.screenshot(
                path=folder / f"{path.strip('/').replace('/', '-')}-{theme}-{width}.png", full_page=True
            )
