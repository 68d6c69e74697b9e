"""What mails about bookings know: plain JSON, moments as ISO UTC, the same keys in every mail (R-MAIL-5)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from accounts.formatting import plural
from accounts.policies import Policy, Vocabulary
from calendars.queries import meeting_url

from .. import credit_flow, fees, invites, links
from ..context import CONTEST_WINDOW, Context, TimeOnTable
from ..enums import AGREED, Action, Actor
from ..models import Booking, BookingEvent
from .base import Change

OFFERS = (Action.REQUEST, Action.INVITE, Action.SUGGEST)
AGREES = (Action.ACCEPT, Action.BOOK, Action.REOPEN, Action.REASSIGN)
SAYS_HOW_IT_WENT = (Action.COMPLETE, Action.NO_SHOW)
OTHER = {Actor.CLIENT: Actor.PROVIDER, Actor.PROVIDER: Actor.CLIENT}


def mail_facts(change: Change, to: Actor) -> dict[str, Any]:
    """The context of the templates of one change for one reader: the client, the provider, or `Actor.STAFF`.

    `own`: the reader did it. `by`, `by_name`, `on_behalf_of`, `action`, `reason`, `message`: who did what, and said what;
    of a booking that was set up, who agreed to it. `former_name`: whose it was, where this gives it to another provider.
    `awaits`: who has, or had, to answer. `times` are those of the change or of the table, `was_...` the agreed time, and the
    price, before it. `kept` credits of the price the client loses by it; until `free_by` none would be kept. A `price` of 0 is
    none. `credits_line` says what it did to the reader's credits, `hours_line` that a client suggests what is outside the
    reader's hours; `missing` are too few, which are waited for until `pay_by`.
    """
    facts = _people(change, to) | _deed(change, to) | _times(change) | _terms(change)
    lines = {"credits_line": _credits_line(change, to), "hours_line": _hours_line(change, to)}
    return facts | lines | {"urls": links.of(change.booking)}


def offered(times: Sequence[TimeOnTable], policy: Policy) -> dict[str, int]:
    """Length and price of what is on the table, for mails that ask for an answer to it."""
    return {"minutes": times[0].minutes, "price": _shown(times[0].price, policy)}


def _people(change: Change, to: Actor) -> dict[str, Any]:
    booking, context = change.booking, change.context
    other = booking.client if to == Actor.PROVIDER else booking.provider.member
    return {
        "to": to,
        "client_name": booking.client.name,
        "provider_name": booking.provider.name,
        "other_name": other.name,
        "other_zone": links.zone_of(other, booking),
        "former_name": change.former.provider.name if change.former else "",
        "awaits": OTHER[context.table.made_by] if context.proposal else "",
    }


def _deed(change: Change, to: Actor) -> dict[str, Any]:
    booking, context, event = change.booking, change.context, _telling_event(change)
    return {
        "action": event.action,
        "by": event.actor,
        "by_name": context.name_of(Actor(event.actor)) if event.actor in OTHER else "",
        "own": event.actor == to,
        "on_behalf_of": event.on_behalf_of,
        "reason": event.reason_text,
        "message": event.message,
        "notes": booking.notes,
        "status": booking.status,
        "was_status": context.status or "",
        "absent": booking.absent,
        "cancel_asked": booking.cancel_asked_at is not None,
        "contest_by": _iso(context.now + CONTEST_WINDOW) if context.action in SAYS_HOW_IT_WENT else "",
    }


def _telling_event(change: Change) -> BookingEvent:
    """Setting up is nobody's deed: its mail tells who agreed, with their words."""
    if change.context.action != Action.FINISH_SETUP:
        return change.event
    return change.booking.events.filter(action__in=AGREES).order_by("-sequence").first() or change.event


