"""The whole negotiation with one call each: rules under which both sides may propose, and what shows in a booking afterwards."""

from dataclasses import replace

import pytest

from accounts.enums import Role
from accounts.policies import Policy
from accounts.services import adopt_policy
from bookings import services
from bookings.context import TimeOnTable
from bookings.enums import Action, Actor
from calendars.models import Claim
from tests import factories
from tests.worlds import kept

CLIENT, PROVIDER, STAFF, SYSTEM = Actor.CLIENT, Actor.PROVIDER, Actor.STAFF, Actor.SYSTEM
RULES = Policy(provider_made="needs_client", answer_window_hours=72, max_times=3, logistics="manual", completion="both")


def times(*starts, minutes=30, price=30):
    return [TimeOnTable(start, minutes, price) for start in starts]


@pytest.fixture
def rules(scene):
    """The tenant's rules, with changes."""

    def rules(**changes):
        adopt_policy(policy=replace(RULES, **changes))

    kept("the negotiation's rules", lambda tenant: rules(), scene.tenant)
    return rules


@pytest.fixture
def do(scene, rules):
    """Do something to a booking as anybody."""
    staff = kept("Sam Support", lambda tenant: factories.member("Sam Support", roles=(Role.STAFF,)), scene.tenant)

    def do(booking, action, actor, now=None, **details):
        by = {CLIENT: booking.client, PROVIDER: booking.provider.member, STAFF: staff}.get(actor)
        if actor == STAFF:
            details = {"reason_text": "Both asked us", **details}
        return services.perform(booking=booking, action=action, actor=actor, by=by, now=now or scene.now, **details)

    return do


@pytest.fixture
def begin(scene, rules):
    """Begin a booking for Kim, as Ana unless said otherwise."""

    def begin(action, *starts, actor=PROVIDER, **more):
        return services.begin(
            action=action, actor=actor, client=scene.kim, service=scene.service, offer=times(*starts),
            now=more.pop("now", scene.now), **more,
        )  # fmt: skip

    return begin


@pytest.fixture
def agreed(ask, do, at):
    """Agreed for Wednesday at ten."""
    return do(ask(at(25, 10)), Action.ACCEPT, PROVIDER, start=at(25, 10))


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
