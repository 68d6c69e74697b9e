"""Buying credits: a row first, then the provider's page, and credits once the provider says that it was paid (decisions.md 19)."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from accounts import queries as accounts
from accounts.addresses import page_url
from accounts.formatting import plural
from accounts.models import Membership, Tenant
from accounts.policies import Selling
from accounts.tenancy import tenant_scope

from ..enums import EventOutcome, PurchaseState, TransferKind
from ..idempotency import once
from ..models import PaymentEvent, Purchase
from ..payments import Event, Order, TurnedDown, Unreachable, What, provider_of
from ..receipts import send_receipt
from ..refusals import Refused
from .arrivals import arrive
from .refunds import note_refund
from .vouchers import LETTERS

# What Stripe takes at most is eight digits of the smallest unit.
MOST_CREDITS, HIGHEST_PRICE = 100_000, 99_999_999
CODE_LENGTH = 8
# A provider's own page is long closed by then; if money comes all the same, it counts.
LAPSES_AFTER = timedelta(days=3)
ABOUT_CHECKOUTS = (What.PAID, What.PENDING, What.NOT_PAID)


def selling_here(tenant: Tenant) -> Selling | None:
    """On what terms the tenant sells credits; None where it does not, or its provider is not switched on."""
    selling = accounts.current_policy().policy.selling
    return selling if selling and provider_of(tenant, selling.provider) else None


def price_of(selling: Selling, credits: int) -> int:
    """What so many credits cost, in the currency's smallest unit. Raises Refused with what is wrong."""
    for pack in selling.packs:
        if pack.credits == credits:
            return pack.price
    if not selling.credit_price:
        raise Refused("pack", "Choose one of the packs.", "pack")
    if credits < 1:
        raise Refused("credits", "Enter a whole number above 0, like 30.", "credits")
    price = credits * selling.credit_price
    if credits > MOST_CREDITS or price > HIGHEST_PRICE:
        most = min(MOST_CREDITS, HIGHEST_PRICE // selling.credit_price)
        raise Refused("credits", f"Enter {most:,} at most.", "credits")
    return price


def begin_purchase(
    *, member: Membership, credits: int, request_key: str, now: datetime, reference: str = ""
) -> Purchase:
    """Note that the member wants to buy `credits`, at today's price; `reference` is what they are for ("booking:NW-7K4Q").

    The same key of the same member begins one purchase. Nothing is asked of the provider yet: `start_checkout` does that
    after the commit. Raises Refused.
    """
    selling = selling_here(member.tenant)
    if selling is None:
        raise Refused("not_sold", f"{member.tenant.words.credits.capitalize()} can't be bought here.")
    price = price_of(selling, credits)

    def do() -> dict[str, str]:
        made = Purchase.objects.create(
            code="".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH)),
            member=member,
            credits=credits,
            price=price,
            currency=selling.currency,
            provider=selling.provider,
            reference=reference[:60],
            asked_at=now,
        )
        return {"purchase": str(made.pk)}

    asked = {"what": "buy", "credits": credits, "price": price, "currency": selling.currency, "reference": reference}
    done = once(actor=member, key=request_key, asked=asked, do=do, now=now)
    return Purchase.objects.get(pk=done.result["purchase"])


def start_checkout(*, tenant: Tenant, purchase_id: UUID) -> bool:
    """Ask the provider for its page where the purchase is paid; whether there is one. Not inside a transaction.

    Asked twice, it is the same page. Where the provider can't be reached nothing changes, and it can be asked again.
    """
    with tenant_scope(tenant):
        purchase = Purchase.objects.select_related("member__user").get(pk=purchase_id)
        if purchase.state != PurchaseState.OPEN or purchase.checkout_url:
            return True
        order = _order(purchase, tenant)
    provider = provider_of(tenant, purchase.provider)
    try:
        checkout = provider.start(order) if provider else None
    except (Unreachable, TurnedDown):
        return False
    if checkout is None:
        return False
    with tenant_scope(tenant):
        open_still = Purchase.objects.filter(pk=purchase_id, checkout_url="")
        # An event may have told us its name already.
        open_still.update(checkout=checkout.reference, checkout_url=checkout.url)
    return True


