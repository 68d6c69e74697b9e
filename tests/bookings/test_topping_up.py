"""A booking that waits for credits, and its client who buys them, over real HTTP to the provider's message and back (T7c, F89)."""

import re
from dataclasses import replace
from html import unescape
from urllib.parse import urlsplit

from django.utils import timezone

from accounts.presets import PRESETS
from accounts.services import adopt_policy
from accounts.tenancy import tenant_scope
from bookings import services
from bookings.enums import CreditStatus, Status
from bookings.models import Booking
from config.subscriptions import HANDLERS
from credits import verification
from credits.models import PaymentEvent, Purchase
from notifications import relay
from notifications.models import EmailMessage
from tests import factories
from tests.credits.buying import TERMS


def path_of(address):
    parts = urlsplit(unescape(address))
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def fields(page):
    """What the page's form would send as it stands."""
    said = dict(re.findall(r'<input type="hidden" name="(request_key|reference)" value="([^"]*)"', page.text))
    return {**said, "pack": re.search(r'value="(\d+|own)" checked', page.text)[1], "credits": ""}


def test_what_waits_for_credits_goes_on_when_they_are_bought(site, shop):
    with tenant_scope(shop.tenant):
        adopt_policy(policy=replace(PRESETS["mentors"].policy, selling=TERMS))
        shop.service.price = 30
        shop.service.save()
        kim = factories.member("Kim Okafor", credits=10)
        booking = services.request_session(client=kim, service=shop.service, starts=[shop.start], now=timezone.now())
    assert booking.status == Status.WAITING
    visitor = site.visitor(kim.user)

    page = visitor.get(f"{shop.path}/bookings/{booking.code}/")
    buy = path_of(re.search(r'href="([^"]*/credits/buy/[^"]*)"', page.text)[1])
    assert buy.endswith(f"?for=booking%3A{booking.code}&need=20")
    form = fields(visitor.get(buy))
    assert (form["pack"], form["reference"]) == ("50", f"booking:{booking.code}")
    receipt = visitor.post(buy, **form).headers["Location"]
    checkout = path_of(re.search(r'href="([^"]*/test-payment/[^"]*)"', visitor.get(receipt).text)[1])

    # The provider's page tells the site in a request of its own before it sends the payer back.
    back = visitor.post(checkout, do="pay")
    assert (back.status, path_of(back.headers["Location"])) == (303, f"{receipt}?paid=1")
    done = visitor.get(f"{receipt}?paid=1")
    assert "50 credits added" in done.text
    assert f'href="{shop.path}/bookings/{booking.code}/"' in done.text
    assert visitor.post(checkout, do="pay").status == 303

    relay.run_tenant(shop.tenant, HANDLERS, now=timezone.now(), limit=50)
    with tenant_scope(shop.tenant):
        moved = Booking.objects.get(pk=booking.pk)
        assert (moved.status, moved.credit_status) == (Status.PENDING, CreditStatus.BLOCKED)
        assert (Purchase.objects.get().state, PaymentEvent.objects.count()) == ("paid", 1)
        assert EmailMessage.objects.filter(kind="credits_bought", recipient=kim).count() == 1
        assert verification.verify(verification.LAWS, now=timezone.now()) == []


def test_a_payment_that_is_declined_leaves_it_waiting(site, shop):
    with tenant_scope(shop.tenant):
        adopt_policy(policy=replace(PRESETS["mentors"].policy, selling=TERMS))
        kim = factories.member("Kim Okafor", credits=0)
    visitor, buy = site.visitor(kim.user), f"{shop.path}/credits/buy/"
    receipt = visitor.post(buy, **fields(visitor.get(buy))).headers["Location"]
    checkout = path_of(re.search(r'href="([^"]*/test-payment/[^"]*)"', visitor.get(receipt).text)[1])
    assert path_of(visitor.post(checkout, do="decline").headers["Location"]) == receipt
    assert "Nothing was taken from you." in visitor.get(receipt).text
    with tenant_scope(shop.tenant):
        assert Purchase.objects.get().state == "lapsed"
