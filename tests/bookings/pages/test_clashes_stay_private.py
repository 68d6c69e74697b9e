"""Whose time a clash is about is the business of nobody but its owner and staff: not of the other client, another provider,
a stranger, in no page, refusal or mail (S4.4, CK-45, D-3, decisions.md 14).

Zdenka meets Ana, or asks to, at the very time that others want of Ana; Kim meets Ana when Ben wants Kim.
"""

from dataclasses import replace

import pytest

from accounts.queries import current_policy
from accounts.services import adopt_policy
from bookings import services
from bookings.context import TimeOnTable
from bookings.enums import Action, Actor, Status
from bookings.models import Booking
from marketplace import services as marketplace
from notifications import rendering
from notifications.models import EmailMessage
from tests import factories

from .conftest import World, iso, prague, words

CLIENT, PROVIDER = Actor.CLIENT, Actor.PROVIDER
WHEN = prague(26, 15)
AGREED, ASKED, WAITING = "agreed", "asked", "waiting"


class Secret:
    """What stands at that time, and every word of it that others must not read."""

    def __init__(self, world: World, kind: str) -> None:
        with world.inside():
            policy = replace(current_policy().policy, provider_made="needs_client", hides_asked_times=False)
            adopt_policy(policy=policy)
            self.zdenka = factories.member("Zdenka Tichá", credits=0 if kind == WAITING else 1000)
            self.service = factories.service(world.ana, "Quiet counsel", price=40, is_instant=kind == WAITING)
            world.service.refresh_from_db()
        self.booking = self.made(world, kind)
        with world.inside():
            # What is on offer anybody may read; what somebody meets for is another thing.
            marketplace.update_service(service=self.service, is_active=False)
        self.words = ("Zdenka", "Tichá", "Quiet counsel", self.booking.code)

    def made(self, world: World, kind: str) -> Booking:
        if kind == WAITING:
            with world.inside():
                offer = services.sorted_times(self.service, [WHEN])
                who = {"actor": CLIENT, "client": self.zdenka}
                booking = services.begin(action=Action.BOOK, service=self.service, offer=offer, now=world.now, **who)
                assert booking.status == Status.WAITING
                return booking
        asked = world.ask(WHEN, client=self.zdenka, service=self.service)
        return world.confirm(asked) if kind == AGREED else asked


def offer(*starts) -> list[TimeOnTable]:
    return [TimeOnTable(start, 30, 30) for start in starts]


def mails_to(world: World, member) -> str:
    with world.inside():
        rows = EmailMessage.objects.filter(recipient=member).select_related("recipient__user", "tenant")
        written = [rendering.render(row, now=world.now) for row in rows]
    return " ".join(f"{mail.subject} {mail.text}" for mail in written)


def quiet(secret: Secret, *answers) -> None:
    for answer in answers:
        text = words(answer) if hasattr(answer, "content") else answer
        told = [word for word in secret.words if word in text]
        assert not told, f"{told} in: {text[:2000]}"


@pytest.fixture(params=[AGREED, ASKED, WAITING])
def secret(request, world) -> Secret:
    return Secret(world, request.param)


def send_to(world: World, booking: Booking, page: str, who, **sent):
    return world.post(who, f"/bookings/{booking.code}/{page}/", {"seen": world.again(booking).last_sequence, **sent})


def test_who_asks_for_the_time_of_another(world, secret):
    """Profile, typed time, free times as JSON, request page, sending."""
    profile, request = f"/experts/{world.ana.slug}/", f"/experts/{world.ana.slug}/request/"
    asked = f"?service={world.service.pk}&slot={iso(WHEN)}"
    form = {"service": str(world.service.pk), "slot": iso(WHEN), "anyway": iso(WHEN)}
    for who in (world.kim, None):
        quiet(
            secret,
            world.get(who, profile + asked),
            world.get(who, f"{profile}?service={world.service.pk}&own=26+Nov+8am&do=check"),
            world.get(who, f"{profile}slots/?service={world.service.pk}&day=2026-11-26"),
            world.get(who, request + asked),
            world.post(who, request, form),
        )
    quiet(secret, mails_to(world, world.kim))


def test_client_who_is_invited_to_a_time_that_is_taken_meanwhile(world, secret):
    """Ana may have two tables at one time; Kim, who accepts second, only reads that it is gone."""
    elsewhere = world.suggest(world.ask(prague(24, 15)), prague(25, 10))
    with world.inside():
        row = elsewhere.proposals.get(number=2).times.get()
        row.starts_at = WHEN
        row.save()
    accept = f"/bookings/{elsewhere.code}/accept/"
    refused = send_to(world, elsewhere, "accept", world.kim, time=iso(WHEN))
    quiet(
        secret,
        world.get(world.kim, accept),
        refused,
        world.get(world.kim, f"/bookings/{elsewhere.code}/"),
        world.get(world.kim, "/bookings/"),
        mails_to(world, world.kim),
    )


