"""The first marketplace of an installation."""

import pytest
from django.core.management import CommandError, call_command

from accounts.enums import Role
from accounts.models import Membership, Tenant, User
from accounts.queries import current_policy
from accounts.tenancy import tenant_scope


def test_found_tenant_makes_marketplace_rules_and_owner(db, capsys):
    call_command("found_tenant", "alpen", name="Alpen Rat", owner="Eva@example.org", preset="practice")
    tenant = Tenant.objects.get(slug="alpen")
    assert (tenant.name, tenant.code_prefix, tenant.words.provider) == ("Alpen Rat", "AL", "professional")
    with tenant_scope(tenant):
        assert current_policy().number == 1
        assert Membership.objects.get().roles == [Role.OWNER]
    assert User.objects.get().email == "eva@example.org"
    assert capsys.readouterr().out == "Alpen Rat is founded. Eva@example.org signs in with a code by mail.\n"


@pytest.mark.parametrize(
    ("slug", "owner", "sentence"),
    [
        ("north", "eva@example.org", "Tenant with this Slug already exists."),
        ("alpen", "eva", "Enter a valid email address."),
    ],
)
def test_found_tenant_says_what_is_wrong_and_makes_nothing(north, slug, owner, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("found_tenant", slug, name="Alpen Rat", owner=owner)
    assert list(Tenant.objects.all()) == [north]
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("allowed", "warning"),
    [
        (["parley.example", "book.alpen.example"], ""),
        ([".alpen.example"], ""),
        (
            ["parley.example"],
            "book.alpen.example is not in ALLOWED_HOSTS yet: until it is, every request for it is refused with 400.\n",
        ),
    ],
)
def test_found_tenant_warns_of_a_host_that_would_be_refused(db, capsys, settings, allowed, warning):
    settings.ALLOWED_HOSTS = allowed
    call_command("found_tenant", "alpen", name="Alpen Rat", owner="eva@example.org", host="book.alpen.example")
    assert Tenant.objects.get().host == "book.alpen.example"
    assert capsys.readouterr().err == warning
