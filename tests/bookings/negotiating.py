"""The whole negotiation with one call each: rules under which both sides may propose, and what shows in a booking afterwards."""

import pytest

from accounts.policies import Policy
from bookings import services
from bookings.context import TimeOnTable
from bookings.enums import Actor
from calendars.models import Claim

CLIENT, PROVIDER, STAFF, SYSTEM = Actor.CLIENT, Actor.PROVIDER, Actor.STAFF, Actor.SYSTEM
RULES = Policy(provider_made="needs_client", answer_window_hours=72, max_times=3, logistics="manual", completion="both")


def times(*starts, minutes=30, price=30):
    return [TimeOnTable(start, minutes, price) for start in starts]


def names(booking):
    return list(booking.events.values_list("name", flat=True))


def states(booking):
    return [(row.made_by, row.state) for row in booking.proposals.order_by("number")]


def held(booking, kind):
    rows = Claim.objects.filter(reference=booking.reference, kind=kind, calendar=booking.provider.calendar)
    return sorted(row.during.lower for row in rows)


def refusal_of(call, *args, **kwargs):
    with pytest.raises(services.Refused) as refused:
        call(*args, **kwargs)
    return refused.value.refusal