def _times(change: Change) -> dict[str, Any]:
    booking, context = change.booking, change.context
    times = context.offer or (context.table.times if context.proposal else ())
    agreed = context.chosen or (times[0] if times else None)
    starts_at = booking.starts_at or (agreed.starts_at if agreed else None)
    of_offer = times and (context.action in OFFERS or not booking.starts_at)
    agreed_terms = {"minutes": booking.minutes, "price": _shown(booking.price, context.policy)}
    terms = offered(times, context.policy) if of_offer else agreed_terms
    minutes = booking.minutes if booking.starts_at else terms["minutes"]
    if context.action == Action.CHANGE_PRICE:
        terms |= {"price": _shown(booking.price, context.policy)}
    return terms | {
        "starts_at": _iso(starts_at),
        "ends_at": _iso(invites.ends_at(starts_at, minutes)) if starts_at else "",
        "was_starts_at": _iso(context.starts_at),
        "was_ends_at": _iso(context.ends_at) if context.starts_at else "",
        "times": [{"starts_at": _iso(time.starts_at), "ends_at": _iso(time.ends_at)} for time in times],
        "answer_by": _iso(context.table.answer_by) if context.proposal else "",
    }


def _terms(change: Change) -> dict[str, Any]:
    booking, context = change.booking, change.context
    return {
        "code": booking.code,
        "service_name": booking.service.name,
        "place": booking.service.get_place_display(),
        "kept": _kept(context),
        "was_price": _shown(credit_flow.costs(context), context.policy),
        "free_by": _iso(_free_until(booking, context)),
        "join_url": meeting_url(booking.reference) if booking.status in AGREED else "",
        "moves": context.policy.reschedule,
        "asks_to_cancel": context.policy.provider_cancel == "ask_client",
        "has_file": False,
        "missing": change.event.data.get("credits", {}).get("missing", 0),
        "pay_by": _iso(booking.pay_by),
    }


def _credits_line(change: Change, to: Actor) -> str:
    """What it did to the reader's credits, in one sentence (EM-C3, EM-C11, EM-C19); nothing for who has no part in it."""
    moved, words = change.event.data.get("credits", {}), change.context.words
    if to == Actor.PROVIDER and moved.get("to_provider"):
        return f"{_are(moved['to_provider'], words)} yours."
    if to != Actor.CLIENT or not moved or "missing" in moved:
        return ""
    if "held" in moved:
        return f"{_are(moved['held'], words)} held." if moved["held"] else f"{_are(moved['before'], words)} back."
    if not moved["kept"]:
        return f"{_are(moved['returned'], words)} back."
    back = f" {_are(moved['returned'], words)} back." if moved["returned"] else ""
    return f"{plural(moved['kept'], words.credit, words.credits)} spent.{back}"


def _hours_line(change: Change, to: Actor) -> str:
    """That times lie outside the provider's hours, to the provider while they answer (D-3)."""
    outside = [time for time in change.context.offer if time.is_outside]
    if to != Actor.PROVIDER or not outside:
        return ""
    return "Outside your hours." if len(outside) == len(change.context.offer) else "Not all of it in your hours."


def _are(amount: int, words: Vocabulary) -> str:
    return f"{plural(amount, words.credit, words.credits)} {'is' if amount == 1 else 'are'}"


def _shown(price: int, policy: Policy) -> int:
    return 0 if policy.price_unit == "none" else price


def _kept(context: Context) -> int:
    """What the client loses of the price by cancelling (D6)."""
    is_clients_doing = context.action == Action.CANCEL and context.actor == Actor.CLIENT
    return context.fee.kept if is_clients_doing and context.starts_at else 0


def _free_until(booking: Booking, context: Context) -> datetime | None:
    """Until when the client can cancel without loss; None where nothing has a price, and when it is too late (EM-C2)."""
    span = fees.free_until(context.policy)
    if booking.starts_at is None or span is None or not _shown(booking.price, context.policy):
        return None
    last = booking.starts_at - span
    return last if last > context.now else None


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