def _order(purchase: Purchase, tenant: Tenant) -> Order:
    page = page_url(tenant, "purchase", purchase.code)
    words = tenant.words
    return Order(
        key=f"parley:purchase:{purchase.pk}",
        tenant=tenant.slug,
        purchase=str(purchase.pk),
        title=f"{plural(purchase.credits, words.credit, words.credits)}, {tenant.name}",
        price=purchase.price,
        currency=purchase.currency,
        email=purchase.member.user.email,
        return_url=f"{page}?paid=1",
        cancel_url=page,
    )


def take_event(*, tenant: Tenant, provider: str, event: Event, now: datetime) -> EventOutcome:
    """Do what a provider's event says, once, however often, late or out of order it comes. Needs the tenant's scope."""
    if event.what in ABOUT_CHECKOUTS:
        purchase = _of_event(tenant, provider, event)
        refund = None
    else:
        purchase, refund = None, event.refund if event.tenant == tenant.slug else ""
    if before := PaymentEvent.objects.filter(provider=provider, event=event.id[:120]).first():
        return EventOutcome(before.outcome)
    if purchase:
        outcome, said = _take_checkout(purchase, event, now)
    elif refund:
        outcome, said, purchase = note_refund(refund_id=refund, event=event, provider=provider, now=now)
    else:
        outcome, said = EventOutcome.FOREIGN if event.what != What.OTHER else EventOutcome.NOTHING, ""
    row = PaymentEvent(
        provider=provider,
        event=event.id[:120],
        kind=event.kind[:60],
        purchase=purchase,
        outcome=outcome,
        said=said[:300],
        at=now,
    )
    # Two of one event that we know nothing about may come at one moment.
    PaymentEvent.objects.bulk_create([row], ignore_conflicts=True)
    return outcome


def _of_event(tenant: Tenant, provider: str, event: Event) -> Purchase | None:
    """The purchase that an event is about, locked: what is told of it is taken one by one."""
    try:
        wanted = UUID(event.purchase)
    except ValueError:
        return None
    if event.tenant != tenant.slug:
        return None
    purchases = Purchase.objects.select_for_update(of=("self",), no_key=True).select_related("member__user")
    return purchases.filter(pk=wanted, provider=provider).first()


def _take_checkout(purchase: Purchase, event: Event, now: datetime) -> tuple[EventOutcome, str]:
    if wrong := _mismatch(purchase, event):
        return EventOutcome.MISMATCH, wrong
    if event.what == What.PAID and purchase.state != PurchaseState.PAID:
        _pay(purchase, event, now)
    elif event.what == What.NOT_PAID and purchase.state == PurchaseState.OPEN:
        purchase.state = PurchaseState.LAPSED
        purchase.save(update_fields=["state"])
    else:
        return EventOutcome.NOTHING, ""
    return EventOutcome.DONE, ""


def _mismatch(purchase: Purchase, event: Event) -> str:
    """What of the event is not of this purchase."""
    if (event.price, event.currency) != (purchase.price, purchase.currency):
        return f"{event.price} {event.currency} in place of {purchase.price} {purchase.currency}."
    if purchase.checkout and event.checkout != purchase.checkout:
        return f"The checkout {event.checkout} in place of {purchase.checkout}."
    if event.what == What.PAID and purchase.payment and event.payment != purchase.payment:
        return f"A second payment, {event.payment}, after {purchase.payment}."
    return ""


def _pay(purchase: Purchase, event: Event, now: datetime) -> None:
    purchase.arrival = arrive(
        member=purchase.member,
        amount=purchase.credits,
        kind=TransferKind.PURCHASE,
        cause=("purchase", purchase.pk),
        now=now,
        reference=purchase.named,
    )
    purchase.state, purchase.paid_at = PurchaseState.PAID, now
    purchase.payment, purchase.checkout = event.payment, event.checkout
    purchase.save(update_fields=["arrival", "state", "paid_at", "payment", "checkout"])
    send_receipt(purchase, now=now)


def lapse_overdue(*, now: datetime) -> int:
    """Close what nobody paid in LAPSES_AFTER; returns how many. Needs the tenant's scope."""
    overdue = Purchase.objects.filter(state=PurchaseState.OPEN, asked_at__lt=now - LAPSES_AFTER)
    return overdue.update(state=PurchaseState.LAPSED)
