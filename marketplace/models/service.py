from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Mod
from django.db.models.lookups import Exact

from accounts.tenancy import TenantForeignKey, TenantModel
from calendars.bitmap import GRID_MINUTES

from ..enums import Place
from ..validators import on_grid
from .provider import Provider


def _minutes(least: int, most: int, **options: Any) -> models.PositiveSmallIntegerField:
    limits = [
        MinValueValidator(least, f"Enter {least} minutes or more."),
        MaxValueValidator(most, f"Enter {most} minutes or less."),
    ]
    return models.PositiveSmallIntegerField(validators=[*limits, on_grid], **options)


class Service(TenantModel):
    """What a provider offers: a length, a price, a place and the rules of its times (S0.9, S4.15)."""

    provider = TenantForeignKey(Provider, models.CASCADE, related_name="services")
    topic = TenantForeignKey("marketplace.Topic", models.PROTECT, null=True, blank=True, related_name="services")
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=300, blank=True)
    minutes = _minutes(5, 480, help_text="Length of a session.")
    price = models.PositiveIntegerField(default=0, help_text="In whole credits; 0 where the tenant takes none.")
    place = models.CharField(max_length=10, choices=Place, default=Place.VIDEO)
    step_minutes = _minutes(5, 240, default=30, help_text="Sessions begin at multiples of this.")
    buffer_before = _minutes(0, 120, default=0, help_text="Minutes kept free before.")
    buffer_after = _minutes(0, 120, default=0, help_text="Minutes kept free after.")
    notice_minutes = models.PositiveIntegerField(default=0, help_text="Shortest time between asking and start.")
    hides_asked_times = models.BooleanField(
        null=True, blank=True, help_text="Whether a time that somebody asked for is hidden; empty: as the tenant says."
    )
    is_instant = models.BooleanField(default=False, help_text="Booked at once, without the provider's answer (T7b).")
    is_active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            # With the provider, so that a booking of it can point at "this service, which is theirs".
            models.UniqueConstraint(fields=["tenant", "id", "provider"], name="service_says_provider"),
            models.CheckConstraint(condition=Q(minutes__gte=5, minutes__lte=480), name="service_minutes"),
            models.CheckConstraint(condition=Q(step_minutes__gte=5, step_minutes__lte=240), name="service_step"),
            models.CheckConstraint(condition=Q(buffer_before__lte=120, buffer_after__lte=120), name="service_buffers"),
            models.CheckConstraint(
                condition=Exact(
                    Mod(F("minutes"), GRID_MINUTES)
                    + Mod(F("step_minutes"), GRID_MINUTES)
                    + Mod(F("buffer_before"), GRID_MINUTES)
                    + Mod(F("buffer_after"), GRID_MINUTES),
                    Value(0),
                ),
                name="service_on_grid",
            ),
        ]

    def __str__(self) -> str:
        return self.name
