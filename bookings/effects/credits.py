"""Effects on the client's credits: held when they commit, spent or given back when it ends (decisions.md 18; S4.11, S4.32).

Each says in the booking's row what will be so before it is written, and then does it: the hold's id follows from the
booking and the timeline event, and a key checked at the commit compares the two (B2).
"""

from dataclasses import replace
from uuid import UUID

from accounts.formatting import number, plural
from credits import services as credits

from .. import credit_flow
from ..context import Consequence, Context
from ..enums import Action, Actor, CreditStatus, Status
from ..models import Booking
from .base import Change, Effect


def _key(booking: Booking) -> str:
    return str(booking.last_sequence)


def _next_hold(booking: Booking) -> UUID:
    return credits.hold_id(booking.reference, _key(booking))


# --- taken ----------------------------------------------------------------------------------------------------


def _will_take(booking: Booking, context: Context) -> None:
    due = credit_flow.due(context)
    if due is None or booking.status == Status.WAITING:
        return
    booking.price = due
    if due and due != credit_flow.held(context):
        booking.hold_id, booking.credit_status = _next_hold(booking), CreditStatus.BLOCKED
    elif not due and credit_flow.held(context):
        booking.credit_status = CreditStatus.RETURNED


def take_credits(change: Change) -> None:
    """What the client commits to is held, no more and no less (S4.32, T34, F88). Raises TooFewCredits."""
    booking, context = change.booking, change.context
    due, held = credit_flow.due(context), credit_flow.held(context)
    if due is None or due == held or booking.status == Status.WAITING:
        return
    if not held or context.hold_id is None:
        credits.hold(
            member=booking.client,
            amount=due,
            reference=booking.reference,
            key=_key(booking),
            now=context.now,
        )
    elif due:
        credits.change(member=booking.client, hold_id=context.hold_id, amount=due, key=_key(booking), now=context.now)
    else:
        credits.release(member=booking.client, hold_id=context.hold_id, now=context.now)


def _foretell_taking(context: Context) -> list[Consequence]:
    context = _as_if_chosen(context)
    due, held = credit_flow.due(context), credit_flow.held(context)
    if due is None or not (due or held):
        return []
    missing, is_client = credit_flow.missing(context), context.actor == Actor.CLIENT
    if missing and is_client:
        until = context.when(credit_flow.pay_by(context))
        return [_coins(f"You need {_more(missing, context)}. The time is kept for you until {until}.")]
    if missing:
        return [_coins(f"{context.client_name} has too few {context.words.credits} and gets some time to add more.")]
    if due == held:
        return [_coins(f"{_counted(held, context)} stay held." if held != 1 else f"{_counted(1, context)} stays held.")]
    if due < held:
        return [_coins(f"{_counted(held - due, context)} come back.")]
    return [_coins(_held_line(due - held, context))]


def _as_if_chosen(context: Context) -> Context:
    """Before one of several times is chosen: its price can be said where they all cost the same."""
    times = context.proposal.times if context.proposal and context.action == Action.ACCEPT else ()
    if context.chosen or len({time.price for time in times}) != 1:
        return context
    return replace(context, chosen=times[0])


def _held_line(amount: int, context: Context) -> str:
    line = f"{_counted(amount, context)} {'is' if amount == 1 else 'are'} held"
    if context.actor != Actor.CLIENT:
        return f"{line} of what {context.client_name} has."
    if context.available is None:  # a guest's are not looked at before the code has come back
        return f"{line} of what you have. With too few, the time is kept for you while you add some."
    return f"{line}, and {number(context.available - amount)} remain to use."


# --- settled --------------------------------------------------------------------------------------------------


def _will_settle(booking: Booking, context: Context) -> None:
    split = credit_flow.settlement(context, Status(booking.status))
    if split is None or not _has_something_to_settle(context):
        return
    booking.credit_status = credit_flow.state_of(split)
    if context.credit_status != CreditStatus.BLOCKED:
        booking.hold_id = _next_hold(booking)


