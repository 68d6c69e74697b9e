"""The Next line of a booking's page: who must act, by when, and what happens otherwise; at most two sentences (ux.md 0.1-2)."""

from collections.abc import Callable
from datetime import datetime

from accounts import formatting

from ..context import CONTEST_WINDOW, UNDO_WINDOW, WAIT_BEFORE_NO_SHOW, Reader
from ..enums import AGREED, Actor, Status
from .about import Facts, deadline, when

NOTHING_MORE = "Nothing more to do."


def next_line(facts: Facts, reader: Reader, now: datetime) -> str:
    """What comes next for this viewer, whatever the state."""
    if facts.has_ended(now):
        return _ended(facts, reader, now)
    if facts.has_started(now):
        return _in_progress(facts, reader, now)
    if facts.status in AGREED and facts.awaits:
        return _other_date(facts, reader, now)
    return LINES[facts.status](facts, reader, now)


def _pending(facts: Facts, reader: Reader, now: datetime) -> str:
    closes = deadline(facts.closes_at, reader, now)
    if closes.over:
        return "The time to answer is over. The request closes in a moment."
    what = "request" if facts.asked_by != Actor.PROVIDER else "invitation" if facts.is_first else "booking"
    if facts.awaits != facts.viewer:
        told = "both are told" if facts.viewer == Actor.STAFF else "you are told"
        return (
            f"{facts.answers_name} answers by {closes.label} ({closes.distance}). If not, the {what} closes and {told}."
        )
    first = deadline(facts.answer_by, reader, now)
    otherwise = f"If you don't answer, the {what} closes and {facts.other_name} is told."
    if facts.answer_by < facts.closes_at:
        otherwise = f"After that one time is gone; the {what} closes on {reader.when(facts.closes_at, now)}."
    return f"{_what_to_do(facts)} by {first.label} ({first.distance}). {otherwise}"


def _what_to_do(facts: Facts) -> str:
    if facts.asked_by != Actor.PROVIDER:
        return "Accept or decline"
    if facts.times > 1:
        return f"Choose one of {facts.other_name}'s {facts.times} times"
    return f"Accept or decline {facts.other_name}'s {'invitation' if facts.is_first else 'time'}"


def _other_date(facts: Facts, reader: Reader, now: datetime) -> str:
    stays = f"Until then {when(facts.starts_at, reader, now)} stays as it is."
    closes = deadline(facts.closes_at, reader, now)
    if closes.over:
        return f"The time to answer is over. {when(facts.starts_at, reader, now)} stays as it is."
    if facts.awaits != facts.viewer:
        return f"{facts.answers_name} answers by {closes.label} ({closes.distance}). {stays}"
    first = deadline(facts.answer_by, reader, now)
    what = f"choose one of {facts.other_name}'s {facts.times} new times"
    if facts.times == 1:
        what = f"accept {facts.other_name}'s new time, or keep the old one,"
    return f"{what[0].upper()}{what[1:]} by {first.label} ({first.distance}). {stays}"


def _setting_up(facts: Facts, reader: Reader, now: datetime) -> str:
    whose = "this" if facts.viewer == Actor.STAFF else "your"
    return f"We are setting up {whose} {facts.session}. That usually takes a few seconds."


def _agreed(facts: Facts, reader: Reader, now: datetime) -> str:
    start = when(facts.starts_at, reader, now)
    if facts.cancel_asked and facts.viewer == Actor.CLIENT:
        return f"{facts.provider_name} asks you to cancel. Unless you do, you meet on {start}."
    if facts.cancel_asked:
        who = "You asked" if facts.viewer == Actor.PROVIDER else f"{facts.provider_name} asked"
        return f"{who} {facts.client_name} to cancel. Until then {start} stays as it is."
    far = f"{start} ({formatting.relative(facts.starts_at, now)})"
    if facts.viewer == Actor.STAFF:
        return f"{facts.client_name} meets {facts.provider_name} on {far}."
    return f"You meet {facts.other_name} on {far}. {_how(facts)}"


def _how(facts: Facts) -> str:
    if facts.link == "own":
        return f"You and {facts.other_name} arrange the details yourselves."
    if facts.place == "video":
        return (
            f"The link to join is on the page of this {facts.session}."
            if facts.link == "ready"
            else "The link to join follows."
        )
    return {"phone": "You talk by phone.", "in_person": "You meet in person."}[facts.place]


def _in_progress(facts: Facts, reader: Reader, now: datetime) -> str:
    on = f"This {facts.session} is on until {formatting.clock(facts.ends_at, reader.zone, reader.hour_cycle)}."
    if facts.viewer == Actor.STAFF:
        return on
    earliest = facts.starts_at + WAIT_BEFORE_NO_SHOW
    if now < earliest:
        clock = formatting.clock(earliest, reader.zone, reader.hour_cycle)
        return f"{on} If {facts.other_name} isn't there, you can say so from {clock}."
    return f"{on} If {facts.other_name} isn't there, say so here."


