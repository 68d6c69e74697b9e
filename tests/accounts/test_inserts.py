"""Rows of several tables in one statement: all or nothing, and in their tenant only (T1, T3)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.inserts import insert_together
from accounts.tenancy import TenantMixUp, tenant_scope
from calendars.enums import ClaimKind
from calendars.models import Calendar, Claim, WeeklyHours
from tests import factories
from tests.statements import recorded


def rows(member, opens=540):
    calendar = Calendar(member=member, time_zone="Europe/Prague")
    hours = [WeeklyHours(calendar=calendar, weekday=day, opens=opens, closes=1020) for day in range(2)]
    return [calendar, *hours]


def test_rows_of_two_tables_are_one_statement(in_north):
    made = rows(factories.member("Ana Nowak"))
    with recorded() as sent:
        insert_together(*made)
    assert len(sent) == 1
    assert [row._state.adding for row in made] == [False] * 3
    assert list(Calendar.objects.all()) == made[:1]
    assert [row.weekday for row in made[0].weekly_hours.order_by("weekday")] == [0, 1]


def test_one_that_is_refused_refuses_all(in_north):
    with pytest.raises(IntegrityError, match="weekly_hours_order"), transaction.atomic():
        insert_together(*rows(factories.member("Ana Nowak"), opens=1020))
    assert not Calendar.objects.exists()


def test_a_row_of_another_tenant_is_refused(north, south):
    with tenant_scope(north):
        made = rows(factories.member("Ana Nowak"))
    with tenant_scope(south), pytest.raises(TenantMixUp):
        insert_together(*made)


def test_a_row_that_is_there_already_is_left_out_once(in_north):
    calendar, *hours = rows(factories.member("Ana Nowak"))
    insert_together(calendar, *hours)
    again = WeeklyHours(id=hours[0].id, calendar=calendar, weekday=0, opens=600, closes=1020)
    insert_together(*rows(factories.member("Ben Abel")), again, once=True)
    assert Calendar.objects.count() == 2
    assert WeeklyHours.objects.get(pk=hours[0].pk).opens == 540


def test_ranges_moments_and_words_arrive_as_they_are(in_north):
    calendar = Calendar(member=factories.member("Ana Nowak"), time_zone="Europe/Prague")
    during = DateTimeTZRange(datetime(2026, 3, 29, 0, 30, 0, 1, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC))
    claim = Claim(calendar=calendar, kind=ClaimKind.ASKED, during=during, reference='booking:"é\\{}%s')
    insert_together(calendar, claim)
    kept = Claim.objects.get()
    assert (kept.during, kept.reference, kept.kind) == (during, 'booking:"é\\{}%s', ClaimKind.ASKED)
    assert (kept.hard, kept.ends_at) == (False, during.upper)


def test_a_value_without_a_form_in_json_is_refused(in_north):
    calendar = Calendar(member=factories.member("Ana Nowak"), time_zone="Europe/Prague")
    with pytest.raises(TypeError, match="a timedelta"):
        insert_together(Claim(calendar=calendar, kind=ClaimKind.ASKED, during=timedelta(hours=1), reference="x"))
