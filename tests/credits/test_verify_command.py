"""`manage.py verify`, the same each night, and what staff see of it (reliability.md 6.10)."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test import Client

from accounts.enums import Role
from accounts.tenancy import tenant_scope
from config import tasks
from config.verification import laws
from credits import queries, services
from credits.models import Programme
from tests import factories

NIGHT = datetime(2026, 11, 24, 3, 20, tzinfo=UTC)


@pytest.fixture
def staff(north, south):
    """Staff of one of two tenants; credits of the other one are out of step."""
    with tenant_scope(south):
        ida = factories.member("Ida Berg", roles=(Role.STAFF,))
        services.adjust(member=ida, amount=5, reason="Why", by=ida, request_key="1", now=NIGHT)
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE credits_wallet DROP CONSTRAINT wallet_is_last_entry")
            cursor.execute("UPDATE credits_wallet SET balance = 6 WHERE kind = 'available'")
            cursor.execute("SET ROLE parley_app")
    with tenant_scope(north):
        return factories.member("Sam Doyle", roles=(Role.STAFF,))


def test_the_command_says_what_does_not_hold_and_where(staff, capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("verify")
    told = capsys.readouterr().out.splitlines()
    assert ended.value.code == 1
    assert told[0] == f"north: all {len(laws())} laws hold"
    assert told[1] == "south: 1 law does not hold"
    assert told[2].startswith("  L3  A wallet holds what its last entry says")
    assert told[2].endswith("Broken 1 time:")
    assert told[3].startswith("      wallet ")


def test_the_command_ends_with_0_when_all_holds(north, capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("verify")
    assert ended.value.code == 0


@pytest.mark.parametrize(("slug", "count"), [("north", 0), ("south", 1)])
def test_staff_see_the_result_of_the_night_on_their_front_page(staff, north, south, slug, count):
    with time_machine.travel(NIGHT, tick=False):
        assert tasks.verify_books_task() == 1
    tenant = {"north": north, "south": south}[slug]
    with tenant_scope(tenant):
        ida = factories.member("Nia Night", roles=(Role.STAFF,))
        last = queries.last_verification()
    visitor = Client()
    visitor.force_login(ida.user)
    with time_machine.travel(datetime(2026, 11, 24, 8, 30, tzinfo=UTC), tick=False):
        front = visitor.get(f"/t/{slug}/admin/")
    queue = next(queue for queue in front.context["queues"] if queue.label == "Laws of the books that don't hold")
    assert (queue.count, queue.hint) == (count, "Looked through 5 hours ago")
    shown = visitor.get(f"/t/{slug}/admin/credits/verification/{last.pk}/change/")
    assert ("Broken 1 times, such as at wallet" in shown.content.decode()) is bool(count)


def test_allowances_are_given_by_the_clock(north):
    with tenant_scope(north):
        kim = factories.member(credits=0)
        with time_machine.travel(NIGHT, tick=False):
            services.join_programme(
                programme=Programme.objects.create(name="Acme Care", amount=6), member=kim, now=NIGHT
            )
    with time_machine.travel(datetime(2026, 12, 1, 8, 30, tzinfo=UTC), tick=False):
        assert tasks.give_allowances_task() == 1
    with tenant_scope(north):
        assert queries.balances(kim).available == 12
