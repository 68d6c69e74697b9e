"""Dates that Django writes by itself, in the staff's administration (PG-81)."""

from datetime import date, datetime

from django.utils.formats import date_format


def test_the_administration_writes_all_dates_alike():
    assert date_format(datetime(2026, 11, 21, 22, 34), "DATETIME_FORMAT") == "2026-11-21 22:34"
    assert date_format(date(2026, 11, 21), "DATE_FORMAT") == "2026-11-21"
