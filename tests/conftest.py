"""Every test body runs as the runtime role, behind both walls; only the schema is made by the owner."""

import gc
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import connection
from django.urls import set_script_prefix

from accounts.tenancy import tenant_scope
from bookings.models import EvidenceFile
from tests import factories
from tests.databases import migrated_database
from tests.scheduling import GroupsByFile
from tests.worlds import kept

# Fixtures of the whole session: the browser and running sites.
pytest_plugins = ["tests.site", "tests.browser.chromium", "tests.browser.demo_site"]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> GroupsByFile:
    """Processes of pytest-xdist share the tests as tests/scheduling.py says."""
    return GroupsByFile(config, log)


def pytest_collection_finish() -> None:
    """What is there by now stays to the end: looking through it again and again for garbage took a tenth of all time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, django_db_modify_db_settings):
    """The owner made the test database; from here on every connection is the runtime role."""
    facts = connection.settings_dict
    with django_db_blocker.unblock(), migrated_database(facts["TEST"]["NAME"]):
        facts["OPTIONS"]["assume_role"] = settings.RUNTIME_ROLE
        with django_db_blocker.block():
            yield
        connection.close()
        del facts["OPTIONS"]["assume_role"]


@pytest.fixture(autouse=True)
def _script_prefix():
    yield
    set_script_prefix("/")


@pytest.fixture
def now():
    """The clock of the demo (ux.md 6): Monday 23 November 2026, 9:14 in Prague."""
    return datetime(2026, 11, 23, 8, 14, tzinfo=UTC)


@pytest.fixture
def north(db):
    return kept("north", lambda: factories.tenant("north", name="Northwind Mentors", preset="mentors"))


@pytest.fixture
def south(db):
    return kept("south", lambda: factories.tenant("south", name="Southgate Consult", preset="consult"))


@pytest.fixture
def in_north(north):
    with tenant_scope(north):
        yield north


@pytest.fixture
def no_rls(db):
    """The owner's role: row-level security is enabled, not forced, so the owner looks through it."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        yield
        cursor.execute(f"SET ROLE {settings.RUNTIME_ROLE}")


@pytest.fixture
def private_files(tmp_path, monkeypatch):
    """The folder for what members hand in, empty and of this test alone."""
    folder = tmp_path / "files"
    folder.mkdir()
    monkeypatch.setattr(EvidenceFile._meta.get_field("file"), "storage", FileSystemStorage(folder))
    return folder
