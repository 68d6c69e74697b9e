"""The door of notifications: tell somebody something. It is sent after the commit."""

from datetime import datetime
from typing import Any

from accounts.models import Membership
from accounts.tenancy import active_tenant_id

from . import outbox
from .models import EmailMessage

EMAIL_TOPIC = "notifications.email"


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
    active_tenant_id()
    draft = EmailMessage(
        kind=kind,
        recipient=recipient,
        to_address=to_address,
        reference=reference,
        context=context,
        dedupe_key=dedupe_key,
        calendar_file=calendar_file,
    )
    EmailMessage.objects.bulk_create([draft], ignore_conflicts=True)
    email = EmailMessage.objects.get(dedupe_key=dedupe_key)
    if email.pk == draft.pk:
        payload = {"email_id": str(email.pk)}
        outbox.enqueue(topic=EMAIL_TOPIC, dedupe_key=str(email.pk), payload=payload, due_at=now)
    return email
