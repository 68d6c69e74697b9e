"""One provider, one client, one service; helpers that read like the story."""

from datetime import UTC, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from bookings import services
from bookings.enums import Action, Actor
from tests import factories
from tests.bookings.negotiating import agreed, begin, do, rules  # noqa: F401 - fixtures
from tests.bookings.rivals import shop  # noqa: F401 - a fixture
from tests.bookings.standing_scene import late  # noqa: F401 - a fixture
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
