"""Every page of every role, in light and dark, at 360 and 1280 px (CK-01, CK-03, CK-06, CK-43; ux.md 2.0)."""

import gzip

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from tests.isolation.addresses import addresses
from tests.journeys.mailbox import Mailbox

from .conftest import admin_models

M = "/t/mentors"
ASK = "request/?service={service}"
# What staff do to a booking, each on one in a fitting state; where none fits, the page says why.
STEPS = {
    "accept": "pending", "amend": "confirmed", "cancel": "confirmed", "complete": "confirmed", "decline": "pending",
    "no-show": "confirmed", "note": "confirmed", "refuse-support": "confirmed", "resend": "confirmed", "set-up": "confirmed",
    "price": "confirmed", "reassign": "confirmed", "reopen": "cancelled", "uphold": "confirmed",
}  # fmt: skip
# Each page by the name of its address, with what makes it special. {names} are filled in from rows of the sample data.
PAGES = {
    "guest": {
        "start": "/",
        "help of the platform": "/help/",
        "nothing here, platform": "/nothing/",
        "dev_mail": "/dev/mail/",
        "dev_mail, empty": "/dev/mail/?booking=NW-NONE",
        "dev_mail_detail": "/dev/mail/{mail}/",
        "dev_mail_detail, text": "/dev/mail/{mail}/?part=text",
        "dev_mail_detail, headers": "/dev/mail/{mail}/?part=headers",
        "dev_mail_detail, calendar file": "/dev/mail/{mail}/?part=calendar",
        "home": f"{M}/",
        "home of consult": "/t/consult/",
        "home of talks": "/t/talks/",
        "home of practice": "/t/practice/",
        "home of studio": "/t/studio/",
        "directory": f"{M}/experts/",
        "directory, searched": f"{M}/experts/?q=tax&topic=moving-abroad",
        "directory, nothing found": f"{M}/experts/?q=zzzzzz",
        "directory, refused": f"{M}/experts/?dur=soon",
        "provider": f"{M}/experts/ana-nowak/",
        "provider, several times": "/t/talks/experts/grace-amoako/",
        "provider, refused": f"{M}/experts/ana-nowak/?do=go&date=2020-01-01&slot=soon",
        "request": f"{M}/experts/ana-nowak/{ASK}",
        "account_request_login_code": f"{M}/signin/",
        "account_login_password": f"{M}/signin/password/",
        "account_inactive": f"{M}/signin/closed/",
        "account_signup": f"{M}/signup/",
        "account_reset_password": f"{M}/reset/",
        "account_password_reset_completed": f"{M}/reset/done/",
        "settings_time": f"{M}/settings/time/",
        "help": f"{M}/help/",
        "statuses": f"{M}/help/statuses/",
        "accessibility": f"{M}/help/accessibility/",
        "policies": f"{M}/policies/",
        "nothing here": f"{M}/nothing/",
    },
    "client": {
        "home": f"{M}/",
        "provider": f"{M}/experts/marcus-bell/",
        "request": f"{M}/experts/ana-nowak/{ASK}",
        "request, of a time that has passed": f"{M}/experts/ana-nowak/request/?slot=2020-11-20T09:00Z",
        "bookings": f"{M}/bookings/",
        "bookings, all": f"{M}/bookings/?show=all",
        "bookings, sorted": f"{M}/bookings/?show=all&sort=-with",
        "bookings, nothing found": f"{M}/bookings/?show=all&q=zzzz",
        "credits": f"{M}/credits/",
        "credits_statement": f"{M}/credits/statement/",
        "credits_buy": f"{M}/credits/buy/",
        "credits_buy, for a booking": f"{M}/credits/buy/?for=booking:{{pending}}&need=400",
        "purchase": f"{M}/credits/purchases/{{receipt}}/",
        "purchase, not paid": f"{M}/credits/purchases/{{unpaid}}/",
        "purchase, being confirmed": f"{M}/credits/purchases/{{unpaid}}/?paid=1",
        "test_payment": f"{M}/credits/test-payment/{{token}}/",
        "booking, pending": f"{M}/bookings/{{pending}}/",
        "booking, confirmed": f"{M}/bookings/{{confirmed}}/",
        "booking, declined": f"{M}/bookings/{{declined}}/",
        "booking, cancelled": f"{M}/bookings/{{cancelled}}/",
        "booking, expired": f"{M}/bookings/{{expired}}/",
        "booking of somebody else": f"{M}/bookings/{{foreign}}/",
        "booking_sent": f"{M}/bookings/{{pending}}/sent/",
        "booking_withdraw": f"{M}/bookings/{{pending}}/withdraw/",
        "booking_accept, not theirs to give": f"{M}/bookings/{{pending}}/accept/",
        "booking_suggest": f"{M}/bookings/{{pending}}/suggest/",
        "booking_suggest, another date": f"{M}/bookings/{{confirmed}}/suggest/",
        "booking_notes": f"{M}/bookings/{{pending}}/notes/",
        "booking_cancel": f"{M}/bookings/{{confirmed}}/cancel/",
        "booking_reschedule, not done so here": f"{M}/bookings/{{confirmed}}/reschedule/",
        "booking_join": f"{M}/bookings/{{confirmed}}/join/",
        "booking_support": f"{M}/bookings/{{confirmed}}/ask-support/",
        "booking_outcome, too early": f"{M}/bookings/{{confirmed}}/outcome/",
        "booking_undo, too early": f"{M}/bookings/{{confirmed}}/undo/",
        "booking_contest, too early": f"{M}/bookings/{{confirmed}}/contest/",
        "account_email": f"{M}/settings/",
        "settings_time": f"{M}/settings/time/",
        "account_logout": f"{M}/signout/",
        "index, not for clients": f"{M}/admin/",
    },
    "provider": {
        "today": f"{M}/portal/",
        "credits_earned": f"{M}/credits/earned/",
        "bookings": f"{M}/bookings/?show=all",
        "booking, to answer": f"{M}/bookings/{{to_answer}}/",
        "booking_accept": f"{M}/bookings/{{to_answer}}/accept/",
        "booking_decline": f"{M}/bookings/{{to_answer}}/decline/",
        "booking_suggest": f"{M}/bookings/{{to_answer}}/suggest/",
        "booking_ask_to_cancel, too early": f"{M}/bookings/{{to_answer}}/ask-to-cancel/",
        "new_booking": f"{M}/portal/bookings/new/",
        "availability": f"{M}/portal/availability/",
        "availability_days": f"{M}/portal/availability/days/",
        "availability_blocks": f"{M}/portal/availability/blocks/",
        "availability_rules": f"{M}/portal/availability/rules/",
        "availability_rules, changing": f"{M}/portal/availability/rules/?change=1",
        "availability_zone": f"{M}/portal/availability/zone/",
        "availability_zone, searched": f"{M}/portal/availability/zone/?q=prague",
        "standing": f"{M}/portal/standing/",
        "explain": f"{M}/portal/standing/{{late_change}}/explain/",
        "provider, one's own": f"{M}/experts/ana-nowak/",
        "account_email": f"{M}/settings/",
    },
    "staff": {
        "index": f"{M}/admin/",
        "booking": f"{M}/bookings/{{confirmed}}/",
        **{
            f"bookings_booking_{step}": f"{M}/admin/bookings/booking/{{{status}_id}}/{step}/"
            for step, status in STEPS.items()
        },
    },
    "owner": {"index": f"{M}/admin/", "app_list": f"{M}/admin/marketplace/", "home": f"{M}/"},
}
CASES = [
    pytest.param(role, path, id=f"{role}: {name}") for role, pages in PAGES.items() for name, path in pages.items()
]

