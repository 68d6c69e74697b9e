"""Credits in the staff's admin: the ledger to read, never to write (PG-84)."""

from django.contrib import admin

from accounts.administration import TenantModelAdmin

from .models import Verification


@admin.register(Verification)
class VerificationAdmin(TenantModelAdmin):
    """Each time the books were looked through, and what did not hold (reliability.md 6.10)."""

    title = "checks of the books"
    fields = ["at", "result"]
    readonly_fields = ["result"]
    list_display = ["at", "result"]
    ordering = ["-at", "-id"]

    @admin.display(description="result")
    def result(self, verification: Verification) -> str:
        """One sentence for each law that did not hold, with the first places."""
        if not verification.findings:
            return "All laws hold."
        return "\n".join(
            f"{found['law']}: {found['says']} Broken {found['count']} times, such as at {', '.join(found['examples'])}."
            for found in verification.findings
        )
