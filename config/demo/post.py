"""The mails of the past: written as they were at their time, and all handed over at once.

A worker would need half a minute for them, during which the mails that somebody tries to send would wait behind.
"""

from datetime import datetime
from email.utils import format_datetime

from django.core.mail import get_connection
from django.db.models import DateTimeField, F, OuterRef, Subquery, TextField
from django.db.models.functions import Cast

from accounts.models import Tenant
from accounts.tenancy import tenant_scope
from notifications import delivery, rendering
from notifications.enums import MailState, OutboxState
from notifications.models import EmailMessage, MailboxMessage, OutboxMessage

from .samples import MAIL_DOMAIN

RECORDED = ["subject", "text", "html", "message_id", "state", "attempts", "created_at", "sent_at"]


def deliver_past(tenant: Tenant, *, now: datetime) -> int:
    """Send every mail of the tenant that was due by `now`, dated as it was noted; how many. Must not run inside a scope."""
    with tenant_scope(tenant):
        emails = _due_emails(now)
        messages = [_written(email) for email in emails]
    get_connection().send_messages(messages)
    with tenant_scope(tenant):
        _record(emails, now)
    return len(emails)


def _due_emails(now: datetime) -> list[EmailMessage]:
    noted = OutboxMessage.objects.filter(dedupe_key=Cast(OuterRef("pk"), TextField()), due_at__lte=now).values("due_at")
    queued = EmailMessage.objects.filter(state=MailState.QUEUED).select_related("tenant", "recipient__user")
    return list(queued.annotate(noted=Subquery(noted)).exclude(noted=None).order_by("noted", "id"))


def _written(email: EmailMessage) -> object:
    written = rendering.render(email, now=email.noted)
    email.subject, email.text, email.html = written.subject, written.text, written.html
    email.message_id = f"<{email.pk}@{MAIL_DOMAIN}>"
    message = delivery.message_of(email)
    message.extra_headers["Date"] = format_datetime(email.noted)
    return message


def _record(emails: list[EmailMessage], now: datetime) -> None:
    for email in emails:
        email.state, email.attempts, email.created_at, email.sent_at = MailState.SENT, 1, email.noted, email.noted
        # Each by itself: the one statement of bulk_update(), with a case for each row and column, takes twice as long.
        email.save(update_fields=RECORDED)
    OutboxMessage.objects.filter(state=OutboxState.QUEUED, due_at__lte=now).update(
        state=OutboxState.DONE, attempts=1, done_at=F("due_at")
    )
    sent = EmailMessage.objects.filter(message_id=OuterRef("message_id")).values("sent_at")
    MailboxMessage.objects.filter(message_id__in=[email.message_id for email in emails]).update(
        received_at=Subquery(sent, output_field=DateTimeField())
    )
