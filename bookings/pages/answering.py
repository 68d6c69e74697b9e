"""The pages on which a booking is answered: accept, decline, withdraw, and what to say when it is too late (PG-33, PG-34)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse
from django.utils.http import urlencode

from accounts import formatting
from accounts.formatting import DeadlineWords, WhenWords

from .. import clashes, queries, services, wording, workflow
from ..context import Clash, Context, OpenProposal, Refusal, TimeOnTable
from ..enums import Action, Actor, ProposalState, Status
from ..models import Booking
from . import alternatives
from .parts import (
    Button,
    EffectLine,
    Person,
    Viewer,
    answer_by,
    effect_lines,
    facts_of,
    other_of,
    other_zone,
    person,
    side_of,
    state_of,
    table_of,
    times_of,
    title_of,
)


@dataclass(frozen=True)
class Choice:
    """One time on the table: why it can't be accepted, or what it only overlaps."""

    time: TimeOnTable
    refusal: Refusal | None
    overlap: Refusal | None

    @property
    def warning(self) -> str:
        """Why not, or what it overlaps; nothing when the time is simply free."""
        if self.refusal:
            return self.refusal.sentence
        # What the guard says after it is about the tick, which stands elsewhere on a page.
        return self.overlap.sentence.partition(". ")[0] if self.overlap else ""


@dataclass(frozen=True)
class Offer:
    """A time to choose, as `ui/offers.html` shows it."""

    id: str
    value: str
    label: str
    other: str
    warning: str
    checked: bool
    gone: bool


@dataclass(frozen=True)
class Free:
    """A free time near one that can't be had; `href` asks for it."""

    label: str
    other: str
    datetime: str
    href: str = ""


@dataclass(frozen=True)
class Asked:
    """What is to be answered, on top of each of these pages."""

    code: str
    href: str
    title: str
    who: Person
    service: str
    notes: str
    deadline: DeadlineWords | None


@dataclass(frozen=True)
class AcceptPage:
    """PG-33. With one time on the table there is nothing to choose; `tick` names what it overlaps."""

    asked: Asked
    action: str
    single: WhenWords | None
    single_value: str
    other_name: str
    offers: list[Offer]
    warnings: list[str]
    tick: str
    effects: list[EffectLine]
    button: str
    is_possible: bool
    decline_href: str
    free: list[Free]
    suggest_href: str


@dataclass(frozen=True)
class ClosePage:
    """PG-34: declining or withdrawing. `free` are times to name instead; `suggest_href` puts them into the message."""

    asked: Asked
    action: str
    times: list[WhenWords]
    effects: list[EffectLine]
    free: list[Free]
    suggest_href: str
    keep_href: str


@dataclass(frozen=True)
class RefusedPage:
    """What is so instead, when an answer came too late or to the wrong page (ux.md 2.0, 409)."""

    code: str
    href: str
    heading: str
    title: str
    sentence: str
    state: wording.State
    next: str
    typed: str
    free: list[Free]


def context_of(booking: Booking, viewer: Viewer, action: Action, **details: object) -> Context:
    """The facts on which `workflow` judges this viewer's action."""
    return services.facts_about(
        booking,
        action=action,
        actor=side_of(booking, viewer),
        now=viewer.now,
        by=viewer.member,
        reader=viewer.reader,
        **details,
    )


def context_from(booking: Booking, viewer: Viewer, action: Action) -> Context:
    """The same facts without a query, for bookings of `queries`; what happened last is left out."""
    proposals = queries.proposals_of(booking)
    newest = proposals[0] if proposals else None
    times = (
        tuple(TimeOnTable(time.starts_at, time.minutes, time.price) for time in newest.times.all()) if newest else ()
    )
    is_open = newest is not None and newest.state == ProposalState.OPEN
    return Context(
        action=action,
        actor=side_of(booking, viewer),
        now=viewer.now,
        policy=booking.policy,
        words=booking.tenant.words,
        reader=viewer.reader,
        status=Status(booking.status),
        provider_name=booking.provider.name,
        client_name=booking.client.name,
        proposal=OpenProposal(Actor(newest.made_by), newest.made_at, newest.answer_by, times) if is_open else None,
        newest_times=times,
        starts_at=booking.starts_at,
        minutes=booking.minutes,
        price=booking.price,
        cancel_asked=booking.cancel_asked_at is not None,
        held_said_by=Actor(booking.held_by) if booking.held_by else None,
        place=booking.service.place,
        is_instant=booking.service.is_instant,
    )


