"""What every mail knows, and where its links lead."""

from urllib.parse import urlsplit

from django.conf import settings
from django.urls import resolve

from accounts.policies import Policy
from accounts.services import adopt_policy
from notifications.models import EmailMessage
from tests.notifications.mails import booking_context


def test_mails_know_what_the_rendering_tests_pretend(ask, at):
    """The facts of tests/notifications are those of the product."""
    ask(at(25, 10))
    mail = EmailMessage.objects.get(kind="booking_requested_client")
    assert mail.context.keys() == booking_context().keys()
    assert mail.context["urls"].keys() == booking_context()["urls"].keys()


def test_every_link_of_a_mail_is_a_page(ask, at):
    """R-MAIL-1: found by the addresses of the tenant, and none of them asks for more than its address."""
    adopt_policy(policy=Policy(provider_made="needs_client"))
    ask(at(25, 10))
    mail = EmailMessage.objects.get(kind="booking_requested_client")
    for address in mail.context["urls"].values():
        path = urlsplit(address).path.removeprefix("/t/north")
        assert resolve(path, urlconf=settings.TENANT_URLCONF).func
