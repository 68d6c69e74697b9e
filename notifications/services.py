"""The door of notifications: tell somebody something. It is sent after the commit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from accounts.models import Membership
from accounts.tenancy import active_tenant_id

from . import outbox
from .models import EmailMessage

EMAIL_TOPIC = "notifications.email"
_MAILS = UUID("6b0b6a2e-4c53-4b0e-9d0c-0f2a5f3c7d11")


def notify(
    *,
    recipient: Membership | None,
    kind: str,
    context: dict[str, Any],
    dedupe_key: str,
    now: datetime,
    to_address: str = "",
    reference: str = "",
    calendar_file: str = "",
) -> EmailMessage:
    """Note one mail to one person in the caller's transaction and return its row; it is sent after the commit (W1).

    `kind` names templates/email/<kind>.*; `context` is JSON, its moments ISO 8601 in UTC; `reference` says what it is about
    ("booking:NW-7K4Q"); `calendar_file` is an iCalendar text to attach. The same `dedupe_key` is one mail: the first stands
    (W2). Without `recipient`, `to_address` is needed. Needs an open tenant scope, else raises ScopeError.
    """
    mail = draft(
        recipient=recipient,
        kind=kind,
        context=context,
        dedupe_key=dedupe_key,
        to_address=to_address,
        reference=reference,
        calendar_file=calendar_file,
    )
    notify_all([mail], now=now)
    return EmailMessage.objects.get(pk=mail.pk)


def draft(
    *,
    recipient: Membership | None,
    kind: str,
    context: dict[str, Any],
    dedupe_key: str,
    to_address: str = "",
    reference: str = "",
    calendar_file: str = "",
) -> EmailMessage:
    """A mail for `notify_all`, not noted yet; what is given means what it means to `notify`."""
    return EmailMessage(
        # Made of its key, so that one that is told again has the id of the first without asking for it.
        id=uuid5(_MAILS, f"{active_tenant_id()}:{dedupe_key}"),
        kind=kind,
        recipient=recipient,
        to_address=to_address,
        reference=reference,
        context=context,
        dedupe_key=dedupe_key,
        calendar_file=calendar_file,
    )


def notify_all(mails: Sequence[EmailMessage], *, now: datetime, beside: Sequence[outbox.Due] = ()) -> None:
    """Note these drafts in the caller's transaction, as `notify` notes one, and other work `beside` them.

    One statement, none without anything.
    """
    work = [outbox.Due(EMAIL_TOPIC, str(mail.pk), {"email_id": str(mail.pk)}, now) for mail in mails]
    outbox.enqueue_all([*work, *beside], beside=mails)
