"""Invites and cancellations as iCalendar files (RFC 5545, RFC 5546; R-MAIL-8, S31). Pure: no database, no clock."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from urllib.parse import quote, urlsplit

from icalendar import Calendar, Event, vCalAddress, vText

PRODID = "-//Parley//Parley//EN"

# What some readers take for the end of a line, although RFC 5545 knows CRLF alone.
_LINE_BREAKS = re.compile("\r\n|[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# Control characters, halves of surrogate pairs, and marks that reorder the text around them.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_NOT_IN_A_WORD = re.compile("[\\s\x00-\x20\x7f-\xa0\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
# Raw in "mailto:" although other characters are percent-encoded there (RFC 6068): programs compare addresses as text.
_RAW_IN_ADDRESS = "@!$'*+=/"


class Method(StrEnum):
    """What the file asks of the reader's calendar; the mail part's `method` must be the same (S31)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


class Status(StrEnum):
    """How sure the session is. Tentative is the hold a client keeps while waiting for an answer (S16)."""

    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """One session for one reader (R-MAIL-8).

    `uid` stays the same for the booking's life and `sequence` grows with every change of time, place or status,
    the cancellation included. `starts_at`, `ends_at` and `dtstamp` are aware datetimes, written in UTC to the second.
    The organizer is the tenant's address, the attendee is the reader. `description` may have several lines; empty
    `description`, `location` and `url` are left out.
    """

    uid: str
    sequence: int
    method: Method
    status: Status
    starts_at: datetime
    ends_at: datetime
    dtstamp: datetime
    summary: str
    organizer_name: str
    organizer_email: str
    attendee_name: str
    attendee_email: str
    description: str = ""
    location: str = ""
    url: str = ""


def render_invite(invite: Invite) -> bytes:
    """The calendar file, UTF-8 with CRLF and folded lines.

    Free text is made safe: control characters go, line breaks become spaces (in the description the format's own
    line breaks), the rest is escaped (F104). Raises ValueError for what can't be mended without changing its meaning:
    a naive or reversed time, a negative sequence, a status that doesn't go with the method, a uid, address or URL with
    spaces or control characters, a URL that is not http or https.
    """
    _check(invite)
    event = Event()
    event.add("uid", invite.uid)
    event.add("sequence", invite.sequence)
    event.add("status", invite.status.value)
    event.add("dtstamp", invite.dtstamp.astimezone(UTC))
    event.add("dtstart", invite.starts_at.astimezone(UTC))
    event.add("dtend", invite.ends_at.astimezone(UTC))
    event.add("summary", _one_line(invite.summary))
    event.add("organizer", _person(invite.organizer_name, invite.organizer_email))
    event.add("attendee", _attendee(invite))
    for name, value in (("description", _lines(invite.description)), ("location", _one_line(invite.location))):
        if value:
            event.add(name, value)
    if invite.url:
        event.add("url", invite.url)
    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("method", invite.method.value)
    calendar.add_component(event)
    return calendar.to_ical()


def _check(invite: Invite) -> None:
    if any(moment.tzinfo is None for moment in (invite.starts_at, invite.ends_at, invite.dtstamp)):
        raise ValueError("The times of an invite need a zone.")
    if invite.ends_at <= invite.starts_at:
        raise ValueError("An invite ends later than it starts.")
    if invite.sequence < 0:
        raise ValueError("The sequence of an invite is not negative.")
    if (invite.method == Method.CANCEL) != (invite.status == Status.CANCELLED):
        raise ValueError(f"{invite.method} doesn't go with {invite.status}.")
    if not invite.uid or _NOT_IN_A_WORD.search(invite.uid):
        raise ValueError("The uid of an invite is one word.")
    for address in (invite.organizer_email, invite.attendee_email):
        if not all(address.rpartition("@")) or _NOT_IN_A_WORD.search(address):
            raise ValueError("An address of an invite is one e-mail address.")
    if invite.url and (_NOT_IN_A_WORD.search(invite.url) or urlsplit(invite.url).scheme not in ("http", "https")):
        raise ValueError("The URL of an invite starts with http or https and has no spaces.")


def _attendee(invite: Invite) -> vCalAddress:
    attendee = _person(invite.attendee_name, invite.attendee_email)
    attendee.params["CUTYPE"] = vText("INDIVIDUAL")
    attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
    # Answers are given on our pages: the calendar program must not send its own to the tenant's address.
    attendee.params["RSVP"] = vText("FALSE")
    if invite.method == Method.REQUEST:
        attendee.params["PARTSTAT"] = vText("TENTATIVE" if invite.status == Status.TENTATIVE else "ACCEPTED")
    return attendee


def _person(name: str, email: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{quote(email, safe=_RAW_IN_ADDRESS)}")
    # A parameter can't hold a double quote, and few programs read the escape of RFC 6868.
    safe_name = _one_line(name).replace('"', "'").replace("^", "")
    if safe_name:
        person.params["CN"] = vText(safe_name)
    return person


def _one_line(text: str) -> str:
    return " ".join(_UNSAFE.sub("", _LINE_BREAKS.sub(" ", text)).split())


def _lines(text: str) -> str:
    return _UNSAFE.sub("", _LINE_BREAKS.sub("\n", text).replace("\t", " ")).strip()
