from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from bookings.workflow_document import render


class Command(BaseCommand):
    help = "Write docs/booking-workflow.md from the workflow table."

    def handle(self, *args: Any, **options: Any) -> None:
        """Replace the file."""
        target = settings.BASE_DIR / "docs" / "booking-workflow.md"
        target.write_text(render())
        self.stdout.write(f"Wrote {target.relative_to(settings.BASE_DIR)}.")
