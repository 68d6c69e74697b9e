"""What happens to outgoing work: each topic of the outbox and the function that does it (architecture.md 1).

The one place that knows both sides, so that an app below can wake one above without importing it.
"""

from notifications import delivery
from notifications.relay import Handler

HANDLERS: dict[str, Handler] = {
    "notifications.email": delivery.deliver,
}
