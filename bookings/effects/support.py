"""Wishes to have staff change what is agreed (PG-35b, S1.18)."""

from ..enums import Action, SupportState
from ..models import SupportRequest
from .base import Change, Effect


def open_support_request(change: Change) -> None:
    """The wish goes to the queue of staff."""
    context, by = change.context, change.event.by
    if by is None:
        raise LookupError("Nobody asks support.")
    SupportRequest.objects.create(
        booking=change.booking,
        made_by=context.actor,
        by=by,
        starts=[time.starts_at for time in context.offer],
        reason=context.message,
        made_at=context.now,
    )


def answer_support_request(change: Change) -> None:
    """An open wish, if there is one, is settled by what staff did."""
    refused = change.context.action == Action.REFUSE_SUPPORT
    SupportRequest.objects.filter(booking=change.booking, state=SupportState.OPEN).update(
        state=SupportState.REFUSED if refused else SupportState.DONE,
        answer=change.event.reason_text,
        closed_at=change.context.now,
    )


OPEN_SUPPORT_REQUEST = Effect(open_support_request)
ANSWER_SUPPORT_REQUEST = Effect(answer_support_request)
