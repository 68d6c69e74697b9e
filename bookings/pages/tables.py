"""The times on a booking's table: to choose from, or to read; beside an agreed time the one that stands (PG-32, S4.25)."""

from dataclasses import dataclass

from django.urls import reverse

from accounts import formatting
from accounts.formatting import WhenWords

from .. import clashes, deadlines, queries, workflow
from ..context import Context
from ..enums import AGREED, Actor
from ..models import Booking, Proposal, ProposalTime
from .answering import Offer, choices_of, offers_of
from .parts import Button, Person, Viewer, answer_by, other_zone, person, side_of, table_of, times_of


@dataclass(frozen=True)
class AskedTime:
    """A time as it was asked for, with the deadline of its answer in `other`."""

    label: str
    other: str


@dataclass(frozen=True)
class Table:
    """The times on the table. With `offers` the viewer answers; otherwise `times` only say what was asked.

    `stands` is the agreed time, which stays as long as nobody accepts another one.
    """

    action: str
    title: str
    sub: str
    legend: str
    who: Person
    offers: list[Offer]
    times: list[AskedTime]
    stands: WhenWords | None
    accept: Button | None


def table_for(booking: Booking, viewer: Viewer, context: Context) -> Table | None:
    """What the page shows of the times: nothing where the head of the page says it all. `context` is of accepting."""
    if booking.starts_at and viewer.now >= booking.starts_at:
        return None
    if workflow.exists_for(context) and context.actor != Actor.STAFF:
        return _to_answer(booking, viewer, context)
    is_open = queries.open_proposal_of(booking) is not None
    if (is_open and booking.status in AGREED) or (booking.starts_at is None and len(times_of(booking)) > 1):
        return _to_read(booking, viewer)
    return None


def _to_answer(booking: Booking, viewer: Viewer, context: Context) -> Table:
    choices = choices_of(booking, context, clashes.at_many(table_of([booking])))
    possible = [choice for choice in choices if choice.refusal is None]
    best = possible[0].time.starts_at if possible else None
    several = len(choices) > 1
    label = "Accept this time" if several else f"Accept {viewer.at(best)}" if best else ""
    deadline = viewer.deadline(answer_by(booking, viewer.now))
    return Table(
        action=reverse("booking_accept", args=[booking.code]),
        title=_title(booking, context.other_name, len(choices)),
        sub=f"Answer by {deadline.label} ({deadline.distance})" if not deadline.over else "The time to answer is over",
        legend="Choose the time that suits you",
        who=person(context.other_name),
        offers=offers_of(booking, viewer, choices, best),
        times=[],
        stands=_stands(booking, viewer),
        accept=Button(label, kind="primary", busy="Sending…", id="accept") if best else None,
    )


def _title(booking: Booking, who: str, count: int) -> str:
    proposal = queries.proposals_of(booking)[0]
    if booking.status in AGREED:
        return f"{who} proposes {'another time' if count == 1 else formatting.plural(count, 'other time')}"
    times = "this time" if count == 1 else formatting.plural(count, "time")
    if proposal.made_by == Actor.CLIENT:
        return f"{who} asks for {times}"
    return f"{who} invites you for {times}" if proposal.number == 1 else f"{who} suggests {times}"


def _to_read(booking: Booking, viewer: Viewer) -> Table:
    proposal = queries.proposals_of(booking)[0]
    asker = booking.client if proposal.made_by == Actor.CLIENT else booking.provider.member
    who = "you" if asker == viewer.member else asker.name
    verb = "asked for" if proposal.made_by == Actor.CLIENT and booking.starts_at is None else "suggested"
    times = times_of(booking)
    return Table(
        action="",
        title=f"{'Time' if len(times) == 1 else 'Times'} {who} {verb}",
        sub=viewer.at(proposal.made_at),
        legend="",
        who=person(asker.name),
        offers=[],
        times=[_asked_time(booking, proposal, viewer, time) for time in times],
        stands=_stands(booking, viewer),
        accept=None,
    )


def _asked_time(booking: Booking, proposal: Proposal, viewer: Viewer, time: ProposalTime) -> AskedTime:
    when = viewer.when(time.starts_at, time.minutes, other_zone(booking, side_of(booking, viewer)))
    answerer = booking.provider.name if proposal.made_by == Actor.CLIENT else booking.client.name
    until = viewer.deadline(min(proposal.answer_by, deadlines.latest_answer(time.starts_at, booking.policy)))
    is_open = queries.open_proposal_of(booking) is not None and not until.over
    answers = f"{answerer} answers by {until.label}" if is_open else ""
    return AskedTime(when.label, ". ".join(part for part in (when.other, answers) if part))


def _stands(booking: Booking, viewer: Viewer) -> WhenWords | None:
    if booking.status not in AGREED:
        return None
    return viewer.when(booking.starts_at, booking.minutes, other_zone(booking, side_of(booking, viewer)))
