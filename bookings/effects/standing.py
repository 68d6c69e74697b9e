"""The effect that counts late changes against a provider, and what the third one leads to (decisions.md 13, S1.16, S1.21, T43)."""

from datetime import datetime

from marketplace import services as marketplace
from marketplace.models import Provider
from notifications import outbox

from .. import late_changes, standing_mails, standing_queries
from ..context import Consequence, Context, LateCount
from ..enums import Actor, LateChangeKind, LateChangeState
from ..models import LateChange, StandingReview
from ..standing_mails import topics_in_words
from .base import Change, Effect

END_PAUSE_TOPIC = "bookings.end_pause"


def count_late_change(change: Change) -> None:
    """One line for each booking and kind, if the facts say that it counts; the provider is told, with the way to explain it.

    One too many opens a review by staff and, where the rules say so, pauses the provider's topics in the same transaction.
    """
    context = change.context
    if not context.is_late_change:
        return
    # One that was undone with its cancellation counts again with the next.
    was = change.former or change.booking
    late_change, _ = LateChange.objects.update_or_create(
        provider=was.provider,
        booking=was,
        kind=context.late_kind,
        defaults={"starts_at": context.agreed_start, "at": context.now, "state": LateChangeState.COUNTED},
    )
    # Who is told of it reads of the booking as it was theirs.
    late_change.provider, late_change.booking = was.provider, was
    number, limit = context.late_count.number + 1, context.policy.late_change_limit
    paused = _open_review(late_change, context, number) if number > limit else []
    if paused:
        _tell_of_pause(late_change, context, paused, number)
        return
    standing_mails.tell_of_late_change(
        late_change, number=number, limit=limit, follows=_what_follows(context, number, "your"), now=context.now
    )


def _open_review(late_change: LateChange, context: Context, number: int) -> list[str]:
    """Staff look into it, once at a time; names of the topics that were paused at once."""
    provider = late_change.provider
    paused = []
    if context.policy.suspends_topics == "at_once":
        paused = marketplace.suspend_topics(provider=provider, reference=late_changes.REFERENCE, now=context.now)
    if standing_queries.open_review_of(provider) is None:
        review = StandingReview.objects.create(provider=provider, late_change=late_change, opened_at=context.now)
        limit = context.policy.late_change_limit
        standing_mails.tell_staff_of_review(review, number=number, limit=limit, paused=paused, now=context.now)
    return paused


def _tell_of_pause(late_change: LateChange, context: Context, paused: list[str], number: int) -> None:
    standing = standing_queries.standing_of(late_change.provider, context.policy, context.now)
    standing_mails.tell_of_pause(
        late_change,
        topics=paused,
        number=number,
        until=standing.within_limit_from,
        reason="",
        now=context.now,
    )
    end_pause_later(late_change.provider, standing.within_limit_from)


def end_pause_later(provider: Provider, moment: datetime | None) -> None:
    """Paused topics are listed again by themselves once so few late changes count that they would not be paused (UTC)."""
    if moment is not None:
        outbox.enqueue(
            topic=END_PAUSE_TOPIC,
            dedupe_key=f"{provider.pk}:{moment.isoformat()}",
            payload={"provider_id": str(provider.pk)},
            due_at=moment,
        )


def undo_late_change(change: Change) -> None:
    """What was cancelled late and is agreed again does not count; a pause that it led to ends where the rules allow (T34)."""
    booking = change.booking
    counted = LateChange.objects.filter(
        provider=booking.provider,
        booking=booking,
        kind=LateChangeKind.CANCEL,
        state__in=[LateChangeState.COUNTED, LateChangeState.VOIDED],
    )
    if counted.update(state=LateChangeState.UNDONE):
        end_pause_later(booking.provider, change.context.now)


def _foretell_undoing(context: Context) -> list[Consequence]:
    if not context.late.get(LateChangeKind.CANCEL, LateCount()).has_own:
        return []
    line = f"The late cancellation does not count for {context.provider_name} any more."
    return [Consequence("triangle-alert", line)]


def _foretell(context: Context) -> list[Consequence]:
    # A provider's standing is no business of clients, who also cancel on a provider's wish.
    if not context.is_late_change or context.actor not in (Actor.PROVIDER, Actor.STAFF):
        return []
    number, limit = context.late_count.number + 1, context.policy.late_change_limit
    kind = context.late_kind.label.lower()
    counts = (
        f"This is {kind}" if context.actor == Actor.PROVIDER else f"It counts for {context.provider_name} as {kind}"
    )
    how_many = (
        f"{number} of {limit} within 12 months" if number <= limit else f"{number}: more than {limit} in 12 months"
    )
    return [
        Consequence("triangle-alert", f"{counts} {how_many}. {_what_follows(context, number, _whose(context))}".strip())
    ]


def _what_follows(context: Context, number: int, whose: str) -> str:
    """What this one, or one more, leads to; nothing while there is room for another."""
    limit, pauses = context.policy.late_change_limit, context.policy.suspends_topics
    topics = topics_in_words(context.listed_topics)
    if number < limit:
        return ""
    if number > limit:
        if pauses == "at_once" and topics:
            return f"{topics} {'is' if len(context.listed_topics) == 1 else 'are'} paused at once."
        may = f", and may pause {whose} {context.words.topics}" if pauses == "by_staff" else ""
        return f"Our staff look into it{may}."
    if pauses == "at_once" and topics:
        return f"One more pauses {topics}."
    may = f" and may pause {whose} {context.words.topics}" if pauses == "by_staff" else ""
    return f"After one more our staff look into it{may}."


def _whose(context: Context) -> str:
    return "your" if context.actor == Actor.PROVIDER else f"{context.provider_name}'s"


COUNT_LATE_CHANGE = Effect(count_late_change, _foretell)
UNDO_LATE_CHANGE = Effect(undo_late_change, _foretell_undoing)
