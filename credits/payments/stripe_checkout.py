"""Stripe Checkout, through Stripe's own library: its page takes the card, its signed messages say what came of it.

The library is imported when it is needed: it takes longer to load than the rest of a page to make.
"""

import json
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .base import Checkout, Event, Forged, Order, RefundAnswer, RefundOrder, TurnedDown, Unreachable, What

if TYPE_CHECKING:
    import stripe

PATIENCE_SECONDS = 8
RETRIES = 1
OLDEST_SECONDS = 300

logger = logging.getLogger(__name__)

CHECKOUTS = {
    "checkout.session.completed": What.PAID,
    "checkout.session.async_payment_succeeded": What.PAID,
    "checkout.session.async_payment_failed": What.NOT_PAID,
    "checkout.session.expired": What.NOT_PAID,
}
REFUNDS = {"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"}
REFUND_STATES = {"succeeded": What.REFUNDED, "failed": What.REFUND_FAILED, "canceled": What.REFUND_FAILED}


class StripePayments:
    """Stripe, with the keys of one account and the signing secret of the tenant's own endpoint there."""

    name, label = "stripe", "Stripe"

    def __init__(self, secret_key: str, webhook_secret: str, *, api_base: str) -> None:
        self._key, self._secret, self._base = secret_key, webhook_secret, api_base

    def start(self, order: Order) -> Checkout:
        """Begin a checkout session of Stripe's; the same key gives the same one for 24 hours."""
        metadata = {"tenant": order.tenant, "purchase": order.purchase}
        product = {"name": order.title}
        price = {"currency": order.currency.lower(), "unit_amount": order.price, "product_data": product}
        session = self._ask(
            lambda client: client.v1.checkout.sessions.create(
                {
                    "mode": "payment",
                    "client_reference_id": order.purchase,
                    "customer_email": order.email,
                    "line_items": [{"quantity": 1, "price_data": price}],
                    "metadata": metadata,
                    "payment_intent_data": {"metadata": metadata, "description": order.title},
                    "success_url": order.return_url,
                    "cancel_url": order.cancel_url,
                },
                {"idempotency_key": order.key},
            )
        )
        return Checkout(session.id, session.url)

    def read(self, body: bytes, headers: Mapping[str, str]) -> Event:
        """Stripe's event, if its own library finds the signature good and no older than OLDEST_SECONDS."""
        import stripe

        try:
            stripe.WebhookSignature.verify_header(body, headers.get("Stripe-Signature"), self._secret, OLDEST_SECONDS)
            return _event(json.loads(body))
        except (stripe.SignatureVerificationError, ValueError, LookupError, TypeError, AttributeError) as wrong:
            raise Forged(str(wrong)) from wrong

    def refund(self, order: RefundOrder) -> RefundAnswer:
        """Pay part or all of a payment back. Where an earlier try may have got through, look for it first."""
        if order.again and (found := self._ask(lambda client: _earlier(client, order))):
            return found
        metadata = {"tenant": order.tenant, "refund": order.refund}
        made = self._ask(
            lambda client: client.v1.refunds.create(
                {"payment_intent": order.payment, "amount": order.price, "metadata": metadata},
                {"idempotency_key": order.key},
            )
        )
        return _answer(made)

    def _ask(self, question: Any) -> Any:
        import stripe

        client = stripe.StripeClient(
            self._key,
            base_addresses={"api": self._base},
            max_network_retries=RETRIES,
            http_client=stripe.RequestsClient(timeout=PATIENCE_SECONDS),
        )
        try:
            return question(client)
        except (stripe.InvalidRequestError, stripe.CardError, stripe.IdempotencyError) as refused:
            raise TurnedDown(refused.user_message or str(refused)) from refused
        except stripe.StripeError as error:
            # Wrong keys too: they are put right in the installation, and then it goes on.
            logger.warning("Stripe was asked in vain: %s", error)
            raise Unreachable(str(error)) from error


def _earlier(client: "stripe.StripeClient", order: RefundOrder) -> RefundAnswer | None:
    """The refund that an earlier try made, by our id in it; one that failed since is none."""
    made = client.v1.refunds.list({"payment_intent": order.payment, "limit": 100})
    for refund in made.auto_paging_iter():
        metadata = refund.to_dict().get("metadata") or {}
        if metadata.get("refund") == order.refund and refund.status not in ("failed", "canceled"):
            return _answer(refund)
    return None


def _answer(refund: Any) -> RefundAnswer:
    if refund.status in ("failed", "canceled"):
        raise TurnedDown(f"Stripe says {refund.status}.")
    return RefundAnswer(refund.id, is_done=refund.status == "succeeded")


def _event(told: dict[str, Any]) -> Event:
    thing, facts = told["data"]["object"], {"id": told["id"], "kind": told["type"]}
    if told["type"] in CHECKOUTS:
        return _of_checkout(CHECKOUTS[told["type"]], thing, facts)
    if told["type"] in REFUNDS:
        return _of_refund(thing, facts)
    return Event(**facts, what=What.OTHER)


def _of_checkout(what: What, session: dict[str, Any], facts: dict[str, str]) -> Event:
    if what == What.PAID and session.get("payment_status") != "paid":
        what = What.PENDING  # a bank transfer, say: another event follows
    metadata = session.get("metadata") or {}
    return Event(
        **facts,
        what=what,
        tenant=str(metadata.get("tenant", "")),
        purchase=str(session.get("client_reference_id") or metadata.get("purchase", "")),
        checkout=str(session.get("id") or ""),
        payment=str(session.get("payment_intent") or ""),
        price=int(session.get("amount_total") or 0),
        currency=str(session.get("currency") or "").upper(),
    )


def _of_refund(refund: dict[str, Any], facts: dict[str, str]) -> Event:
    metadata = refund.get("metadata") or {}
    return Event(
        **facts,
        what=REFUND_STATES.get(str(refund.get("status")), What.OTHER),
        tenant=str(metadata.get("tenant", "")),
        refund=str(metadata.get("refund", "")),
        payment=str(refund.get("id") or ""),
        price=int(refund.get("amount") or 0),
        currency=str(refund.get("currency") or "").upper(),
        said=str(refund.get("failure_reason") or ""),
    )
