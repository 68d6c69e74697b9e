"""What has happened, a sentence for each line of the timeline: who, what, old and new, why (D-5, requirements.md 3.8)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from accounts.formatting import plural
from accounts.policies import Vocabulary

from ..context import Reader
from ..enums import Action, Actor, Status

CHANGED_OWN_TIMES = "Changed by user"  # T11; every other SUGGEST of a pending booking answers the other side


class Happening(NamedTuple):
    """A line of the timeline: who, which may be nobody, and what they did."""

    actor: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Event:
    """A timeline event for one reader. `data` holds old and new as ISO moments; `by_name` is who pressed the button.

    `provider_name` is whose booking it was then; `is_handed_on`: it is another provider's since (T34).
    """

    action: Action
    actor: Actor
    name: str
    viewer: Actor
    client_name: str
    provider_name: str
    is_handed_on: bool = False
    words: Vocabulary
    reader: Reader
    now: datetime
    by_name: str = ""
    by_viewer: bool = False
    status_before: str = ""
    on_behalf_of: str = ""
    reason: str = ""
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def other(self) -> str:
        """The side to whom it was done, as the reader calls them."""
        return self.person(Actor.CLIENT if self.actor == Actor.PROVIDER else Actor.PROVIDER)

    def person(self, side: str) -> str:
        """One side as the reader calls it: "you" or the name."""
        if side == self.viewer and not (self.is_handed_on and side == Actor.PROVIDER):
            return "you"
        return self.client_name if side == Actor.CLIENT else self.provider_name

    def when(self, key: str) -> str:
        """The moment kept under `key`, in the reader's words; nothing where none is kept."""
        return self.reader.when(datetime.fromisoformat(self.data[key]), self.now) if self.data.get(key) else ""

    def times(self) -> str:
        """The times that were put forward: "Tue 24 Nov, 8am or Wed 25 Nov, 9am"."""
        starts = [self.reader.when(datetime.fromisoformat(start), self.now) for start in self.data.get("times", [])]
        return one_of(starts)


