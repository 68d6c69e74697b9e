"""What else takes people's time at times on the table (S4.4, decisions.md 14): the same finding decides and is shown."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from calendars.enums import ClaimKind

from .context import Clash, TimeOnTable
from .effects.time import with_buffers
from .enums import Actor, Status
from .models import Booking

Key = tuple[UUID, datetime]
NAMED_AT_MOST = 3
TITLES_TO_STAFF = {ClaimKind.EXTERNAL: "an appointment of their own", ClaimKind.BLOCKED: "time they blocked"}


class Taken(NamedTuple):
    """A claim on somebody's time. Of a session or a request also its code and what it is: service, whom with, client."""

    kind: str
    start: datetime
    end: datetime
    code: str
    service: str | None
    other: str | None
    client: str | None
    status: str | None


def at(booking: Booking, time: TimeOnTable) -> tuple[Clash, ...]:
    """What else takes the provider's or the client's time then. One statement."""
    return at_many([(booking, time)])[booking.pk, time.starts_at]


def at_many(times: Sequence[tuple[Booking, TimeOnTable]]) -> dict[Key, tuple[Clash, ...]]:
    """Clashes of each time of one tenant's bookings, by booking id and start (UTC): the agreed first, then as many of the
    others as one can read in a sentence. One statement, none without times (CK-22, CK-23)."""
    found: dict[Key, tuple[Clash, ...]] = {(booking.pk, time.starts_at): () for booking, time in times}
    for place, of, *taken in _clashing(times):
        booking, time = times[place]
        found[booking.pk, time.starts_at] += (clash_of(Taken(*taken), Actor(of)),)
    return found


def _clashing(times: Sequence[tuple[Booking, TimeOnTable]]) -> list[tuple[Any, ...]]:
    if not times:
        return []
    columns = _columns((booking, time, with_buffers(booking, time)) for booking, time in times)
    # Where hundreds ask for one time, reading all of them took half of a loser's answer (F60).
    with connection.cursor() as cursor:
        cursor.execute(_CLASHING, {**columns, "tenant": times[0][0].tenant_id, "most": NAMED_AT_MOST})
        return cursor.fetchall()


def _columns(rows: Iterable[tuple[Booking, TimeOnTable, tuple[datetime, datetime]]]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {name: [] for name in ("calendar", "client", "own", "busy", "free", "start", "end")}
    for booking, time, (busy, free) in rows:
        values = (booking.provider.calendar_id, booking.client_id, booking.reference, busy, free)
        for column, value in zip(columns.values(), (*values, time.starts_at, time.ends_at), strict=True):
            column.append(value)
    return columns


# From the few calendars to their claims: an OR over people reads the claims of all. The bounds of `ends_at` are what an
# index can serve behind row-level security. A client's own time is taken only by what was agreed.
_CLASHING = """
SELECT wanted.place - 1, taken.side, taken.kind, lower(taken.during), upper(taken.during), taken.code, service.name,
    CASE WHEN provider.member_id = taken.member_id THEN client.name ELSE provider.name END, client.name,
    booking.status
FROM unnest(
    %(calendar)s::uuid[], %(client)s::uuid[], %(own)s::text[], %(busy)s::timestamptz[], %(free)s::timestamptz[],
    %(start)s::timestamptz[], %(end)s::timestamptz[]
) WITH ORDINALITY AS wanted (calendar_id, client_id, own, busy, free, starts_at, ends_at, place)
CROSS JOIN LATERAL (
    (
        SELECT 1 AS rank, 'provider' AS side, claim.kind, claim.during, claim.hard, calendar.member_id,
            split_part(claim.reference, ':', 1) AS what, split_part(claim.reference, ':', 2) AS code
        FROM calendars_calendar calendar
        JOIN calendars_claim claim ON claim.tenant_id = calendar.tenant_id AND claim.calendar_id = calendar.id
        WHERE calendar.tenant_id = %(tenant)s AND calendar.id = wanted.calendar_id AND claim.reference <> wanted.own
            AND claim.ends_at > wanted.busy AND claim.during && tstzrange(wanted.busy, wanted.free)
        ORDER BY claim.hard DESC, claim.during, claim.reference LIMIT %(most)s
    ) UNION ALL (
        SELECT 2, 'client', claim.kind, claim.during, claim.hard, calendar.member_id,
            split_part(claim.reference, ':', 1), split_part(claim.reference, ':', 2)
        FROM calendars_calendar calendar
        JOIN calendars_claim claim ON claim.tenant_id = calendar.tenant_id AND claim.calendar_id = calendar.id
        WHERE calendar.tenant_id = %(tenant)s AND calendar.member_id = wanted.client_id AND claim.hard
            AND claim.reference <> wanted.own
            AND claim.ends_at > wanted.starts_at AND claim.during && tstzrange(wanted.starts_at, wanted.ends_at)
        ORDER BY claim.during LIMIT %(most)s
    )
) AS taken
LEFT JOIN bookings_booking booking
    ON booking.tenant_id = %(tenant)s AND booking.code = taken.code AND taken.what = 'booking'
LEFT JOIN accounts_membership client ON client.tenant_id = %(tenant)s AND client.id = booking.client_id
LEFT JOIN marketplace_provider provider ON provider.tenant_id = %(tenant)s AND provider.id = booking.provider_id
LEFT JOIN marketplace_service service ON service.tenant_id = %(tenant)s AND service.id = booking.service_id
ORDER BY wanted.place, taken.rank, taken.hard DESC, taken.during, taken.code
"""


def clash_of(taken: Taken, of: Actor) -> Clash:
    """A claim on somebody's time as guards and pages speak of it, in words that only its owner and staff may read."""
    kind, code = ClaimKind(taken.kind), taken.code
    titles = {
        ClaimKind.SESSION: f"{taken.service} with {taken.other} ({code})" if taken.service else code,
        ClaimKind.ASKED: f"{taken.client}'s request for {taken.service} ({code})"
        if taken.service
        else f"request {code}",
        ClaimKind.EXTERNAL: "an appointment in your own calendar",
        ClaimKind.BLOCKED: "time you blocked",
    }
    return Clash(
        titles[kind],
        taken.start,
        taken.end,
        kind == ClaimKind.SESSION,
        of,
        TITLES_TO_STAFF.get(kind, titles[kind]),
        may_lapse=taken.status == Status.WAITING,
    )
