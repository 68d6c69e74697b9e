import pytest

from accounts.enums import Role
from accounts.tenancy import tenant_scope
from tests import factories


@pytest.fixture
def kim(north):
    """A client in Chicago."""
    with tenant_scope(north):
        return factories.member("Kim Okafor", zone="America/Chicago")


@pytest.fixture
def ana(north):
    """A provider in Prague, who reads a 24-hour clock."""
    with tenant_scope(north):
        member = factories.member("Ana Nowak", roles=(Role.PROVIDER,), zone="Europe/Prague")
    member.user.hour_cycle = 24
    member.user.save()
    return member