def one_of(parts: Sequence[str]) -> str:
    """The parts as alternatives. Times hold commas of their own, so semicolons part them."""
    return " or ".join(["; ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def what_happened(event: Event) -> Happening:
    """One line of the timeline, in sentences for its reader."""
    text = SENTENCES[event.action](event)
    text += _credits(event)
    if event.on_behalf_of:
        asker = event.person(event.on_behalf_of)
        text += f" {'You' if asker == 'you' else asker} asked for it."
    if event.reason:
        text += f" Reason: {event.reason.rstrip('.')}."
    if event.actor == Actor.SYSTEM:
        return Happening("", text)
    who = "You" if event.by_viewer else event.by_name
    return Happening(f"{who}, support," if event.actor == Actor.STAFF and not event.by_viewer else who, text)


def _credits(event: Event) -> str:
    """What it did to the client's credits (S4.12, S4.32); what cancelling costs is said with the cancellation."""
    moved, words = event.data.get("credits", {}), event.words
    if not moved or event.data.get("price"):
        return ""

    def counted(amount: int) -> str:
        return plural(amount, words.credit, words.credits)

    if "missing" in moved:
        return f" Missing: {counted(moved['missing'])}."
    if "held" in moved:
        more = moved["held"] - moved["before"]
        return f" Held: {counted(moved['held'])}." if more > 0 else f" {counted(-more)} came back."
    if not moved["kept"]:
        return f" Came back: {counted(moved['returned'])}."
    back = f", {moved['returned']} came back" if moved["returned"] else ""
    return f" Spent: {counted(moved['kept'])}{back}."


def _request(event: Event) -> str:
    return f"asked for {_counted(event)}."


def _counted(event: Event) -> str:
    count = len(event.data.get("times", []))
    return event.times() if count == 1 else f"{count} times: {event.times()}"


def _book(event: Event) -> str:
    whom = f" for {event.other}" if event.actor == Actor.PROVIDER else ""
    return f"booked {event.when('start') or event.times()}{whom}."


def _invite(event: Event) -> str:
    return f"invited {event.other} for {_counted(event)}."


def _accept(event: Event) -> str:
    if event.data.get("was"):
        return f"agreed to {event.when('start')} instead of {event.when('was')}."
    return f"accepted {event.when('start')}."


def _decline(event: Event) -> str:
    if event.status_before == Status.WAITING:
        return "declined: the credits for it were not there yet."
    if event.data.get("was"):
        return f"declined another time: {event.when('was')} stays."
    return "declined."


def _suggest(event: Event) -> str:
    if event.data.get("was"):
        return f"proposed {_counted(event)}, instead of {event.when('was')}."
    if event.status_before == Status.DECLINED:
        return f"took it up again and suggested {_counted(event)}."
    if event.name == CHANGED_OWN_TIMES:
        return f"changed the request to {_counted(event)}."
    return f"suggested {_counted(event)}."


def _withdraw(event: Event) -> str:
    if event.data.get("was"):
        return f"took back the other time: {event.when('was')} stays."
    return "took back the request." if event.actor == Actor.CLIENT else "took back what was offered."


def _expire(event: Event) -> str:
    if event.status_before == Status.WAITING:
        return "The credits did not come in time. The time is free again."
    if event.data.get("was"):
        return f"Nobody answered the other time before it lapsed: {event.when('was')} stays."
    return "The time to answer ended. Nobody had answered."


def _cancel(event: Event) -> str:
    if not event.data.get("was"):
        return "cancelled it."
    text = f"cancelled {event.when('was')}, {_hours(event.data['hours_before'])} before the start."
    if price := event.data.get("price"):
        text += f" {_price(price, event.words)}"
    # What stands against a provider is between them and the staff (S1.16).
    if event.data.get("is_late_change") and event.viewer != Actor.CLIENT:
        text += " It counts as a late change."
    return text


def _hours(hours: float) -> str:
    return "less than an hour" if hours < 1 else plural(int(hours), "hour")


def _price(price: dict[str, int], words: Vocabulary) -> str:
    whole = plural(price["returned"] + price["kept"], words.credit, words.credits)
    return f"{price['kept']} of {whole} are kept." if price["kept"] else f"All {whole} come back."


def _move(event: Event) -> str:
    return f"moved it from {event.when('was')} to {event.when('start')}."


def _reassign(event: Event) -> str:
    handover = event.data["handover"]
    what = f" as {handover['service']}" if handover["service"] != handover["was_service"] else ""
    return f"gave it to {handover['now']}{what} instead of {handover['was']}."


def _change_price(event: Event) -> str:
    change = event.data.get("price_change")
    if not change:
        return "changed the price."
    return (
        f"changed the price from {change['was']} to {plural(change['now'], event.words.credit, event.words.credits)}."
    )


def _ask_support(event: Event) -> str:
    return (
        f"asked support to change it to {event.times()}." if event.data.get("times") else "asked support to change it."
    )


def _complete(event: Event) -> str:
    says = {Actor.SYSTEM: "It counts as completed: nobody said otherwise.", Actor.STAFF: "decided that it took place."}
    return says.get(event.actor, "said that it took place.")


def _no_show(event: Event) -> str:
    verb = "decided" if event.actor == Actor.STAFF else "said"
    return f"{verb} that {event.person(event.data['absent'])} didn't come."


def _note(event: Event) -> str:
    return "noted:"


SENTENCES: dict[Action, Callable[[Event], str]] = {
    Action.REQUEST: _request,
    Action.BOOK: _book,
    Action.INVITE: _invite,
    Action.ACCEPT: _accept,
    Action.DECLINE: _decline,
    Action.SUGGEST: _suggest,
    Action.WITHDRAW: _withdraw,
    Action.CHANGE_NOTES: lambda event: "changed the notes.",
    Action.EXPIRE: _expire,
    Action.PAY: lambda event: "The credits are there, so it goes on.",
    Action.CLOSE: lambda event: "Another agreement took every time that was asked for, so the request was closed.",
    Action.FINISH_SETUP: lambda event: "Setting up finished: calendar entries and confirmations are on their way.",
    Action.CANCEL: _cancel,
    Action.REOPEN: lambda event: "reopened it: it is agreed again.",
    Action.ASK_TO_CANCEL: lambda event: f"asked {event.person(Actor.CLIENT)} to cancel it.",
    Action.RESCHEDULE: _move,
    Action.ASK_SUPPORT: _ask_support,
    Action.REFUSE_SUPPORT: lambda event: "left it as it is.",
    Action.AMEND: _move,
    Action.REASSIGN: _reassign,
    Action.CHANGE_PRICE: _change_price,
    Action.COMPLETE: _complete,
    Action.NO_SHOW: _no_show,
    Action.UNDO: lambda event: "took back what was said about it.",
    Action.CONTEST: lambda event: "disagreed. Support decides.",
    Action.UPHOLD: lambda event: "decided that it stays as it was said.",
    Action.NOTE: _note,
}


def rule_in_words(rule: dict, *, answers_name: str, stands: bool = False) -> str:
    """The rule by which the time to answer was set, with the numbers of that day (D-5). `stands`: something is agreed already."""
    window = plural(rule["answer_window_hours"], "hour")
    lead = rule["answer_lead_hours"]
    until = f"at the latest {plural(lead, 'hour')} before the start" if lead else "before the start"
    then = "the new time lapses and the old one stays" if stands else "the request closes by itself"
    return f"{answers_name} answers within {window} and {until}. Then {then}."
