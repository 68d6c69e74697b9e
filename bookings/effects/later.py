"""Effects that leave work for later: rows of the outbox, judged anew when their time comes (decisions.md 28)."""

from datetime import datetime, timedelta

from notifications import outbox

from .base import Change, Effect

REMIND_TOPIC = "bookings.remind_to_answer"
RIVALS_TOPIC = "bookings.close_rivals"
LAST_CALL = timedelta(hours=3)


def reminders_of(made_at: datetime, answer_by: datetime) -> list[datetime]:
    """When the slow side is reminded: half-way and three hours before the end, if there is room for it (EM-E2, X8)."""
    half, last = made_at + (answer_by - made_at) / 2, answer_by - LAST_CALL
    return [moment for moment in (half, last) if made_at + LAST_CALL <= moment and answer_by - moment >= LAST_CALL]


def remind_to_answer(change: Change) -> None:
    """Who has to answer is reminded; the reminder finds out whether the proposal still waits."""
    table = change.context.table
    for number, moment in enumerate(reminders_of(change.context.now, table.answer_by), start=1):
        outbox.enqueue(
            topic=REMIND_TOPIC,
            dedupe_key=f"{change.booking.code}:{change.event.sequence}:{number}",
            payload={"booking_id": str(change.booking.pk), "sequence": change.event.sequence},
            due_at=moment,
        )


def close_rivals(change: Change) -> None:
    """Requests whose times are all gone now get a kind notice, each in a transaction of its own (D11, decisions.md 15)."""
    outbox.enqueue(
        topic=RIVALS_TOPIC,
        dedupe_key=f"{change.booking.code}:{change.event.sequence}",
        payload={"booking_id": str(change.booking.pk)},
        due_at=change.context.now,
    )


REMIND_TO_ANSWER = Effect(remind_to_answer)
CLOSE_RIVALS = Effect(close_rivals)

__all__ = ["CLOSE_RIVALS", "REMIND_TOPIC", "REMIND_TO_ANSWER", "RIVALS_TOPIC", "reminders_of"]