def choices_of(booking: Booking, context: Context, taken: Mapping[clashes.Key, tuple[Clash, ...]]) -> list[Choice]:
    """Each time on the table, judged by the workflow as if it were chosen now."""
    found = []
    for time in context.proposal.times if context.proposal else ():
        chosen = replace(
            context, action=Action.ACCEPT, chosen=time, clashes=taken.get((booking.pk, time.starts_at), ())
        )
        refusal = workflow.check(replace(chosen, clash_accepted=True))
        found.append(Choice(time, refusal, None if refusal else workflow.check(chosen)))
    return found


def offers_of(booking: Booking, viewer: Viewer, choices: Sequence[Choice], checked: datetime | None) -> list[Offer]:
    """The choices for a list of radio buttons; those that are not possible any more stay, struck through."""
    zone = other_zone(booking, side_of(booking, viewer))
    offers = []
    for number, choice in enumerate(choices, start=1):
        when = viewer.when(choice.time.starts_at, choice.time.minutes, zone)
        offers.append(
            Offer(
                id=f"time-{number}",
                value=formatting.iso(choice.time.starts_at),
                label=when.label,
                other=when.other,
                warning=choice.warning,
                checked=choice.time.starts_at == checked and choice.refusal is None,
                gone=choice.refusal is not None,
            )
        )
    return offers


def accept_page(
    booking: Booking, viewer: Viewer, *, wanted: datetime | None, refusal: Refusal | None = None
) -> AcceptPage:
    """Accepting one time or choosing among several, with clashes named and what it does (S0.12-S0.21, S1.8, CK-22)."""
    context = context_from(booking, viewer, Action.ACCEPT)
    choices = choices_of(booking, context, clashes.at_many(table_of([booking])))
    possible = [choice for choice in choices if choice.refusal is None]
    chosen = next((choice for choice in choices if choice.time.starts_at == wanted), None)
    if len(choices) == 1 or (chosen is None and len(possible) == 1):
        chosen = (possible or choices)[0]
    single = choices[0].time if len(choices) == 1 else None
    zone = other_zone(booking, side_of(booking, viewer))
    lost = [choice.refusal for choice in choices if choice.refusal]
    is_lost = bool(lost and not possible) or bool(refusal and refusal.is_conflict)
    return AcceptPage(
        asked=_asked(booking, viewer),
        action=reverse("booking_accept", args=[booking.code]),
        single=viewer.when(single.starts_at, single.minutes, zone) if single else None,
        single_value=formatting.iso(single.starts_at) if single else "",
        other_name=context.other_name,
        offers=offers_of(booking, viewer, choices, chosen.time.starts_at if chosen else None),
        warnings=[choice.warning for choice in choices if choice.warning] if single else [],
        tick=_tick(possible, chosen),
        effects=effect_lines(workflow.preview(replace(context, chosen=chosen.time if chosen else None))),
        button=f"Accept {viewer.at(single.starts_at)}" if single else "Accept this time",
        is_possible=bool(possible),
        decline_href=reverse("booking_decline", args=[booking.code]),
        free=free_near(booking, viewer, wanted) if is_lost else [],
        suggest_href=_suggest_href(booking) if is_lost else "",
    )


def _tick(possible: Sequence[Choice], chosen: Choice | None) -> str:
    overlapping = [choice for choice in possible if choice.overlap]
    if not overlapping:
        return ""
    if len(possible) == 1 or chosen in overlapping:
        return "Accept anyway. I know what else is at this time."
    return "Accept anyway, if my choice is a time that overlaps something."


