"""Is it the moment for this, and is the time still to be had?"""

from .. import deadlines
from ..context import Clash, Context, LastEvent, Refusal
from ..enums import Action, Actor

WHAT_HAPPENED = {
    Action.REQUEST: "asked",
    Action.BOOK: "booked it",
    Action.INVITE: "sent the invitation",
    Action.ACCEPT: "accepted",
    Action.DECLINE: "declined",
    Action.SUGGEST: "suggested other times",
    Action.WITHDRAW: "took it back",
    Action.CHANGE_NOTES: "changed the notes",
    Action.CANCEL: "cancelled",
    Action.REOPEN: "reopened it",
    Action.ASK_TO_CANCEL: "asked to cancel",
    Action.RESCHEDULE: "moved it",
    Action.ASK_SUPPORT: "asked support to change it",
    Action.REFUSE_SUPPORT: "left it as it is",
    Action.AMEND: "changed the time",
    Action.REASSIGN: "gave it to somebody else",
    Action.CHANGE_PRICE: "changed the price",
    Action.COMPLETE: "said that it took place",
    Action.NO_SHOW: "said that somebody did not come",
    Action.UNDO: "took back what was said about it",
    Action.CONTEST: "disagreed",
    Action.PAY: "added the credits",
    Action.UPHOLD: "decided that it stays",
    Action.NOTE: "wrote a note",
}


def still_open(context: Context) -> Refusal:
    """The action belongs to another status (S4.3): the refusal says what happened meanwhile."""
    last = context.last
    if last is None:
        happened = "This is not possible now."
    elif last.action == Action.EXPIRE:
        happened = f"The time to answer ended on {context.when(last.at)}."
    elif last.action == Action.CLOSE:
        happened = "The times that were asked for went to somebody else."
    elif last.action == Action.FINISH_SETUP:
        happened = f"This {context.words.session} is agreed already."
    elif last.action == Action.COMPLETE and last.actor == Actor.SYSTEM:
        happened = f"This {context.words.session} was completed on {context.when(last.at)}."
    elif last.action == Action.WITHDRAW and last.actor == Actor.CLIENT:
        happened = f"{_who(context, last)} took back the request on {context.when(last.at)}."
    else:
        happened = f"{_who(context, last)} {WHAT_HAPPENED[last.action]} on {context.when(last.at)}."
    return Refusal("moved_on", f"{happened} Nothing was changed.", is_conflict=True)


def _who(context: Context, last: LastEvent) -> str:
    # Each side is one person; staff are many.
    return "You" if last.actor == context.actor and last.actor in (Actor.CLIENT, Actor.PROVIDER) else last.by_name


def not_started(context: Context) -> Refusal | None:
    """Every action of client and provider closes at the start (S4.42, B7)."""
    starts = [context.starts_at] if context.starts_at else [time.starts_at for time in context.newest_times]
    if any(context.now < start for start in starts):
        return None
    return Refusal(
        "started",
        f"The time of this {context.words.session} has come. Ask for a new time instead.",
        is_conflict=True,
    )


def something_is_on_the_table(context: Context) -> Refusal | None:
    """There is an open proposal: nothing else can be answered, taken back or lapse (decisions.md 5)."""
    return None if context.proposal else still_open(context)


def time_is_on_the_table(context: Context) -> Refusal | None:
    """One of the proposed times was chosen, and no other (S1.8)."""
    if context.chosen in context.table.times:
        return None
    return Refusal("choose_time", "Choose one of the times on the table.", field="time")


def answered_early_enough(context: Context) -> Refusal | None:
    """Not inside the answer lead: a session must be agreed some hours before it (S0.21, decisions.md 9)."""
    start = context.choice.starts_at
    if deadlines.is_possible(start, context.policy, context.now):
        return None
    lead = context.policy.answer_lead_hours
    others = context.table.possible(context.policy, context.now)
    instead = (
        f"You can still accept {context.when(others[0].starts_at)}."
        if others
        else f"Suggest a later time to {context.other_name}."
    )
    why = f"Accepting closes {lead} hours before the start." if lead else "This time has passed."
    return Refusal("too_late", f"{why} {instead}", field="time", is_conflict=True, instead=Action.SUGGEST)


def no_agreed_clash(context: Context) -> Refusal | None:
    """Two agreed sessions of one person never overlap (decisions.md 14, B1); the database holds it too."""
    clash = next((clash for clash in context.clashes if clash.is_agreed), None)
    if clash is None:
        return None
    if clash.of == context.actor:
        sentence = f"You have agreed to {clash.title} on {context.when(clash.starts_at)}."
    else:
        sentence = f"{context.name_of(clash.of)} has agreed to something else at that time."
    return Refusal(
        "taken" if clash.of == context.actor else "other_busy",
        f"{sentence} Choose another time.",
        field="time",
        is_conflict=True,
        instead=Action.SUGGEST,
    )


def clash_is_accepted(context: Context) -> Refusal | None:
    """Outside appointments and other requests only warn: the clash is named and needs a tick (S4.4, decisions.md 14)."""
    soft = [clash for clash in context.clashes if not clash.is_agreed and _may_know(context, clash)]
    if not soft or context.clash_accepted:
        return None
    named = ", ".join(f"{_title(context, clash)} on {context.when(clash.starts_at)}" for clash in soft[:3])
    go_on = "accept" if context.action == Action.ACCEPT else "go on"
    return Refusal("clash", f"This overlaps {named}. Tick the box to {go_on} anyway.", field="clash_accepted")


def _title(context: Context, clash: Clash) -> str:
    return clash.title_to_staff if context.actor == Actor.STAFF and clash.title_to_staff else clash.title


def _may_know(context: Context, clash: Clash) -> bool:
    # What stands in somebody's calendar is theirs to weigh; staff, who act for both, weigh all of it.
    return context.actor in (clash.of, Actor.STAFF)


def all_times_are_taken(context: Context) -> Refusal | None:
    """The system closes a request whose every time went to another session meanwhile (decisions.md 15, D11)."""
    if all(time.starts_at in context.taken for time in context.table.times):
        return None
    return Refusal("still_free", "One of the times is still free.")


def time_is_up(context: Context) -> Refusal | None:
    """The system closes a proposal only when nobody can answer it any more (T16, T28)."""
    if context.now > context.table.answer_by or not context.table.possible(context.policy, context.now):
        return None
    return Refusal("not_yet", "The time to answer is not over.", possible_from=context.table.answer_by)


def setup_is_done(context: Context) -> Refusal | None:
    """Required jobs are done or have failed for good (decisions.md 7, T17)."""
    return None if context.setup_done else Refusal("setup_runs", "The setting up is not finished.")
