"""The buttons of a booking's page: for each display state and side the only ones there are (the table of PG-32).

What stands here is offered where the workflow has the action and nothing speaks against it. Where the rules take it away
instead, a sentence says why, and the way that is open stands beside it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from django.urls import reverse
from django.utils.http import urlencode

from accounts import formatting
from credits.queries import balances

from .. import wording, workflow
from ..context import Context
from ..enums import AGREED, Action, Actor, Status
from ..models import Booking
from .parts import Button, Viewer
from .ways import href_of

# The room opens a little before the start, and stays open a while after the end: sessions run over (C23, PG-36b).
JOIN_BEFORE, JOIN_AFTER_END = timedelta(minutes=15), timedelta(hours=1)

BY_CLIENT, BY_PROVIDER = Actor.CLIENT, Actor.PROVIDER
TABLE: dict[str, dict[Actor, tuple[str, ...]]] = {
    "requested": {
        BY_CLIENT: ("change times", "edit notes", "withdraw"),
        BY_PROVIDER: ("accept", "suggest others", "decline"),
    },
    "suggested": {BY_CLIENT: ("accept", "suggest others", "decline"), BY_PROVIDER: ("withdraw",)},
    "invited": {BY_CLIENT: ("accept", "suggest others", "decline"), BY_PROVIDER: ("withdraw",)},
    "waiting": {BY_CLIENT: ("add credits", "withdraw"), BY_PROVIDER: ("release",)},
    "setting_up": {BY_CLIENT: (), BY_PROVIDER: ()},
    "confirmed": {
        BY_CLIENT: ("join", "add to calendar", "another time", "cancel"),
        BY_PROVIDER: ("join", "add to calendar", "another time", "cancel"),
    },
    "change proposed by the other": {
        BY_CLIENT: ("join", "add to calendar", "accept", "suggest others", "decline", "cancel"),
        BY_PROVIDER: ("join", "add to calendar", "accept", "suggest others", "decline", "cancel"),
    },
    "change proposed by me": {
        BY_CLIENT: ("join", "add to calendar", "withdraw"),
        BY_PROVIDER: ("join", "add to calendar", "withdraw"),
    },
    "in_progress": {BY_CLIENT: ("join", "not here"), BY_PROVIDER: ("join", "not here")},
    "ended": {BY_CLIENT: ("join", "completed", "did not come"), BY_PROVIDER: ("join", "completed", "did not come")},
    "completed": {BY_CLIENT: ("again", "undo", "contest"), BY_PROVIDER: ("follow up", "undo", "contest")},
    "noshow": {BY_CLIENT: ("undo", "contest"), BY_PROVIDER: ("undo", "contest")},
    "declined": {BY_CLIENT: ("again",), BY_PROVIDER: ("revive",)},
    "cancelled": {BY_CLIENT: ("again",), BY_PROVIDER: ("new time",)},
    "expired": {BY_CLIENT: ("again",), BY_PROVIDER: ("new time",)},
}
ANSWERS = ("accept", "suggest others", "decline")
WITHDRAWALS = {"requested": "request", "waiting": "request", "suggested": "suggestion", "invited": "invitation"}


@dataclass(frozen=True)
class Desk:
    """What the buttons depend on. `context` holds the facts for any action; `room` is the address to join, if there is one."""

    booking: Booking
    viewer: Viewer
    facts: wording.Facts
    context: Context
    room: str = ""
    is_stuck: bool = False

    @property
    def row(self) -> str:
        """The row of the table: the display state, seen from the viewer's side."""
        if self.facts.status == Status.PENDING:
            return wording.table_key(self.facts)
        key = wording.state_key(self.facts, self.viewer.now)
        if key == "change_proposed":
            return f"change proposed by {'the other' if self.facts.awaits == self.facts.viewer else 'me'}"
        # What could not be set up is agreed all the same: nobody has to wait for it to cancel (decisions.md 7).
        return "confirmed" if key == "setting_up" and self.is_stuck else key


@dataclass(frozen=True)
class Offered:
    """`top` stand under the head, `answers` beside the times to choose from, `blocked` are sentences in place of buttons."""

    top: list[Button]
    answers: list[Button]
    blocked: list[str]


