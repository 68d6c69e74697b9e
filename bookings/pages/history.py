"""What has happened to a booking and what was sent about it, for one viewer (PG-32, D-5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts import formatting
from notifications.models import EmailMessage
from notifications.queries import mails_about

from .. import wording
from ..enums import Action, Actor, Status
from ..models import Booking, BookingEvent
from .parts import Viewer, side_of


@dataclass(frozen=True)
class Item:
    """A line of the timeline; `rule` is the rule that applied, with its numbers of then (D-5).

    `name` is the event's name in the source texts, for staff; `staff_only` lines are theirs alone.
    """

    state: str
    icon: str
    actor: str
    text: str
    at: str
    datetime: str
    quote: str
    rule: str
    name: str
    staff_only: bool


@dataclass(frozen=True)
class Sent:
    """A mail about the booking that the viewer may know of."""

    subject: str
    to: str
    state: str
    at: str
    datetime: str


def timeline_of(booking: Booking, viewer: Viewer, events: Sequence[BookingEvent]) -> list[Item]:
    """The lines this viewer may read, newest first. Notes of staff are theirs alone.

    A change that the source texts name twice is one line for the two, and both names for staff (S4.26).
    """
    if side_of(booking, viewer) != Actor.STAFF:
        events = [event for event in events if event.action != Action.NOTE and "with" not in event.data]
    items, since = [], ""
    for event in events:
        since = event.data["handover"]["was"] if event.action == Action.REASSIGN else since
        items.append(_item(event, viewer, booking, since))
    return items


def _item(event: BookingEvent, viewer: Viewer, booking: Booking, former: str) -> Item:
    is_staff = side_of(booking, viewer) == Actor.STAFF
    happened = wording.what_happened(_told(event, viewer, booking, former))
    if "with" in event.data:
        happened = wording.Happening("", "Noted together with the line below.")
    return Item(
        state=wording.DISPLAY.get(Status(event.status), "requested"),
        icon="",
        actor=happened.actor,
        text=happened.text,
        at=viewer.at(event.at),
        datetime=formatting.iso(event.at),
        quote=event.message,
        rule=_rule(event, booking),
        name=event.name if is_staff else "",
        staff_only=event.action == Action.NOTE,
    )


def _told(event: BookingEvent, viewer: Viewer, booking: Booking, former: str) -> wording.Event:
    return wording.Event(
        action=Action(event.action),
        actor=Actor(event.actor),
        name=event.name,
        viewer=side_of(booking, viewer),
        client_name=booking.client.name,
        provider_name=former or booking.provider.name,
        is_handed_on=bool(former),
        words=booking.tenant.words,
        reader=viewer.reader,
        now=viewer.now,
        by_name=event.by.name if event.by else "",
        by_viewer=event.by_id == viewer.member.pk,
        status_before=event.status_before,
        on_behalf_of=event.on_behalf_of,
        reason=event.reason_text,
        data=event.data,
    )


def _rule(event: BookingEvent, booking: Booking) -> str:
    rule = event.data.get("rule")
    if not rule or event.action not in (Action.REQUEST, Action.INVITE, Action.SUGGEST):
        return ""
    answers = booking.provider.name if event.actor == Actor.CLIENT else booking.client.name
    return wording.rule_in_words(rule, answers_name=answers, stands=bool(event.data.get("was")))


def sent_about(booking: Booking, viewer: Viewer) -> list[Sent]:
    """The mails to the viewer; for staff all of them."""
    mails: Sequence[EmailMessage] = mails_about(booking.reference)
    if side_of(booking, viewer) != Actor.STAFF:
        mails = [mail for mail in mails if mail.recipient_id == viewer.member.pk]
    return [_mail(mail, viewer) for mail in mails]


def _mail(mail: EmailMessage, viewer: Viewer) -> Sent:
    at: datetime = mail.sent_at or mail.created_at
    mine = mail.recipient_id == viewer.member.pk
    return Sent(
        subject=mail.subject or wording.MAIL_NAMES.get(mail.kind, "Mail"),
        to="you" if mine else mail.recipient.name,
        state=mail.get_state_display(),
        at=viewer.at(at),
        datetime=formatting.iso(at),
    )
