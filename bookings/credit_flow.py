"""What an action does to the credits of a booking: pure, from the facts (decisions.md 18, 19). All amounts are whole credits."""

from datetime import datetime, timedelta

from . import deadlines, fees
from .context import Context, TimeOnTable
from .enums import AGREED, OVER, Action, Actor, CreditStatus, Status

CHOOSES_TIME = (Action.BOOK, Action.ACCEPT, Action.RESCHEDULE, Action.AMEND, Action.REOPEN)
SPENT = (CreditStatus.CHARGED, CreditStatus.PARTLY_CHARGED)


def held(context: Context) -> int:
    """What is held for the booking before the action."""
    return context.price if context.credit_status == CreditStatus.BLOCKED else 0


def costs(context: Context) -> int:
    """What it costs as things stand: what is agreed, else what is on the table, at its dearest."""
    times = context.proposal.times if context.starts_at is None and context.proposal else ()
    return max((time.price for time in times), default=context.price)


def due(context: Context) -> int | None:
    """What has to be held once it is done; None where it commits the client to nothing (decisions.md 18)."""
    if context.policy.price_unit != "credits":
        return None
    if context.action == Action.CHANGE_PRICE:
        return context.new_price if _is_committed(context) else None
    if context.action == Action.PAY:
        return context.price
    if context.action in CHOOSES_TIME:
        return context.chosen.price if context.chosen and not takes_back(context) else None
    asks = context.action == Action.REQUEST or (context.action == Action.SUGGEST and context.status == Status.PENDING)
    if not asks or context.actor != Actor.CLIENT:
        return None
    return max((time.price for time in asked(context)), default=None)


def _is_committed(context: Context) -> bool:
    # Who was only invited, or still waits for credits, has nothing held before they accept, or it goes on.
    asks = context.status == Status.PENDING and context.table.made_by == Actor.CLIENT
    return held(context) > 0 or asks or context.status in AGREED


def decided_about(context: Context) -> int:
    """How many credits move between the two by what staff decide, and not by the rules (L10)."""
    if context.action == Action.CANCEL:
        return 0 if context.credits_back is None else context.price - context.credits_back
    return 0 if context.new_price is None else abs(context.new_price - costs(context))


def was_paid(context: Context) -> bool:
    """Whether credits were held for what the booking costs now."""
    # The hold of a price that fell to nothing has come back, and belongs to no outcome.
    return context.hold_id is not None and context.price > 0


def takes_back(context: Context) -> bool:
    """Whether what became of the credits is taken back as a whole, so that they are held again as they were (PG-32, T34)."""
    is_taken_back = context.action == Action.REOPEN and context.credit_status in SPENT
    return was_paid(context) and (context.action == Action.UNDO or is_taken_back)


def decides_anew(context: Context) -> bool:
    """Whether staff divide otherwise what was divided already: it is taken back first (T41)."""
    says_how_it_went = context.action in (Action.COMPLETE, Action.NO_SHOW)
    is_settled = context.status in OVER and context.credit_status != CreditStatus.BLOCKED
    return was_paid(context) and says_how_it_went and is_settled


def asked(context: Context) -> tuple[TimeOnTable, ...]:
    """The times that a client asks for: put forward, or on the table already where a page shows what asking does."""
    return context.offer or (context.proposal.times if context.proposal and context.status is None else ())


def takes_more(context: Context) -> bool:
    """Whether the client needs more credits than are held already."""
    return (due(context) or 0) > held(context)


def missing(context: Context) -> int:
    """How many credits the client has too few; needs the fact `available`."""
    if context.available is None or not takes_more(context):
        return 0
    return max(0, (due(context) or 0) - held(context) - context.available)


def has_to_wait(context: Context) -> bool:
    """Whether the booking waits for credits: too few, and none are held yet (decisions.md 19)."""
    return missing(context) > 0 and not held(context)


def pay_by(context: Context) -> datetime:
    """Until when the time is kept for who has too few credits (UTC): never past the time to answer, or the start."""
    limit = context.now + timedelta(minutes=context.policy.pay_by_minutes)
    if context.action in CHOOSES_TIME:
        return min(limit, context.choice.starts_at)
    starts = [time.starts_at for time in asked(context)]
    return min(limit, deadlines.closes_at(context.now, starts, context.policy)) if starts else limit


def absent_side(context: Context) -> Actor | None:
    """Who did not come to a no-show: the other side, or whom staff name."""
    accused = {Actor.CLIENT: Actor.PROVIDER, Actor.PROVIDER: Actor.CLIENT}
    return accused.get(context.actor, context.absent)


def _may_keep(context: Context) -> bool:
    return context.action == Action.CANCEL and context.actor == Actor.STAFF and context.starts_at is not None


def settlement(context: Context, status: Status) -> fees.Split | None:
    """What becomes of the price where the action ends the booking as `status`; None where it goes on.

    Who does not come pays what cancelling at the last moment costs (docs/decisions/0009-credits.md).
    """
    if status == Status.COMPLETED:
        return fees.Split(0, context.price, context.price)
    if status == Status.NOSHOW and absent_side(context) == Actor.CLIENT:
        return fees.when_client_cancels(context.price, context.policy, timedelta(0))
    if status == Status.CANCELLED and context.action == Action.CANCEL and context.actor == Actor.CLIENT:
        return context.fee
    if status == Status.CANCELLED and context.credits_back is not None and _may_keep(context):
        return fees.as_decided(context.price, context.credits_back, context.policy, context.remaining)
    if status in (Status.DECLINED, Status.EXPIRED, Status.CANCELLED, Status.NOSHOW):
        return fees.Split(context.price)
    return None


def state_of(split: fees.Split) -> CreditStatus:
    """What the booking says of its credits once the price is divided so."""
    if not split.kept:
        return CreditStatus.RETURNED
    return CreditStatus.PARTLY_CHARGED if split.returned else CreditStatus.CHARGED
