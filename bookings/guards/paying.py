"""Are the credits there, and who decides about them? (decisions.md 18, 19)"""

from dataclasses import replace

from accounts.formatting import plural

from .. import credit_flow
from ..context import Context, Refusal
from ..enums import Action, Actor

HIGHEST_PRICE = 1_000_000


def credits_suffice(context: Context) -> Refusal | None:
    """What can't wait needs its credits now (requirements.md 3.6, 5)."""
    missing = credit_flow.missing(context)
    if not missing:
        return None
    noun = context.words.credit if missing == 1 else context.words.credits
    if context.actor == Actor.CLIENT:
        return Refusal("too_few", f"You need {missing} more {noun} for this. Add them first; nothing was changed.")
    return Refusal("too_few", f"{context.client_name} needs {missing} more {noun} for this. Nothing was changed.")


def difference_is_covered(context: Context) -> Refusal | None:
    """Where credits are held already, only the difference can be missing, and nothing waits for that."""
    return credits_suffice(context) if credit_flow.held(context) else None


def what_began_is_covered(context: Context) -> Refusal | None:
    """Nobody waits for the credits of a session whose start has come (decisions.md 19)."""
    return credits_suffice(context) if context.now >= context.agreed_start else None


def pay_by_is_over(context: Context) -> Refusal | None:
    """The time is kept until its moment, not shorter (T7c, C13)."""
    if context.pay_by is None or context.now > context.pay_by:
        return None
    return Refusal("not_yet", f"The time is kept until {context.when(context.pay_by)}.", possible_from=context.pay_by)


def pay_by_is_not_over(context: Context) -> Refusal | None:
    """Afterwards the time is anybody's."""
    if context.pay_by is None or context.now <= context.pay_by:
        return None
    return Refusal("too_late", f"The time was kept until {context.when(context.pay_by)}.", is_conflict=True)


def costs_credits(context: Context) -> Refusal | None:
    """Only where the marketplace takes credits is there a price to speak of (D13)."""
    if context.policy.price_unit == "credits":
        return None
    return Refusal("no_prices", f"Nothing costs {context.words.credits} here, so there is no price to change.")


def price_is_new(context: Context) -> Refusal | None:
    """Whole credits, and not what it costs already (T34)."""
    price = context.new_price
    if price is None or not 0 <= price <= HIGHEST_PRICE:
        sentence = f"Type the new price as a whole number from 0 to {HIGHEST_PRICE:,}."
        return Refusal("price_missing", sentence, field="price")
    prices = {context.price}
    if context.starts_at is None and context.proposal:
        prices = {time.price for time in context.proposal.times}
    if prices != {price}:
        return None
    now = plural(price, context.words.credit, context.words.credits)
    return Refusal("no_change", f"It costs {now} already. Type another price.", field="price")


def one_person_may_decide(context: Context) -> Refusal | None:
    """More credits than one of the staff may move alone are an owner's to decide (L10, docs/decisions/0012-money-by-staff.md)."""
    moved, limit = credit_flow.decided_about(context), context.alone_limit
    if limit is None or moved <= limit:
        return None
    noun = context.words.credits
    sentence = (
        f"One of the staff decides about {limit} {noun} at most, and this is about {moved}. Ask an owner to do it."
    )
    return Refusal("over_limit", sentence, field="price" if context.action == Action.CHANGE_PRICE else "credits_back")


def what_comes_back_is_possible(context: Context) -> Refusal | None:
    """Of what was agreed and is held, staff may say how much comes back (T34); without a word it is all of it."""
    back = context.credits_back
    if back is None:
        return None
    if not credit_flow.held(context) or context.starts_at is None:
        sentence = f"Nothing can be kept here: either nothing was agreed, or no {context.words.credits} are held. Leave it empty."
        return Refusal("nothing_to_keep", sentence, field="credits_back")
    if 0 <= back <= context.price:
        return None
    sentence = f"Type a whole number from 0 to {context.price}, or leave it empty."
    return Refusal("not_that_much", sentence, field="credits_back")


def credits_can_be_held_again(context: Context) -> Refusal | None:
    """What came back, or was earned, can be taken back only from who still has it (PG-32, T34, T41)."""
    takes_back = credit_flow.takes_back(context) or credit_flow.decides_anew(context)
    return spent_elsewhere(context.actor) if takes_back and context.is_spent_elsewhere else None


def spent_elsewhere(actor: Actor) -> Refusal:
    """Why what became of the credits can't be taken back any more, said to whom it helps."""
    helps = "Give what is missing first, then try again." if actor == Actor.STAFF else "Ask support."
    sentence = f"The credits for this are used for something else by now, so this can't be taken back. {helps} Nothing was changed."
    return Refusal("credits_gone", sentence, is_conflict=True)


def new_price_is_covered(context: Context) -> Refusal | None:
    """What is held follows the price at once, so that the difference has to be there (F88)."""
    short = credits_suffice(context)
    return short and replace(short, field="price")
