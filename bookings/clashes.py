"""What else takes people's time at times on the table (S4.4, decisions.md 14): the same finding decides and is shown."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from calendars.enums import ClaimKind
from calendars.models import Claim

from .context import Clash, TimeOnTable
from .effects.time import with_buffers
from .enums import Actor
from .models import Booking

Key = tuple[UUID, datetime]
NAMED_AT_MOST = 3
TITLES_TO_STAFF = {ClaimKind.EXTERNAL: "an appointment of their own", ClaimKind.BLOCKED: "time they blocked"}


class Named(NamedTuple):
    """What a booking is about and with whom, seen from one of its two."""

    service: str
    other: str
    client: str


class Taken(NamedTuple):
    """A claim on the time of `member_id`. No model: where hundreds ask for one time, that took half of the page's time (F60)."""

    calendar_id: UUID
    member_id: UUID
    kind: str
    during: DateTimeTZRange
    reference: str


# By reference, then by the member whose time it takes.
Names = Mapping[str, Mapping[UUID, Named]]


def at(booking: Booking, time: TimeOnTable) -> tuple[Clash, ...]:
    """What else takes the provider's or the client's time then. One query."""
    return at_many([(booking, time)])[booking.pk, time.starts_at]


def at_many(times: Sequence[tuple[Booking, TimeOnTable]]) -> dict[Key, tuple[Clash, ...]]:
    """Clashes of each time, by booking id and start (UTC). One query, none without times; one more names what clashes
    (CK-22, CK-23)."""
    claims = _claims_near(times)
    found = {(booking.pk, time.starts_at): _overlapping(booking, time, claims) for booking, time in times}
    named = _named({claim.reference for several in found.values() for claim, _ in _spoken_of(several)})
    return {key: tuple(clash_of(claim, of, named) for claim, of in several) for key, several in found.items()}


def _claims_near(times: Sequence[tuple[Booking, TimeOnTable]]) -> list[Taken]:
    if not times:
        return []
    spans = [with_buffers(booking, time) for booking, time in times]
    # From the few people to their calendars to their claims: an OR over that join reads the claims of all.
    members = {member for booking, _ in times for member in (booking.provider.member_id, booking.client_id)}
    start, end = min(start for start, _ in spans), max(end for _, end in spans)
    claims = Claim.objects.filter(calendar__member__in=members, ends_at__gt=start, during__overlap=(start, end))
    rows = claims.order_by("during").values_list("calendar_id", "calendar__member", "kind", "during", "reference")
    return [Taken(*row) for row in rows]


def _overlapping(booking: Booking, time: TimeOnTable, claims: Sequence[Taken]) -> list[tuple[Taken, Actor]]:
    others = [claim for claim in claims if claim.reference != booking.reference]
    start, end = with_buffers(booking, time)
    own = [claim for claim in others if claim.calendar_id == booking.provider.calendar_id]
    theirs = [claim for claim in others if claim.member_id == booking.client_id and claim.kind == ClaimKind.SESSION]
    return [
        *((claim, Actor.PROVIDER) for claim in own if _overlaps(claim, start, end)),
        *((claim, Actor.CLIENT) for claim in theirs if _overlaps(claim, time.starts_at, time.ends_at)),
    ]


def _spoken_of(found: Sequence[tuple[Taken, Actor]]) -> Sequence[tuple[Taken, Actor]]:
    # A sentence tells the first that was agreed, or else as many of the others as one can read (guards.timing).
    return [pair for pair in found if pair[0].kind == ClaimKind.SESSION][:1] or found[:NAMED_AT_MOST]


def _named(references: Collection[str]) -> Names:
    codes = [code for kind, _, code in (reference.partition(":") for reference in references) if kind == "booking"]
    rows = Booking.objects.filter(code__in=codes).values_list(
        "code", "client", "client__name", "provider__member", "provider__name", "service__name"
    )
    return {
        f"booking:{code}": {
            client: Named(service, provider, client_name),
            member: Named(service, client_name, client_name),
        }
        for code, client, client_name, member, provider, service in (rows if codes else ())
    }


def _overlaps(claim: Taken, start: datetime, end: datetime) -> bool:
    return claim.during.lower < end and start < claim.during.upper


def clash_of(claim: Taken, of: Actor, named: Names) -> Clash:
    """A claim on somebody's time as guards and pages speak of it, in words that only its owner and staff may read."""
    kind, code = ClaimKind(claim.kind), claim.reference.partition(":")[2]
    known = named.get(claim.reference, {}).get(claim.member_id)
    titles = {
        ClaimKind.SESSION: f"{known.service} with {known.other} ({code})" if known else code,
        ClaimKind.ASKED: f"{known.client}'s request for {known.service} ({code})" if known else f"request {code}",
        ClaimKind.EXTERNAL: "an appointment in your own calendar",
        ClaimKind.BLOCKED: "time you blocked",
    }
    is_agreed = kind == ClaimKind.SESSION
    return Clash(
        titles[kind], claim.during.lower, claim.during.upper, is_agreed, of, TITLES_TO_STAFF.get(kind, titles[kind])
    )
