"""Free times near one that can't be had (PG-05, PG-33, CK-15)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.http import urlencode

from accounts.formatting import WhenWords
from accounts.policies import Policy
from calendars import queries as calendars
from calendars.slots import nearest
from marketplace import queries as marketplace
from marketplace.models import Service

from ..enums import Action, Actor
from ..models import Booking
from . import ways
from .parts import Viewer, other_zone, side_of, times_of

LOOK_AROUND = timedelta(days=14)
COUNT = 3
TAKES = {Action.SUGGEST: "Suggest it", Action.RESCHEDULE: "Move it here"}


@dataclass(frozen=True)
class Free:
    """A free time near one that can't be had; `href` leads to the form that asks for it, `button` says so."""

    label: str
    other: str
    datetime: str
    href: str = ""
    button: str = ""


def near(
    service: Service, wanted: datetime, policy: Policy, now: datetime, *, without: Collection[datetime] = ()
) -> list[datetime]:
    """Up to three free starts (UTC) of the service nearest to `wanted`, in order of time. One query."""
    begins = marketplace.takes_requests_from(service.provider, now)
    free = calendars.bookable(
        service.provider.calendar,
        marketplace.rules_of(service, policy),
        since=max(begins, wanted - LOOK_AROUND),
        until=max(begins, wanted) + LOOK_AROUND,
        now=now,
        hide_asked=marketplace.hides_asked(service, policy),
    )
    return [slot.start for slot in nearest([slot for slot in free if slot.start not in without], wanted, COUNT)]


def free_near(booking: Booking, viewer: Viewer, wanted: datetime | None) -> list[Free]:
    """Up to three free times near the wanted one, or near the first on the table, each with the way to ask for it."""
    asked = [time.starts_at for time in times_of(booking)]
    wanted = wanted or booking.starts_at or (asked[0] if asked else viewer.now)
    action, zone = ways.to_another_time(booking, viewer), other_zone(booking, side_of(booking, viewer))
    without = [*asked, booking.starts_at]
    booking.service.provider = booking.provider
    starts = near(booking.service, wanted, booking.policy, viewer.now, without=without)
    return [_free(booking, viewer, viewer.when(start, booking.minutes, zone), action) for start in starts]


def _free(booking: Booking, viewer: Viewer, when: WhenWords, action: Action | None) -> Free:
    if action in TAKES:
        href = f"{ways.href_of(booking, action)}?{urlencode({'time': when.datetime})}"
        return Free(when.label, when.other, when.datetime, href, TAKES[action])
    if side_of(booking, viewer) == Actor.CLIENT and booking.starts_at is None:
        asks = urlencode({"service": booking.service_id, "slot": when.datetime})
        href = f"{reverse('request', args=[booking.provider.slug])}?{asks}"
        return Free(when.label, when.other, when.datetime, href, "Ask for it")
    return Free(when.label, when.other, when.datetime)
