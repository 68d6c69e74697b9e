"""The world of the simulation: two providers, three clients, staff, a few policies, and everything it holds in one look."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from accounts.compiled import CompiledQuery
from accounts.enums import Role
from accounts.policies import CancelTier, Policy, Reason
from accounts.presets import PRESETS
from accounts.tenancy import tenant_scope
from bookings.effects.time import with_buffers
from bookings.enums import ProposalState
from bookings.models import Booking, BookingEvent, LateChange, Proposal, ProposalTime, SupportRequest
from calendars.enums import ClaimKind
from calendars.models import Calendar, Claim
from notifications.models import EmailMessage
from tests import factories

PRAGUE = ZoneInfo("Europe/Prague")
# Just before clocks change in Europe and America, in both directions.
SEASONS = {
    "autumn": datetime(2026, 10, 22, 7, 30, tzinfo=UTC),
    "spring": datetime(2027, 3, 25, 8, 30, tzinfo=UTC),
}
STRICT = Policy(
    max_times=3,
    answer_lead_hours=24,
    hides_asked_times=False,
    cancel_reason="required",
    cancel_reasons=(Reason("ill", "I am ill"), Reason("other", "Something else", asks_text=True)),
    client_cancel_tiers=(CancelTier(48, 100), CancelTier(0, 50, 25)),
    late_change_hours=120,
    completion="both",
    provider_made="needs_client",
)
POLICIES = {**{name: preset.policy for name, preset in PRESETS.items()}, "strict": STRICT}
POLICIES["strict-direct"] = replace(STRICT, reschedule="direct", provider_made="confirmed", logistics="manual")
POLICIES["strict-asking"] = replace(STRICT, provider_cancel="ask_client", completion="automatic", answer_lead_hours=0)


class Writes:
    """Notices every statement that may have written something; a wrapper around the connection's statements."""

    _READS = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", "SET ")

    def __init__(self):
        self.some = True

    def __call__(self, execute, sql, params, many, context):
        self.some = self.some or not str(sql).lstrip("( \n").startswith(self._READS)
        return execute(sql, params, many, context)

    def seen(self) -> bool:
        """Whether there were any since this was asked last."""
        some, self.some = self.some, False
        return some


def found(begin: datetime) -> SimpleNamespace:
    """Make the tenant and its people at `begin` (UTC). Needs the database."""
    tenant = factories.tenant("simulated")
    with tenant_scope(tenant):
        ana = factories.provider("Ana Nowak", now=begin)
        ben = factories.provider("Ben Roth", zone="Europe/London", now=begin)
        services = [
            factories.service(ana, "Tax planning", price=30),
            factories.service(ana, "A whole hour", minutes=60, price=80, hides_asked_times=False),
            factories.service(ben, "With room around it", minutes=60, buffer_before=15, buffer_after=30),
            factories.service(ben, "At once", price=10, is_instant=True),
        ]
        # Ben asks Ana, too: one person's two roles share one time.
        # Kim has plenty of credits, Lena soon too few, Ben none.
        clients = [
            factories.member("Kim Okafor"),
            factories.member("Lena Hartmann", zone="Asia/Tokyo", credits=100),
            ben.member,
        ]
        staff = factories.member("Support", roles=(Role.STAFF,))
    return SimpleNamespace(tenant=tenant, begin=begin, services=services, clients=clients, staff=staff)


def start_of(number: int, now: datetime) -> datetime:
    """One of a few starts from today on, so that people often want the same; both providers are open then (UTC)."""
    days, half_hours = divmod(number, 4)
    day = now.astimezone(PRAGUE).date() + timedelta(days=days)
    working_day = day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
    return datetime.combine(working_day, time(10), PRAGUE).astimezone(UTC) + timedelta(minutes=30 * half_hours)


# The look is taken after every step, so its SQL is written once.
_WITH = ("service", "provider__member", "client__user", "policy_version")
_bookings = CompiledQuery(lambda: Booking.objects.select_related(*_WITH))
_events = CompiledQuery(lambda: BookingEvent.objects.order_by("sequence"))
_proposals = CompiledQuery(lambda: Proposal.objects.order_by("number"))
_times = CompiledQuery(lambda: ProposalTime.objects.order_by("position"))
_claims = CompiledQuery(lambda: Claim.objects.order_by("during"))
_late_changes = CompiledQuery(lambda: LateChange.objects.select_related("provider"))
_wishes = CompiledQuery(lambda: SupportRequest.objects.all())
_calendars = CompiledQuery(lambda: Calendar.objects.only("pk", "member"))
_mails = CompiledQuery(lambda: EmailMessage.objects.only("pk"))


@dataclass(frozen=True)
class World:
    """Every row that a step can change."""

    bookings: dict
    events: dict
    proposals: dict
    times: dict
    claims: dict
    late: list
    wishes: list
    calendar_of: dict
    mails: int

    @classmethod
    def load(cls, in_order: dict) -> "World":
        """Look at everything in the scope's tenant; `in_order` are the bookings' keys as they were made."""
        times = _grouped(_times(), "proposal_id")
        rows = _proposals()
        return cls(
            bookings={row.pk: row for row in sorted(_bookings(), key=lambda row: in_order[row.pk])},
            events=_grouped(_events(), "booking_id"),
            proposals=_grouped(rows, "booking_id"),
            times={row.pk: times[row.pk] for row in rows},
            claims=_grouped(_claims(), "reference"),
            late=_late_changes(),
            wishes=_wishes(),
            calendar_of={row.member_id: row.pk for row in _calendars()},
            mails=len(_mails()),
        )

    def fingerprint(self) -> tuple:
        """Equal for worlds in which nothing has changed."""
        return (
            [
                tuple(getattr(row, field.attname) for field in row._meta.concrete_fields)
                for row in self.bookings.values()
            ],
            {key: len(rows) for key, rows in self.events.items()},
            [(row.pk, row.state, row.closed_at) for rows in self.proposals.values() for row in rows],
            sorted(claim.pk for rows in self.claims.values() for claim in rows),
            [(row.pk, row.state) for row in (*self.late, *self.wishes)],
            self.mails,
        )

    def open_proposal(self, booking):
        """The proposal that waits for an answer, if there is one."""
        return next((row for row in self.proposals.get(booking.pk, []) if row.state == ProposalState.OPEN), None)

    def sessions_of(self, calendar_id):
        """What is agreed in a calendar."""
        rows = [claim for rows in self.claims.values() for claim in rows if claim.kind == ClaimKind.SESSION]
        return [claim.during for claim in rows if claim.calendar_id == calendar_id]

    def span(self, booking, row):
        """What the provider's calendar gives for a time of the table (UTC)."""
        return with_buffers(booking, SimpleNamespace(starts_at=row.starts_at, ends_at=_end(row)))


def _end(row):
    return row.starts_at + timedelta(minutes=row.minutes)


def _grouped(rows, name) -> dict:
    found = {}
    for row in rows:
        found.setdefault(getattr(row, name), []).append(row)
    return found
