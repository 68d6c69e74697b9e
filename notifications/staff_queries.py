"""What staff watch over: mails and outgoing work that need a person (PG-80, PG-86, PG-87)."""

from django.db.models import QuerySet

from .enums import MailState, OutboxState
from .models import EmailMessage, OutboxMessage

IN_TROUBLE = (MailState.FAILED, MailState.UNKNOWN)


def mails_in_trouble() -> QuerySet[EmailMessage]:
    """Mails that could not be sent, or of which nobody can tell."""
    return EmailMessage.objects.filter(state__in=IN_TROUBLE)


def dead_work() -> QuerySet[OutboxMessage]:
    """Outgoing work that was tried too often."""
    return OutboxMessage.objects.filter(state=OutboxState.DEAD)
