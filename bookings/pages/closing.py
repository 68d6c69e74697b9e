"""Ending something: declining, withdrawing, cancelling, asking the other side to cancel; and changing notes (PG-34)."""

from dataclasses import dataclass, replace

from accounts import formatting
from accounts.formatting import WhenWords

from .. import fees, guards, workflow
from ..context import Context, TimeOnTable
from ..enums import AGREED, Action, Actor, Status
from ..models import Booking
from . import ways
from .alternatives import Free, free_near
from .asked import REQUEST, Asked, asked_of, kind_of_table, terms_of, whens_of
from .parts import Button, EffectLine, Viewer, effect_lines, other_zone, side_of, times_of
from .ways import context_from, context_of, href_of


@dataclass(frozen=True)
class ClosePage:
    """PG-34: declining or withdrawing. `instead` is the gentler way, `free` are times for it.

    `words_href` puts the free times into the message, for who declines all the same (S0.22, S1.13).
    """

    asked: Asked
    title: str
    lead: str
    action: str
    times_title: str
    times: list[WhenWords]
    effects: list[EffectLine]
    free: list[Free]
    words_href: str
    instead: Button | None
    button: str
    is_harmless: bool
    keep: Button


@dataclass(frozen=True)
class CancelPage:
    """PG-34: cancelling what is agreed. `late` heads the section with the tick, `wish` is the provider's (T20)."""

    asked: Asked
    title: str
    action: str
    when: WhenWords
    other_name: str
    wish: str
    wish_text: str
    effects: list[EffectLine]
    rule: str
    late: str
    tick: str
    instead: Button | None
    button: str
    keep: Button


@dataclass(frozen=True)
class WishPage:
    """Asking the client to cancel (T20), with the way to another time as an equal choice."""

    asked: Asked
    title: str
    action: str
    when: WhenWords
    other_name: str
    effects: list[EffectLine]
    instead: Button | None
    button: str
    keep: Button
    lead: str = ""


@dataclass(frozen=True)
class NotesPage:
    """The client's notes, to be changed while nobody has answered (T11)."""

    asked: Asked
    action: str
    back: Button


def close_page(booking: Booking, viewer: Viewer, action: Action) -> ClosePage:
    """Declining (S0.16-S0.18, S4.9, T14, T26) or withdrawing (C17, S4.18, T27), with what it does and the gentler way."""
    context = context_from(booking, viewer, action)
    declines, kind = action == Action.DECLINE, kind_of_table(booking)
    other_date = booking.status in AGREED
    keep = f"Keep {viewer.at(booking.starts_at)}" if other_date else ""
    way = ways.to_another_time(booking, viewer, context) if declines else None
    free = free_near(booking, viewer, None) if way and not other_date else []
    return ClosePage(
        asked=asked_of(booking, viewer),
        title=keep if declines and keep else f"{action.capitalize()} this {kind}",
        lead=_lead(booking, context),
        action=href_of(booking, action),
        times_title=_times_title(booking),
        times=whens_of(booking, viewer, _times(booking)),
        effects=effect_lines(workflow.preview(context)),
        free=free,
        words_href=f"{href_of(booking, action)}?suggest=yes" if free else "",
        instead=ways.button_to(booking, viewer, way),
        button=keep if declines and keep else f"{action.capitalize()} {kind}",
        is_harmless=other_date,
        keep=Button("Not now" if declines and keep else f"Keep the {kind}", href=asked_of(booking, viewer).href),
    )


def suggestion(booking: Booking, viewer: Viewer) -> str:
    """Words for the message of a decline that name free times by both clocks (S0.22, S1.13); nothing when none is free."""
    free = free_near(booking, viewer, None)
    if not free:
        return ""
    place = formatting.city_name(viewer.reader.zone)
    named = "\n".join(f"{time.label} in {place}" + (f" ({time.other})" if time.other else "") for time in free)
    return f"One of these times would suit me:\n{named}"


def _times(booking: Booking) -> list[TimeOnTable]:
    if booking.starts_at is not None and booking.status == Status.WAITING:
        return [terms_of(booking)]
    return [TimeOnTable.of(time) for time in times_of(booking)]


def _times_title(booking: Booking) -> str:
    which = "asked for" if kind_of_table(booking) == REQUEST else "suggested"
    many = len(_times(booking)) > 1
    if which == "suggested":
        return "The suggested times" if many else "The suggested time"
    return "The times asked for" if many else "The time asked for"