def offered(desk: Desk, *, accept: Button | None) -> Offered:
    """All that this viewer can do. `accept` is the button of the times' own form, where one of them can be had."""
    if desk.facts.viewer == Actor.STAFF:
        href = reverse("admin:bookings_booking_change", args=[desk.booking.pk])
        return Offered([Button("Open in the administration", href=href, id="admin")], [], [])
    top, answers, blocked = [], [accept] if accept else [], []
    for name in TABLE[desk.row][desk.facts.viewer]:
        if name == "accept":
            continue
        for thing in MAKERS[name](desk):
            if isinstance(thing, str):
                blocked.append(thing)
            else:
                (answers if name in ANSWERS else top).append(thing)
    return Offered(top, answers, list(dict.fromkeys(blocked)))


Things = list[Button | str]


def _possible(
    desk: Desk, action: Action, label: str, *, is_silent: bool = False, query: str = "", **look: str
) -> Things:
    """The button to `action`'s page, the sentence why not and the way instead, or nothing where it has no place."""
    context = replace(desk.context, action=action)
    if not workflow.exists_for(context):
        return []
    refusal = workflow.check(context)
    if refusal is None or refusal.field:
        href = PAGES[action](desk.booking) if action in PAGES else href_of(desk.booking, action)
        return [Button(label, href=f"{href}{query}", **{"id": action.replace("_", "-"), **look})]
    if refusal.instead in INSTEAD:
        way = INSTEAD[refusal.instead](desk)
        # Where the other way is closed as well, why that is so says it all.
        is_said = refusal.instead in SAME_THING or (way and all(isinstance(thing, str) for thing in way))
        return way if is_said else [refusal.sentence, *way]
    return [] if is_silent else [refusal.sentence]


def _page(name: str) -> Callable[[Booking], str]:
    return lambda booking: reverse(name, args=[booking.code])


PAGES: dict[Action, Callable[[Booking], str]] = {
    Action.COMPLETE: _page("booking_outcome"),
    Action.NO_SHOW: _page("booking_outcome"),
    Action.UNDO: _page("booking_undo"),
    Action.CONTEST: _page("booking_contest"),
}


def _withdraw(desk: Desk) -> Things:
    return _possible(desk, Action.WITHDRAW, f"Withdraw {WITHDRAWALS.get(desk.row, 'proposal')}", icon="undo-2")


def _add_credits(desk: Desk) -> Things:
    label = f"Add {desk.context.words.credits}"
    # Where none are sold, it leads to how they come otherwise.
    need = max(0, desk.context.price - balances(desk.booking.client).available)
    wanted = urlencode({"for": desk.booking.reference, "need": need})
    return [Button(label, href=f"{reverse('credits_buy')}?{wanted}", kind="primary", icon="coins", id="add-credits")]


def _change_times(desk: Desk) -> Things:
    return _possible(desk, Action.SUGGEST, "Change times", icon="calendar-clock")


def _edit_notes(desk: Desk) -> Things:
    return _possible(desk, Action.CHANGE_NOTES, "Edit notes", icon="pencil")


def _suggest_others(desk: Desk) -> Things:
    return _possible(desk, Action.SUGGEST, "Suggest other times")


def _decline(desk: Desk) -> Things:
    keeps = desk.facts.status in AGREED
    return _possible(desk, Action.DECLINE, "Keep the original time" if keeps else "Decline")


def _release(desk: Desk) -> Things:
    return _possible(desk, Action.DECLINE, "Decline", hidden="and have the time back")


def _join(desk: Desk) -> Things:
    """Straight into the room while it is open; before, to the page that says when."""
    if not desk.room:
        return []
    opens, closes = desk.facts.starts_at - JOIN_BEFORE, desk.facts.ends_at + JOIN_AFTER_END
    if desk.viewer.now >= closes:
        return []
    if desk.viewer.now >= opens:
        return [Button("Join", href=desk.room, kind="primary", icon="video", id="join")]
    clock = formatting.clock(opens, desk.viewer.reader.zone, desk.viewer.reader.hour_cycle)
    href, day = reverse("booking_join", args=[desk.booking.code]), desk.viewer.at(opens).partition(",")[0]
    return [Button(f"Join from {clock}", href=href, icon="video", hidden=f"on {day}", id="join")]


def _add_to_calendar(desk: Desk) -> Things:
    if desk.facts.status not in AGREED:
        return []
    href = reverse("booking_ics", args=[desk.booking.code])
    return [Button("Add to calendar", href=href, icon="calendar-plus", id="ics")]


