"""The five sample marketplaces, made in an empty database."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Tenant
from config.demo import loading
from config.demo.samples import SLUGS
from config.verification import verify_all


class Command(BaseCommand):
    """Make the demo, or put new things to try into one that has grown old. Installations of one's own are left alone."""

    help = "Fill an empty database with five sample marketplaces, their people and what has happened there so far."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--reset-time",
            action="store_true",
            help="in a demo that has grown old: everything that waits to be tried happens again, dated from now",
        )

        parser.add_argument(
            "--processes",
            type=int,
            default=len(SLUGS) if (os.cpu_count() or 1) > 1 else 1,
            help="how many marketplaces are made side by side (default: %(default)s)",
        )

    def handle(self, *args: Any, reset_time: bool, processes: int, **options: Any) -> None:
        """Every date counts from now. Raises CommandError where there is no demo whose time could be reset."""
        settings.DEBUG = False  # else Django keeps a copy of each of some 13,000 statements
        now = timezone.now()
        tenants = set(Tenant.objects.values_list("slug", flat=True))
        is_demo = tenants <= set(SLUGS)
        if reset_time:
            if not tenants or not is_demo:
                raise CommandError(
                    "There is no demo here, so its time can't be reset. Run `make demo-reset` for a new one."
                )
            self._say(loading.reset_time(now=now))
        elif is_demo:
            told = loading.load(now=now, processes=processes)
            if told.marketplaces:
                list(verify_all(now=timezone.now()))  # so that staff see a result before the first night
            self._say(told)
        else:
            self.stdout.write("This database has marketplaces of its own: nothing was changed.")

    def _say(self, told: loading.Told) -> None:
        if not told.marketplaces:
            self.stdout.write("The demo is here already: nothing was changed.")
            return
        self.stdout.write(
            f"{told.marketplaces} sample marketplaces, {told.people} people, {told.requests} requests, {told.mails} mails."
        )