def _lead(booking: Booking, context: Context) -> str:
    if context.status == Status.WAITING:
        return (
            f"{context.client_name} has too few {context.words.credits} for it yet."
            if context.actor == Actor.PROVIDER
            else ""
        )
    if booking.starts_at is not None or kind_of_table(booking) == REQUEST:
        return ""
    who = f"{context.client_name} can" if context.actor == Actor.PROVIDER else "You can"
    return f"Then nothing is agreed. {who} ask for another time later."


def cancel_page(booking: Booking, viewer: Viewer) -> CancelPage:
    """Cancelling an agreed session, with everything that follows from it before the click (S4.20-S4.23, D5, D6, T18-T22)."""
    context, words = context_of(booking, viewer, Action.CANCEL), booking.tenant.words
    tick = tick_of(context)
    when = viewer.when(context.agreed_start, booking.minutes, other_zone(booking, context.actor))
    return CancelPage(
        asked=asked_of(booking, viewer, with_deadline=False),
        title=f"Cancel this {words.session}",
        action=href_of(booking, Action.CANCEL),
        when=when,
        other_name=context.other_name,
        wish=_wish(booking, context),
        wish_text=_wish_text(booking) if context.cancel_asked else "",
        effects=effect_lines(workflow.preview(context)),
        rule=_rule(context, viewer),
        late="This is short notice" if tick else "",
        tick=tick,
        instead=ways.button_to(booking, viewer, ways.to_another_time(booking, viewer, context)),
        button=f"Cancel {words.session}",
        keep=Button(f"Keep the {words.session}", href=asked_of(booking, viewer).href),
    )


def tick_of(context: Context) -> str:
    """What somebody accepts who cancels so late, for the check-box; nothing where it is early enough (S4.22, T19, T22)."""
    if not context.needs_form:
        return ""
    left = guards.hours_left(context)
    if context.actor == Actor.CLIENT:
        kept = f"{context.fee.kept} of {context.price} {context.words.credits} are kept"
        return f"{left} I know that {kept}."
    return f"{left} I know that {context.client_name} counts on me, and cancel anyway."


def _wish(booking: Booking, context: Context) -> str:
    if not context.cancel_asked:
        return ""
    if context.actor == Actor.CLIENT:
        return f"{booking.provider.name} asks you to cancel this {context.words.session}. You lose nothing by it."
    return f"You have asked {booking.client.name} to cancel."


def _wish_text(booking: Booking) -> str:
    said = booking.events.filter(action=Action.ASK_TO_CANCEL).order_by("-sequence").values_list("message", flat=True)
    return said.first() or ""


def _rule(context: Context, viewer: Viewer) -> str:
    """Until when cancelling costs the client nothing (D6); nothing where there is no price."""
    early = fees.free_until(context.policy)
    if context.actor != Actor.CLIENT or not context.price or early is None or context.cancel_asked:
        return ""
    until = context.agreed_start - early
    if viewer.now > until:
        return f"Cancelling cost nothing until {viewer.at(until)}."
    return f"Cancelling costs nothing until {viewer.at(until)}."


def wish_page(booking: Booking, viewer: Viewer) -> WishPage:
    """Asking the client to cancel, where that is how it is done (S1.14, T20)."""
    context = context_of(booking, viewer, Action.ASK_TO_CANCEL)
    return WishPage(
        asked=asked_of(booking, viewer, with_deadline=False),
        title=f"Ask {booking.client.name} to cancel",
        action=href_of(booking, Action.ASK_TO_CANCEL),
        when=viewer.when(context.agreed_start, booking.minutes, other_zone(booking, context.actor)),
        other_name=context.other_name,
        effects=effect_lines(workflow.preview(context)),
        instead=ways.button_to(booking, viewer, ways.to_another_time(booking, viewer, context)),
        button=f"Ask {booking.client.name} to cancel",
        keep=Button(f"Keep the {booking.tenant.words.session}", href=asked_of(booking, viewer).href),
    )


def notes_page(booking: Booking, viewer: Viewer) -> NotesPage:
    """Changing what the client wrote beside the request (T11)."""
    asked = asked_of(booking, viewer)
    way_back = Button("Not now", href=asked.href)
    return NotesPage(replace(asked, notes=""), href_of(booking, Action.CHANGE_NOTES), way_back)


def cancel_tick(booking: Booking, viewer: Viewer) -> str:
    """The same for the form that is sent. No query."""
    if booking.starts_at is None or side_of(booking, viewer) == Actor.STAFF:
        return ""
    return tick_of(context_from(booking, viewer, Action.CANCEL))
