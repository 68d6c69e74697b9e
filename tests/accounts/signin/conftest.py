"""Who signs in, up and out in tests, and their browser (PG-20, PG-21, PG-22)."""

import pytest

from accounts.models import User
from accounts.tenancy import tenant_scope
from tests import factories

from .people import Browser, with_password


@pytest.fixture
def kim(north) -> User:
    with tenant_scope(north):
        member = factories.member("Kim Okafor")
    return with_password(member.user)


@pytest.fixture
def browser(north, client) -> "Browser":
    return Browser(client, north)
