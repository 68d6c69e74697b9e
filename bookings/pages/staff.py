"""What staff can do to a booking, and what each step would do before it is done (PG-81, PG-82)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from accounts import formatting
from notifications import rendering

from .. import links, queries, services, workflow
from ..context import SUPPORT_ANSWERS_WITHIN, Context, Outcome, Reader, TimeOnTable
from ..enums import Action, Actor, Status
from ..models import Booking, SupportRequest
from ..permissions import why_not_as_staff
from ..services.rehearsal import Rehearsal
from ..wording.timeline import one_of
from .parts import Viewer
from .ways import context_from, rule_against


@dataclass(frozen=True)
class Step:
    """Something staff do to a booking: the end of its address, its action, and how it is called."""

    slug: str
    action: Action
    label: str
    lead: str


STEPS = (
    Step("amend", Action.AMEND, "Change date or time", "It moves at once, for both."),
    Step("reassign", Action.REASSIGN, "Give it to somebody else", "Time and price stay; it is theirs from now on."),
    Step("price", Action.CHANGE_PRICE, "Change the price", "It costs this much from now on, and what is held follows."),
    Step("accept", Action.ACCEPT, "Accept for them", "What is on the table is agreed, as if they had accepted it."),
    Step("decline", Action.DECLINE, "Decline for them", "The request ends, and its times are free again."),
    Step("cancel", Action.CANCEL, "Cancel for them", "It ends for both."),
    Step("reopen", Action.REOPEN, "Reopen", "It is agreed again at the same time, as if nobody had cancelled."),
    Step("complete", Action.COMPLETE, "Say that it took place", "It counts as held from now on."),
    Step("no-show", Action.NO_SHOW, "Say who did not come", "It counts as a no-show from now on."),
    Step("uphold", Action.UPHOLD, "Leave the outcome as it is", "What was said about it stands, and the objection is closed."),
    Step("refuse-support", Action.REFUSE_SUPPORT, "Answer the wish: leave it as it is", "Who asked support is told why."),
    Step("note", Action.NOTE, "Add a note", "It stands on the timeline, for staff only."),
)  # fmt: skip
# Nobody looks for these where they have no use, so their absence needs no sentence.
SELDOM_OF_USE = (Action.UPHOLD, Action.REFUSE_SUPPORT, Action.CHANGE_PRICE)
STEP_OF = {step.slug: step for step in STEPS}


@dataclass(frozen=True)
class Steps:
    """What can be done now, and why the rest can't."""

    possible: list[Step]
    blocked: list[str]


@dataclass(frozen=True)
class Mail:
    """A mail as it would be written, and what goes with it."""

    to: str
    subject: str
    text: str
    file: str


@dataclass(frozen=True)
class Preview:
    """What would happen. `digest` names it, so that nothing else happens when it is applied."""

    times: list[str]
    lines: list[str]
    warnings: list[str]
    mails: list[Mail]
    digest: str


def staff_reader(booking: Booking, viewer: Viewer) -> Reader:
    """Staff read and type times on the marketplace's clock."""
    return Reader(booking.tenant.time_zone, viewer.reader.hour_cycle)


def staff_context(booking: Booking, viewer: Viewer, action: Action, wish: SupportRequest | None) -> Context:
    """The facts for what staff could do to a booking of `staff_queries`, without a query."""
    outcome = None
    if booking.contested_at:
        outcome = Outcome(Actor.STAFF, booking.contested_at, is_contested=True)
    return replace(
        context_from(booking, viewer, action),
        actor=Actor.STAFF,
        reader=staff_reader(booking, viewer),
        support_asked=wish is not None,
        outcome=outcome,
    )


def steps_of(booking: Booking, viewer: Viewer, wish: SupportRequest | None) -> Steps:
    """The steps that have a use now, and the sentences that say why others don't (D-3)."""
    if own := why_not_as_staff(viewer.member, booking):
        return Steps([], [own.sentence])
    facts = staff_context(booking, viewer, Action.NOTE, wish)
    possible, blocked = [], []
    for step in STEPS:
        of_step = replace(facts, action=step.action)
        if not workflow.exists_for(of_step):
            continue
        refusal = rule_against(of_step)
        if refusal is None:
            possible.append(step)
        elif step.action not in SELDOM_OF_USE:
            blocked.append(f"{step.label}: {refusal.sentence}")
    return Steps(possible, blocked)


def wish_in_words(wish: SupportRequest, booking: Booking, viewer: Viewer) -> str:
    """What support was asked for, by whom, and until when an answer was promised (PG-35b)."""
    reader = staff_reader(booking, viewer)
    who = booking.client.name if wish.made_by == Actor.CLIENT else booking.provider.name
    starts = [reader.when(start, viewer.now) for start in wish.starts]
    wanted = f" to {one_of(starts)}" if starts else ""
    asked, until = (reader.when(moment, viewer.now) for moment in (wish.made_at, wish.made_at + SUPPORT_ANSWERS_WITHIN))
    return f"{who} asked support on {asked} to change it{wanted}: “{wish.reason}” An answer was promised by {until}."


