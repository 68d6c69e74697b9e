"""Are the credits there? (decisions.md 18, 19)"""

from .. import credit_flow
from ..context import Context, Refusal
from ..enums import Actor


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
