"""What an action would do, found out by doing it and taking everything back (PG-82: exactly what each person gets)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Membership
from notifications.models import EmailMessage

from .. import workflow
from ..context import Consequence, Reader
from ..enums import Action, Actor
from ..models import Booking
from .facts import facts_about, with_balance
from .transitions import perform


@dataclass(frozen=True)
class Rehearsal:
    """The booking as it would be, what follows in sentences, and the mails as they would be noted. Nothing of it is kept."""

    booking: Booking
    lines: list[Consequence]
    mails: Sequence[EmailMessage]


def rehearse(
    *,
    booking: Booking,
    action: Action,
    actor: Actor,
    by: Membership | None,
    now: datetime,
    reader: Reader | None = None,
    seen: int | None = None,
    **details: Any,
) -> Rehearsal:
    """What `perform` would do with the same arguments. Raises Refused where it would. Nothing is changed.

    Both calendars and the booking are locked for that moment, as in earnest; what would be sent never leaves.
    """
    facts = {"action": action, "actor": actor, "by": by, "now": now, "reader": reader, **details}
    lines = workflow.preview(with_balance(facts_about(booking, **facts), booking))
    about = EmailMessage.objects.filter(reference=booking.reference)
    with transaction.atomic():
        before = list(about.values_list("pk", flat=True))
        done = perform(booking=booking, seen=seen, **facts)
        mails = list(about.exclude(pk__in=before).select_related("recipient__user", "tenant").order_by("id"))
        transaction.set_rollback(True)
    return Rehearsal(done, lines, mails)
