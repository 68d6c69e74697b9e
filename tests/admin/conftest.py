"""Two marketplaces of the same shape, each with everything the admin shows, and people who may or may not come in."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine

from accounts.enums import Role
from accounts.models import StaffAction
from accounts.tenancy import tenant_scope
from bookings import services as bookings
from bookings.enums import Action, Actor
from bookings.models import Booking
from credits import services as credits
from credits import verification
from credits.models import Programme
from notifications.models import OutboxMessage
from tests import factories
from tests.worlds import kept

NOW = factories.NOW


def furnish(tenant, letter):
    """One of everything; every name ends in the letter, so that it is recognised on the wrong page."""
    with tenant_scope(tenant):
        made = SimpleNamespace(tenant=tenant, letter=letter)
        made.topic = factories.topic(f"Topic {letter}")
        made.provider = factories.provider(f"Ana Provider{letter}", now=NOW, topics=[made.topic])
        made.service = factories.service(made.provider, f"Service {letter}", topic=made.topic)
        made.client = factories.member(f"Kim Client{letter}")
        made.staff = factories.member(f"Sam Staff{letter}", roles=(Role.STAFF,), zone="Europe/Dublin")
        made.owner = factories.member(f"Priya Owner{letter}", roles=(Role.OWNER,), zone="Asia/Kolkata")
        made.booking = ask(made, NOW)
        made.action = StaffAction.objects.create(
            actor=made.staff,
            action="changed",
            object_type="marketplace.provider",
            object_id=str(made.provider.pk),
            object_name=made.provider.name,
            changes=[
                {"field": "headline", "old": f"Old {letter}", "new": f"New {letter}"},
                {"why": f"Reason {letter}"},
            ],
        )
        made.work = OutboxMessage.objects.create(
            topic="notifications.email",
            dedupe_key=f"work {letter}",
            due_at=NOW,
            state="dead",
            last_error=f"Broken {letter}",
        )
        verification.keep([], now=NOW)
        reason = f"Reason {letter}"
        credits.adjust(member=made.client, amount=5, reason=reason, by=made.staff, request_key="1", now=NOW)
        credits.make_voucher(amount=5, by=made.staff, note=f"Note {letter}", now=NOW)
        programme = Programme.objects.create(name=f"Programme {letter}", amount=6)
        made.place = credits.join_programme(programme=programme, member=made.client, now=NOW)
    return made


def ask(world, clock, *, days=3, minutes=0):
    """A request of the world's client, at 10am in Prague so many days after the demo's Monday."""
    start = NOW.replace(hour=9, minute=0) + timedelta(days=days, minutes=minutes)
    return bookings.request_session(
        client=world.client, service=world.service, starts=[start], notes=f"Notes {world.letter}", now=clock
    )


@pytest.fixture(autouse=True)
def stopped_clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def mine(north):
    return kept("furnished north", lambda tenant: furnish(tenant, "qqnorth"), north)


@pytest.fixture
def theirs(south):
    return kept("furnished south", lambda tenant: furnish(tenant, "qqsouth"), south)


@pytest.fixture
def as_(client):
    """Sign in as a member; returns the test client."""

    def as_(member):
        client.force_login(member.user)
        return client

    return as_


@pytest.fixture
def accept():
    def accept(booking, clock=NOW):
        start = booking.proposals.get(state="open").times.first().starts_at
        return bookings.perform(
            booking=booking,
            action=Action.ACCEPT,
            actor=Actor.PROVIDER,
            by=booking.provider.member,
            now=clock,
            start=start,
            message="Happy to.",
        )

    return accept


@pytest.fixture
def staff(as_, mine):
    """Staff of the first marketplace, signed in."""
    return as_(mine.staff)


@pytest.fixture
def owner(as_, mine):
    return as_(mine.owner)


@pytest.fixture
def agreed(mine, accept):
    """The client's request, accepted and set up: Thu 26 Nov, 10am in Prague."""
    with tenant_scope(mine.tenant):
        accept(mine.booking)
        bookings.set_up(booking_id=mine.booking.pk, now=NOW)
        return Booking.objects.get(pk=mine.booking.pk)


@pytest.fixture
def act(mine):
    def act(booking, action, actor, now=NOW, **details):
        with tenant_scope(mine.tenant):
            by = booking.client if actor == Actor.CLIENT else booking.provider.member
            booking = Booking.objects.get(pk=booking.pk)
            return bookings.perform(booking=booking, action=action, actor=actor, by=by, now=now, **details)

    return act
