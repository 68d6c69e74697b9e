"""What happens to outgoing work: each topic of the outbox and the function that does it (architecture.md 1).

The one place that knows both sides, so that an app below can wake one above without importing it.
"""

from bookings.tasks import close_rivals, end_pause, go_on_with_credits, remind_to_answer, set_up_booking
from credits.tasks import pay_refund
from notifications import delivery
from notifications.relay import Handler

HANDLERS: dict[str, Handler] = {
    "bookings.close_rivals": close_rivals,
    "bookings.end_pause": end_pause,
    "bookings.remind_to_answer": remind_to_answer,
    "bookings.set_up": set_up_booking,
    "credits.added": go_on_with_credits,
    "credits.refund": pay_refund,
    "notifications.email": delivery.deliver,
}
