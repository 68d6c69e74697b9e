"""The effect that counts late changes against a provider (decisions.md 13, S1.16, S1.21, T43)."""

from ..context import Consequence, Context
from ..enums import Action, LateChangeKind
from ..models import LateChange
from .base import Change, Effect


def kind_of(action: Action) -> LateChangeKind:
    """Late cancellations and late moves are counted apart."""
    return LateChangeKind.CANCEL if action == Action.CANCEL else LateChangeKind.RESCHEDULE


def count_late_change(change: Change) -> None:
    """One line for each booking and kind, if the facts say that it counts."""
    context = change.context
    if not context.is_late_change:
        return
    LateChange.objects.create(
        booking=change.booking,
        provider=change.booking.provider,
        kind=kind_of(context.action),
        starts_at=context.agreed_start,
        at=context.now,
    )


def _foretell(context: Context) -> list[Consequence]:
    if not context.is_late_change:
        return []
    number, limit = context.late_count.number + 1, context.policy.late_change_limit
    kind = kind_of(context.action).label.lower()
    if number <= limit:
        return [Consequence("triangle-alert", f"This counts as {kind} {number} of {limit} within 12 months.")]
    return [
        Consequence(
            "triangle-alert", f"This is more than {limit} times within 12 months ({kind}): our staff look into it."
        )
    ]


COUNT_LATE_CHANGE = Effect(count_late_change, _foretell)
