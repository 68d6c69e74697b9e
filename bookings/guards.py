"""Guards: each says None, or why not and what instead. Pure; the sentences stand here and nowhere else (decisions.md 35)."""

from . import deadlines
from .context import Context, Refusal
from .enums import Action, Actor, Status

WHAT_HAPPENED = {
    Action.REQUEST: "asked",
    Action.ACCEPT: "accepted",
    Action.DECLINE: "declined",
    Action.WITHDRAW: "took back the request",
}


def still_open(context: Context) -> Refusal | None:
    """The action belongs to the status (S4.3): otherwise the refusal says what happened meanwhile."""
    last = context.last
    if last is None:
        happened = "This is not possible now."
    elif last.action == Action.EXPIRE:
        happened = f"The time to answer ended on {context.when(last.at)}."
    elif last.action == Action.FINISH_SETUP:
        happened = f"This {context.words.session} is agreed already."
    else:
        happened = f"{last.by_name} {WHAT_HAPPENED[last.action]} on {context.when(last.at)}."
    return Refusal("moved_on", f"{happened} Nothing was changed.", is_conflict=True)


def not_started(context: Context) -> Refusal | None:
    """Every action of client and provider closes at the start (S4.42, B7)."""
    starts = [context.starts_at] if context.starts_at else [time.starts_at for time in context.table.times]
    if any(context.now < start for start in starts):
        return None
    return Refusal(
        "started",
        f"The time of this {context.words.session} has come. Ask for a new time instead.",
        is_conflict=True,
    )


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
        else f"Decline, and tell {context.client_name} which later time would suit you."
    )
    why = f"Accepting closes {lead} hours before the start." if lead else "This time has passed."
    return Refusal("too_late", f"{why} {instead}", field="time", is_conflict=True, instead=Action.DECLINE)


def no_agreed_clash(context: Context) -> Refusal | None:
    """Two agreed sessions of one person never overlap (decisions.md 14, B1); the database holds it too."""
    for clash in context.clashes:
        if clash.is_agreed and clash.of == Actor.PROVIDER:
            return Refusal(
                "taken",
                f"You have agreed to {clash.title} at {context.when(clash.starts_at)}. Choose another time.",
                field="time",
                is_conflict=True,
                instead=Action.DECLINE,
            )
        if clash.is_agreed:
            return Refusal(
                "client_busy",
                f"{context.client_name} has agreed to something else at that time. Choose another time.",
                field="time",
                is_conflict=True,
                instead=Action.DECLINE,
            )
    return None


def clash_is_accepted(context: Context) -> Refusal | None:
    """Outside appointments and other requests only warn: the clash is named and needs a tick (S4.4, decisions.md 14)."""
    soft = [clash for clash in context.clashes if not clash.is_agreed]
    if not soft or context.clash_accepted:
        return None
    named = ", ".join(f"{clash.title} at {context.when(clash.starts_at)}" for clash in soft[:3])
    return Refusal("clash", f"This overlaps {named}. Tick the box to accept anyway.", field="clash_accepted")


def reason_given(context: Context) -> Refusal | None:
    """A reason from the tenant's list, with words where the line asks for them (S4.9, D9)."""
    policy = context.policy
    chosen = next((reason for reason in policy.decline_reasons if reason.code == context.reason_code), None)
    if context.reason_code and chosen is None:
        return Refusal("unknown_reason", "Choose a reason from the list.", field="reason_code")
    if chosen is None and policy.decline_reason == "required":
        return Refusal(
            "reason_missing", f"Choose a reason, so that {context.other_name} knows why.", field="reason_code"
        )
    if chosen and chosen.asks_text and policy.decline_reason == "required" and not context.reason_text:
        return Refusal("reason_text_missing", "Say the reason in a few words.", field="reason_text")
    return None


def time_is_up(context: Context) -> Refusal | None:
    """The system closes a proposal only when nobody can answer it any more (T16)."""
    if context.now > context.table.answer_by or not context.table.possible(context.policy, context.now):
        return None
    return Refusal("not_yet", "The time to answer is not over.", possible_from=context.table.answer_by)


def setup_is_done(context: Context) -> Refusal | None:
    """Required jobs are done or have failed for good (decisions.md 7, T17)."""
    return None if context.setup_done else Refusal("setup_runs", "The setting up is not finished.")


def agreed_status(context: Context) -> Status:
    """Where accepting leads: to setting up where the product makes calendar entry and room, else straight on (D12)."""
    return Status.CONFIRMING if context.policy.logistics == "automatic" else Status.CONFIRMED