def current_lines(context: Context) -> list[str]:
    """What the step does as far as it is known before anything is filled in."""
    return _sentences(workflow.preview(context))


def preview_of(booking: Booking, context: Context, rehearsal: Rehearsal) -> Preview:
    """Everything that would happen, from the very transition that would do it."""
    after = rehearsal.booking
    lines = _sentences(rehearsal.lines)
    is_set_up = context.action == Action.REASSIGN or booking.status != after.status
    if is_set_up and after.status == Status.CONFIRMING:
        lines.append("Both get a confirmation with a calendar file as soon as the setting up is done.")
    if after.status != booking.status:
        state = f"State: {Status(booking.status).label} → {Status(after.status).label}."
        lines.insert(0, state)
    mails = [_mail(mail, booking, after, context.now) for mail in rehearsal.mails]
    if not mails:
        lines.append("Nobody gets a mail now.")
    times = _on_all_clocks(context, after) if context.chosen else []
    seen = [*times, *lines, *(f"{mail.to} {mail.file}" for mail in mails)]
    digest = sha256("\n".join(seen).encode()).hexdigest()[:16]
    return Preview(times, lines, warnings_of(booking, context), mails, digest)


def warnings_of(booking: Booking, context: Context) -> list[str]:
    """What else is at the chosen time in both calendars, and whether it lies outside the provider's hours (PG-82)."""
    times = (context.chosen,) if context.chosen else context.times_to_give
    if context.successor:
        booking = services.with_service(booking, context.successor.service)
    names = {Actor.CLIENT: booking.client.name, Actor.PROVIDER: booking.provider.name}
    found = [
        f"{names[clash.of]} has {clash.title_to_staff or clash.title} then: "
        f"{context.when(clash.starts_at)}, {formatting.length(_minutes(clash.starts_at, clash.ends_at))}."
        for clash in context.clashes
    ]
    if any(services.is_outside_hours(booking, time, context.now) for time in times):
        found.append(f"This is outside the hours of {booking.provider.name}.")
    return found


def table_choices(booking: Booking, viewer: Viewer) -> list[tuple[str, str]]:
    """The times on the table, to choose from."""
    proposal, reader = queries.open_proposal_of(booking), staff_reader(booking, viewer)
    times = proposal.times.all() if proposal else []
    return [(formatting.iso(time.starts_at), _on_clock(time, reader.zone, reader, viewer.now)) for time in times]


def day_and_time(start: datetime | None, booking: Booking, viewer: Viewer) -> dict[str, str]:
    """A start as the form of an amendment has it: day and time on the marketplace's clock."""
    if start is None:
        return {}
    zone = booking.tenant.time_zone
    return {
        "day": f"{start.astimezone(ZoneInfo(zone)):%Y-%m-%d}",
        "at": formatting.clock(start, zone, viewer.reader.hour_cycle),
    }


def place_of(booking: Booking) -> str:
    """The place whose clock staff use: "Prague time"."""
    return f"{formatting.city_name(booking.tenant.time_zone)} time"


def _sentences(consequences: Sequence) -> list[str]:
    # What is mailed stands below, mail by mail.
    return list(dict.fromkeys(line.sentence for line in consequences if line.icon != "mail"))


def _mail(mail, booking: Booking, after: Booking, now: datetime) -> Mail:
    written = rendering.render(mail, now=now)
    file = ""
    if mail.calendar_file:
        changes = f"{booking.calendar_sequence} → {after.calendar_sequence}"
        kind = "taken out of the calendar" if "METHOD:CANCEL" in mail.calendar_file else "calendar file"
        file = f"{kind}, SEQUENCE {changes}"
    name = mail.recipient.name if mail.recipient else mail.to_address
    return Mail(name, written.subject, written.text, file)


def _on_all_clocks(context: Context, booking: Booking) -> list[str]:
    time, reader = context.choice, context.reader
    people = [
        (place_of(booking), reader.zone),
        (booking.provider.name, links.zone_of(booking.provider.member, booking)),
        (booking.client.name, links.zone_of(booking.client, booking)),
    ]
    return [f"{who}: {_on_clock(time, zone, reader, context.now)}" for who, zone in people]


def _on_clock(time: TimeOnTable, zone: str, reader: Reader, now: datetime) -> str:
    end = time.starts_at + timedelta(minutes=time.minutes)
    label = formatting.day_and_range(time.starts_at, end, zone, now, reader.hour_cycle)
    return f"{label} ({formatting.city_name(zone)})"


def _minutes(start: datetime, end: datetime) -> int:
    return int((end - start).total_seconds() // 60)
