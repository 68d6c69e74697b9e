"""Handing one mail to the mail server, and what its answer means (F86)."""

import smtplib
from contextlib import suppress
from traceback import walk_tb

from anymail.exceptions import AnymailRecipientsRefused
from django.core.mail import EmailMultiAlternatives, get_connection

# Answers of a provider's HTTP interface that are about us or the moment, not about the mail.
PASSING_STATUS_CODES = {401, 403, 408, 429}


class Refused(Exception):
    """The mail server will never take this mail: trying again is useless."""


class NotSent(Exception):
    """The mail certainly did not leave; it may be taken later."""


class InDoubt(Exception):
    """The line broke after the mail was handed over: it may have left."""


def send(message: EmailMultiAlternatives) -> None:
    """Send the mail now, outside of any transaction; returning means that the server took it.

    Raises Refused, NotSent or InDoubt.
    """
    try:
        message.message()
    except Exception as error:
        raise Refused(f"It can't be written as a mail: {error}") from error
    connection = get_connection()
    try:
        connection.open()
    except Exception as error:
        raise NotSent(_words(error)) from error
    try:
        connection.send_messages([message])
    except Exception as error:
        raise _meaning(error)(_words(error)) from error
    finally:
        with suppress(Exception):  # a poor goodbye takes nothing back
            connection.close()


def was_accepted(message_id: str) -> bool | None:
    """Whether the mail server took a mail with this Message-ID; None where it can't be asked, as with SMTP."""
    ask = getattr(get_connection(), "was_accepted", None)
    return ask(message_id) if ask else None


def _meaning(error: Exception) -> type[Exception]:
    final: bool | None = None
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        final = all(code >= 500 for code, _ in error.recipients.values())
    elif isinstance(error, smtplib.SMTPResponseException):
        final = isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500
    elif isinstance(error, AnymailRecipientsRefused):
        final = True
    elif (status := getattr(error, "status_code", None)) is not None:
        final = 400 <= status < 500 and status not in PASSING_STATUS_CODES
    if final is None:
        return NotSent if _broke_before_the_mail(error) else InDoubt
    return Refused if final else NotSent


def _broke_before_the_mail(error: Exception) -> bool:
    """Whether an SMTP conversation ended before DATA: then nothing was handed over yet."""
    passed = {frame.f_code for frame, _ in walk_tb(error.__traceback__)}
    return smtplib.SMTP.sendmail.__code__ in passed and smtplib.SMTP.data.__code__ not in passed


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(f"{code} {_text(reply)}" for code, reply in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return f"{type(error).__name__}: {error}"


def _text(reply: bytes | str) -> str:
    return reply.decode(errors="replace") if isinstance(reply, bytes) else reply
