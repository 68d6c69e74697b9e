"""Believable rows with one call. Everything but `tenant` and `user` needs an open scope."""

from datetime import UTC, datetime
from itertools import count

from accounts import services as accounts
from accounts.enums import Role
from accounts.models import Membership, Tenant, User
from calendars import services as calendars
from calendars.hours import OpenHours
from credits import ledger
from credits.enums import TransferKind, WalletKind
from marketplace import services as marketplace
from marketplace.models import Provider, Service, Topic

NOW = datetime(2026, 11, 23, 8, 14, tzinfo=UTC)
OFFICE_HOURS = [OpenHours(day=day, opens=9 * 60, closes=17 * 60) for day in range(5)]
_number = count(1)


def tenant(slug: str = "", *, preset: str = "mentors", **fields) -> Tenant:
    slug = slug or f"tenant-{next(_number)}"
    fields = {
        "name": slug.title(), "contact_email": f"help@{slug}.example", "time_zone": "Europe/Prague",
        "code_prefix": slug[:2].upper(), **fields,
    }  # fmt: skip
    return accounts.create_tenant(preset=preset, slug=slug, **fields)


def user(email: str = "", **fields) -> User:
    return User.objects.create_user(email or f"person{next(_number)}@example.org", **fields)


def member(
    name: str = "Kim Okafor", *, roles: tuple[Role, ...] = (Role.CLIENT,), zone="America/Chicago", credits: int = 1000
) -> Membership:
    someone = user(f"{name.split(maxsplit=1)[0].lower()}{next(_number)}@example.org", name=name, time_zone=zone)
    made = accounts.join(user=someone, roles=list(roles), name=name)
    purse(made, credits if Role.CLIENT in roles else 0)
    return made


def purse(of: Membership, credits: int) -> None:
    """Credits to use, that came from nowhere in particular and that nobody is told about."""
    if credits:
        own = ledger.Purse(WalletKind.AVAILABLE, of.pk)
        move = ledger.Move(TransferKind.VOUCHER, ledger.ISSUANCE, own, credits, ("purse", of.pk, next(_number)))
        ledger.post([move], ledger.About(NOW), opening=[own, ledger.Purse(WalletKind.HELD, of.pk), ledger.ISSUANCE])


def provider(name: str = "Ana Nowak", *, zone="Europe/Prague", hours=None, now: datetime = NOW, **fields) -> Provider:
    who = member(name, roles=(Role.PROVIDER,), zone=zone)
    calendar = calendars.open_calendar(member=who, time_zone=zone)
    calendars.set_weekly_hours(calendar=calendar, hours=OFFICE_HOURS if hours is None else hours, now=now)
    fields = {"headline": "Tax planning for founders", "city": "Prague", "languages": ["en"], **fields}
    return marketplace.publish_provider(member=who, calendar=calendar, **fields)


def service(of: Provider, name: str = "Tax planning", *, minutes: int = 30, **fields) -> Service:
    return marketplace.add_service(provider=of, name=name, minutes=minutes, **fields)


def topic(name: str = "Tax and money") -> Topic:
    return marketplace.add_topic(name=name)
