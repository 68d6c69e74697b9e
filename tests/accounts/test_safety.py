"""What holds for every page of this app: nothing by GET, headers, cookies, many tries at once (reliability.md 4, rows 16 to 21)."""

import re
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.account.models import EmailAddress
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern

from accounts.models import CacheEntry, Tenant, User
from accounts.tenancy import tenant_scope, uuid7
from accounts.urls import urlpatterns
from tests import factories

PATHS = sorted(
    {str(entry.pattern) for entry in urlpatterns if isinstance(entry, URLPattern)} - {"theme/<slug:name>.css"}
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def test_every_page_is_tried():
    assert len(PATHS) >= 18
    assert {"signin/", "signup/", "signout/", "reset/", "settings/", "settings/time/", "policies/"} <= set(PATHS)


@pytest.fixture(params=["guest", "member"])
def browser(request, north, client) -> Client:
    if request.param == "member":
        with tenant_scope(north):
            client.force_login(factories.member("Kim Okafor").user)
    return client


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_opening_a_page_changes_nothing(browser, path):
    with CaptureQueriesContext(connection) as statements:
        answer = browser.get(f"/t/north/{path}?next=/t/north/help/")

    assert answer.status_code in {200, 302, 405}
    assert [
        row["sql"] for row in statements if re.match(r"INSERT|UPDATE|DELETE|TRUNCATE|SELECT set_config", row["sql"])
    ] == []


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_headers(browser, path):
    answer = browser.get(f"/t/north/{path}")

    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "no-store" in answer.headers.get("Cache-Control", "") or "_auth_user_id" not in browser.session


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["signin/", "signup/", "reset/", "settings/time/"])
def test_pages_have_nothing_inline(north, client, path):
    page = client.get(f"/t/north/{path}").content.decode()

    assert not re.search(r"\sstyle=|\son[a-z]+=|<style|<script(?![^>]* src=)", page)


@pytest.mark.django_db
def test_every_form_is_guarded_against_other_sites(north):
    strict = Client(enforce_csrf_checks=True)
    for path in PATHS:
        assert strict.post(f"/t/north/{path}", {}).status_code in {403, 405}, path


def test_cookies_are_safe_in_production():
    """Read as text: the module asks the environment for secrets that a test must not invent."""
    from pathlib import Path

    from django.conf import settings

    source = (Path(settings.BASE_DIR) / "config/settings/production.py").read_text(encoding="utf-8")
    for line in (
        'SESSION_COOKIE_NAME = "__Host-sessionid"', 'CSRF_COOKIE_NAME = "__Host-csrftoken"', "SESSION_COOKIE_SECURE = True",
        "CSRF_COOKIE_SECURE = True", "SECURE_HSTS_SECONDS = 365 * 24 * 3600", "SECURE_HSTS_INCLUDE_SUBDOMAINS = True",
    ):  # fmt: skip
        assert line in source
    assert (settings.SESSION_COOKIE_HTTPONLY, settings.CSRF_COOKIE_HTTPONLY) == (True, True)
    assert (settings.SESSION_COOKIE_SAMESITE, settings.CSRF_COOKIE_SAMESITE) == ("Lax", "Lax")
    assert settings.SESSION_COOKIE_PATH == settings.CSRF_COOKIE_PATH == "/"


# --- many tries at once ---------------------------------------------------------------------------------------


@pytest.fixture
def guessed(django_db_setup, django_db_blocker):
    """A tenant and a person that other connections see, since threads have connections of their own."""
    with django_db_blocker.unblock():
        tenant = Tenant.objects.create(slug=f"t-{uuid7()}", name="Guessed", contact_email="a@example.org")
        user = User.objects.create_user(f"{uuid7()}@example.org")
        yield tenant, user
        EmailAddress.objects.filter(user=user).delete()
        CacheEntry.objects.all().delete()
        for leftover in (User.objects.filter(pk=user.pk), Tenant.objects.filter(pk=tenant.pk)):
            leftover._raw_delete(leftover.db)
        connection.close()


def test_tries_at_the_same_moment_are_counted_and_none_fails(guessed):
    """Eight hands guess one password at once, each in its own transaction: five are heard at most, no answer is an error."""
    tenant, user = guessed
    barrier = threading.Barrier(8)

    def guess(number: int) -> str:
        browser = Client(raise_request_exception=False, REMOTE_ADDR="203.0.113.7")
        try:
            barrier.wait()
            page = browser.post(
                f"/t/{tenant.slug}/signin/password/", {"login": user.email, "password": f"wrong {number}"}
            )
        finally:
            connections.close_all()
        text = page.content.decode()
        return "heard" if "don&#x27;t match" in text else "limited" if "Too many tries" in text else text

    with ThreadPoolExecutor(8) as pool:
        answers = Counter(pool.map(guess, range(8)))

    assert set(answers) <= {"heard", "limited"}, answers
    assert 1 <= answers["heard"] <= 5
