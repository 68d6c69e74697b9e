"""Rows of several tables in one statement: all or nothing, and in their tenant only (T1, T3)."""

import pytest
from django.db import IntegrityError, transaction

from accounts.inserts import insert_together
from accounts.tenancy import TenantMixUp, tenant_scope
from calendars.models import Calendar, WeeklyHours
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
