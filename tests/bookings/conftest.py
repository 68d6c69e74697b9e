"""One provider, one client, one service; helpers that read like the story."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.enums import Role
from accounts.services import adopt_policy
from accounts.tenancy import tenant_scope, uuid7
from bookings import services
from bookings.enums import Action, Actor
from tests import factories
from tests.bookings.negotiating import CLIENT, PROVIDER, RULES, STAFF, times
from tests.bookings.standing_scene import adopt, staff
from tests.worlds import kept

PRAGUE = ZoneInfo("Europe/Prague")


def prague(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of November 2026 by Ana's clock."""
    return datetime(2026, 11, day, hour, minute, tzinfo=PRAGUE).astimezone(UTC)


@pytest.fixture
def at():
    return prague


@pytest.fixture
def scene(in_north, now):
    """Kim in Chicago, Ana in Prague, a session of 30 minutes for 30 credits."""

    def make(tenant):
        ana = factories.provider("Ana Nowak", now=now)
        return SimpleNamespace(
            tenant=tenant,
            ana=ana,
            kim=factories.member("Kim Okafor"),
            service=factories.service(ana, price=30),
            now=now,
        )

    return kept(("scene", now), make, in_north)


@pytest.fixture
def ask(scene):
    """Ask for times, as Kim unless said otherwise."""

    def ask(*starts, client=None, service=None, now=None, **more):
        return services.request_session(
            client=client or scene.kim, service=service or scene.service, starts=starts, now=now or scene.now, **more
        )

    return ask


@pytest.fixture
def act(scene):
    """Do something to a booking as its provider or client."""

    def act(booking, action, actor=None, now=None, **details):
        actor = actor or (Actor.CLIENT if action == Action.WITHDRAW else Actor.PROVIDER)
        by = booking.client if actor == Actor.CLIENT else booking.provider.member
        return services.perform(booking=booking, action=action, actor=actor, by=by, now=now or scene.now, **details)

    return act


# --- the whole negotiation ---


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


# --- late changes ---


@pytest.fixture
def late(in_north, now):
    """Rules by which 48 hours before is late and 2 are allowed; Ana is listed under one topic. First session on 7 December."""

    def late(suspends="at_once", **rules):
        def make(tenant):
            adopt(suspends_topics=suspends, **rules)
            tax, pay = factories.topic("Tax planning"), factories.topic("Pay")
            ana = factories.provider("Ana Nowak", now=now, topics=[tax])
            service = factories.service(ana, "Tax planning", topic=tax)
            people = {"kim": factories.member("Kim Okafor"), "staff": staff()}
            return {"tax": tax, "pay": pay, "ana": ana, "service": service, **people}

        vars(late).update(kept(("late", now, suspends, repr(rules)), make, in_north))
        late.first = now.replace(hour=9, minute=0) + timedelta(days=14)
        return late

    return late


# --- many hands at one moment ---


@pytest.fixture
def shop(site, django_db_blocker):
    """A provider on the running site whose one time many people may ask for, and a Wednesday at ten, ten days ahead or more."""
    now = timezone.now()
    today = now.astimezone(ZoneInfo("Europe/Prague"))
    # Later than any time to answer, whatever day it is today.
    day = today + timedelta(days=16 - today.weekday())
    start = day.replace(hour=10, minute=0, second=0, microsecond=0)
    with django_db_blocker.unblock(), site.data():
        tenant = factories.tenant(f"race-{uuid7().hex[-12:]}")
        with tenant_scope(tenant):
            ana = factories.provider("Ana Nowak", now=now)
            service = factories.service(ana, hides_asked_times=False)
        yield SimpleNamespace(tenant=tenant, ana=ana, service=service, start=start, now=now, path=f"/t/{tenant.slug}")
