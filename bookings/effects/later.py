"""Effects that leave work for later: rows of the outbox, judged anew when their time comes (decisions.md 28)."""

from datetime import datetime, timedelta

from notifications.outbox import Due

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
    booking, sequence = change.booking, change.event.sequence
    payload = {"booking_id": str(booking.pk), "sequence": sequence}
    moments = enumerate(reminders_of(change.context.now, table.answer_by), start=1)
    change.later.extend(Due(REMIND_TOPIC, f"{booking.code}:{sequence}:{n}", payload, at) for n, at in moments)


def close_rivals(change: Change) -> None:
    """Requests whose times are all gone now get a kind notice, each in a transaction of its own (D11, decisions.md 15)."""
    key, payload = f"{change.booking.code}:{change.event.sequence}", {"booking_id": str(change.booking.pk)}
    change.later.append(Due(RIVALS_TOPIC, key, payload, change.context.now))


REMIND_TO_ANSWER = Effect(remind_to_answer)
CLOSE_RIVALS = Effect(close_rivals)

__all__ = ["CLOSE_RIVALS", "REMIND_TOPIC", "REMIND_TO_ANSWER", "RIVALS_TOPIC", "reminders_of"]
