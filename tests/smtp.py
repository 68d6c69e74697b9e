"""A real SMTP server with a book of what it took, and with bad manners on request (F86)."""

import asyncio
import email
import email.policy
import socket
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


@dataclass
class Book:
    """`taken`: the mails it answered 250 for, or kept although it never answered. `attempts`: every DATA that began.

    Set `mail`, `recipient` or `data` to a reply such as "550 No such person" to refuse at that point. `mail = "hang up"` closes
    the line before the mail, `data = "take and hang up"` takes the mail and closes without an answer, `on_data` is called first.
    """

    host: str
    port: int
    taken: list = field(default_factory=list)
    attempts: int = 0
    mail: str = ""
    recipient: str = ""
    data: str = ""
    on_data: object = None

    @property
    def message_ids(self):
        return [message["Message-ID"] for message in self.taken]

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.mail == "hang up":
            server.transport.abort()
        elif self.mail:
            return self.mail
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.recipient:
            return self.recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.attempts += 1
        if self.on_data:
            await asyncio.to_thread(self.on_data)
        if self.data and self.data != "take and hang up":
            return self.data
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        message.recipients = envelope.rcpt_tos
        self.taken.append(message)
        if self.data:
            server.transport.abort()
        return "250 Taken"


class _Controller(Controller):
    def factory(self):
        return SMTP(self.handler, hostname="mail.example", loop=self.loop)


@contextmanager
def smtp_server():
    """Run one on a free port of this machine; yields its book."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        host, port = free.getsockname()
    book = Book(host, port)
    controller = _Controller(book, hostname=host, port=port)
    controller.start()
    try:
        yield book
    finally:
        controller.stop()
