"""Bought credits that go back: the credits at once, in the ledger; the money afterwards, by the worker (F91, decisions.md 28)."""

from datetime import datetime, timedelta
from uuid import UUID

from accounts.enums import Role
from accounts.models import Membership, Tenant
from accounts.tenancy import tenant_scope, uuid7
from notifications import outbox

from ..enums import EventOutcome, PurchaseState, RefundState, TransferKind
from ..idempotency import once
from ..ledger import TooFewCredits
from ..models import Purchase, Refund
from ..payments import Event, RefundAnswer, RefundOrder, TurnedDown, Unreachable, What, provider_of
from ..queries import balances
from ..receipts import send_paid_back
from ..refusals import Refused
from .adjustments import LONGEST_REASON
from .arrivals import arrive

REFUND_TOPIC = "credits.refund"
FRESH = timedelta(hours=1)


def refundable(purchase: Purchase) -> int:
    """How many of its credits can go back now: bought, not taken back yet, and still the member's to use."""
    if purchase.state != PurchaseState.PAID:
        return 0
    return min(purchase.credits - purchase.refunded, balances(purchase.member).available)


def refund_price(purchase: Purchase, credits: int) -> int:
    """What goes back for so many credits (smallest unit): their share of the price, so that all parts together are all of it."""
    return purchase.price * (purchase.refunded + credits) // purchase.credits - purchase.refunded_price


def check_refund(*, purchase: Purchase, credits: int, reason: str, by: Membership) -> None:
    """Raise what `ask_refund` would raise, before anything is sent. Changes nothing."""
    if not by.has(Role.STAFF, Role.OWNER):
        raise Refused("not_yours", "Only staff can do this.")
    most = refundable(purchase)
    if credits < 1:
        raise Refused("credits", "Enter a whole number above 0, like 30.", "credits")
    if not most:
        raise Refused("spent", "Nothing of this purchase can be paid back: it is not paid, or all of it is spent.")
    if credits > most:
        raise Refused("credits", f"Enter {most} at most: the rest is spent, held or paid back already.", "credits")
    if not refund_price(purchase, credits):
        raise Refused("credits", "So few credits are worth no money. Enter more.", "credits")
    if not reason.strip():
        raise Refused("reason", f"Say why in a few words. {purchase.member.name} reads it.", "reason")
    if len(reason.strip()) > LONGEST_REASON:
        raise Refused("reason", f"Shorten the reason: {LONGEST_REASON} characters fit.", "reason")


def ask_refund(
    *, purchase: Purchase, credits: int, reason: str, by: Membership, request_key: str, now: datetime
) -> Refund:
    """Take `credits` back from the member now and let the worker pay their share of the price back.

    The same key of the same person does it once. Raises Refused; then nothing has moved.
    """
    asked = {"what": "refund", "purchase": purchase.pk, "credits": credits, "reason": reason.strip()}

    def do() -> dict[str, str]:
        locked = _locked(purchase.pk)
        check_refund(purchase=locked, credits=credits, reason=reason, by=by)
        return {"refund": str(_take_back(locked, credits, reason.strip(), by, now).pk)}

    done = once(actor=by, key=request_key, asked=asked, do=do, now=now)
    return Refund.objects.select_related("purchase").get(pk=done.result["refund"])


def _take_back(purchase: Purchase, credits: int, reason: str, by: Membership, now: datetime) -> Refund:
    refund = Refund(
        id=uuid7(),
        purchase=purchase,
        credits=credits,
        price=refund_price(purchase, credits),
        reason=reason,
        by=by,
        asked_at=now,
    )
    try:
        refund.departure = arrive(
            member=purchase.member,
            amount=-credits,
            kind=TransferKind.REFUND,
            cause=("refund", refund.pk),
            now=now,
            reference=purchase.named,
            reason=reason,
            by=by,
        )
    except TooFewCredits as short:
        raise Refused("credits", f"Enter {short.available} at most: the rest was spent just now.", "credits") from short
    refund.save(force_insert=True)
    purchase.refunded += credits
    purchase.refunded_price += refund.price
    purchase.save(update_fields=["refunded", "refunded_price"])
    _send_money(refund, now)
    return refund


def try_again(*, refund: Refund, by: Membership, now: datetime) -> Refund:
    """Let the worker try a refund again that the provider refused. Raises Refused for one that did not fail."""
    locked = _failed(refund, by)
    locked.state, locked.tries, locked.trouble, locked.payment = RefundState.ASKED, locked.tries + 1, "", ""
    locked.save(update_fields=["state", "tries", "trouble", "payment"])
    _send_money(locked, now)
    return locked


def give_back(*, refund: Refund, by: Membership, now: datetime) -> Refund:
    """Return the credits of a refund that failed: the money stays where it is. Raises Refused for one that did not fail."""
    locked = _failed(refund, by)
    purchase = locked.purchase
    locked.comeback = arrive(
        member=purchase.member,
        amount=locked.credits,
        kind=TransferKind.UNREFUND,
        cause=("unrefund", locked.pk),
        now=now,
        reference=purchase.named,
        by=by,
    )
    locked.state = RefundState.WITHDRAWN
    locked.save(update_fields=["comeback", "state"])
    purchase.refunded -= locked.credits
    purchase.refunded_price -= locked.price
    purchase.save(update_fields=["refunded", "refunded_price"])
    return locked


