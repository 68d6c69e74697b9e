"""Processes that end as `kill -9` ends them: before each statement, before each commit, and after the last one.

Run with what to do and the ids it needs; prints how each of them ended and what is in the books then. A line for each child.
"""

import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.db import connection
from django.test import Client

from accounts.addresses import page_url
from accounts.models import Membership, Tenant
from accounts.tenancy import tenant_scope
from credits import queries, services
from credits.models import PaymentEvent, Purchase, Refund, RequestKey, Transfer
from credits.payments import What, provider_of
from notifications.models import EmailMessage, OutboxMessage

NOW = datetime(2026, 11, 23, tzinfo=UTC)


class Death:
    """Counts statements and commits of this process, and ends it before number `last`."""

    def __init__(self, last: int) -> None:
        self.last, self.passed = last, 0

    def step(self) -> None:
        """Another statement or commit is about to be sent."""
        if self.passed == self.last:
            os.kill(os.getpid(), signal.SIGKILL)
        self.passed += 1

    def __enter__(self) -> None:
        connection.ensure_connection()
        commit = connection._commit

        def counted() -> None:
            self.step()
            commit()

        connection._commit = counted
        self.statements = connection.execute_wrapper(lambda execute, *words: (self.step(), execute(*words))[1])
        self.statements.__enter__()

    def __exit__(self, *exc_info: object) -> None:
        self.statements.__exit__(*exc_info)
        self.step()


def begin(tenant: Tenant, kim: Membership, ida: Membership) -> None:
    """Somebody chooses a pack."""
    with tenant_scope(tenant):
        services.begin_purchase(member=kim, credits=100, request_key="form-1", now=NOW)


def start(tenant: Tenant, kim: Membership, ida: Membership) -> None:
    """The provider is asked for its page."""
    services.start_checkout(tenant=tenant, purchase_id=_purchase(tenant).pk)


def webhook(tenant: Tenant, kim: Membership, ida: Membership) -> None:
    """The provider's message that it was paid arrives at its address."""
    payments, purchase = provider_of(tenant, "test"), _purchase(tenant)
    checkout = payments.opened(purchase.checkout_url.rstrip("/").rpartition("/")[2])
    body, url = payments.message(checkout, What.PAID), urlsplit(page_url(tenant, "payment_event", "test"))
    answer = Client().post(
        url.path,
        body,
        content_type="application/json",
        headers={"host": url.netloc, "Parley-Test-Signature": payments.signature(body)},
    )
    assert answer.status_code == 200, answer.content


def refund(tenant: Tenant, kim: Membership, ida: Membership) -> None:
    """Staff pay 40 of it back."""
    with tenant_scope(tenant):
        services.ask_refund(
            purchase=Purchase.objects.get(), credits=40, reason="Too many", by=ida, request_key="refund-1", now=NOW
        )


def pay_back(tenant: Tenant, kim: Membership, ida: Membership) -> None:
    """The worker sends the money."""
    with tenant_scope(tenant):
        wanted = Refund.objects.get()
    services.pay_back(tenant=tenant, refund_id=wanted.pk, tries=1, attempt=1, now=NOW)


def _purchase(tenant: Tenant) -> Purchase:
    with tenant_scope(tenant):
        return Purchase.objects.get()


def found(tenant: Tenant, kim: Membership) -> str:
    """All that buying leaves behind, in words."""
    with tenant_scope(tenant):
        bought = [f"{row.state}{'+page' * bool(row.checkout_url)}" for row in Purchase.objects.all()]
        back = [row.state for row in Refund.objects.all()]
        rows = [model.objects.count() for model in (Transfer, PaymentEvent, RequestKey, OutboxMessage, EmailMessage)]
        return f"{queries.balances(kim).available} {bought} {back} {rows}"


def main() -> None:
    """Let one child after another live a statement longer, until one lives to the end; then another does it again."""
    doing: Callable[..., None] = {do.__name__: do for do in (begin, start, webhook, refund, pay_back)}[sys.argv[1]]
    tenant = Tenant.objects.get(pk=sys.argv[2])
    with tenant_scope(tenant):
        people = [Membership.objects.get(pk=pk) for pk in sys.argv[3:]]
    connection.close()
    ended, last = -signal.SIGKILL, 0
    while ended == -signal.SIGKILL:
        if not (child := os.fork()):
            with Death(last):
                doing(tenant, *people)
            os._exit(0)
        ended, last = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), last + 1
        sys.stdout.write(f"{ended} {found(tenant, people[0])}\n")
        sys.stdout.flush()
        connection.close()
