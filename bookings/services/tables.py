"""Proposals: what lies on a booking's table (decisions.md 5). Called by `carry_out` alone, under the lock."""

from django.db.models import Max

from .. import deadlines
from ..context import Context, OpenProposal, TimeOnTable
from ..enums import Actor, ProposalState
from ..models import Booking, Proposal, ProposalTime


def close_proposal(booking: Booking, state: ProposalState, context: Context) -> None:
    """The open proposal ends as `state`; the chosen time of an accepted one is marked."""
    still_open = Proposal.objects.filter(booking=booking, state=ProposalState.OPEN)
    if context.chosen and state == ProposalState.ACCEPTED:
        chosen = ProposalTime.objects.filter(proposal__in=still_open.values("pk"), starts_at=context.choice.starts_at)
        chosen.update(is_chosen=True)
    still_open.update(state=state, closed_at=context.now)


def proposed(booking: Booking, context: Context) -> tuple[Proposal, *tuple[ProposalTime, ...]]:
    """The offered times as the next proposal, not saved yet. It lapses at the agreed start, too (T28)."""
    answer_by = deadlines.closes_at(context.now, [time.starts_at for time in context.offer], context.policy)
    if context.starts_at is not None:
        answer_by = min(answer_by, context.starts_at)
    before = Proposal.objects.filter(booking=booking).aggregate(newest=Max("number"))["newest"] if context.status else 0
    proposal = Proposal(
        booking=booking,
        number=(before or 0) + 1,
        made_by=context.actor,
        state=ProposalState.OPEN,
        answer_by=answer_by,
        made_at=context.now,
    )
    times = [
        ProposalTime(
            proposal=proposal,
            position=n,
            starts_at=time.starts_at,
            minutes=time.minutes,
            price=time.price,
            is_outside=time.is_outside,
        )
        for n, time in enumerate(context.offer, start=1)
    ]
    return (proposal, *times)


def as_open(proposal: Proposal, times: tuple[TimeOnTable, ...]) -> OpenProposal:
    """A proposal as guards and effects see it."""
    return OpenProposal(Actor(proposal.made_by), proposal.made_at, proposal.answer_by, times)
