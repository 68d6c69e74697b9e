"""What else takes people's time at the times on many tables, in one query: for lists that flag overlaps (CK-22, CK-23).

The rule is that of `services.transitions.clashes_with`, which decides; a test holds the two together.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from calendars.enums import ClaimKind
from calendars.models import Claim

from ..context import Clash, TimeOnTable
from ..effects.time import with_buffers
from ..enums import Actor
from ..models import Booking
from ..services.transitions import clash_of
from .parts import times_of

Key = tuple[UUID, datetime]


def of_many(bookings: Sequence[Booking]) -> dict[Key, tuple[Clash, ...]]:
    """Clashes of each time on each booking's table, by booking id and start (UTC). One query, none without bookings."""
    times = [
        (booking, TimeOnTable(time.starts_at, time.minutes, time.price))
        for booking in bookings
        for time in times_of(booking)
    ]
    claims = _claims_near(times)
    return {(booking.pk, time.starts_at): _clashes(booking, time, claims) for booking, time in times}


def _claims_near(times: Sequence[tuple[Booking, TimeOnTable]]) -> list[Claim]:
    if not times:
        return []
    spans = [with_buffers(booking, time) for booking, time in times]
    theirs = Q(calendar__member__in={booking.client_id for booking, _ in times}, kind=ClaimKind.SESSION)
    own = Q(calendar__in={booking.provider.calendar_id for booking, _ in times})
    around = (min(start for start, _ in spans), max(end for _, end in spans))
    return list(
        Claim.objects.filter(own | theirs, during__overlap=around).select_related("calendar").order_by("during")
    )


def _clashes(booking: Booking, time: TimeOnTable, claims: Sequence[Claim]) -> tuple[Clash, ...]:
    others = [claim for claim in claims if claim.reference != booking.reference]
    start, end = with_buffers(booking, time)
    own = [claim for claim in others if claim.calendar_id == booking.provider.calendar_id]
    theirs = [
        claim for claim in others if claim.calendar.member_id == booking.client_id and claim.kind == ClaimKind.SESSION
    ]
    return (
        *(clash_of(claim, Actor.PROVIDER) for claim in own if _overlaps(claim, start, end)),
        *(clash_of(claim, Actor.CLIENT) for claim in theirs if _overlaps(claim, time.starts_at, time.ends_at)),
    )


def _overlaps(claim: Claim, start: datetime, end: datetime) -> bool:
    return claim.during.lower < end and start < claim.during.upper
