"""What stands before a journey begins, made by the services in a running site's marketplace."""

from datetime import datetime, timedelta

from accounts.models import Membership
from accounts.queries import current_policy
from bookings import services
from bookings.context import TimeOnTable
from bookings.enums import Action, Actor
from bookings.models import Booking
from calendars import queries as calendars
from marketplace import queries as marketplace
from marketplace.models import Service

HALF_HOUR, LOOK_AHEAD = timedelta(minutes=30), timedelta(days=15)
MOST_TRIES = 40


def request(client: str, provider: str, service: str, *, at: datetime, asked_at: datetime) -> Booking:
    """A client asked at `asked_at` for the first free time from `at` (both aware). Needs the scope of the tenant."""
    offered = Service.objects.select_related("provider__member", "provider__calendar").get(
        provider__name=provider, name=service
    )
    rules = marketplace.rules_of(offered, current_policy().policy)
    slots = calendars.bookable(
        offered.provider.calendar, rules, since=at, until=at + LOOK_AHEAD, now=asked_at, hide_asked=True
    )
    asker = Membership.objects.select_related("user", "tenant").get(name=client)
    return services.request_session(
        client=asker,
        service=offered,
        starts=[next(iter(slots)).start],
        now=asked_at,
        notes="A time that suits us both.",
    )


def agree(client: str, provider: str, service: str, *, ahead: timedelta, now: datetime) -> Booking:
    """The two have agreed on the first time from `now + ahead` at which neither is busy, on a full or half hour.

    The provider suggested it, who may also do so outside their hours. Needs the scope of the tenant.
    """
    booking = request(client, provider, service, at=now + timedelta(days=9), asked_at=now)
    [start] = suggest(booking, now + ahead, now=now)
    return services.perform(
        booking=booking, action=Action.ACCEPT, actor=Actor.CLIENT, by=booking.client, now=now, start=start
    )


def suggest(booking: Booking, *moments: datetime, now: datetime) -> list[datetime]:
    """The provider suggested, at `now`, the first full or half hours from these moments at which neither is busy (all aware)."""
    starts = [moment + (datetime.min.replace(tzinfo=moment.tzinfo) - moment) % HALF_HOUR for moment in moments]
    for _ in range(MOST_TRIES):
        try:
            services.perform(
                booking=booking,
                action=Action.SUGGEST,
                actor=Actor.PROVIDER,
                by=booking.provider.member,
                now=now,
                offer=[TimeOnTable(start, booking.minutes, booking.price) for start in starts],
                clash_accepted=True,
            )
        except services.Refused as refused:
            why, starts = refused, [start + HALF_HOUR for start in starts]
        else:
            return starts
    raise why
