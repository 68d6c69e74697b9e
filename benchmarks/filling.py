"""Providers with everything that hangs on them: four made by the real services, the others copied from these in SQL.

A copy is exact: the same hours, services, clients, bookings, timelines, claims and free time, under other ids, names and codes.
"""

import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from django.db import models

from accounts import services as accounts
from accounts.enums import Role
from accounts.models import Membership, Tenant, User
from accounts.tenancy import TenantForeignKey, tenant_scope
from bookings import services as bookings
from bookings.enums import Action, Actor
from bookings.models import Booking, BookingEvent, Proposal, ProposalTime
from calendars import services as calendars
from calendars.hours import OpenHours
from calendars.models import Calendar, Claim, FreeDay, Meeting, WeeklyHours
from marketplace import search
from marketplace import services as marketplace
from marketplace.models import Provider, ProviderTopic, Service, Topic
from notifications.models import EmailMessage, OutboxMessage

SLUG = "bench"
ZONES = ("Europe/Prague", "Europe/London", "America/New_York", "Asia/Tokyo")
TOPICS = ("Tax and money", "Leadership", "Negotiation", "Health and sleep", "Careers", "Writing", "Design", "Law")
FIRST = [
    "Ana", "Ben", "Chloe", "Dan", "Eva", "Filip", "Grace", "Hugo", "Ines", "Jan", "Kim", "Lena", "Milan", "Nora", "Omar",
    "Petra", "Quinn", "Rosa", "Sam", "Tara", "Uma", "Viktor",
]  # fmt: skip
LAST = [
    "Abel", "Berg", "Costa", "Diaz", "Eder", "Fiala", "Grant", "Horak", "Ivanov", "Jung", "Keller", "Lang", "Moreau", "Novak",
    "Okafor", "Price", "Quist", "Roth", "Silva",
]  # fmt: skip
CLIENTS = 5  # of each provider, as with the measured peers
# Copied in this order, so that every key finds its row.
COPIED = (
    Membership, Calendar, WeeklyHours, Provider, ProviderTopic, Service, Booking, Proposal, ProposalTime, BookingEvent,
    Claim, FreeDay, Meeting,
)  # fmt: skip

_COPY_NUMBERS = "CROSS JOIN unnest(%(numbers)s::int[]) AS n"
_NEW_ID = "md5({column}::text || ':' || n)::uuid"
_NEW_USER = "(SELECT %(users_from)s + n * 10 + u.k FROM bench_users u WHERE u.old = {column})"
_NEW_CODE = "(SELECT 'BN-' || lpad(upper(to_hex(n * 32 + c.k)), 6, '0') FROM bench_codes c WHERE c.old = {code})"
_NEW_NAME = "(%(first)s::text[])[1 + n %% %(firsts)s] || ' ' || (%(last)s::text[])[1 + n / %(firsts)s %% %(lasts)s]"


def found(now: datetime) -> Tenant:
    """The tenant with its topics and no provider."""
    tenant = accounts.create_tenant(
        preset="mentors", slug=SLUG, name="Benchmark", contact_email="help@bench.example", time_zone=ZONES[0],
        code_prefix="BN",
    )  # fmt: skip
    with tenant_scope(tenant):
        for position, name in enumerate(TOPICS):
            marketplace.add_topic(name=name, position=position)
    return tenant


class Filling:
    """Makes the tenant grow. Numbers of providers count from 0; those below len(ZONES) are made, all others copied."""

    def __init__(self, tenant: Tenant, now: datetime) -> None:
        self.tenant, self.size = tenant, len(ZONES)
        self.patterns = [_make(tenant, number, now) for number in range(len(ZONES))]
        with tenant_scope(tenant):
            # Mails and work of the patterns are not copied: only the measured requests write any.
            EmailMessage.objects.all().delete()
            OutboxMessage.objects.all().delete()

    def grow(self, providers: int) -> None:
        """Copy until there are so many."""
        with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner:
            for number, pattern in enumerate(self.patterns):
                first = self.size + (number - self.size) % len(ZONES)
                _copy(owner, self.tenant, pattern, list(range(first, providers, len(ZONES))))
        self.size = providers
        with tenant_scope(self.tenant):
            search.keep(Provider.objects.values_list("pk", flat=True))
        with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
            owner.execute("VACUUM ANALYZE")


# --- the patterns -------------------------------------------------------------------------------------------


class Pattern:
    """What one provider brought with them: ids by model, users, booking codes."""

    def __init__(self, before: dict[type, set[UUID]], after: dict[type, set[UUID]]) -> None:
        self.ids = {model: list(after[model] - before[model]) for model in COPIED}


def _make(tenant: Tenant, number: int, now: datetime) -> Pattern:
    with tenant_scope(tenant):
        before = _ids()
        provider, clients = _gather(tenant, number, now)
        _book(provider, clients, now)
        return Pattern(before, _ids())


def _ids() -> dict[type, set[UUID]]:
    return {model: set(model.objects.values_list("pk", flat=True)) for model in COPIED}


