"""Vouchers: a code gives its credits to the first who enters it (decisions.md 19)."""

import secrets
from datetime import date, datetime
from zoneinfo import ZoneInfo

from accounts.models import Membership

from ..enums import TransferKind
from ..idempotency import once
from ..models import Voucher
from ..refusals import Refused
from .arrivals import arrive, check_amount

# Without what is easily taken for something else; 12 of them can't be guessed.
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH = 12


def make_voucher(
    *, amount: int, by: Membership, now: datetime, note: str = "", expires_on: date | None = None
) -> Voucher:
    """A voucher with a new code over `amount` whole credits, usable until the end of `expires_on` in the tenant's zone."""
    check_amount(amount)
    letters = [secrets.choice(LETTERS) for _ in range(LENGTH)]
    code = "-".join("".join(letters[part : part + 4]) for part in range(0, LENGTH, 4))
    return Voucher.objects.create(
        code=code, amount=amount, note=note.strip(), expires_on=expires_on, made_by=by, made_at=now
    )


def redeem(*, member: Membership, code: str, now: datetime, request_key: str = "") -> Voucher:
    """Give the member what the voucher is worth. Entering it again changes nothing; raises Refused with what is wrong.

    The same `request_key` of a form does it once, and is refused with another code.
    """
    if not request_key:
        return _redeem(member, code, now)
    done = once(
        actor=member,
        key=request_key,
        asked={"what": "voucher", "code": code},
        do=lambda: {"voucher": str(_redeem(member, code, now).pk)},
        now=now,
    )
    return Voucher.objects.get(pk=done.result["voucher"])


def _redeem(member: Membership, code: str, now: datetime) -> Voucher:
    wanted = "".join(code.split()).upper()
    if not wanted:
        raise Refused("voucher", "Enter the code of your voucher.", "code")
    voucher = Voucher.objects.select_for_update(of=("self",), no_key=True).filter(code__iexact=wanted).first()
    if voucher is None:
        raise Refused("voucher", "We don't know this code. Check it letter by letter.", "code")
    if voucher.used_by_id == member.pk:
        return voucher
    if voucher.used_by_id is not None:
        raise Refused("voucher", "This voucher has been used already. Ask who gave it to you.", "code")
    today = now.astimezone(ZoneInfo(member.tenant.time_zone)).date()
    if voucher.expires_on and voucher.expires_on < today:
        ended = f"{voucher.expires_on.day} {voucher.expires_on:%B %Y}"
        raise Refused("voucher", f"This voucher could be used until {ended}. Ask who gave it to you.", "code")
    voucher.used_by, voucher.used_at = member, now
    voucher.save(update_fields=["used_by", "used_at"])
    arrive(
        member=member, amount=voucher.amount, kind=TransferKind.VOUCHER, cause=("voucher", voucher.pk), now=now,
        reference=f"voucher:{voucher.code}",
    )  # fmt: skip
    return voucher
