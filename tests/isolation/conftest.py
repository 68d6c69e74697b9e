"""The two tenants of the crawl, made once for each test, and a wall taken away."""

from types import SimpleNamespace

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser

from accounts import tenancy
from accounts.compiled import CompiledQuery
from tests import factories

from . import world
from .crawler import Role

# Who asks at the address of the first tenant. "both" is a member here and staff of the other tenant; "stranger" an owner there.
PARTS = ("client", "other client", "provider", "other provider", "staff", "owner", "both")


@pytest.fixture
def worlds(db, private_files):
    """`mine` and `theirs`: two tenants of the same shape at a stopped clock."""
    with time_machine.travel(factories.NOW, tick=False):
        both = factories.user(name="Bo Both", time_zone="Europe/Prague")
        mine, theirs = (world.found(letter, factories.NOW, both) for letter in "ab")
        for one in (mine, theirs):
            world.mark_every_text(one)
        yield SimpleNamespace(mine=mine, theirs=theirs)


@pytest.fixture
def visitors(worlds):
    """Everybody who can come to the first tenant."""
    mine = worlds.mine
    people = {part: mine.people[part].user for part in PARTS}
    people |= {"guest": AnonymousUser(), "stranger": worlds.theirs.people["stranger"].user}
    return [Role(name, mine, user) for name, user in people.items()]


@pytest.fixture
def no_scopes(monkeypatch):
    """The first wall away: managers add no tenant to what they ask. SQL is written anew each time, so none is left over."""
    monkeypatch.setattr(tenancy.InTenant, "as_sql", lambda *args, **kwargs: ("TRUE", []))
    monkeypatch.setattr(CompiledQuery, "__call__", lambda self, *values: list(self.build(*values)))
