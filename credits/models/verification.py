from django.db import models

from accounts.tenancy import TenantModel


class Verification(TenantModel):
    """One run of `manage.py verify` over a tenant: when, and what did not hold. Append-only (reliability.md 6.10)."""

    at = models.DateTimeField()
    findings = models.JSONField(
        default=list, help_text="Each with its law, how often, and examples; empty when all holds."
    )

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "-at"], name="verification_by_time")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
