"""Somebody who buys credits at the test provider, and what that tells."""

from dataclasses import replace

from accounts.policies import Pack, Policy, Selling
from accounts.services import adopt_policy
from credits import services
from credits.models import Purchase
from credits.payments import What, provider_of

TERMS = Selling(
    provider="test",
    currency="EUR",
    credit_price=100,
    packs=(Pack(50, 4750), Pack(100, 9000)),
    receipt_note="Tax is in.",
)


def sell(**terms):
    """Put rules in force under which credits are sold."""
    return adopt_policy(policy=Policy(price_unit="credits", selling=replace(TERMS, **terms)))


def begin(member, now, credits=100, key="form-1", **more):
    """A purchase that is not paid yet."""
    return services.begin_purchase(member=member, credits=credits, request_key=key, now=now, **more)


def event_of(purchase, what=What.PAID, /, **changes):
    """What the test provider would tell about it, as it was read."""
    payments = provider_of(purchase.tenant, "test")
    checkout = payments.opened(payments.start(services.purchases._order(purchase, purchase.tenant)).url.split("/")[-2])
    body = payments.message(checkout, what)
    return replace(payments.read(body, {"Parley-Test-Signature": payments.signature(body)}), **changes)


def tell(purchase, now, what=What.PAID, /, **changes):
    """Take that event."""
    return services.take_event(
        tenant=purchase.tenant, provider="test", event=event_of(purchase, what, **changes), now=now
    )


def bought(member, now, credits=100, key="form-1"):
    """A purchase that is paid."""
    purchase = begin(member, now, credits, key)
    tell(purchase, now)
    return Purchase.objects.get(pk=purchase.pk)