def _gather(tenant: Tenant, number: int, now: datetime) -> tuple[Provider, list[Membership]]:
    zone, topics = ZONES[number], list(Topic.objects.order_by("position")[2 * number : 2 * number + 2])
    name = f"{FIRST[number]} {LAST[0]}"
    member = _join(f"provider{number}", name, Role.PROVIDER, zone)
    calendar = calendars.open_calendar(member=member, time_zone=zone)
    week = [OpenHours(day, 9 * 60, 17 * 60) for day in range(5)]
    calendars.set_weekly_hours(calendar=calendar, hours=week, now=now)
    provider = marketplace.publish_provider(
        member=member, calendar=calendar, headline=f"{topics[0].name} for people who build things", city="Prague",
        bio="I have worked on both sides of the table for twenty years. " * 8, languages=["en", "cs"], topics=topics,
    )  # fmt: skip
    for position, minutes in enumerate((15, 30, 60)):
        # Free of charge, as with the measured peers.
        marketplace.add_service(
            provider=provider, name=f"{topics[0].name} talk", minutes=minutes, price=0, topic=topics[0],
            position=position,
        )  # fmt: skip
    clients = [_join(f"client{number}-{n}", f"{FIRST[-1 - n]} {LAST[-1]}", Role.CLIENT, zone) for n in range(CLIENTS)]
    return provider, clients


def _join(local: str, name: str, role: Role, zone: str) -> Membership:
    user = User.objects.create_user(f"{local}@bench.example", name=name, time_zone=zone)
    return accounts.join(user=user, roles=[role], name=name)


def _book(provider: Provider, clients: list[Membership], now: datetime) -> None:
    """Twenty agreed sessions: at ten and at three on the next ten working days, as with the measured peers."""
    service = provider.services.get(minutes=30)
    starts = list(_starts(provider.calendar.time_zone, now))
    for number, start in enumerate(starts):
        client = clients[number % CLIENTS]
        booking = bookings.request_session(client=client, service=service, starts=[start], now=now, notes="Hello.")
        bookings.perform(
            booking=booking, action=Action.ACCEPT, actor=Actor.PROVIDER, by=provider.member, now=now, start=start,
            clash_accepted=True,
        )  # fmt: skip
        bookings.set_up(booking_id=booking.pk, now=now)


def _starts(zone: str, now: datetime) -> Iterable[datetime]:
    day, found_days = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=2), 0
    while found_days < 10:
        if day.weekday() < 5:
            found_days += 1
            for hour in (10, 15):
                yield datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        day += timedelta(days=1)


# --- the copies ---------------------------------------------------------------------------------------------


def _copy(owner: psycopg.Connection, tenant: Tenant, pattern: Pattern, numbers: list[int]) -> None:
    if not numbers:
        return
    values = {
        "numbers": numbers, "users_from": 1_000_000, "tenant": tenant.pk, "first": FIRST, "firsts": len(FIRST), "last": LAST,
        "lasts": len(LAST),
    }  # fmt: skip
    _note_words(owner, pattern)
    owner.execute(
        f"""INSERT INTO accounts_user (id, password, is_superuser, email, name, time_zone, language, hour_cycle, theme,
                is_active, is_staff, date_joined)
            SELECT {_NEW_USER.format(column="t.id")}, t.password, false, 'p' || n || '.' || t.id || '@bench.example', t.name,
                t.time_zone, t.language, t.hour_cycle, t.theme, true, false, t.date_joined
            FROM accounts_user t {_COPY_NUMBERS} WHERE t.id IN (SELECT old FROM bench_users)""",
        values,
    )
    owner.execute(
        f"""INSERT INTO accounts_affiliation (user_id, tenant_id)
            SELECT {_NEW_USER.format(column="t.old")}, %(tenant)s FROM bench_users t {_COPY_NUMBERS}""",
        values,
    )
    for model in COPIED:
        columns = [field for field in model._meta.concrete_fields if not field.generated]
        owner.execute(
            f'INSERT INTO "{model._meta.db_table}" ({", ".join(f.column for f in columns)})'
            f" SELECT {', '.join(_expression(model, field) for field in columns)}"
            f' FROM "{model._meta.db_table}" t {_COPY_NUMBERS} WHERE t.tenant_id = %(tenant)s AND t.id = ANY(%(ids)s)',
            {**values, "ids": pattern.ids[model]},
        )
    owner.execute("DROP TABLE bench_users, bench_codes")


def _note_words(owner: psycopg.Connection, pattern: Pattern) -> None:
    owner.execute("CREATE TEMP TABLE bench_users AS SELECT user_id AS old, row_number() OVER (ORDER BY user_id) - 1 AS k"
                  " FROM accounts_membership WHERE id = ANY(%s)", [pattern.ids[Membership]])  # fmt: skip
    owner.execute("CREATE TEMP TABLE bench_codes AS SELECT code AS old, row_number() OVER (ORDER BY code) - 1 AS k"
                  " FROM bookings_booking WHERE id = ANY(%s)", [pattern.ids[Booking]])  # fmt: skip


def _expression(model: type[models.Model], field: models.Field) -> str:
    column = f't."{field.column}"'
    reference = "'booking:' || " + _NEW_CODE.format(code=f"split_part({column}, ':', 2)")
    special = {
        "Provider.slug": f"{column} || '-' || n",
        "Provider.name": _NEW_NAME,
        "Provider.name_key": f"lower({_NEW_NAME})",
        "Membership.user": _NEW_USER.format(column=column),
        "Booking.code": _NEW_CODE.format(code=column),
        "Claim.reference": reference,
        "Meeting.key": reference,
    }
    if expression := special.get(f"{model.__name__}.{field.name}"):
        return expression
    is_copied_key = isinstance(field, TenantForeignKey) and field.remote_field.model in COPIED
    return _NEW_ID.format(column=column) if field.primary_key or is_copied_key else column