# Reached by sending a form; test_pages_on_the_way_in looks at them.
ON_THE_WAY_IN = {
    "account_confirm_login_code", "account_email_verification_sent", "account_confirm_password_reset_code",
    "account_complete_password_reset", "request_code",
}  # fmt: skip
# Files, data, parts of pages, addresses that only take what is sent; tests/ui looks at the style guide.
NO_PAGES = {
    "autocomplete", "booking_ics", "demo_signin", "demo_themes", "dev_mail_calendar", "dev_mail_html", "dev_mail_scan", "dev_ui",
    "evidence", "health", "jsi18n", "keep_zone", "payment_event", "provider_slots", "provider_times", "robots", "set_theme",
    "sitemap", "theme_css",
}  # fmt: skip


def fail_with(faults: dict[str, list[str]]) -> None:
    """Fail with every fault of every page on a line of its own."""
    lines = [f"{path}  {fault}" for path, found in faults.items() for fault in found]
    if lines:
        pytest.fail("\n".join(lines), pytrace=False)


@pytest.mark.parametrize(("role", "path"), CASES)
def test_page_is_good_for_everybody(looker, facts, role, path):
    """axe finds nothing, nothing scrolls sideways, one h1, no complaint of the browser, no foreign host."""
    window = looker(role)

    assert window.open(path.format(**facts)) < 500
    fail_with({path: window.faults()})


