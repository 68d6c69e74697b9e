"""The flags of a day follow the rule that decides (PG-40)."""

from dataclasses import replace

from bookings import clashes, queries
from bookings.context import Reader
from bookings.enums import Action
from bookings.pages.answering import context_from, context_of
from bookings.pages.parts import Viewer, table_of
from calendars.enums import ClaimKind
from calendars.services import claim, open_calendar
from tests import factories

from ..conftest import prague


def test_flags_follow_the_rule_that_decides(world, several):
    """The one query for many bookings finds what `services` finds for each: buffers, both people, all kinds of claims."""
    with world.inside():
        buffered = factories.service(world.ana, "Deep dive", minutes=60, buffer_before=15, buffer_after=30)
        kims = open_calendar(member=world.kim, time_zone="America/Chicago")
        claims = [
            (world.ana.calendar, prague(24, 14), prague(24, 14, 50), ClaimKind.EXTERNAL, "ext:1"),
            (world.ana.calendar, prague(25, 13, 15), prague(25, 13, 45), ClaimKind.BLOCKED, "block:1"),
            (world.ana.calendar, prague(26, 10, 30), prague(26, 11), ClaimKind.SESSION, "booking:NO-OTHER"),
            (kims, prague(26, 13, 15), prague(26, 13, 45), ClaimKind.SESSION, "booking:NO-THIRD"),
            (kims, prague(24, 15), prague(24, 16), ClaimKind.EXTERNAL, "ext:2"),
        ]
    bookings = [
        world.ask(prague(24, 15), prague(25, 12), service=buffered),
        world.ask(prague(26, 9, 30), prague(26, 10, 30), client=world.lena),
        world.ask(prague(26, 13)),
    ]
    with world.inside():
        for calendar, start, end, kind, reference in claims:
            claim(calendars=[calendar], start=start, end=end, kind=kind, reference=reference)
        rows = [queries.get_booking_for(world.sam, booking.code) for booking in bookings]

        found = clashes.at_many(table_of(rows))
    assert sorted(len(value) for value in found.values()) == [0, 1, 1, 1, 1]


def test_facts_without_queries_are_those_of_the_services(world, django_assert_num_queries):
    """What a page foretells is judged on the same facts as what is done; only what happened last is left out."""
    booking = world.ask(prague(24, 15))
    with world.inside():
        row = queries.get_booking_for(world.ana.member, booking.code)
        viewer = Viewer(world.ana.member, Reader("Europe/Prague"), world.now)
        queries.proposals_of(row)
        with django_assert_num_queries(0):
            quick = context_from(row, viewer, Action.ACCEPT)

        assert replace(context_of(row, viewer, Action.ACCEPT), last=None) == quick