def pay_back(*, tenant: Tenant, refund_id: UUID, tries: int, attempt: int, now: datetime) -> None:
    """Ask the provider to pay a refund back, and note what came of it. Not inside a transaction.

    Raises Unreachable when nobody knows, so that the outbox tries again; `attempt` counts those. What the provider turns
    down is noted as failed, for staff.
    """
    with tenant_scope(tenant):
        refund = Refund.objects.select_related("purchase").get(pk=refund_id)
    if refund.state != RefundState.ASKED or refund.tries != tries or refund.payment:
        return
    purchase = refund.purchase
    provider = provider_of(tenant, purchase.provider)
    if provider is None:
        raise Unreachable(f"{purchase.provider} is not switched on.")
    order = RefundOrder(
        key=f"parley:refund:{refund.pk}:{tries}",
        tenant=tenant.slug,
        refund=str(refund.pk),
        payment=purchase.payment,
        price=refund.price,
        currency=purchase.currency,
        # A key is good for a day there; after a while, what an earlier try did is looked up.
        again=attempt > 1 or tries > 1 or now - refund.asked_at > FRESH,
    )
    try:
        answer = provider.refund(order)
    except TurnedDown as refused:
        with tenant_scope(tenant):
            _note_failure(_locked_refund(refund_id), str(refused), tries)
        return
    with tenant_scope(tenant):
        _note_answer(_locked_refund(refund_id), answer, tries, now)


def note_refund(
    *, refund_id: str, event: Event, provider: str, now: datetime
) -> tuple[EventOutcome, str, Purchase | None]:
    """Take what a provider tells of a refund later: that it left, or that it came back. Needs the tenant's scope."""
    try:
        refund = _locked_refund(UUID(refund_id))
    except (ValueError, Refund.DoesNotExist):
        return EventOutcome.FOREIGN, "", None
    purchase = refund.purchase
    if purchase.provider != provider or (event.price, event.currency) != (refund.price, purchase.currency):
        return EventOutcome.MISMATCH, f"{event.price} {event.currency} for a refund of {refund.price}.", purchase
    if refund.payment and event.payment != refund.payment:
        return EventOutcome.NOTHING, "", purchase  # of an earlier try
    if event.what == What.REFUNDED and refund.state == RefundState.ASKED:
        _note_answer(refund, RefundAnswer(event.payment, is_done=True), refund.tries, now)
    elif event.what == What.REFUND_FAILED and refund.state in (RefundState.ASKED, RefundState.DONE):
        refund.payment = event.payment
        _note_failure(refund, event.said or "The provider says that it failed.", refund.tries)
    else:
        return EventOutcome.NOTHING, "", purchase
    return EventOutcome.DONE, "", purchase


def _note_answer(refund: Refund, answer: RefundAnswer, tries: int, now: datetime) -> None:
    if refund.state != RefundState.ASKED or refund.tries != tries:
        return
    refund.payment = answer.reference
    if answer.is_done:
        refund.state, refund.done_at = RefundState.DONE, now
        send_paid_back(refund, now=now)
    refund.save(update_fields=["payment", "state", "done_at"])


def _note_failure(refund: Refund, trouble: str, tries: int) -> None:
    if refund.tries != tries or refund.state not in (RefundState.ASKED, RefundState.DONE):
        return
    refund.state, refund.trouble, refund.done_at = RefundState.FAILED, trouble[:300], None
    refund.save(update_fields=["state", "trouble", "payment", "done_at"])


def _send_money(refund: Refund, now: datetime) -> None:
    outbox.enqueue(
        topic=REFUND_TOPIC,
        dedupe_key=f"{refund.pk}:{refund.tries}",
        payload={"refund_id": str(refund.pk), "tries": refund.tries},
        due_at=now,
    )


def _failed(refund: Refund, by: Membership) -> Refund:
    if not by.has(Role.STAFF, Role.OWNER):
        raise Refused("not_yours", "Only staff can do this.")
    locked = _locked_refund(refund.pk)
    if locked.state != RefundState.FAILED:
        raise Refused("not_failed", "This refund did not fail, or somebody decided meanwhile. Nothing was changed.")
    return locked


def _locked(purchase_id: UUID) -> Purchase:
    purchases = Purchase.objects.select_for_update(of=("self",), no_key=True).select_related("member__user")
    return purchases.get(pk=purchase_id)


def _locked_refund(refund_id: UUID) -> Refund:
    """The refund, once its purchase is locked: everything about a purchase queues there."""
    purchase_id = Refund.objects.values_list("purchase_id", flat=True).get(pk=refund_id)
    purchase = _locked(purchase_id)
    refund = Refund.objects.get(pk=refund_id)
    refund.purchase = purchase
    return refund
