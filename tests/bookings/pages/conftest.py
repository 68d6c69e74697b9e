"""Pages as people open them: real requests through the middleware, on the clock of the demo, outside of any scope."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from accounts.enums import Role
from accounts.models import Membership, Tenant
from accounts.tenancy import tenant_scope
from bookings import queries, services
from bookings.context import TimeOnTable
from bookings.enums import Action, Actor
from bookings.models import Booking, BookingEvent
from marketplace.models import Provider, Service
from notifications.models import EmailMessage
from tests import factories
from tests.worlds import kept

PRAGUE = ZoneInfo("Europe/Prague")


def prague(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of November 2026 by Ana's clock."""
    return datetime(2026, 11, day, hour, minute, tzinfo=PRAGUE).astimezone(UTC)


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


class World:
    """Kim in Chicago asks Ana in Prague; Sam is staff, Lena another member, Rui lives in another tenant."""

    def __init__(self, tenant: Tenant, now: datetime) -> None:
        self.tenant, self.now = tenant, now
        with tenant_scope(tenant):
            self.ana: Provider = factories.provider("Ana Nowak", now=now)
            self.kim: Membership = factories.member("Kim Okafor")
            self.lena: Membership = factories.member("Lena Hartmann", zone="Europe/Berlin")
            self.sam: Membership = factories.member("Sam Doyle", roles=(Role.STAFF,), zone="Europe/Dublin")
            self.service: Service = factories.service(self.ana, price=30)

    @contextmanager
    def inside(self) -> Iterator[None]:
        with tenant_scope(self.tenant):
            yield

    def client(self, who: Membership | None = None) -> Client:
        client = Client()
        if who is not None:
            client.force_login(who.user)
        return client

    def url(self, path: str) -> str:
        return f"/t/{self.tenant.slug}{path}"

    def get(self, who: Membership | None, path: str, **headers):
        return self.client(who).get(self.url(path), headers=headers or None)

    def post(self, who: Membership | None, path: str, data: dict | None = None):
        return self.client(who).post(self.url(path), data or {})

    def ask(self, *starts: datetime, client: Membership | None = None, **more) -> Booking:
        with self.inside():
            return services.request_session(
                client=client or self.kim,
                service=more.pop("service", self.service),
                starts=starts or (prague(24, 15),),
                now=more.pop("now", self.now),
                **more,
            )

    def act(
        self,
        booking: Booking,
        action: Action,
        actor: Actor | None = None,
        *,
        now: datetime | None = None,
        **details,
    ) -> Booking:
        """Do it as this side; without one as the client who withdraws, and for everything else as the provider."""
        actor = actor or (Actor.CLIENT if action == Action.WITHDRAW else Actor.PROVIDER)
        with self.inside():
            by = booking.client if actor == Actor.CLIENT else booking.provider.member
            return services.perform(booking=booking, action=action, actor=actor, by=by, now=now or self.now, **details)

    def confirm(self, booking: Booking) -> Booking:
        """Accept its first time and let the worker finish."""
        with self.inside():
            start = queries.proposals_of(queries.get_booking_for(self.sam, booking.code))[0].times.all()[0].starts_at
        self.act(booking, Action.ACCEPT, start=start)
        with self.inside():
            services.set_up(booking_id=booking.pk, now=self.now)
        return self.again(booking)

    def suggest(self, booking: Booking, *starts: datetime, by: Actor = Actor.PROVIDER, **details) -> Booking:
        """Put other times on its table."""
        minutes, price = details.pop("minutes", booking.minutes), details.pop("price", booking.price)
        offer = [TimeOnTable(start, minutes, price) for start in starts]
        self.act(booking, Action.SUGGEST, by, offer=offer, **details)
        return self.again(booking)

    def again(self, booking: Booking) -> Booking:
        with self.inside():
            return queries.get_booking_for(self.sam, booking.code)

    def state(self) -> tuple:
        """Everything a GET must leave as it is: bookings, timeline, mails."""
        with self.inside():
            return (
                list(Booking.objects.order_by("pk").values_list("pk", "status", "last_sequence", "notes")),
                BookingEvent.objects.count(),
                EmailMessage.objects.count(),
                Membership.objects.count(),
            )


@pytest.fixture
def clock(now):
    """The pages' clock stands still; `clock.shift(...)` moves it."""
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


@pytest.fixture
def world(north, now, clock) -> World:
    return kept(("world", now), lambda tenant: World(tenant, now), north)


@pytest.fixture
def rui(south, now, clock) -> Membership:
    def make(tenant: Tenant) -> Membership:
        with tenant_scope(tenant):
            return factories.member("Rui Alves")

    return kept("Rui Alves", make, south)


@pytest.fixture
def later(clock):
    def later(**delta) -> None:
        clock.shift(timedelta(**delta))

    return later


def words(response) -> str:
    """What a page says, without mark-up, on one line."""
    html = re.sub(r"(?s)<(svg|script|head)\b.*?</\1>", " ", response.content.decode())
    return re.sub(r"\s+([.,:;?!])", r"\1", " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split()))


def values(response, name: str) -> list[str]:
    """The values of all controls with this name, in order."""
    found = []
    for tag in re.findall(r"<(?:input|button)\b[^>]*>", response.content.decode()):
        if f'name="{name}"' in tag:
            found += [unescape(value) for value in re.findall(r'value="([^"]*)"', tag)]
    return found
