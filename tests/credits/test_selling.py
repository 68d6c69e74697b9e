"""Putting prices in force, changes of credits told by mail, what beat tidies up, and answers after the commit."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory

from accounts.afterwards import Afterwards
from accounts.middleware import TenantScopeMiddleware
from accounts.policies import Pack, Selling
from accounts.queries import current_policy
from accounts.tenancy import tenant_scope
from credits import services, tasks
from credits.models import Purchase, RequestKey
from notifications.models import EmailMessage
from notifications.rendering import render
from tests import factories

from .buying import begin, sell

KEYS = {"north": {"secret_key": "sk", "webhook_secret": "whsec"}}


def command(*words):
    out = StringIO()
    call_command("sell_credits", *words, stdout=out)
    return out.getvalue()


def selling_of(tenant):
    with tenant_scope(tenant):
        return current_policy().policy.selling


def test_prices_are_put_in_force_and_taken_out(north, settings):
    settings.STRIPE_KEYS = KEYS
    packs = ["--pack", "100:9000", "--pack", "50:4750"]
    said = command("north", *packs, "--each", "100", "--currency", "eur", "--note", "VAT 1")
    assert said == "Northwind Mentors sells credits from now on.\n"
    assert selling_of(north) == Selling(
        provider="stripe",
        currency="EUR",
        packs=(Pack(50, 4750), Pack(100, 9000)),
        credit_price=100,
        receipt_note="VAT 1",
    )
    assert command("north", "--stop") == "Northwind Mentors sells no credits from now on.\n"
    assert selling_of(north) is None


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nowhere", "--each", "1"], "There is no marketplace nowhere."),
        (["north"], "Name a pack or the price of one credit"),
        (["north", "--each", "-1"], "Name a pack or the price of one credit"),
        (["north", "--each", "100000000"], "Name a pack or the price of one credit"),
        (["north", "--each", "1", "--currency", "XYZ"], "XYZ is no currency"),
        (["north", "--pack", "5:1", "--pack", "5:2"], "Two packs have as many credits."),
        (["north", "--pack", "5"], "must be credits:price"),
        (["north", "--pack", "0:5"], "must be credits:price"),
        (["south", "--each", "1"], "stripe is not switched on for south"),
        (["south", "--each", "1", "--provider", "test"], "Nothing costs credits at Southgate Consult."),
    ],
)
def test_prices_that_nobody_could_pay_are_refused(north, south, settings, words, sentence):
    settings.STRIPE_KEYS = KEYS
    with pytest.raises(CommandError, match=sentence):
        command(*words)
    assert selling_of(north) is None


@pytest.mark.parametrize(
    ("amount", "change", "before", "after"), [(30, "+30", 10, 40), (-10, "\N{MINUS SIGN}10", 10, 0)]
)
def test_a_change_by_support_is_told_with_before_and_after(people, give, now, amount, change, before, after):
    """EM-C26."""
    give(10)
    services.adjust(
        member=people.kim, amount=amount, reason="Two <b>calls</b>", by=people.sam, request_key="2", now=now
    )
    mail = EmailMessage.objects.filter(kind="credits_adjusted").order_by("created_at").last()
    told = render(mail, now=now)
    assert told.subject == f"Support changed your credits by {change}"
    for part in (f"Before: {before}", f"To use now: {after}", "> Two <b>calls</b>"):
        assert part in told.text
    assert "&lt;b&gt;" in told.html


def test_what_waits_for_a_second_person_is_told_when_it_moves(people, now):
    """L10: nothing has changed before."""
    asked = services.adjust(member=people.kim, amount=500, reason="Why", by=people.sam, request_key="2", now=now)
    assert EmailMessage.objects.filter(kind="credits_adjusted").count() == 0
    services.approve(adjustment=asked, by=people.ida, now=now)
    assert EmailMessage.objects.get(kind="credits_adjusted").context["before"] == 0


def test_beat_forgets_keys_and_closes_what_nobody_paid(north, now):
    with tenant_scope(north):
        sell()
        begin(factories.member("Kim Okafor", credits=0), now)
    with time_machine.travel(now + timedelta(days=3), tick=False):
        assert tasks.tidy(north) == 0
    with time_machine.travel(now + timedelta(days=3, seconds=1), tick=False):
        assert tasks.tidy(north) == 2
    with tenant_scope(north):
        assert (Purchase.objects.get().state, RequestKey.objects.count()) == ("lapsed", 0)


def test_an_answer_that_comes_afterwards_is_made_outside_of_the_transaction(north):
    outside, depths = len(connection.savepoint_ids), []

    def view(request):
        depths.append(len(connection.savepoint_ids))

        def finish():
            depths.append(len(connection.savepoint_ids))
            return HttpResponse("later")

        return Afterwards(finish)

    request = RequestFactory().get("/")
    request.tenant, request.user = north, type("Guest", (), {"is_authenticated": False})()
    assert TenantScopeMiddleware(view)(request).content == b"later"
    assert depths == [outside + 1, outside]
