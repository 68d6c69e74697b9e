"""What was sent, and what could not be."""

from .models import EmailMessage


def mails_about(reference: str) -> list[EmailMessage]:
    """Every mail about one thing ("booking:NW-7K4Q"), oldest first, whatever became of it (D-5)."""
    return list(
        EmailMessage.objects.filter(reference=reference).select_related("recipient").order_by("created_at", "id")
    )
