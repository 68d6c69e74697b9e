"""A mail server that keeps every mail in a table, so that a newcomer reads all of them in the browser (PG-92)."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from .models import MailboxMessage


class MailboxBackend(BaseEmailBackend):
    """EMAIL_BACKEND of development and tests. Takes each Message-ID once, and can be asked for it afterwards."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Keep the mails; what is returned is kept for good.

        Inside a transaction it raises RuntimeError: a real mail server would not take mails back when that rolls back.
        """
        with transaction.atomic(durable=True):
            MailboxMessage.objects.bulk_create([_entry(mail) for mail in email_messages], ignore_conflicts=True)
        return len(email_messages)

    def was_accepted(self, message_id: str) -> bool:
        """Whether a mail with this Message-ID came in."""
        return MailboxMessage.objects.filter(message_id=message_id).exists()


def _entry(mail: EmailMessage) -> MailboxMessage:
    mime = mail.message()
    return MailboxMessage(
        message_id=mime["Message-ID"],
        thread=mime["References"] or "",
        from_header=str(mime["From"])[:300],
        to_header=", ".join(mail.to)[:300],
        subject=str(mail.subject)[:300],
        source=mime.as_bytes(linesep="\r\n"),  # type: ignore[call-arg]  # a message of Django's
    )
