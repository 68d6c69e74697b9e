"""Credits that staff give or take: counter-entries with a reason, never a changed line (PG-84, L10, F86)."""

from datetime import datetime

from accounts import queries as accounts
from accounts.enums import Role
from accounts.models import Membership

from ..enums import AdjustmentState, TransferKind
from ..idempotency import once
from ..ledger import TooFewCredits
from ..models import Adjustment
from ..queries import balances
from ..receipts import send_adjusted
from ..refusals import Refused
from .arrivals import arrive, check_amount

LONGEST_REASON = 200


def adjust(
    *,
    member: Membership,
    amount: int,
    reason: str,
    by: Membership,
    request_key: str,
    now: datetime,
    reference: str = "",
) -> Adjustment:
    """Give `amount` whole credits, or take them where it is below zero; above the tenant's limit a second person decides.

    The same `request_key` of the same person adjusts once. Raises Refused; then nothing has moved.
    """
    asked = {"member": member, "amount": amount, "reason": reason.strip(), "reference": reference}
    limit = accounts.current_policy().policy.adjust_alone_limit
    state = AdjustmentState.WAITING if abs(amount) > limit else AdjustmentState.DONE

    def do() -> dict[str, str]:
        check_adjustment(member=member, amount=amount, reason=reason, by=by)
        # The form's own column still knows it when the key is forgotten.
        adjustment, is_new = Adjustment.objects.get_or_create(
            asked_by=by, request_key=request_key, defaults={**asked, "asked_at": now, "state": state}
        )
        if (adjustment.member_id, adjustment.amount) != (member.pk, amount):
            raise Refused("key", "This form was sent before with something else in it. Open the page again.")
        if is_new and state == AdjustmentState.DONE:
            _move(adjustment, by, None, now)
        return {"adjustment": str(adjustment.pk)}

    done = once(actor=by, key=request_key, asked={"what": "adjust", **asked, "member": str(member.pk)}, do=do, now=now)
    return Adjustment.objects.get(pk=done.result["adjustment"])


def approve(*, adjustment: Adjustment, by: Membership, now: datetime) -> Adjustment:
    """The second person agrees, and the credits move. Raises Refused: for who asked, and where it was decided already."""
    return _decide(adjustment, AdjustmentState.DONE, by, now)


def refuse(*, adjustment: Adjustment, by: Membership, now: datetime) -> Adjustment:
    """The second person does not agree; nothing moves. Raises Refused like `approve`."""
    return _decide(adjustment, AdjustmentState.REFUSED, by, now)


def _decide(adjustment: Adjustment, state: AdjustmentState, by: Membership, now: datetime) -> Adjustment:
    _check_staff(by)
    locked = Adjustment.objects.select_for_update(of=("self",), no_key=True).get(pk=adjustment.pk)
    if locked.state != AdjustmentState.WAITING:
        raise Refused("decided", "Somebody decided this meanwhile. Nothing was changed.")
    if locked.asked_by_id == by.pk:
        raise Refused("second", "Somebody else has to agree: you asked for it yourself.")
    if state == AdjustmentState.DONE:
        _move(locked, locked.asked_by, by, now)
    locked.state, locked.decided_by, locked.decided_at = state, by, now
    locked.save(update_fields=["state", "decided_by", "decided_at"])
    return locked


def _move(adjustment: Adjustment, by: Membership, second: Membership | None, now: datetime) -> None:
    gives = adjustment.amount > 0
    try:
        arrive(
            member=adjustment.member,
            amount=adjustment.amount,
            kind=TransferKind.GRANT if gives else TransferKind.CORRECTION,
            cause=("adjustment", adjustment.pk),
            now=now,
            reference=adjustment.reference,
            reason=adjustment.reason,
            by=by,
            second=second,
        )
    except TooFewCredits as short:
        raise _too_few(adjustment.member, short.available) from short
    send_adjusted(adjustment, now=now)


def _too_few(member: Membership, usable: int) -> Refused:
    return Refused("too_few", f"{member.name} can use {usable} only. Take {usable} at most.", "amount")


def check_adjustment(*, member: Membership, amount: int, reason: str, by: Membership) -> None:
    """Raise what `adjust` would raise, before anything is sent. Changes nothing."""
    _check_staff(by)
    check_amount(amount, takes=True)
    if amount < 0 and (usable := balances(member).available) < -amount:
        raise _too_few(member, usable)
    if not reason.strip():
        raise Refused("reason", f"Say why in a few words. {member.name} reads it.", "reason")
    if len(reason.strip()) > LONGEST_REASON:
        raise Refused("reason", f"Shorten the reason: {LONGEST_REASON} characters fit.", "reason")


def _check_staff(by: Membership) -> None:
    if not by.has(Role.STAFF, Role.OWNER):
        raise Refused("not_yours", "Only staff can do this.")
