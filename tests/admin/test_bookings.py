"""The list and the page of bookings, and the queues that lead there (PG-80, PG-81)."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tenancy import tenant_scope
from bookings import services as bookings
from notifications.models import EmailMessage
from tests import factories

from .conftest import NOW, ask

LIST = "/t/north/admin/bookings/booking/"


def shown(answer):
    return [row.code for row in answer.context["cl"].result_list]


@pytest.fixture
def three(mine, accept):
    """Pending since now, pending for 25 hours and due in 5, setting up for 20 minutes."""
    with tenant_scope(mine.tenant):
        old = ask(mine, NOW - timedelta(hours=67), days=4)
        stuck = ask(mine, NOW - timedelta(hours=2), days=4, minutes=60)
        accept(stuck, NOW - timedelta(minutes=20))
    return [mine.booking.code, old.code, stuck.code]


def test_a_row_says_when_for_everybody_and_what_is_next(mine, staff):
    text = staff.get(LIST).text

    assert "2026-11-26 09:00 UTC" in text
    assert "Thu 26 Nov, 10am Prague" in text
    assert "Thu 26 Nov, 3am Chicago" in text
    assert "Ana Providerqqnorth by Thu 26 Nov, 08:14 UTC, in 3 days" in text
    assert "Kim Clientqqnorth" in text


@pytest.mark.parametrize(("needs", "which"), [("unanswered", [1]), ("due_soon", [1]), ("stuck", [2])])
def test_queues_lead_to_their_bookings(needs, which, three, staff):
    first_page = staff.get("/t/north/admin/")
    queue = next(queue for queue in first_page.context["queues"] if queue.url.endswith(f"needs={needs}"))

    answer = staff.get(queue.url)

    assert shown(answer) == [three[n] for n in which]
    assert queue.count == len(which)


def test_filter_by_status(three, staff):
    assert shown(staff.get(LIST, {"status__exact": "confirming"})) == [three[2]]
    assert set(shown(staff.get(LIST, {"status__exact": "pending"}))) == {three[0], three[1]}


@pytest.mark.parametrize("by", ["code", "client name", "provider name", "client e-mail", "provider e-mail"])
def test_search(by, mine, staff):
    with tenant_scope(mine.tenant):
        other = factories.member("Olga Other")
        world = type(mine)(**{**vars(mine), "client": other})
        found = ask(world, NOW, days=4)
    words = {
        "code": found.code,
        "client name": "olga",
        "provider name": "providerqqnorth",
        "client e-mail": other.user.email,
        "provider e-mail": mine.provider.member.user.email,
    }[by]

    codes = set(shown(staff.get(LIST, {"q": words})))

    assert codes == ({found.code, mine.booking.code} if by.startswith("provider") else {found.code})


def test_the_page_shows_times_timeline_and_mails(mine, staff, accept):
    with tenant_scope(mine.tenant):
        accept(mine.booking, NOW + timedelta(minutes=5))
        bookings.set_up(booking_id=mine.booking.pk, now=NOW + timedelta(minutes=6))
        mails = EmailMessage.objects.filter(reference=mine.booking.reference).count()

    answer = staff.get(f"{LIST}{mine.booking.pk}/change/")

    text = answer.text
    assert "2026-11-26 09:00, 30 min (chosen)" in text
    assert "pending → confirming" in text
    assert "confirming → confirmed" in text
    assert "Happy to." in text
    assert "Kim Clientqqnorth (client)" in text
    assert "The system" in text
    assert mails == 4
    assert len(answer.context["mails"]) == 4
    assert text.count("booking_confirmed_client") == 1
    assert 'type="submit"' not in text.partition('id="booking_form"')[2].partition("</form>")[0]


def queries(page, visitor):
    visitor.get(page)
    with CaptureQueriesContext(connection) as captured:
        assert visitor.get(page).status_code == 200
    return len(captured)


@pytest.mark.parametrize(
    "page",
    [
        "bookings/booking/",
        "accounts/membership/",
        "accounts/staffaction/",
        "marketplace/provider/",
        "marketplace/service/",
        "marketplace/topic/",
        "marketplace/providertopic/",
        "calendars/calendar/",
        "notifications/emailmessage/",
        "notifications/outboxmessage/",
        "",
    ],
)
def test_pages_take_as_many_queries_for_three_rows_as_for_one(page, mine, staff):
    one = queries(f"/t/north/admin/{page}", staff)
    with tenant_scope(mine.tenant):
        for number in (4, 5):
            topic = factories.topic(f"Topic {number}")
            provider = factories.provider(f"Provider {number}", now=NOW, topics=[topic])
            service = factories.service(provider, f"Service {number}", topic=topic)
            client = factories.member(f"Client {number}")
            ask(type(mine)(letter="qqnorth", client=client, service=service), NOW, days=number - 1)

    assert queries(f"/t/north/admin/{page}", staff) == one


def test_a_bookings_page_takes_as_many_queries_for_a_long_story_as_for_a_short_one(mine, staff, accept):
    url = f"{LIST}{mine.booking.pk}/change/"
    short = queries(url, staff)
    with tenant_scope(mine.tenant):
        accept(mine.booking)
        bookings.set_up(booking_id=mine.booking.pk, now=NOW)

    assert queries(url, staff) <= short


def test_age_counts_from_the_request(mine, staff):
    with time_machine.travel(NOW + timedelta(hours=3), tick=False):
        assert "3 hours ago" in staff.get(LIST).text
