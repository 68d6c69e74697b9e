"""Two tenants of the same shape. Every text of theirs carries the tenant's marker, so that a foreign byte is found anywhere."""

import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

from django.apps import apps
from django.conf import settings
from django.db import connection, models

from accounts import queries as accounts_queries
from accounts import services as accounts
from accounts.enums import Role
from accounts.models import Membership, StaffAction, Tenant, User
from accounts.policies import Pack, Policy, Reason, Selling
from accounts.tenancy import TenantModel, tenant_scope
from bookings import services as bookings
from bookings.enums import Action, Actor
from bookings.models import Booking, LateChange, StandingReview
from bookings.services import standing
from calendars import services as calendars
from calendars.enums import ClaimKind
from credits import services as credits
from credits import verification
from credits.models import Programme, Purchase, Voucher
from credits.payments import Event, What
from marketplace.models import Provider, Service, Topic
from tests import factories

# Codes, keys and vocabulary of the program: they come from a list, or hold an id or a code, which is searched for by itself.
NO_MARKER = {
    "Booking.code", "Booking.request_key", "BookingEvent.name", "BookingEvent.reason_code", "Calendar.time_zone",
    "Claim.reference", "EmailMessage.kind", "EmailMessage.reference", "EmailMessage.dedupe_key", "EmailMessage.message_id",
    "EmailMessage.to_address", "Meeting.key", "OutboxMessage.topic", "OutboxMessage.dedupe_key", "StaffAction.action",
    "StaffAction.object_type", "StaffAction.object_id", "Adjustment.reference", "Adjustment.request_key", "Hold.reference",
    "Transfer.reference", "Voucher.code", "Purchase.code", "Purchase.currency", "Purchase.provider", "Purchase.reference",
    "Purchase.checkout", "Purchase.checkout_url", "Purchase.payment", "Refund.payment", "PaymentEvent.provider",
    "PaymentEvent.event", "PaymentEvent.kind", "RequestKey.key", "RequestKey.asked",
}  # fmt: skip


@dataclass
class World:
    """One tenant, its people by the part they play, and what is theirs.

    `sign` is in its name and addresses, which its own members may read anywhere; `marker` is in everything else.
    """

    tenant: Tenant
    sign: str
    marker: str
    people: dict[str, Membership] = field(default_factory=dict)
    bookings: dict[str, Booking] = field(default_factory=dict)
    provider: Provider | None = None
    service: Service | None = None
    topic: Topic | None = None
    free_start: datetime | None = None

    def secrets(self) -> set[str]:
        """What nobody else may ever read: sign, marker, every id and every code. In lower case."""
        with tenant_scope(self.tenant):
            ids = {str(pk) for model in tenant_models() for pk in model.objects.values_list("pk", flat=True)}
            codes = {booking.code.lower() for booking in self.bookings.values()}
            codes |= {
                code.lower() for model in (Purchase, Voucher) for code in model.objects.values_list("code", flat=True)
            }
        return {self.sign, self.marker, *ids, *(key.replace("-", "") for key in ids), *codes}


def tenant_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if issubclass(model, TenantModel)]


def found(letter: str, now: datetime, both: User) -> World:
    """A tenant with people in every role, bookings in every state that exists, mails and staff actions at `now` (UTC)."""
    sign, marker = f"zs{letter}{uuid.uuid4().hex[:12]}", f"zz{letter}{uuid.uuid4().hex[:12]}"
    words = {"provider": f"mentor {marker}", "session": f"meeting {marker}", "area": f"My {marker}"}
    tenant = factories.tenant(
        sign,
        name=f"Place {sign}",
        tagline=f"Line {marker}",
        host=f"{sign}.example.org",
        contact_email=f"{marker}@example.org",
        code_prefix=f"ZZ{letter.upper()}",
        # Another colour has another style sheet, whose address says which.
        accent="#1D5FA8" if letter == "a" else "#8A2BE2",
    )
    tenant.vocabulary |= words
    tenant.save()
    world = World(tenant, sign, marker)
    with tenant_scope(tenant):
        _write_rules(world)
        _gather_people(world, both, now)
        _open_shop(world, now)
        _make_bookings(world, now)
        _change_late(world, now)
        _do_staff_work(world, now)
        _give_credits(world, now)
    return world