def test_client_who_suggests_or_moves_to_it(world, secret):
    agreed = world.confirm(world.ask(prague(25, 15)))
    for who in (world.kim,):
        quiet(
            secret,
            world.get(who, f"/bookings/{agreed.code}/suggest/?time={iso(WHEN)}"),
            send_to(world, agreed, "suggest", who, time=iso(WHEN), anyway=iso(WHEN), message="?"),
            send_to(world, agreed, "suggest", who, day="26 Nov", at="8am"),
            send_to(world, agreed, "suggest", who, show="", time=iso(WHEN)),
            mails_to(world, who),
        )
    with world.inside():
        adopt_policy(policy=replace(current_policy().policy, reschedule="direct"))
    agreed = world.confirm(world.ask(prague(27, 15)))
    moved = send_to(world, agreed, "reschedule", world.kim, time=iso(WHEN), reason_text="Work")
    quiet(secret, world.get(world.kim, f"/bookings/{agreed.code}/reschedule/?time={iso(WHEN)}"), moved)


def test_client_whose_request_loses_its_time(world, secret):
    """D11: the kind notice names free times and nobody."""
    rival = world.ask(WHEN) if secret.booking.status == Status.PENDING else None
    if rival is None:
        return
    world.act(secret.booking, Action.ACCEPT, start=WHEN, clash_accepted=True)
    refused = send_to(world, rival, "suggest", world.kim, time=iso(WHEN))
    with world.inside():
        services.close_rivals(booking_id=secret.booking.pk, tenant=world.tenant, now=world.now)
    assert world.again(rival).status == Status.DECLINED
    quiet(secret, refused, world.get(world.kim, f"/bookings/{rival.code}/"), mails_to(world, world.kim))


# --- another provider of the same marketplace -----------------------------------------------------------


@pytest.fixture
def ben(world):
    with world.inside():
        return factories.provider("Ben Larsen", zone="Europe/Prague", now=world.now)


@pytest.fixture
def wanted(world, secret, ben) -> Booking:
    """Zdenka asks Ben for the time that she has with Ana."""
    with world.inside():
        service = factories.service(ben, "Tax planning", price=0)
    return world.ask(WHEN, client=secret.zdenka, service=service)


def test_another_provider_does_not_learn_whom_their_client_meets(world, secret, ben, wanted):
    """That she is busy is all: not with whom, not for what (decisions.md 14)."""
    mine = ("Ana Nowak", "Quiet counsel", secret.booking.code)
    refused = send_to(world, wanted, "accept", ben.member, time=iso(WHEN))
    answers = [
        refused,
        world.get(ben.member, f"/bookings/{wanted.code}/accept/"),
        world.get(ben.member, f"/bookings/{wanted.code}/"),
        world.get(ben.member, "/portal/"),
        world.get(ben.member, "/bookings/"),
        world.get(ben.member, f"/bookings/{wanted.code}/suggest/?time={iso(WHEN)}"),
        world.get(ben.member, f"/portal/bookings/new/?client={secret.zdenka.pk}&time={iso(WHEN)}"),
    ]
    for answer in answers:
        assert answer.status_code in (200, 303, 409)
        assert [word for word in mine if word in words(answer)] == []
    told = mails_to(world, ben.member)
    assert [word for word in mine if word in told] == []
    if secret.booking.status != Status.PENDING:
        assert refused.status_code == 409
        assert "Zdenka Tichá has agreed to something else at that time. Choose another time." in words(refused)


@pytest.mark.parametrize("who", ["ben", "lena", "rui"])
def test_strangers_find_nothing(request, world, secret, who):
    """Another provider, another client, somebody of another marketplace: 404, whatever they try (T2)."""
    people = {"ben": lambda: request.getfixturevalue("ben").member, "lena": lambda: world.lena}
    member = people.get(who, lambda: request.getfixturevalue("rui"))()
    for page in ("", "accept/", "decline/", "suggest/", "withdraw/", "cancel/", "reschedule/", "calendar.ics", "join/"):
        path = f"/bookings/{secret.booking.code}/{page}"
        for answer in (world.get(member, path), world.post(member, path, {"time": iso(WHEN), "seen": "1"})):
            assert answer.status_code in (404, 405), path
            assert [word for word in secret.words[:3] if word in words(answer)] == []


# --- and who may know -----------------------------------------------------------------------------------


def test_the_owner_of_the_time_reads_whose_it_is(world, secret):
    """So the silence above is not for want of words."""
    rival = world.ask(WHEN) if secret.booking.status == Status.PENDING else None
    page = f"/bookings/{rival.code}/accept/" if rival else "/portal/"
    text = words(world.get(world.ana.member, page))
    assert "Zdenka Tichá" in text
