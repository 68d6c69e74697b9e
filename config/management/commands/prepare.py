"""What a development database needs before it is served."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config.demo import loading as demo
from config.embedded.parents import die_with_parent


class Command(BaseCommand):
    """Bring the tables up to date and fill an empty database with the demo; quick and silent when both are done."""

    help = "Migrate when needed, and make the demo data when there is none."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Ends with the exit code of `migrate` or `demo` when one of them fails."""
        if self._has_pending_migrations():
            self.stdout.write("Making the tables ...")
            self._run("migrate", "--verbosity=0")
        if demo.is_needed():
            self.stdout.write("Filling five demo tenants ...")
            self._run("demo")
        if mark := os.environ.get("PARLEY_PREPARING"):
            Path(mark).unlink(missing_ok=True)

    def _has_pending_migrations(self) -> bool:
        executor = MigrationExecutor(connection)
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))

    def _run(self, *words: str) -> None:
        """In a process of its own, because `migrate` connects as another role."""
        connection.close()
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_ROLE"}
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "manage.py", *words],
            cwd=settings.BASE_DIR,
            env=environment,
            preexec_fn=die_with_parent(signal.SIGTERM),
            check=False,
        )
        if done.returncode:
            self.stderr.write(f"`manage.py {words[0]}` failed: the lines above say why.")
            sys.exit(done.returncode)
