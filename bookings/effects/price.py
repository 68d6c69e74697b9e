"""The effect of a price that staff decide on what lies on the table (T34)."""

from accounts.formatting import plural

from .. import credit_flow
from ..context import Consequence, Context
from ..enums import ProposalState
from ..models import Proposal, ProposalTime
from .base import Change, Effect


def price_the_table(change: Change) -> None:
    """What can be accepted costs the new price, too, except another date that was put forward at a price of its own."""
    booking, context = change.booking, change.context
    still_open = Proposal.objects.filter(booking=booking, state=ProposalState.OPEN)
    times = ProposalTime.objects.filter(proposal__in=still_open.values("pk"))
    if context.starts_at is not None:
        times = times.filter(price=context.price)
    times.update(price=context.price_to_be)


def _foretell(context: Context) -> list[Consequence]:
    if context.new_price is None:
        return []
    price = plural(context.new_price, context.words.credit, context.words.credits)
    return [Consequence("coins", f"It costs {price} instead of {credit_flow.costs(context)}.")]


PRICE_THE_TABLE = Effect(price_the_table, _foretell)
