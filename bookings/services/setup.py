"""What an agreement needs is made by a worker: the room, then the confirmation (decisions.md 7, T17, S4.7)."""

from datetime import datetime
from uuid import UUID

from calendars import conferencing
from calendars.services import keep_meeting

from ..enums import Action, Actor, Status
from ..models import Booking
from .transitions import perform


def set_up(*, booking_id: UUID, now: datetime) -> None:
    """Make the room of a booking that is setting up and confirm it; for any other booking nothing is left to do.

    The room is an address that nobody can guess; it needs no call to its server, so this runs in one transaction.
    """
    booking = Booking.objects.select_related("service", "provider__member", "client").get(pk=booking_id)
    if booking.status != Status.CONFIRMING:
        return
    if booking.service.place == "video":
        keep_meeting(key=booking.reference, url=conferencing.new_room())
    perform(booking=booking, action=Action.FINISH_SETUP, actor=Actor.SYSTEM, by=None, now=now, setup_done=True)
