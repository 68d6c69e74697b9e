"""A person's time. Availability is wall clock plus zone, claims are instants, ranges are half-open (decisions.md 20-22)."""

from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from accounts.models import Membership
from accounts.tenancy import TenantForeignKey, TenantModel

from .bitmap import ROW_BITS, from_sql, to_sql
from .enums import ClaimKind

MINUTES_OF_A_DAY = 24 * 60


class Calendar(TenantModel):
    """The time of one member, provider or client. Its row is what rivals queue at (decisions.md 26)."""

    member = TenantForeignKey(Membership, models.PROTECT, related_name="calendars")
    time_zone = models.CharField(max_length=64, help_text="IANA name: the zone of the weekly hours.")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "member"], name="calendar_once")]

    def __str__(self) -> str:
        return f"Calendar of {self.member}"


def _minutes(**kwargs: Any) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(help_text="Minutes since local midnight; 1440 is 24:00.", **kwargs)


class WeeklyHours(TenantModel):
    """Open hours of one weekday, wall clock of the calendar's zone. Monday is 0."""

    calendar = TenantForeignKey(Calendar, models.CASCADE, related_name="weekly_hours")
    weekday = models.PositiveSmallIntegerField()
    opens = _minutes()
    closes = _minutes()

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="weekly_hours_weekday"),
            models.CheckConstraint(
                condition=Q(opens__lt=F("closes")) & Q(closes__lte=MINUTES_OF_A_DAY), name="weekly_hours_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday}: {self.opens}-{self.closes}"


class DateOverride(TenantModel):
    """Other hours on one date, in place of the weekly ones; without hours the person is away (F36)."""

    calendar = TenantForeignKey(Calendar, models.CASCADE, related_name="date_overrides")
    date = models.DateField()
    opens = _minutes(null=True, blank=True)
    closes = _minutes(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(opens=None, closes=None)
                | Q(opens__isnull=False, closes__isnull=False, opens__lt=F("closes"), closes__lte=MINUTES_OF_A_DAY),
                name="date_override_order",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "calendar", "date"], name="date_override_by_date")]

    def __str__(self) -> str:
        return f"{self.date}: {self.opens}-{self.closes}"


class Claim(TenantModel):
    """Something that takes a person's time, buffers included. No two agreed sessions overlap (B1)."""

    calendar = TenantForeignKey(Calendar, models.CASCADE, related_name="claims")
    kind = models.CharField(max_length=8, choices=ClaimKind)
    during = DateTimeRangeField()
    hard = models.GeneratedField(
        expression=Q(kind=ClaimKind.SESSION),  # type: ignore[arg-type] # Q is what Django asks for here
        output_field=models.BooleanField(),
        db_persist=True,
    )
    # Behind row-level security PostgreSQL uses no index for && or upper(): only operators that it knows to leak nothing.
    ends_at = models.GeneratedField(expression=Upper("during"), output_field=models.DateTimeField(), db_persist=True)
    reference = models.CharField(max_length=60, help_text="What took the time, in neutral words: booking:NW-7K4Q.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        constraints = [
            ExclusionConstraint(
                name="claim_no_double_booking",
                index_type="GIST",
                expressions=[
                    ("tenant", RangeOperators.EQUAL),
                    ("calendar", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=Q(hard=True),
            ),
            # An empty range overlaps nothing and would slip through.
            models.CheckConstraint(condition=Q(during__isempty=False), name="claim_takes_time"),
            models.UniqueConstraint(fields=["tenant", "calendar", "kind", "reference", "during"], name="claim_once"),
        ]
        indexes = [
            models.Index(fields=["tenant", "calendar", "ends_at"], name="claim_by_end"),
            models.Index(fields=["tenant", "reference"], name="claim_by_reference"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.during}"


class Block(TenantModel):
    """Time that somebody keeps for themselves; the note is for nobody else. Its claim stands under its reference."""

    calendar = TenantForeignKey(Calendar, models.CASCADE, related_name="blocks")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    note = models.CharField(max_length=120, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="block_order")]
        indexes = [models.Index(fields=["tenant", "calendar", "ends_at"], name="block_by_end")]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} to {self.ends_at:%H:%M}"

    @property
    def reference(self) -> str:
        """Its neutral name on the claim."""
        return f"block:{self.pk}"


class BitmapField(models.Field):
    """A row of the 5-minute grid as `bit(384)`; in Python an int whose bit 0 is the day's first five minutes (UTC)."""

    def db_type(self, connection: Any) -> str:
        return f"bit({ROW_BITS})"

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> int | None:
        return None if value is None else from_sql(value)

    def get_prep_value(self, value: int | None) -> str | None:
        return None if value is None else to_sql(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return value if prepared or isinstance(value, str) else self.get_prep_value(value)


class FreeDay(TenantModel):
    """One UTC day of a calendar, maintained: when open, when busy, when asked for. Derived and rebuildable.

    It covers 32 hours from UTC midnight, so that a session over midnight fits into one row. It only proposes:
    the constraint on Claim decides (decisions.md 22).
    """

    calendar = TenantForeignKey(Calendar, models.CASCADE, related_name="free_days")
    day = models.DateField()
    open = BitmapField()
    busy = BitmapField()
    asked = BitmapField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "calendar", "day"], name="free_day_once")]

    def __str__(self) -> str:
        return f"{self.calendar_id} {self.day}"


class Meeting(TenantModel):
    """The video room of something agreed, under the neutral key of what it is for (`booking:NW-7K4Q`)."""

    key = models.CharField(max_length=60)
    url = models.URLField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="meeting_once")]

    def __str__(self) -> str:
        return self.key
