"""Mails about credits that were bought, paid back or changed by support (EM-C25, EM-C26, F91). Rows in the caller's transaction."""

from datetime import datetime
from typing import Any

from accounts import queries as accounts
from accounts.addresses import page_url
from accounts.models import Membership
from accounts.money import money
from notifications.services import notify

from .models import Adjustment, Purchase, Refund
from .queries import balances


def send_receipt(purchase: Purchase, *, now: datetime) -> None:
    """EM-C25: what was paid by whom, what the seller says about tax, and what there is to use now."""
    facts = {
        "amount": purchase.credits,
        "price": money(purchase.price, purchase.currency),
        "payer": f"{purchase.member.name}, {purchase.member.user.email}",
        "number": purchase.code,
        "note": _receipt_note(),
    }
    _send(purchase.member, "credits_bought", f"receipt:{purchase.pk}", purchase.named, facts, now)


def send_paid_back(refund: Refund, *, now: datetime) -> None:
    """The money of bought credits is on its way back, with the reason and when it should be there (F91)."""
    purchase = refund.purchase
    facts = {
        "amount": refund.credits,
        "price": money(refund.price, purchase.currency),
        "number": purchase.code,
        "reason": refund.reason,
        "note": _receipt_note(),
    }
    key = f"paid-back:{refund.pk}:{refund.tries}"
    _send(purchase.member, "credits_paid_back", key, purchase.named, facts, now)


def send_adjusted(adjustment: Adjustment, *, now: datetime) -> None:
    """EM-C26: what support gave or took, why, and what there was before and is now."""
    after = balances(adjustment.member).available
    facts = {
        "amount": abs(adjustment.amount),
        "change": f"{adjustment.amount:+d}".replace("-", "\N{MINUS SIGN}"),
        "reason": adjustment.reason,
        "before": after - adjustment.amount,
    }
    _send(adjustment.member, "credits_adjusted", f"adjusted:{adjustment.pk}", adjustment.reference, facts, now)


def _receipt_note() -> str:
    selling = accounts.current_policy().policy.selling
    return selling.receipt_note if selling else ""


def _send(member: Membership, kind: str, key: str, reference: str, facts: dict[str, Any], now: datetime) -> None:
    tenant = member.tenant
    urls = {"credits": page_url(tenant, "credits"), "statement": page_url(tenant, "credits_statement")}
    context = {**facts, "available": balances(member).available, "urls": urls}
    notify(recipient=member, kind=kind, context=context, dedupe_key=key, now=now, reference=reference)
