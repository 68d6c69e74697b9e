"""Claims, the queue before them, the wall behind it, and the free time kept beside them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.enums import Role
from accounts.models import Membership, Tenant, User
from accounts.tenancy import tenant_scope
from calendars import queries, services
from calendars.enums import ClaimKind
from calendars.hours import OpenHours
from calendars.models import Calendar, Claim, FreeDay
from calendars.slots import ReasonCode, SlotRules
from tests import factories

PRAGUE = ZoneInfo("Europe/Prague")
HALF_HOUR = SlotRules(minutes=30, step=30, before=0, after=0, notice_minutes=0, horizon_days=60)
TUESDAY = datetime(2026, 11, 24, tzinfo=PRAGUE)


def at(hour: int, minute: int = 0, day: int = 24) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=PRAGUE).astimezone(UTC)


@pytest.fixture
def calendar(in_north, now):
    member = factories.member("Ana Nowak", roles=(Role.PROVIDER,))
    calendar = services.open_calendar(member=member, time_zone="Europe/Prague")
    services.set_weekly_hours(calendar=calendar, hours=factories.OFFICE_HOURS, now=now)
    return calendar


def tuesday(calendar, now, *, hide_asked=True, rules=HALF_HOUR):
    slots = queries.bookable(
        calendar, rules, since=TUESDAY, until=TUESDAY + timedelta(days=1), now=now, hide_asked=hide_asked
    )
    return [f"{slot.start.astimezone(PRAGUE):%H:%M}{'?' if slot.asked else ''}" for slot in slots]


def claim(calendar, start, end, kind=ClaimKind.SESSION, reference="booking:NO-1"):
    services.claim(calendars=[calendar], start=start, end=end, kind=kind, reference=reference)


def test_weekly_hours_give_the_starts_of_a_day(calendar, now):
    assert tuesday(calendar, now)[:3] == ["09:00", "09:30", "10:00"]
    assert tuesday(calendar, now)[-1] == "16:30"
    assert len(tuesday(calendar, now)) == 16


def test_claim_takes_its_time_out_of_the_starts(calendar, now):
    claim(calendar, at(10), at(11))
    assert [time for time in tuesday(calendar, now) if time < "12"] == ["09:00", "09:30", "11:00", "11:30"]


def test_release_gives_the_time_back(calendar, now):
    claim(calendar, at(10), at(11))
    services.release(reference="booking:NO-1")
    assert len(tuesday(calendar, now)) == 16
    assert not Claim.objects.exists()


def test_asked_time_is_hidden_or_marked(calendar, now):
    claim(calendar, at(10), at(10, 30), ClaimKind.ASKED)
    assert "10:00" not in tuesday(calendar, now)
    assert "10:00?" in tuesday(calendar, now, hide_asked=False)


def test_agreed_session_refuses_an_overlapping_one(calendar):
    claim(calendar, at(10), at(11))
    with pytest.raises(services.TimeTaken):
        claim(calendar, at(10, 30), at(11, 30), reference="booking:NO-2")
    assert Claim.objects.count() == 1


def test_sessions_that_touch_are_allowed(calendar):
    claim(calendar, at(10), at(11))
    claim(calendar, at(11), at(12), reference="booking:NO-2")
    assert Claim.objects.count() == 2


def test_asked_times_may_overlap(calendar):
    claim(calendar, at(10), at(11), ClaimKind.ASKED, "booking:NO-1")
    claim(calendar, at(10), at(11), ClaimKind.ASKED, "booking:NO-2")
    assert Claim.objects.count() == 2


def test_database_refuses_the_overlap_without_any_python(calendar):
    claim(calendar, at(10), at(11))
    with pytest.raises(IntegrityError, match="claim_no_double_booking"), transaction.atomic():
        Claim.objects.create(
            calendar=calendar, kind=ClaimKind.SESSION, during=DateTimeTZRange(at(10), at(10, 5)), reference="x"
        )


def test_database_refuses_an_empty_range(calendar):
    with pytest.raises(IntegrityError, match="claim_takes_time"), transaction.atomic():
        Claim.objects.create(
            calendar=calendar, kind=ClaimKind.BLOCKED, during=DateTimeTZRange(at(10), at(10)), reference="x"
        )


def test_override_replaces_the_hours_of_a_day(calendar, now):
    services.set_override(calendar=calendar, date=date(2026, 11, 24), ranges=[(18 * 60, 19 * 60)], now=now)
    assert tuesday(calendar, now) == ["18:00", "18:30"]


def test_override_without_hours_is_a_day_away(calendar, now):
    services.set_override(calendar=calendar, date=date(2026, 11, 24), ranges=[], now=now)
    assert tuesday(calendar, now) == []


def test_overlapping_hours_are_refused_and_change_nothing(calendar, now):
    hours = [OpenHours(1, 540, 660), OpenHours(1, 600, 720)]
    with pytest.raises(services.UnusableHours) as refused:
        services.set_weekly_hours(calendar=calendar, hours=hours, now=now)
    assert refused.value.sentences == [
        "Tuesday: 9am to 11am and 10am to midday overlap. Change one of them, or make them one."
    ]
    assert len(tuesday(calendar, now)) == 16


def test_another_zone_moves_the_hours_and_keeps_the_claims(calendar, now):
    claim(calendar, at(10), at(11))
    services.set_time_zone(calendar=calendar, time_zone="America/Chicago", now=now)
    assert tuesday(calendar, now)[0] == "16:00"
    assert Claim.objects.get().during.lower == at(10)


def test_buffer_of_a_claim_reaches_over_utc_midnight(in_north, now):
    member = factories.member("Kiri", roles=(Role.PROVIDER,))
    calendar = services.open_calendar(member=member, time_zone="UTC")
    services.set_weekly_hours(calendar=calendar, hours=[OpenHours(day, 0, 1440) for day in range(7)], now=now)
    midnight = datetime(2026, 11, 25, tzinfo=UTC)
    claim(calendar, midnight - timedelta(minutes=30), midnight + timedelta(minutes=30))
    slots = queries.bookable(
        calendar,
        HALF_HOUR,
        since=midnight - timedelta(hours=1),
        until=midnight + timedelta(hours=1),
        now=now,
        hide_asked=True,
    )
    assert [slot.start for slot in slots] == [midnight - timedelta(hours=1), midnight + timedelta(minutes=30)]


def test_maintained_rows_equal_rebuilt_ones(calendar, now):
    """Decision 22: the rows are derived; a full rebuild gives the same."""
    claim(calendar, at(10), at(11))
    claim(calendar, at(23), at(23, 30), ClaimKind.BLOCKED, "block:1")
    claim(calendar, at(12), at(13), ClaimKind.ASKED, "booking:NO-3")
    services.release(reference="block:1")
    kept = list(FreeDay.objects.order_by("day").values_list("day", "open", "busy", "asked"))
    services.set_weekly_hours(calendar=calendar, hours=factories.OFFICE_HOURS, now=now)
    assert list(FreeDay.objects.order_by("day").values_list("day", "open", "busy", "asked")) == kept


def test_extend_free_time_moves_the_window_of_days(calendar, now, north):
    before = set(FreeDay.objects.values_list("day", flat=True))
    later = now + timedelta(days=10)
    assert services.extend_free_time(tenant=north, now=later) == 1
    days = set(FreeDay.objects.values_list("day", flat=True))
    assert min(days) == later.date() - timedelta(days=1)
    assert max(days) == max(before) + timedelta(days=10)
    assert len(days) == len(before)
    assert services.extend_free_time(tenant=north, now=later) == 0


def test_why_not_names_the_reason(calendar, now):
    claim(calendar, at(10), at(11))
    assert queries.why_not(calendar, at(9), HALF_HOUR, now=now, hide_asked=True) is None
    assert queries.why_not(calendar, at(10), HALF_HOUR, now=now, hide_asked=True).code == ReasonCode.BUSY
    assert queries.why_not(calendar, at(20), HALF_HOUR, now=now, hide_asked=True).code == ReasonCode.OUTSIDE_HOURS
    assert (
        queries.why_not(calendar, now - timedelta(days=3), HALF_HOUR, now=now, hide_asked=True).code == ReasonCode.PAST
    )


def test_next_starts_of_many_calendars_are_one_query(calendar, now, django_assert_num_queries):
    closed = services.open_calendar(member=factories.member("Ben"), time_zone="UTC")
    rules = {calendar.pk: HALF_HOUR, closed.pk: HALF_HOUR}
    with django_assert_num_queries(1):
        found = queries.next_starts([calendar, closed], rules, now=now)
    assert found == {calendar.pk: [at(9, 30, 23), at(10, 0, 23), at(10, 30, 23)]}


def test_next_starts_passes_over_full_days(calendar, now):
    claim(calendar, at(0, 0, 23), at(0, 0, 25), ClaimKind.BLOCKED)
    found = queries.next_starts([calendar], {calendar.pk: HALF_HOUR}, now=now, count=2)
    assert found == {calendar.pk: [at(9, 0, 25), at(9, 30, 25)]}


@pytest.fixture
def committed(django_db_blocker, django_db_setup):
    """A calendar in a tenant of its own, committed, for threads with connections of their own; gone afterwards."""
    with django_db_blocker.unblock():
        tenant = Tenant.objects.create(slug="fifty-rivals", name="Rivals", contact_email="a@example.org")
        user = User.objects.create_user("rival@example.org")
        with tenant_scope(tenant):
            member = Membership.objects.create(user=user, name="Ana Nowak")
            calendar = services.open_calendar(member=member, time_zone="Europe/Prague")
        yield tenant, calendar
        with tenant_scope(tenant):
            for model in (Claim, Calendar, Membership):
                model.objects.all().delete()
        EmailAddress.objects.filter(user=user).delete()
        # Raw: Django would look for rows that point here, and those belong to tenants.
        for leftover in (User.objects.filter(pk=user.pk), Tenant.objects.filter(pk=tenant.pk)):
            leftover._raw_delete(leftover.db)
        connection.close()


def test_fifty_rivals_for_one_time_have_one_winner_and_no_deadlock(committed):
    """F60 at the level of claims; the HTTP run is tests/bookings/test_race.py."""
    tenant, calendar = committed
    rivals, rounds = 50, 3
    gate = Barrier(rivals)

    def take(number: int) -> list[str]:
        outcomes = []
        for turn in range(rounds):
            gate.wait()
            start = at(10) + timedelta(days=turn)
            try:
                with tenant_scope(tenant):
                    services.claim(
                        calendars=[calendar],
                        start=start,
                        end=start + timedelta(minutes=30 + number % 3 * 15),
                        kind=ClaimKind.SESSION,
                        reference=f"rival:{number}",
                    )
                outcomes.append("won")
            except services.TimeTaken:
                outcomes.append("taken")
        connection.close()
        return outcomes

    with ThreadPoolExecutor(rivals) as pool:
        results = list(pool.map(take, range(rivals)))
    for turn in range(rounds):
        assert [result[turn] for result in results].count("won") == 1
        assert [result[turn] for result in results].count("taken") == rivals - 1
