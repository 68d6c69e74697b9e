"""What bookings are called where only their code is known, as on a statement of credits (PG-50)."""

from accounts import formatting
from credits.references import Asking

from .. import queries
from ..enums import Actor
from .parts import times_of, title_of


def names_of(codes: list[str], asking: Asking) -> dict[str, str]:
    """Those of them that the member takes part in: "Tax planning with Ana Nowak, Tue 24 Nov". Three statements.

    The day is the first of those on the table where none is agreed.
    """
    names = {}
    for booking in queries.called(codes, asking.member):
        actor = Actor.CLIENT if booking.client_id == asking.member.pk else Actor.PROVIDER
        start = booking.starts_at or next((time.starts_at for time in times_of(booking)), None)
        day = formatting.short_day(start, asking.zone, asking.now) if start else ""
        names[booking.code] = ", ".join(part for part in (title_of(booking, actor), day) if part)
    return names