def mark_every_text(world: World) -> None:
    """Put the marker into every text column that has none yet. As the owner: some tables are append-only."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        for model in tenant_models():
            for column in _texts(model):
                table = model._meta.db_table
                length = column.max_length or 4000
                cursor.execute(
                    f'UPDATE "{table}" SET "{column.column}" = left(%s || \' \' || "{column.column}", %s)'
                    f' WHERE tenant_id = %s AND position(%s IN lower("{column.column}")) = 0',
                    [world.marker, length, world.tenant.pk, world.marker],
                )
        cursor.execute(f"SET ROLE {settings.RUNTIME_ROLE}")


def unmarked(world: World) -> list[str]:
    """Tables without a row, and text columns of which some row lacks the marker: a hole in the crawl."""
    holes = []
    with tenant_scope(world.tenant):
        for model in tenant_models():
            rows = list(model.objects.all())
            holes += [] if rows else [f"{model.__name__} has no row"]
            for column in _texts(model):
                if any(world.marker not in str(getattr(row, column.attname)).lower() for row in rows):
                    holes.append(f"{model.__name__}.{column.name} has no marker")
    return holes


def _texts(model: type[models.Model]) -> list[models.Field]:
    return [
        column
        for column in model._meta.concrete_fields
        if isinstance(column, models.CharField | models.TextField)
        and not column.choices
        and f"{model.__name__}.{column.name}" not in NO_MARKER
    ]


def _write_rules(world: World) -> None:
    reasons = (Reason("busy", f"Busy {world.marker}"), Reason("other", f"Other {world.marker}", asks_text=True))
    selling = Selling(provider="test", packs=(Pack(10, 900),), receipt_note=f"Tax {world.marker}")
    asked = {"requested": f"Asked {world.marker}"}
    accounts.adopt_policy(policy=Policy(decline_reasons=reasons, status_words=asked, selling=selling))


def _gather_people(world: World, both: User, now: datetime) -> None:
    roles = {
        "client": [Role.CLIENT], "other client": [Role.CLIENT], "provider": [Role.PROVIDER], "staff": [Role.STAFF],
        "owner": [Role.OWNER], "other provider": [Role.PROVIDER],
    }  # fmt: skip
    for part, held in roles.items():
        local = f"{part.replace(' ', '-')}-{world.marker}"
        person = factories.user(f"{local}@example.org", name=f"{part} {world.marker}", time_zone="Europe/Prague")
        world.people[part] = accounts.join(user=person, roles=held, name=f"{part.title()} {world.marker}")
    # Known in both tenants, under a name of its own in each; the login itself is the person's and carries no marker.
    held = [Role.CLIENT] if world.marker.startswith("zza") else [Role.CLIENT, Role.STAFF]
    world.people["both"] = accounts.join(user=both, roles=held, name=f"Both {world.marker}")
    # No member of the other tenant; this login carries no marker either.
    alien = factories.user(name="Pat Doe", time_zone="Europe/Prague")
    world.people["stranger"] = accounts.join(user=alien, roles=[Role.OWNER], name=f"Alien {world.marker}")


def _open_shop(world: World, now: datetime) -> None:
    world.topic = factories.topic(f"Topic {world.marker}")
    for part in ("provider", "other provider"):
        member = world.people[part]
        calendar = calendars.open_calendar(member=member, time_zone="Europe/Prague")
        calendars.set_weekly_hours(calendar=calendar, hours=factories.OFFICE_HOURS, now=now)
        provider = factories.marketplace.publish_provider(
            member=member,
            calendar=calendar,
            headline=f"Headline {world.marker}",
            bio=f"Bio {world.marker}",
            city=f"City {world.marker}",
            languages=["en"],
            topics=[world.topic],
        )
        service = factories.service(
            provider, f"Service {world.marker}", description=f"About {world.marker}", topic=world.topic
        )
        if part == "provider":
            world.provider, world.service = provider, service
    weekend = now.date() + timedelta(days=12 - now.weekday())
    calendars.set_override(calendar=world.provider.calendar, date=weekend, ranges=[(600, 720)], now=now)
    noon = datetime.combine(weekend, time(12), UTC)
    note = f"Private {world.marker}"
    calendars.block(calendar=world.provider.calendar, start=noon, end=noon + timedelta(hours=1), note=note)
    calendars.claim(
        calendars=[world.provider.calendar],
        start=now + timedelta(days=20),
        end=now + timedelta(days=20, hours=1),
        kind=ClaimKind.BLOCKED,
        reference="block:1",
    )


def _make_bookings(world: World, now: datetime) -> None:
    """One in each state that this issue knows, asked for at different times of the next days, all open hours in Prague."""
    day = (now + timedelta(days=8 - now.weekday())).replace(hour=8, minute=0, second=0, microsecond=0)

    def ask(name: str, hour: int) -> Booking:
        world.bookings[name] = bookings.request_session(
            client=world.people["client"],
            service=world.service,
            starts=[day + timedelta(hours=hour)],
            notes=f"Notes {world.marker}",
            now=now,
        )
        return world.bookings[name]

    def act(name: str, action: Action, actor: Actor, **details: object) -> None:
        booking = world.bookings[name]
        by = {Actor.CLIENT: booking.client, Actor.PROVIDER: booking.provider.member}.get(actor)
        bookings.perform(booking=booking, action=action, actor=actor, by=by, now=now, **details)

    for hour, name in enumerate(["pending", "confirming", "confirmed", "declined", "cancelled"]):
        ask(name, hour)
    for name in ("confirming", "confirmed"):
        start = world.bookings[name].proposals.get().times.get().starts_at
        act(name, Action.ACCEPT, Actor.PROVIDER, start=start)
    bookings.set_up(booking_id=world.bookings["confirmed"].pk, now=now)
    reason = {"reason_code": "other", "reason_text": f"Why {world.marker}", "message": f"Sorry {world.marker}"}
    act("declined", Action.DECLINE, Actor.PROVIDER, **reason)
    act("cancelled", Action.WITHDRAW, Actor.CLIENT)
    act("confirmed", Action.ASK_SUPPORT, Actor.CLIENT, message=f"Wish {world.marker}")
    world.free_start = day + timedelta(hours=6)


def _change_late(world: World, now: datetime) -> None:
    """A late change that was explained with a file, and a review by staff."""
    change = LateChange.objects.create(
        provider=world.provider, booking=world.bookings["confirmed"], kind="cancel", starts_at=now, at=now
    )
    standing.explain(
        late_change=change,
        by=world.people["provider"],
        reason_code="other",
        text=f"Excuse {world.marker}",
        files=[standing.Upload(f"{world.marker}.txt", f"Letter {world.marker}".encode())],
        now=now,
    )
    StandingReview.objects.create(provider=world.provider, late_change=change, opened_at=now)


def _do_staff_work(world: World, now: datetime) -> None:
    StaffAction.objects.create(
        actor=world.people["staff"],
        action="change",
        object_type="marketplace.provider",
        object_id=str(world.provider.pk),
        object_name=f"Provider {world.marker}",
        changes=[{"field": "headline", "old": f"Old {world.marker}", "new": f"New {world.marker}"}],
    )


def _give_credits(world: World, now: datetime) -> None:
    """Sessions cost credits from now on: credits from each source, held for one, spent and earned, the books looked through."""
    client, staff = world.people["client"], world.people["staff"]
    accounts.adopt_policy(policy=replace(accounts_queries.current_policy().policy, price_unit="credits"))
    credits.adjust(member=client, amount=50, reason=f"Why {world.marker}", by=staff, request_key="1", now=now)
    credits.make_voucher(amount=5, by=staff, note=f"Note {world.marker}", now=now)
    hub = Programme.objects.create(name=f"Hub {world.marker}", amount=3)
    credits.join_programme(programme=hub, member=client, now=now)
    voucher = credits.make_voucher(amount=4, by=staff, note=f"Used {world.marker}", now=now)
    credits.redeem(member=world.people["both"], code=voucher.code, now=now)
    large = {"member": client, "amount": 500, "reason": f"Large {world.marker}", "by": staff}
    credits.adjust(**large, request_key="2", now=now)
    held = credits.hold(member=client, amount=2, reference="block:1", key="1", now=now)
    credits.capture(member=client, hold_id=held.pk, earner=world.people["provider"], charged=1, now=now)
    dear = factories.service(world.provider, f"Dear {world.marker}", price=7)
    world.bookings["held"] = bookings.request_session(
        client=client,
        service=dear,
        starts=[world.free_start - timedelta(hours=1)],
        notes=f"Notes {world.marker}",
        now=now,
    )
    _buy_credits(world, now)
    verification.keep([], now=now)


def _buy_credits(world: World, now: datetime) -> None:
    """A purchase that is paid, and part of it on its way back."""
    client, staff = world.people["client"], world.people["staff"]
    purchase = credits.begin_purchase(member=client, credits=10, request_key="buy-1", now=now)
    paid = Event(
        id="evt_1",
        kind="paid",
        what=What.PAID,
        tenant=world.tenant.slug,
        purchase=str(purchase.pk),
        price=900,
        currency="EUR",
    )
    credits.take_event(tenant=world.tenant, provider="test", event=paid, now=now)
    purchase.refresh_from_db()
    why = {"reason": f"Back {world.marker}", "request_key": "back-1"}
    credits.ask_refund(purchase=purchase, credits=5, by=staff, **why, now=now)
