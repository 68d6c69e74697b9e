"""Accepting what is on the table, for whoever has to answer: a request, an invitation, other times, another date (PG-33)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse

from accounts import formatting
from accounts.formatting import WhenWords

from .. import clashes, workflow
from ..context import Clash, Context, Refusal, TimeOnTable
from ..enums import Action, Actor
from ..models import Booking
from .alternatives import Free, free_near
from .asked import Asked, asked_of, kind_of_table, service_line
from .parts import (
    OUTSIDE_YOUR_HOURS,
    Button,
    EffectLine,
    Viewer,
    effect_lines,
    other_zone,
    side_of,
    table_of,
)
from .ways import context_from, context_of, href_of

__all__ = [
    "Choice",
    "Offer",
    "accept_page",
    "choices_of",
    "context_from",
    "context_of",
    "decline_button",
    "offers_of",
    "service_line",
]


@dataclass(frozen=True)
class Choice:
    """One time on the table: why it can't be accepted, what it only overlaps, and that it is outside the reader's hours."""

    time: TimeOnTable
    refusal: Refusal | None
    overlap: Refusal | None
    outside: str = ""

    @property
    def warning(self) -> str:
        """Why not, or what it overlaps or lies outside of; nothing when the time is simply free."""
        if self.refusal:
            return self.refusal.sentence
        if not self.overlap:
            return self.outside
        # What the guard says after it is about the tick, which stands elsewhere on a page.
        overlap = self.overlap.sentence.partition(". ")[0]
        return f"{overlap}. {self.outside}" if self.outside else overlap


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
class AcceptPage:
    """PG-33. With one time on the table there is nothing to choose; `tick` names what it overlaps.

    `old` is the agreed time that another date would replace, and `stands` says that it stays otherwise (S4.25).
    """

    asked: Asked
    title: str
    action: str
    old: WhenWords | None
    stands: str
    single: WhenWords | None
    single_value: str
    other_name: str
    offers: list[Offer]
    warnings: list[str]
    tick: str
    effects: list[EffectLine]
    button: str
    is_possible: bool
    decline: Button
    suggest: Button
    free: list[Free]
    free_title: str


def choices_of(booking: Booking, context: Context, taken: Mapping[clashes.Key, tuple[Clash, ...]]) -> list[Choice]:
    """Each time on the table, judged by the workflow as if it were chosen now."""
    found = []
    for time in context.proposal.times if context.proposal else ():
        chosen = replace(
            context, action=Action.ACCEPT, chosen=time, clashes=taken.get((booking.pk, time.starts_at), ())
        )
        refusal = workflow.check(replace(chosen, clash_accepted=True))
        outside = OUTSIDE_YOUR_HOURS if time.is_outside and context.actor == Actor.PROVIDER else ""
        found.append(Choice(time, refusal, None if refusal else workflow.check(chosen), outside))
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
    is_provider = context.other_name == booking.client.name
    lost = [choice.refusal for choice in choices if choice.refusal]
    is_lost = bool(lost and not possible) or bool(refusal and refusal.is_conflict)
    return AcceptPage(
        asked=asked_of(booking, viewer),
        title=_title(booking),
        action=reverse("booking_accept", args=[booking.code]),
        old=viewer.when(booking.starts_at, booking.minutes, zone) if booking.starts_at else None,
        stands=f"{viewer.at(booking.starts_at)} stays if you don't accept." if booking.starts_at else "",
        single=viewer.when(single.starts_at, single.minutes, zone) if single else None,
        single_value=formatting.iso(single.starts_at) if single else "",
        other_name=context.other_name,
        offers=offers_of(booking, viewer, choices, chosen.time.starts_at if chosen else None),
        warnings=[choice.warning for choice in choices if choice.warning] if single else [],
        tick=_tick(possible, chosen),
        effects=effect_lines(workflow.preview(replace(context, chosen=chosen.time if chosen else None))),
        button=f"Accept {viewer.at(single.starts_at)}" if single else "Accept this time",
        is_possible=bool(possible),
        decline=_decline(booking, viewer),
        suggest=Button("Suggest another time", href=href_of(booking, Action.SUGGEST)),
        free=free_near(booking, viewer, wanted) if is_lost else [],
        free_title="Free in your calendar" if is_provider else f"Free in {context.other_name}'s calendar",
    )


def _title(booking: Booking) -> str:
    return "Accept another time" if booking.starts_at else f"Accept this {kind_of_table(booking)}"


def _decline(booking: Booking, viewer: Viewer) -> Button:
    label = f"Keep {viewer.at(booking.starts_at)}" if booking.starts_at else "Decline instead"
    return Button(label, href=href_of(booking, Action.DECLINE))


def _tick(possible: Sequence[Choice], chosen: Choice | None) -> str:
    overlapping = [choice for choice in possible if choice.overlap]
    if not overlapping:
        return ""
    if len(possible) == 1 or chosen in overlapping:
        return "Accept anyway. I know what else is at this time."
    return "Accept anyway, if my choice is a time that overlaps something."


def decline_button(booking: Booking) -> Button:
    """The way to the page on which a request is declined."""
    return Button(
        "Decline",
        href=reverse("booking_decline", args=[booking.code]),
        hidden=f"the request of {booking.client.name}",
        id=f"decline-{booking.code}",
    )
