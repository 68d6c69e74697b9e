"""Hours in the staff's admin. Changes go through the services, so that free time follows at once (decisions.md 22)."""

import re
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.administration import ReadOnlyInline, StaffForm, TenantModelAdmin
from accounts.zones import countries_by_zone

from . import services
from .hours import DAY_MINUTES, OpenHours, check_ranges, check_shown
from .models import Calendar, DateOverride

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_RANGE = re.compile(r"^\s*(\d{1,2})(?::(\d{2}))?\s*(?:-|–|to)\s*(\d{1,2})(?::(\d{2}))?\s*$")


class HoursField(forms.CharField):
    """Hours of one day as people write them: "9:00-12:00, 13:00-18:00"; empty is closed. Cleans to (opens, closes) minutes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, widget=forms.TextInput(attrs={"class": "vTextField"}), **options)

    def prepare_value(self, value: Any) -> str:
        return value if isinstance(value, str) else in_words(value or [])

    def clean(self, value: str) -> list[tuple[int, int]]:
        return [_minutes(part) for part in (super().clean(value) or "").split(",") if part.strip()]

    def has_changed(self, initial: Any, data: str | None) -> bool:
        try:
            return self.clean(data or "") != list(initial or [])
        except ValidationError:
            return True


def in_words(ranges: list[tuple[int, int]]) -> str:
    """Minutes of a day as they are typed: "9:00-12:00, 13:00-18:00"."""
    return ", ".join(f"{_clock(opens)}-{_clock(closes)}" for opens, closes in ranges)


class CalendarForm(StaffForm):
    """Weekly hours, one line a day, and other hours on one date."""

    time_zone = forms.ChoiceField(choices=lambda: [(zone, zone) for zone in sorted(countries_by_zone())])
    monday = HoursField()
    tuesday = HoursField()
    wednesday = HoursField()
    thursday = HoursField()
    friday = HoursField()
    saturday = HoursField()
    sunday = HoursField()
    date = forms.DateField(
        label="Other hours on", required=False, widget=AdminDateWidget, help_text="One date that differs from the week."
    )
    date_hours = HoursField(label="Hours on that date", help_text="Empty: away all day.")

    class Meta:
        model = Calendar
        fields = ["time_zone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row in self.instance.weekly_hours.order_by("weekday", "opens"):
            self.initial.setdefault(WEEKDAYS[row.weekday], []).append((row.opens, row.closes))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if sentences := check_ranges([*self.weekly(), *self.on_date()]):
            raise ValidationError(sentences)
        if data.get("time_zone") and (skipped := check_shown(self.on_date(), ZoneInfo(data["time_zone"]))):
            self.add_error("date_hours", skipped)
        if data.get("date_hours") and not data.get("date"):
            self.add_error("date", "Choose the date these hours are for.")
        return data

    def weekly(self) -> list[OpenHours]:
        """The week as it was typed."""
        return [
            OpenHours(weekday, *hours)
            for weekday, name in enumerate(WEEKDAYS)
            for hours in self.cleaned_data.get(name) or []
        ]

    def on_date(self) -> list[OpenHours]:
        """The hours of the one date, if there is one."""
        day: date | None = self.cleaned_data.get("date")
        return [OpenHours(day, *hours) for hours in self.cleaned_data.get("date_hours") or []] if day else []


class OverrideInline(ReadOnlyInline):
    """Dates with other hours, from today on."""

    model = DateOverride
    fields = ["date", "hours"]
    ordering = ["date", "opens"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).filter(date__gte=timezone.now().date())

    def hours(self, override: DateOverride) -> str:
        return "away" if override.opens is None else in_words([(override.opens, override.closes)])


@admin.register(Calendar)
class CalendarAdmin(TenantModelAdmin):
    """When people can be booked."""

    title = "hours"
    can_change = True
    form = CalendarForm
    fields = ["member", "time_zone", *WEEKDAYS, "date", "date_hours", "why"]
    readonly_fields = ["member"]
    inlines = [OverrideInline]
    list_display = ["member", "time_zone"]
    list_select_related = ["member"]
    search_fields = ["member__name", "time_zone"]
    ordering = ["member__name", "id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("member")

    def save_model(self, request: HttpRequest, obj: Calendar, form: CalendarForm, change: bool) -> None:
        """Zone, week and date, each through its service and only when it changed."""
        now, changed = timezone.now(), set(form.changed_data)
        if "time_zone" in changed:
            services.set_time_zone(calendar=obj, time_zone=form.cleaned_data["time_zone"], now=now)
        if changed.intersection(WEEKDAYS):
            services.set_weekly_hours(calendar=obj, hours=form.weekly(), now=now)
        if form.cleaned_data["date"]:
            services.set_override(
                calendar=obj, date=form.cleaned_data["date"], ranges=form.cleaned_data["date_hours"], now=now
            )


def _minutes(text: str) -> tuple[int, int]:
    match = _RANGE.match(text)
    if match is None:
        raise ValidationError(f"“{text.strip()}” is not a time span. Write it like 9:00-12:00.")
    hour, minute, end_hour, end_minute = (int(part or 0) for part in match.groups())
    opens, closes = hour * 60 + minute, end_hour * 60 + end_minute
    if max(minute, end_minute) > 59 or max(opens, closes) > DAY_MINUTES:
        raise ValidationError(f"“{text.strip()}” is outside of the day: it runs from 0:00 to 24:00.")
    return opens, closes


def _clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"
