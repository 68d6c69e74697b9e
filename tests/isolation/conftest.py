"""The two tenants of the crawl, and a wall taken away."""

from shutil import copytree
from types import SimpleNamespace

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser

from accounts import tenancy
from accounts.compiled import CompiledQuery
from tests import factories
from tests.worlds import kept

from . import world
from .crawler import Role

# Who asks at the address of the first tenant. "both" is a member here and staff of the other tenant; "stranger" an owner there.
PARTS = ("client", "other client", "provider", "other provider", "staff", "owner", "both")


@pytest.fixture(scope="session")
def handed_in(tmp_path_factory):
    """The files that belong to the rows of both tenants."""
    return tmp_path_factory.mktemp("handed-in")


@pytest.fixture
def worlds(db, private_files, handed_in):
    """`mine` and `theirs`: two tenants of the same shape at a stopped clock."""

    def make():
        both = factories.user(name="Bo Both", time_zone="Europe/Prague")
        mine, theirs = (world.found(letter, factories.NOW, both) for letter in "ab")
        for one in (mine, theirs):
            world.mark_every_text(one)
        copytree(private_files, handed_in, dirs_exist_ok=True)
        return SimpleNamespace(mine=mine, theirs=theirs)

    with time_machine.travel(factories.NOW, tick=False):
        found = kept("the worlds of the crawl", make)
        copytree(handed_in, private_files, dirs_exist_ok=True)
        yield found


@pytest.fixture
def visitors(worlds):
    """Everybody who can come to the first tenant."""
    mine = worlds.mine
    people = {part: mine.people[part].user for part in PARTS}
    people |= {"guest": AnonymousUser(), "stranger": worlds.theirs.people["stranger"].user}
    return [Role(name, mine, user) for name, user in people.items()]


@pytest.fixture
def no_scopes(monkeypatch):
    """The first wall away: managers add no tenant to what they ask. SQL that is kept with a tenant in it is written anew."""
    write, written = CompiledQuery._written.func, {}

    def without(query):
        if query not in written:
            written[query] = write(query)
        return written[query]

    monkeypatch.setattr(CompiledQuery, "_written", property(without))
    monkeypatch.setattr(tenancy.InTenant, "as_sql", lambda *args, **kwargs: ("TRUE", []))
