"""What a provider's own hours mean for what is agreed and asked for already: reads for the pages of PG-42."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from calendars.hours_queries import OpenTime, open_time
from marketplace.models import Provider

from .enums import AGREED, ProposalState, Status
from .models import Booking, ProposalTime

# The longest session: what began earlier is over.
_LONGEST = timedelta(hours=12)
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Held:
    """A session that is agreed, or a time that is asked for: [start, end) in UTC, without buffers."""

    code: str
    service: str
    client: str
    start: datetime
    end: datetime
    is_agreed: bool

    def meets(self, start: datetime, end: datetime) -> bool:
        """Whether any of it lies in [start, end)."""
        return self.start < end and start < self.end


def coming(provider: Provider, now: datetime) -> list[Held]:
    """What is agreed with the provider or asked of them and is not over, in order of time. Two queries."""
    agreed = Booking.objects.filter(
        provider=provider, status__in=(*AGREED, Status.WAITING), starts_at__gt=now - _LONGEST
    ).select_related("client", "service")
    asked = ProposalTime.objects.filter(
        proposal__booking__provider=provider, proposal__state=ProposalState.OPEN, starts_at__gt=now
    ).select_related("proposal__booking__client", "proposal__booking__service")
    held = [_held(row.proposal.booking, row.starts_at, row.minutes, is_agreed=False) for row in asked]
    held += [_held(row, row.starts_at, row.minutes, is_agreed=True) for row in agreed if row.starts_at]
    # What waits for its payment is agreed, and its proposal may still be open.
    once = {(row.code, row.start): row for row in held if row.end > now}
    return sorted(once.values(), key=lambda row: (row.start, row.code))


def outside(held: Iterable[Held], open_: OpenTime) -> list[Held]:
    """Those that don't lie in open time from begin to end."""
    return [row for row in held if not open_.holds(row.start, row.end)]


def outside_hours(provider: Provider, held: Sequence[Held]) -> list[Held]:
    """Those that lie outside the provider's hours as they are now (PG-42). Two queries, none for nothing."""
    if not held:
        return []
    zone = ZoneInfo(provider.calendar.time_zone)
    first, last = held[0].start.astimezone(zone).date(), max(row.end for row in held).astimezone(zone).date()
    return outside(held, open_time(provider.calendar, first - _ONE_DAY, last + _ONE_DAY))


def _held(booking: Booking, start: datetime, minutes: int, *, is_agreed: bool) -> Held:
    end = start + timedelta(minutes=minutes)
    return Held(booking.code, booking.service.name, booking.client.name, start, end, is_agreed)