def close_page(booking: Booking, viewer: Viewer, action: Action) -> ClosePage:
    """Declining (S0.16-S0.18, S4.9) or withdrawing (C17), with what it does and the gentler way (D-7)."""
    zone = other_zone(booking, side_of(booking, viewer))
    declines = action == Action.DECLINE
    return ClosePage(
        asked=_asked(booking, viewer),
        action=reverse(f"booking_{action}", args=[booking.code]),
        times=[viewer.when(time.starts_at, time.minutes, zone) for time in times_of(booking)],
        effects=effect_lines(workflow.preview(context_from(booking, viewer, action))),
        free=free_near(booking, viewer, None) if declines else [],
        suggest_href=_suggest_href(booking) if declines else "",
        keep_href=reverse("booking", args=[booking.code]),
    )


def refused_page(booking: Booking, viewer: Viewer, refusal: Refusal, *, typed: str = "") -> RefusedPage:
    """The current truth for somebody whose answer is not possible; what they had written is shown again."""
    return RefusedPage(
        code=booking.code,
        href=reverse("booking", args=[booking.code]),
        heading="Something changed in the meantime" if refusal.is_conflict else "This is not yours to answer",
        title=title_of(booking, side_of(booking, viewer)),
        sentence=refusal.sentence,
        state=state_of(booking, viewer),
        next=wording.next_line(facts_of(booking, viewer), viewer.reader, viewer.now),
        typed=typed,
        free=free_near(booking, viewer, None) if refusal.is_conflict else [],
    )


def free_near(booking: Booking, viewer: Viewer, wanted: datetime | None) -> list[Free]:
    """Up to three free times near the wanted one, or near the first on the table; a client can ask for each at once."""
    asked = [time.starts_at for time in times_of(booking)]
    wanted = wanted or booking.starts_at or (asked[0] if asked else viewer.now)
    actor = side_of(booking, viewer)
    zone = other_zone(booking, actor)
    starts = alternatives.near(booking.service, wanted, booking.policy, viewer.now, without=asked)
    return [_free(booking, viewer.when(start, booking.minutes, zone), actor) for start in starts]


def _free(booking: Booking, when: WhenWords, actor: Actor) -> Free:
    href = ""
    if actor == Actor.CLIENT:
        asks = urlencode({"service": booking.service_id, "slot": when.datetime})
        href = f"{reverse('request', args=[booking.provider.slug])}?{asks}"
    return Free(when.label, when.other, when.datetime, href)


def suggestion(booking: Booking, viewer: Viewer) -> str:
    """Words for the message of a decline that name free times by both clocks (S0.22); nothing when none is free."""
    free = free_near(booking, viewer, None)
    if not free:
        return ""
    place = formatting.city_name(viewer.reader.zone)
    named = "\n".join(f"{time.label} in {place}" + (f" ({time.other})" if time.other else "") for time in free)
    return f"One of these times would suit me:\n{named}"


def _suggest_href(booking: Booking) -> str:
    return f"{reverse('booking_decline', args=[booking.code])}?suggest=yes"


def _asked(booking: Booking, viewer: Viewer) -> Asked:
    actor = side_of(booking, viewer)
    until = answer_by(booking, viewer.now)
    city = formatting.city_name(other_zone(booking, actor))
    return Asked(
        code=booking.code,
        href=reverse("booking", args=[booking.code]),
        title=title_of(booking, actor),
        who=person(other_of(booking, actor).name, sub=f"In {city}"),
        service=service_line(booking),
        notes=booking.notes,
        deadline=viewer.deadline(until) if until else None,
    )


def service_line(booking: Booking) -> str:
    """What, how long, where (S0.9): "Tax planning, 30 minutes, video"."""
    return (
        f"{booking.service.name}, {formatting.length(booking.minutes)}, {booking.service.get_place_display().lower()}"
    )


def decline_button(booking: Booking) -> Button:
    """The way to the page on which a request is declined."""
    return Button(
        "Decline",
        href=reverse("booking_decline", args=[booking.code]),
        hidden=f"the request of {booking.client.name}",
        id=f"decline-{booking.code}",
    )
