"""What happens to outgoing work: each topic of the outbox and the function that does it (architecture.md 1).

The one place that knows both sides, so that an app below can wake one above without importing it.
"""

from bookings.tasks import set_up_booking
from notifications import delivery
from notifications.relay import Handler

HANDLERS: dict[str, Handler] = {
    "bookings.set_up": set_up_booking,
    "notifications.email": delivery.deliver,
}
