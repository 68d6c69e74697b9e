"""`manage.py serve`: the same as `make run` without looking after the environment."""

from typing import Any

from django.core.management.base import BaseCommand

from config.embedded import serve


class Command(BaseCommand):
    """Web, worker and beat with readable logs until Ctrl-C, on tables and demo data brought up to date."""

    help = "Run all of Parley for development. PORT and HOST choose where."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Does not return: this process becomes the one that serves (config/embedded/serve.py)."""
        serve.become()
