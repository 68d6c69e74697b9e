"""Sending one mail: claim, send, record (reliability.md 6.1, 6.3).

A mail keeps one Message-ID for life. Found in `sending`, it may have left in an attempt that broke off. Then the mail server
is asked; where it can't be, the same mail goes out once more, since a missed mail hurts more than a second copy. When that
breaks off too, it stays `unknown` for people to settle (W7).
"""

import re
from datetime import datetime
from email.utils import formataddr, parseaddr
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models.functions import Least, Now

from accounts.tenancy import tenant_scope

from . import outbox, relay, rendering, transport
from .enums import MailState
from .models import EmailMessage
from .relay import Work
from .services import EMAIL_TOPIC, draft, notify_all

RESENDS_IN_DOUBT = 1
# Sign-in codes and the like: nobody keeps them once they are sent.
ACCOUNT_KINDS = "account_"


def deliver(work: Work) -> None:
    """Outbox topic `notifications.email`: send the mail that the payload names, unless that is settled.

    Raises transport.NotSent or transport.InDoubt where the relay should try again.
    """
    email = _claim(work)
    if email is None:
        return
    accepted = transport.was_accepted(email.message_id) if email.doubts else False
    if accepted is None and email.doubts > RESENDS_IN_DOUBT:
        _record(work, email, state=MailState.UNKNOWN)
        return
    try:
        if not accepted:
            transport.send(message_of(email))
    except transport.Refused as error:
        _record(work, email, state=_given_up(email), last_error=str(error)[:500])
    except (transport.NotSent, transport.InDoubt) as error:
        _record_setback(work, email, error)
    else:
        _record(work, email, state=MailState.SENT, sent_at=Now(), last_error="")


def send_again(email: EmailMessage, *, now: datetime) -> bool:
    """Put a mail that was given up back to work, on staff's word; False for mails in any other state and for codes, which are gone.

    One that may have been sent goes out as it was written then, unless the mail server says that it has it. Needs the scope.
    """
    given_up = EmailMessage.objects.filter(pk=email.pk, state__in=[MailState.FAILED, MailState.UNKNOWN])
    if not given_up.exclude(kind__startswith=ACCOUNT_KINDS).update(
        state=MailState.QUEUED, doubts=Least("doubts", RESENDS_IN_DOUBT)
    ):
        return False
    again = f"{email.pk}:{email.attempts}"
    outbox.enqueue(topic=EMAIL_TOPIC, dedupe_key=again, payload={"email_id": str(email.pk)}, due_at=now)
    return True


def can_leave_again(email: EmailMessage) -> bool:
    """Whether staff may have it sent once more: it was sent or given up, and lets nobody into an account."""
    settled = (MailState.SENT, MailState.FAILED, MailState.UNKNOWN)
    return email.state in settled and not email.kind.startswith(ACCOUNT_KINDS)


def send_once_more(email: EmailMessage, *, now: datetime) -> bool:
    """Send again what was given up, or another copy of what was sent, on staff's word; one copy a minute. Needs the scope.

    A copy is written anew for its reader from the same facts, and carries the same calendar file.
    """
    if not can_leave_again(email):
        return False
    if email.state != MailState.SENT:
        return send_again(email, now=now)
    notify_all([_copy_of(email, now)], now=now)
    return True


def _copy_of(email: EmailMessage, now: datetime) -> EmailMessage:
    return draft(
        recipient=email.recipient,
        kind=email.kind,
        context=email.context,
        dedupe_key=f"{email.pk}:again:{now:%Y%m%d%H%M}",
        to_address=email.to_address,
        reference=email.reference,
        calendar_file=email.calendar_file,
    )


def message_of(email: EmailMessage) -> EmailMultiAlternatives:
    """The claimed mail as it goes to the server: one recipient, from the tenant, answers to the tenant (R-MAIL-4, 6, 8)."""
    tenant, member = email.tenant, email.recipient
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    headers = {"Message-ID": email.message_id, "Auto-Submitted": "auto-generated"}
    if email.reference:
        headers["References"] = f"<{email.reference.replace(':', '.')}.{tenant.pk}@{_host()}>"
    message = EmailMultiAlternatives(
        subject=email.subject,
        body=email.text,
        from_email=formataddr((rendering.one_line(tenant.name), sender)),
        to=[member.user.email if member else email.to_address],
        reply_to=[tenant.contact_email],
        headers=headers,
    )
    message.attach_alternative(email.html, "text/html")
    if method := re.search(r"^METHOD:(\w+)", email.calendar_file, re.MULTILINE):
        # Mail programs that know invitations want the part, all others the file (S31).
        kind = f"text/calendar; method={method[1]}"
        message.attach_alternative(email.calendar_file, kind)
        message.attach("invite.ics", email.calendar_file, kind)
    return message


def _claim(work: Work) -> EmailMessage | None:
    """Take the mail in hand, written as it is now; None when it is settled."""
    with tenant_scope(work.tenant):
        emails = EmailMessage.objects.select_for_update(of=("self",)).select_related("tenant", "recipient__user")
        email = emails.get(pk=UUID(work.payload["email_id"]))
        if email.state not in {MailState.QUEUED, MailState.SENDING}:
            return None
        if email.state == MailState.SENDING:
            email.doubts += 1
        if not email.doubts:  # else the reader may have this one already: no second version of it
            written = rendering.render(email, now=work.now)
            email.subject, email.text, email.html = written.subject, written.text, written.html
        email.message_id = email.message_id or f"<{email.pk}@{_host()}>"
        email.state = MailState.SENDING
        email.attempts += 1
        email.save(update_fields=["subject", "text", "html", "message_id", "state", "attempts", "doubts"])
    return email


def _record_setback(work: Work, email: EmailMessage, error: Exception) -> None:
    """Keep what went wrong, and raise it so that the relay comes back; on its last attempt give up instead."""
    in_doubt, reason = isinstance(error, transport.InDoubt), str(error)[:500]
    if work.attempts >= relay.ATTEMPTS:
        state = MailState.UNKNOWN if in_doubt else _given_up(email)
        _record(work, email, state=state, last_error=reason)
        return
    _record(work, email, state=MailState.SENDING if in_doubt else MailState.QUEUED, last_error=reason)
    raise error


def _given_up(email: EmailMessage) -> MailState:
    return MailState.UNKNOWN if email.doubts else MailState.FAILED


def _record(work: Work, email: EmailMessage, *, state: MailState, **values: Any) -> None:
    """Write the outcome, unless another worker has taken the mail over since (F4)."""
    if email.kind.startswith(ACCOUNT_KINDS) and state not in {MailState.QUEUED, MailState.SENDING}:
        values |= {"subject": "", "text": "", "html": "", "context": {}}
    with tenant_scope(work.tenant):
        mine = EmailMessage.objects.filter(pk=email.pk, state=MailState.SENDING, attempts=email.attempts)
        mine.update(state=state, **values)


def _host() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
