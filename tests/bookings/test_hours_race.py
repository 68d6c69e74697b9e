"""Hours that change while a request is accepted: both are done, and free time is what it should be (F62, PG-42)."""

import threading
from datetime import timedelta

from django.db import transaction

from accounts.tenancy import tenant_scope
from bookings import services
from bookings.enums import Action, Actor, Status
from bookings.models import Booking
from calendars import freetime
from calendars import services as calendars
from calendars.enums import ClaimKind
from calendars.hours import OpenHours
from calendars.hours_queries import week_of
from calendars.models import Calendar, Claim, FreeDay
from tests.bookings.rivals import ask, at_once, deadlocks, member

ROUNDS = 6


def accept(shop, booking):
    def call():
        with tenant_scope(shop.tenant):
            fresh = Booking.objects.select_related("provider__member", "client__user", "service", "policy_version").get(
                pk=booking.pk
            )
            services.perform(
                booking=fresh,
                action=Action.ACCEPT,
                actor=Actor.PROVIDER,
                by=fresh.provider.member,
                start=fresh.proposals.get().times.get().starts_at,
                now=shop.now,
                # Blocked time may come first: it only warns (decisions.md 14).
                clash_accepted=True,
            )

    return call


def edit(shop, change):
    """An edit from a page that was opened before everybody else began."""
    stale = shop.ana.calendar

    def call():
        with tenant_scope(shop.tenant):
            change(stale)

    return call


def kept(shop):
    rows = FreeDay.objects.filter(calendar=shop.ana.calendar).order_by("day")
    return [(row.day, row.open, row.busy, row.asked) for row in rows]


def anew(shop):
    """The rows as they would be if they were computed from nothing."""
    first_day, days = freetime.days_kept(shop.now)
    FreeDay.objects.filter(calendar=shop.ana.calendar).delete()
    freetime.rebuild([Calendar.objects.get(pk=shop.ana.calendar.pk)], first_day=first_day, days=days)
    return kept(shop)


def test_hours_that_change_while_requests_are_accepted(shop):
    """All five are done, whoever comes first: the session is agreed although its time is closed, blocked or in another zone now."""
    kim, before = member(shop), deadlocks()
    for number in range(ROUNDS):
        start = shop.start + timedelta(days=7 * number)
        day = start.date()
        booking = ask(shop, kim, start)
        zone = ("America/Chicago", "Europe/Prague")[number % 2]

        at_once(
            accept(shop, booking),
            edit(
                shop,
                lambda calendar, day=day: calendars.set_override(calendar=calendar, date=day, ranges=[], now=shop.now),
            ),
            edit(
                shop,
                lambda calendar, start=start: calendars.block(
                    calendar=calendar, start=start, end=start + timedelta(hours=1)
                ),
            ),
            edit(
                shop,
                lambda calendar, n=number: calendars.set_weekly_hours(
                    calendar=calendar, hours=[OpenHours(2, 540 + 5 * n, 1020)], now=shop.now
                ),
            ),
            edit(
                shop,
                lambda calendar, zone=zone: calendars.set_time_zone(calendar=calendar, time_zone=zone, now=shop.now),
            ),
        )

        with tenant_scope(shop.tenant):
            booking.refresh_from_db()
            assert booking.status == Status.CONFIRMING
            mine = Claim.objects.filter(calendar=shop.ana.calendar)
            assert mine.filter(kind=ClaimKind.SESSION).count() == number + 1
            assert mine.filter(kind=ClaimKind.BLOCKED).count() == number + 1
            assert Calendar.objects.get(pk=shop.ana.calendar.pk).time_zone == zone
            assert kept(shop) == anew(shop)
            # Open again for the next round, in the zone in which its request is made.
            calendars.set_time_zone(calendar=shop.ana.calendar, time_zone="Europe/Prague", now=shop.now)
            calendars.set_weekly_hours(
                calendar=shop.ana.calendar, hours=[OpenHours(day, 480, 1080) for day in range(7)], now=shop.now
            )
    assert deadlocks() == before


def test_a_calendar_that_others_queue_at_too_long_says_so_and_keeps_what_was_typed(shop, client):
    """F25: no change, no error page."""
    released, held = threading.Event(), threading.Event()

    def hold():
        with tenant_scope(shop.tenant), transaction.atomic():
            calendars.lock([shop.ana.calendar])
            held.set()
            released.wait(60)

    def save():
        try:
            held.wait(60)
            client.force_login(shop.ana.member.user)
            return client.post(f"{shop.path}/portal/availability/", {"opens-0": "7am", "closes-0": "8am"})
        finally:
            released.set()

    answer, _ = at_once(save, hold)

    assert answer.status_code == 409
    assert "so nothing is saved yet. Press the button again." in answer.content.decode()
    assert 'value="7am"' in answer.content.decode()
    with tenant_scope(shop.tenant):
        assert [(row.day, row.opens) for row in week_of(shop.ana.calendar)] == [(day, 540) for day in range(5)]