@pytest.mark.parametrize("label", admin_models())
def test_administration_is_good_for_everybody(looker, facts, label):
    """List, row, its history, and where the owner may do that, adding and deleting."""
    window, pages = looker("owner"), f"{M}/admin/{label.replace('.', '/')}/"
    row = facts[label]
    paths = ["", "add/", *(f"{row}/{page}/" for page in ("change", "history", "delete") if row)]

    faults = {}
    for path in paths:
        status = window.open(pages + path)
        assert status in (200, 403), path
        if status == 200:
            faults[path] = window.faults()

    fail_with(faults)


def test_pages_on_the_way_in(looker, browser, demo_site, facts, django_db_blocker):
    """The pages that wait for a mailed code, a guest's request among them, and the one for a new password."""
    window, faults = looker("guest"), {}

    def send(path: str, button: str, *, first: str = "", **fields: str) -> Page:
        window.open(f"{M}/{path}")
        if first:
            window.page.get_by_role("button", name=first).first.click()
        for label, value in fields.items():
            window.page.get_by_label(label.replace("_", " ")).fill(value)
        window.page.get_by_role("button", name=button).last.click()
        expect(window.page.get_by_role("heading", name="Check your email")).to_be_visible()
        faults[path] = window.faults()
        return window.page

    send("signin/", "Email me a code", Email_address="jonas.tamm@demo.parley.example")
    send("signup/", "Create an account", Name="Toivo Kask", Email_address="toivo.kask@demo.parley.example")
    asking = f"experts/ana-nowak/{ASK}".format(**facts)
    toivo = {"Your_name": "Toivo Kask", "Email_address": "toivo.kask@example.org"}
    send(asking, "Send request", first="Take this time", **toivo)
    kacper = "kacper.zieba@demo.parley.example"
    page = send("reset/", "Email me a code", Email_address=kacper)
    code = Mailbox(browser.new_page(), demo_site, django_db_blocker).code_to(kacper)
    page.get_by_label("Code from the email").fill(code)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Choose a new password")).to_be_visible()
    faults["reset/password/"] = window.faults()
    window.context.clear_cookies()

    fail_with(faults)


def test_every_address_is_looked_at():
    """A new page is looked at from its first day."""
    named = {name.partition(",")[0] for pages in PAGES.values() for name in pages} | ON_THE_WAY_IN | NO_PAGES
    kinds = ("changelist", "add", "change", "history", "delete")
    known = named | {f"{label.replace('.', '_')}_{kind}" for label in admin_models() for kind in kinds}

    every = [*addresses(settings.ROOT_URLCONF), *addresses(settings.TENANT_URLCONF)]
    assert sorted({address.name for address in every if address.name} - known) == []


@pytest.mark.parametrize("path", ["/", "/experts/", "/experts/ana-nowak/"])
def test_first_view_is_light(browser, demo_site, path):
    """ux.md 2.0: at most 60 kB for HTML, CSS and script, compressed as a proxy does it, for somebody who was never here."""
    context, sizes = browser.new_context(), {}
    page = context.new_page()
    answers = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(f"{demo_site.url}{M}{path}", wait_until="load")
    for answer in answers:
        if answer.request.resource_type in ("document", "stylesheet", "script"):
            sizes[answer.url] = len(gzip.compress(answer.body(), 6))
    context.close()

    assert len(sizes) >= 5
    assert sum(sizes.values()) <= 60_000, sizes
