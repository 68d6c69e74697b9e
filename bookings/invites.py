"""Calendar files of a booking (R-MAIL-8): one UID for its life, SEQUENCE rises with every change, one attendee each."""

from datetime import datetime, timedelta

from django.conf import settings

from accounts.formatting import city_name, day_and_range
from accounts.models import Membership
from calendars.ical import Invite, Method, Status, render_invite
from calendars.queries import meeting_url

from . import links
from .enums import Actor
from .models import Booking


def ends_at(start: datetime, minutes: int) -> datetime:
    """The end of a session (UTC)."""
    return start + timedelta(minutes=minutes)


def confirmation(booking: Booking, reader: Actor, now: datetime) -> str:
    """The REQUEST file of an agreed booking for one of its parties."""
    return _render(booking, reader, Method.REQUEST, Status.CONFIRMED, now)


def cancellation(booking: Booking, reader: Actor, now: datetime) -> str:
    """The CANCEL file that takes what was agreed out of the calendar of one of its parties."""
    return _render(booking, reader, Method.CANCEL, Status.CANCELLED, now)


def _render(booking: Booking, reader: Actor, method: Method, status: Status, now: datetime) -> str:
    member = booking.client if reader == Actor.CLIENT else booking.provider.member
    other = booking.provider.member if reader == Actor.CLIENT else booking.client
    address, room = links.of(booking)["booking"], meeting_url(booking.reference)
    invite = Invite(
        uid=f"{booking.pk}@{settings.PLATFORM_URL.partition('//')[2].partition(':')[0]}",
        sequence=booking.calendar_sequence,
        method=method,
        status=status,
        starts_at=booking.starts_at,
        ends_at=ends_at(booking.starts_at, booking.minutes),
        dtstamp=now,
        summary=f"{booking.service.name} with {other.name}",
        description="\n".join(
            [*_clocks(booking, member, other, now), *([f"Join: {room}"] if room else []), f"Details: {address}"]
        ),
        location=room or booking.service.get_place_display(),
        url=address,
        organizer_name=booking.tenant.name,
        organizer_email=booking.tenant.contact_email,
        attendee_name=member.name,
        attendee_email=member.user.email,
    )
    return render_invite(invite).decode()


def _clocks(booking: Booking, reader: Membership, other: Membership, now: datetime) -> list[str]:
    """The time on the reader's clock and on the other's: "Tue 24 Nov, 8am to 8:30am (Chicago)" (R-MAIL-8)."""
    zones = dict.fromkeys(links.zone_of(member, booking) for member in (reader, other))
    span = (booking.starts_at, booking.ends_at)
    return [f"{day_and_range(*span, zone, now, reader.user.hour_cycle)} ({city_name(zone)})" for zone in zones]
