"""Look through every tenant's books."""

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.formatting import plural
from config.verification import laws, verify_all


class Command(BaseCommand):
    """Ask every law of every tenant. Ends with 0 when all hold, with 1 when one does not; changes no credit."""

    help = "Check that credits and bookings of every marketplace add up; the exit status is 1 when something does not."

    def handle(self, *args: Any, **options: Any) -> None:
        """One line for each tenant, and below it each law that does not hold, how often and where."""
        broken = 0
        for tenant, findings in verify_all(now=timezone.now()):
            broken += len(findings)
            told = (
                f"{plural(len(findings), 'law does', 'laws do')} not hold"
                if findings
                else f"all {len(laws())} laws hold"
            )
            self.stdout.write(f"{tenant.slug}: {told}")
            for finding in findings:
                self.stdout.write(f"  {finding.law}  {finding.says} Broken {plural(finding.count, 'time')}:")
                self.stdout.writelines(f"      {example}" for example in finding.examples)
        sys.exit(1 if broken else 0)