def _another_time(desk: Desk) -> Things:
    return _possible(desk, Action.SUGGEST, "Propose another time", icon="calendar-clock")


def _move(desk: Desk) -> Things:
    return _possible(desk, Action.RESCHEDULE, "Move to another time", icon="calendar-clock")


def _ask_support(desk: Desk) -> Things:
    return _possible(desk, Action.ASK_SUPPORT, "Ask support", icon="life-buoy")


def _cancel(desk: Desk) -> Things:
    return _possible(desk, Action.CANCEL, "Cancel", icon="calendar-x", hidden=f"this {desk.facts.session}")


def _ask_to_cancel(desk: Desk) -> Things:
    return _possible(desk, Action.ASK_TO_CANCEL, f"Ask {desk.facts.client_name} to cancel", icon="calendar-x")


def _completed(desk: Desk) -> Things:
    label = "Mark completed" if desk.facts.viewer == Actor.PROVIDER else "Yes, it took place"
    return _possible(desk, Action.COMPLETE, label, query="?said=completed", icon="check-check", kind="primary")


def _not_here(desk: Desk) -> Things:
    return _possible(
        desk, Action.NO_SHOW, f"{desk.facts.other_name} isn't here", query="?said=no_show", icon="armchair"
    )


def _did_not_come(desk: Desk) -> Things:
    label = f"{desk.facts.other_name} didn't come"
    return _possible(desk, Action.NO_SHOW, label, query="?said=no_show", icon="armchair")


def _undo(desk: Desk) -> Things:
    return _possible(desk, Action.UNDO, "Take it back", is_silent=True, icon="undo-2")


def _contest(desk: Desk) -> Things:
    if _undo(desk):
        # Who can take it back by themselves need not complain about it.
        return []
    label = "Tell us what happened" if desk.facts.status == Status.NOSHOW else "Report a problem"
    return _possible(desk, Action.CONTEST, label, is_silent=True, icon="flag")


def _again(desk: Desk) -> Things:
    """The same service is chosen already, and the new request will point at this one (C3, S0.22, T30)."""
    booking = desk.booking
    if not booking.provider.is_published:
        return []
    asks = {"service": booking.service_id}
    is_retry = desk.facts.status != Status.COMPLETED
    if is_retry:
        asks["again"] = booking.code
    query, label = urlencode(asks), "Ask for another time" if is_retry else "Book again"
    href = f"{reverse('provider', args=[booking.provider.slug])}?{query}"
    return [Button(label, href=href, kind="primary", icon="calendar", id="again")]


def _revive(desk: Desk) -> Things:
    return _possible(desk, Action.SUGGEST, "Suggest another time", is_silent=True, icon="calendar-clock")


def _new_time(desk: Desk) -> Things:
    return _new_booking(desk, "Suggest a new time", again=desk.booking.code)


def _follow_up(desk: Desk) -> Things:
    return _new_booking(desk, f"Follow-up {desk.facts.session}")


def _new_booking(desk: Desk, label: str, **more: str) -> Things:
    """An invitation, or a booking at once, where providers may make them (T12, D16)."""
    booking = desk.booking
    if booking.policy.provider_made == "off":
        return []
    query = urlencode({"client": booking.client_id, "service": booking.service_id, **more})
    return [Button(label, href=f"{reverse('new_booking')}?{query}", icon="calendar-plus", id="again")]


MAKERS: dict[str, Callable[[Desk], Things]] = {
    "add credits": _add_credits,
    "change times": _change_times,
    "edit notes": _edit_notes,
    "withdraw": _withdraw,
    "suggest others": _suggest_others,
    "decline": _decline,
    "release": _release,
    "join": _join,
    "add to calendar": _add_to_calendar,
    "another time": _another_time,
    "cancel": _cancel,
    "not here": _not_here,
    "completed": _completed,
    "did not come": _did_not_come,
    "undo": _undo,
    "contest": _contest,
    "again": _again,
    "revive": _revive,
    "new time": _new_time,
    "follow up": _follow_up,
}
INSTEAD: dict[Action | None, Callable[[Desk], Things]] = {
    Action.RESCHEDULE: _move,
    Action.ASK_SUPPORT: _ask_support,
    Action.ASK_TO_CANCEL: _ask_to_cancel,
}
# Another way to the very same thing needs no explanation.
SAME_THING = (Action.RESCHEDULE,)