def _ended(facts: Facts, reader: Reader, now: datetime) -> str:
    otherwise = f"If nobody says otherwise, it counts as completed on {when(facts.completes_at, reader, now)}."
    if facts.completes_at is None:
        otherwise = "It stays open until then."
    elif facts.completes_at <= now:
        otherwise = "If nobody says otherwise, it counts as completed in a moment."
    if facts.viewer == Actor.STAFF:
        who = facts.client_name if facts.held_by == Actor.PROVIDER else facts.provider_name
        return f"{who} says whether it took place. {otherwise}"
    if facts.held_by == facts.viewer:
        return f"You said that it took place; {facts.other_name} confirms it. {otherwise}"
    if facts.held_by:
        return f"{facts.other_name} says that it took place: confirm it, or say if not. {otherwise}"
    if facts.viewer == Actor.CLIENT and facts.completion == "provider":
        return f"{facts.provider_name} says whether it took place. If {facts.provider_name} didn't come, say so here."
    return f"{'Did it happen?' if facts.viewer == Actor.CLIENT else 'Say whether it took place.'} {otherwise}"


def _over(facts: Facts, reader: Reader, now: datetime) -> str:
    if facts.is_contested:
        told = "Both are told" if facts.viewer == Actor.STAFF else "You are both told"
        return f"Support decides what happened. {told} by mail."
    if facts.viewer == Actor.STAFF or facts.said_by is None or facts.said_at is None:
        return f"{_outcome(facts)} {NOTHING_MORE}"
    undo, contest = facts.said_at + UNDO_WINDOW, facts.said_at + CONTEST_WINDOW
    mine = facts.said_by == facts.viewer or (facts.said_by == Actor.SYSTEM and facts.viewer == Actor.PROVIDER)
    if mine and now <= undo:
        return f"{_outcome(facts)} If that is wrong, you can take it back until {when(undo, reader, now)}."
    if not mine and facts.said_by != Actor.STAFF and now <= contest:
        return f"{_outcome(facts)} If that is wrong, tell us until {when(contest, reader, now)}."
    return f"{_outcome(facts)} {NOTHING_MORE}"


def _outcome(facts: Facts) -> str:
    by = {facts.viewer: "You said that ", Actor.STAFF: "Support decided: ", Actor.SYSTEM: "Nobody said otherwise: "}
    side = facts.said_by in (Actor.CLIENT, Actor.PROVIDER)
    lead = by.get(facts.said_by, f"{facts.name_of(facts.said_by)} said that " if side else "") if facts.said_by else ""
    if facts.status == Status.COMPLETED:
        what = "it took place."
    else:
        who = "you" if facts.absent == facts.viewer else facts.name_of(facts.absent or Actor.CLIENT)
        what = f"{who} didn't come."
    return f"{lead}{what}" if lead else f"{what[0].upper()}{what[1:]}"


def _declined(facts: Facts, reader: Reader, now: datetime) -> str:
    by = facts.closed_by or (Actor.CLIENT if facts.asked_by == Actor.PROVIDER else Actor.PROVIDER)
    again = "Ask for another time, or ask somebody else."
    if facts.viewer == Actor.STAFF:
        return f"{NOTHING_MORE} {facts.client_name} can ask for another time."
    if facts.is_taken:
        taken, suggest = "Another agreement took every time that was asked for.", "You can suggest another time."
        return f"{taken} {again if facts.viewer == Actor.CLIENT else NOTHING_MORE if facts.is_past else suggest}"
    if facts.viewer == Actor.CLIENT:
        who = {Actor.CLIENT: "You declined.", Actor.PROVIDER: f"{facts.provider_name} can't do this."}
        return f"{who.get(by, 'Support declined this.')} {again}"
    who = {Actor.CLIENT: f"{facts.client_name} declined.", Actor.PROVIDER: "You declined."}
    now_what = NOTHING_MORE if facts.is_past else "You can still suggest another time."
    return f"{who.get(by, 'Support declined this.')} {now_what}"


def _expired(facts: Facts, reader: Reader, now: datetime) -> str:
    slow = Actor.CLIENT if facts.asked_by == Actor.PROVIDER else Actor.PROVIDER
    if facts.viewer == Actor.CLIENT:
        who = "You" if slow == Actor.CLIENT else facts.provider_name
        return f"{who} didn't answer in time. Ask for another time, or ask somebody else."
    if facts.viewer == Actor.PROVIDER and slow == Actor.CLIENT:
        return f"{facts.client_name} didn't answer in time. {NOTHING_MORE}"
    return f"The time to answer is over. {facts.client_name} can ask again."


def _cancelled(facts: Facts, reader: Reader, now: datetime) -> str:
    return f"{NOTHING_MORE} You can ask for another time." if facts.viewer == Actor.CLIENT else NOTHING_MORE


def _waiting(facts: Facts, reader: Reader, now: datetime) -> str:
    until = f"until {when(facts.pay_by, reader, now)}" if facts.pay_by else "for a while"
    if facts.viewer == Actor.CLIENT:
        return f"The time is kept for you {until}. Add what is missing, and it goes on by itself."
    return f"{facts.client_name} has too few credits. The time is kept {until}; if they come, it goes on by itself."


LINES: dict[Status, Callable[[Facts, Reader, datetime], str]] = {
    Status.WAITING: _waiting,
    Status.PENDING: _pending,
    Status.CONFIRMING: _setting_up,
    Status.CONFIRMED: _agreed,
    Status.DECLINED: _declined,
    Status.CANCELLED: _cancelled,
    Status.EXPIRED: _expired,
    Status.NOSHOW: _over,
    Status.COMPLETED: _over,
}
