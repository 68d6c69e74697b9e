from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.test import override_settings

from config.demo import loading
from tests import factories


@contextmanager
def undone():
    """A transaction that is rolled back at the end, and in which scopes may begin theirs, as in Django's TestCase."""
    outer = transaction.atomic()
    outer._from_testcase = True
    with outer:
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """The whole demo, made once for the module; tests only read it. Anything else belongs to another module."""
    mailbox = override_settings(EMAIL_BACKEND="notifications.mailbox.MailboxBackend")
    with django_db_blocker.unblock(), undone(), mailbox:
        yield loading.load(now=factories.NOW)
    with django_db_blocker.unblock():
        connection.close()
