"""Source 000's rule: a session is confirmed at least 24 hours before the scheduled time (S0.21)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from bookings.models import Booking

from . import scenes
from .person import has_all

BILAL, OLEG = "bilal.qureshi@demo.parley.example", "oleg.bondar@demo.parley.example"
LEAD = timedelta(hours=24)


def test_nobody_can_ask_for_or_offer_a_time_within_24_hours(member, reading):
    """S0.21 beforehand: the first time that a client can ask for is a day ahead, and the consultant can't offer a sooner one."""
    now = datetime.now(UTC)
    client, consultant = member("consult", "Bilal Qureshi"), member("consult", "Oleg Bondar")

    client.page.goto(f"{client.site}/t/consult/experts/oleg-bondar/")
    client.choose_service("Consultation")
    assert client.start_of(client.slots.first) >= now + LEAD

    with reading("consult"):
        asked = scenes.request("Bilal Qureshi", "Oleg Bondar", "Consultation", at=now + timedelta(days=8), asked_at=now)
    soon = (now + timedelta(hours=20)).astimezone(ZoneInfo(consultant.zone)).replace(minute=30)
    consultant.open_booking("consult", asked.code)
    consultant.follow("Suggest other times")
    consultant.page.get_by_label("Day (optional)").fill(f"{soon:%Y-%m-%d}")
    consultant.page.get_by_label("Time (optional)").fill(f"{soon:%H:%M}")
    with consultant.page.expect_navigation():
        consultant.press("Add this time")
    has_all(consultant.page.locator("main"), "is too soon: a session is agreed at least 24 hours before it starts.")


def test_time_that_comes_too_near_can_not_be_confirmed(member, reading, record):
    """S0.21 when it happens: of two times one has come within 24 hours; the page says so, and the other one can be had."""
    now = datetime.now(UTC)
    with reading("consult"):
        booking = _asked_five_hours_ago(now)
        soon, later = scenes.suggest(
            booking, now + timedelta(hours=20), now + timedelta(days=7), now=booking.created_at
        )
    assert now < soon < now + LEAD
    client = member("consult", "Bilal Qureshi")

    # The page says which time can't be had any more, by which rule, and which one can.
    client.open_booking("consult", booking.code)
    [can] = [line.split(" to ")[0] for line in client.reads(later, 30)[:1]]
    has_all(client.page.locator("main form"), f"Accepting closes 24 hours before the start. You can still accept {can}")
    client.page.goto(f"{client.page.url}accept/")
    expect(client.page.get_by_label(client.reads(soon, 30)[0])).to_be_disabled()
    has_all(client.page.locator("main"), "Accepting closes 24 hours before the start.")
    client.page.get_by_role("main").get_by_role("button", name="Accept").first.click()
    expect(client.badge).to_have_text("Confirmed")
    assert record("consult", booking.code).starts_at == later


def test_request_that_nobody_confirmed_a_day_before_closes(member, reading, record, mailbox):
    """S0.21 at the end: a request runs out 24 hours before its time, and both are told that it did."""
    now = datetime.now(UTC)
    with reading("consult"):
        booking = _asked_five_hours_ago(now)
        [soon] = scenes.suggest(booking, now + timedelta(hours=20), now=booking.created_at)
    assert now < soon < now + LEAD
    client = member("consult", "Bilal Qureshi")

    # Before the system has closed it there is nothing to accept either; then both are told, and it stays closed.
    client.open_booking("consult", booking.code)
    expect(client.page.get_by_role("main").get_by_role("button", name="Accept")).to_have_count(0)
    told = mailbox.told(booking.code, "in time: ", count=2)
    assert set(told) == {BILAL, OLEG}
    client.page.reload()
    expect(client.badge).to_have_text("Not answered in time")
    has_all(client.timeline.first, "The time to answer ended. Nobody had answered.")
    has_all(client.timeline.nth(1), "at the latest 24 hours before the start.")
    assert record("consult", booking.code).status == "expired"


def _asked_five_hours_ago(now: datetime) -> Booking:
    """A request for the week after, made when 24 hours before its new time were still ahead."""
    then, later = now - timedelta(hours=5), now + timedelta(days=8)
    return scenes.request("Bilal Qureshi", "Oleg Bondar", "Consultation", at=later, asked_at=then)
