"""The five sample marketplaces on a running site with a worker, as `make run` starts them, on a database of their own."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tests.databases import committed_database
from tests.site import ROOT, Site, running_site, stop


@pytest.fixture(scope="session")
def demo_site(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Site]:
    """The demo of this session, dated from now. Tests share it, so each books times of its own."""
    folder = tmp_path_factory.mktemp("demo-site")
    with django_db_blocker.unblock():
        name = re.sub(r"\W", "_", f"{connection.settings_dict['NAME']}_demo")
        with committed_database(name) as environment:
            local = {
                "DJANGO_SETTINGS_MODULE": "config.settings.local",
                "DEBUG": "0",
                "SECRET_KEY": settings.SECRET_KEY,
            }
            with running_site({**environment, **local}, "--workers=1", "--threads=8", log=folder / "web.log") as site:
                subprocess.run([sys.executable, "manage.py", "demo"], cwd=ROOT, env=site.environment, check=True)
                with _worker_with_beat(site, folder):
                    yield site


@contextmanager
def _worker_with_beat(site: Site, folder: Path) -> Iterator[None]:
    """The worker of `make run`: a doorbell wakes it, and beat lets it look every five seconds."""
    command = [sys.executable, "-m", "celery", "--app=tests.browser.worker", "--quiet", "worker", "--pool=threads"]
    command += ["--concurrency=2", "--without-mingle", "--without-gossip", "--loglevel=warning"]
    command += [f"--schedule-filename={folder / 'beat-schedule'}"]
    with (folder / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=site.environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield
    finally:
        stop(process)