def _has_something_to_settle(context: Context) -> bool:
    # What is over already may be decided otherwise by staff (T41).
    is_held = credit_flow.was_paid(context) and context.credit_status == CreditStatus.BLOCKED
    return is_held or credit_flow.decides_anew(context)


def settle_credits(change: Change) -> None:
    """The held price is divided as the rules say: back, kept, to the provider (T18-T22, T37-T41, C18)."""
    booking, context = change.booking, change.context
    split = credit_flow.settlement(context, Status(booking.status))
    if split is None or context.hold_id is None or not _has_something_to_settle(context):
        return
    hold_id = context.hold_id
    if context.credit_status != CreditStatus.BLOCKED:
        hold_id = credits.reopen(member=booking.client, hold_id=hold_id, key=_key(booking), now=context.now).pk
    credits.capture(
        member=booking.client,
        hold_id=hold_id,
        earner=booking.provider.member if split.to_provider else None,
        charged=split.kept,
        earned=None if split.to_provider == split.kept else split.to_provider,
        now=context.now,
    )


def _foretell_settling(context: Context) -> list[Consequence]:
    status = _ends_as(context)
    split = credit_flow.settlement(context, status) if status and context.hold_id else None
    # What the client loses by cancelling is said where cancelling is foretold.
    if split is None or (context.action == Action.CANCEL and context.actor == Actor.CLIENT):
        return []
    whose = "your" if context.actor == Actor.CLIENT else f"{context.client_name}'s"
    if not split.kept:
        return [_coins(f"All of {whose} {_counted(split.returned, context)} come back.")]
    to = "you" if context.actor == Actor.PROVIDER else context.provider_name
    lines = [f"{_counted(split.kept, context)} of {whose} {context.price} are spent"]
    lines += [f"{split.to_provider} of them go to {to}"] if split.to_provider else []
    lines += [f"{split.returned} come back"] if split.returned else []
    return [_coins(f"{', '.join(lines)}.")]


def _ends_as(context: Context) -> Status | None:
    ends = {
        Action.DECLINE: Status.DECLINED,
        Action.WITHDRAW: Status.CANCELLED,
        Action.CANCEL: Status.CANCELLED,
        Action.COMPLETE: Status.COMPLETED,
        Action.NO_SHOW: Status.NOSHOW,
    }
    return None if context.is_first_word else ends.get(context.action)


# --- taken back -----------------------------------------------------------------------------------------------


def _will_reopen(booking: Booking, context: Context) -> None:
    if credit_flow.takes_back(context):
        booking.hold_id, booking.credit_status = _next_hold(booking), CreditStatus.BLOCKED


def reopen_credits(change: Change) -> None:
    """What was spent and given back is held again: nothing is said about the session any more, or it is agreed again (PG-32, T34).

    Raises TooFewCredits where part of it is somewhere else by now.
    """
    booking, context = change.booking, change.context
    if context.hold_id is not None and credit_flow.takes_back(context):
        credits.reopen(member=booking.client, hold_id=context.hold_id, key=_key(booking), now=context.now)


def _foretell_reopening(context: Context) -> list[Consequence]:
    if not credit_flow.takes_back(context):
        return []
    return [_coins(f"{_counted(context.price, context)} of {context.client_name} are held again.")]


def _coins(sentence: str) -> Consequence:
    return Consequence("coins", sentence)


def _counted(amount: int, context: Context) -> str:
    return plural(amount, context.words.credit, context.words.credits)


def _more(amount: int, context: Context) -> str:
    return f"{amount} more {context.words.credit if amount == 1 else context.words.credits}"


TAKE_CREDITS = Effect(take_credits, _foretell_taking, _will_take)
SETTLE_CREDITS = Effect(settle_credits, _foretell_settling, _will_settle)
REOPEN_CREDITS = Effect(reopen_credits, _foretell_reopening, _will_reopen)
