"""What a programme gives each of its members in each period (decisions.md 1, 19; F83, F84)."""

from contextlib import suppress
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from accounts.models import Membership, Tenant
from accounts.tenancy import tenant_scope

from ..enums import Period, TransferKind
from ..ledger import KeyUsed
from ..models import Programme, ProgrammeMember
from ..refusals import Refused
from .arrivals import arrive

MONTHS = {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: 12}


def join_programme(*, programme: Programme, member: Membership, now: datetime) -> ProgrammeMember:
    """Sponsor the member from now on, with the allowance of the period that is under way. Twice changes nothing."""
    if not programme.is_active:
        raise Refused("ended", f"{programme.name} has ended. Choose another programme.", "programme")
    place, _ = ProgrammeMember.objects.get_or_create(
        programme=programme, member=member, left_at=None, defaults={"joined_at": now}
    )
    _give(place, period_start(programme, now), now)
    return place


def leave_programme(*, place: ProgrammeMember, now: datetime) -> None:
    """End the sponsoring; what was given stays the member's."""
    ProgrammeMember.objects.filter(pk=place.pk, left_at=None).update(left_at=now)


def give_allowances(*, tenant: Tenant, now: datetime) -> int:
    """Give what is due for the period under way, each member in a transaction of its own; how many places there are.

    Safe to run at any time and twice at once: a member, programme and period is given once.
    """
    with tenant_scope(tenant):
        ids = list(_current().values_list("pk", flat=True))
    for place_id in ids:
        with tenant_scope(tenant):
            if place := _current().filter(pk=place_id).first():
                _give(place, period_start(place.programme, now), now)
    return len(ids)


def period_start(programme: Programme, now: datetime) -> date:
    """The first day of the period that `now` is in, by the tenant's wall clock."""
    today, months = now.astimezone(ZoneInfo(programme.tenant.time_zone)).date(), MONTHS[Period(programme.period)]
    return date(today.year, (today.month - 1) // months * months + 1, 1)


def _current() -> QuerySet[ProgrammeMember]:
    places = ProgrammeMember.objects.filter(left_at=None, programme__is_active=True, member__suspended_at=None)
    return places.select_related("programme__tenant", "member").order_by("pk")


def _give(place: ProgrammeMember, period: date, now: datetime) -> None:
    # Given already, when the allowance was another one.
    with suppress(KeyUsed):
        arrive(
            member=place.member,
            amount=place.programme.amount,
            kind=TransferKind.ALLOWANCE,
            # Of the member, not of the place: who leaves and joins again gets nothing twice.
            cause=("allowance", place.programme_id, place.member_id, period),
            now=now,
            reference=f"programme:{place.programme.name}"[:60],
        )
