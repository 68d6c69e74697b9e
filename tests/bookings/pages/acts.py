"""What tests of several pages do and look up."""

from datetime import datetime, timedelta

from django.http import HttpResponse

from accounts.models import Membership
from bookings.enums import ProposalState, Status
from bookings.models import Booking, Proposal
from calendars import services as calendars
from calendars.enums import ClaimKind
from notifications.models import EmailMessage

from .conftest import World, iso


def path(booking: Booking, page: str = "suggest") -> str:
    return f"/bookings/{booking.code}/{page}/"


def send(world: World, who: Membership, booking: Booking, *starts: datetime, **more) -> HttpResponse:
    """Suggest these times, as the page shown now would."""
    seen = world.again(booking).last_sequence
    return world.post(who, path(booking), {"time": [iso(start) for start in starts], "seen": seen, **more})


def status(world: World, booking: Booking) -> Status:
    with world.inside():
        return Status(Booking.objects.get(pk=booking.pk).status)


def mails(world: World, kind: str) -> int:
    """How many of a kind were written."""
    with world.inside():
        return EmailMessage.objects.filter(kind=kind).count()


def table(world: World, booking: Booking) -> list[tuple]:
    """The times on the open table: start, minutes, price."""
    with world.inside():
        proposal = Proposal.objects.get(booking=booking, state=ProposalState.OPEN)
        return list(proposal.times.values_list("starts_at", "minutes", "price"))


def busy(
    world: World,
    start: datetime,
    end: datetime | None = None,
    *,
    kind: ClaimKind = ClaimKind.EXTERNAL,
    reference: str = "ext:1",
) -> None:
    """Something in Ana's calendar, for half an hour unless said."""
    end = end or start + timedelta(minutes=30)
    with world.inside():
        calendars.claim(calendars=[world.ana.calendar], start=start, end=end, kind=kind, reference=reference)
