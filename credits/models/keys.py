from django.db import models

from accounts.models import Membership
from accounts.tenancy import TenantForeignKey, TenantModel


class RequestKey(TenantModel):
    """A form or a call of the API that was sent with a key, and what came of it (reliability.md 6.5)."""

    actor = TenantForeignKey(Membership, models.PROTECT, related_name="+")
    key = models.CharField(max_length=255)
    asked = models.CharField(max_length=64, help_text="SHA-256 of what was asked for.")
    result = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "actor", "key"], name="request_key_once")]
        indexes = [models.Index(fields=["tenant", "at"], name="request_key_by_age")]

    def __str__(self) -> str:
        return self.key
