"""Kim, who has an account, and a browser in which nobody is signed in (PG-20)."""

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
