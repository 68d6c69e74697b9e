"""Every link of every mail opens a page for its reader, and opening it changes nothing (R-MAIL-1, CK-19)."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from accounts.policies import Policy
from accounts.services import adopt_policy
from bookings import services
from bookings.context import TimeOnTable
from bookings.enums import Action, Actor
from config.dev.scanner import fingerprints
from notifications import rendering
from notifications.models import EmailMessage

from .conftest import prague

CLIENT, PROVIDER = Actor.CLIENT, Actor.PROVIDER


@pytest.fixture
def opened(world):
    """Open every link of the mails since last time, as their readers; returns the kinds of those mails."""
    known = set()

    def opened():
        with world.inside():
            mails = list(EmailMessage.objects.exclude(pk__in=known).select_related("recipient__user", "tenant"))
            known.update(mail.pk for mail in mails)
            links = {(mail.recipient, link) for mail in mails for link in links_of(mail, world.now)}
        assert {mail.recipient for mail in mails} == {reader for reader, _ in links}
        before = fingerprints()
        for reader, link in sorted(links, key=lambda pair: pair[1]):
            address = link.partition("localhost:8000")[2]
            answer = world.client(reader).get(address)
            assert answer.status_code == 200, f"{reader.name}: {link} answers {answer.status_code}"
            stranger = world.client().get(address)
            assert stranger.status_code in (200, 302, 404), link
        assert fingerprints() == before
        return sorted(mail.kind for mail in mails)

    return opened


def links_of(mail, now):
    text = rendering.render(mail, now=now).text
    return [link for link in re.findall(r"https?://\S+", text) if urlsplit(link).netloc == "localhost:8000"]


def rules(world, **changes):
    with world.inside():
        adopt_policy(policy=Policy(**changes))


def offer(*starts):
    return [TimeOnTable(start, 30, 30) for start in starts]


def test_links_from_the_request_to_the_agreement(world, opened):
    rules(world, max_times=2)
    booking = world.ask(prague(25, 10), prague(26, 10))
    assert opened() == ["booking_requested_client", "booking_requested_provider"]
    world.act(booking, Action.SUGGEST, offer=offer(prague(27, 10), prague(27, 11)))
    assert opened() == ["booking_suggested_client"]
    world.act(booking, Action.SUGGEST, CLIENT, offer=offer(prague(27, 14)))
    assert opened() == ["booking_suggested_provider"]
    world.act(booking, Action.ACCEPT, start=prague(27, 14))
    with world.inside():
        services.set_up(booking_id=booking.pk, now=world.now)
    assert opened() == ["booking_confirmed_client", "booking_confirmed_provider"]


def test_links_of_what_comes_to_nothing(world, opened):
    rules(world)
    booking = world.ask(prague(25, 10))
    world.act(booking, Action.DECLINE)
    assert "booking_declined_client" in opened()
    world.act(booking, Action.SUGGEST, offer=offer(prague(26, 10)))
    assert opened() == ["booking_revived_client"]
    world.act(booking, Action.DECLINE, CLIENT)
    assert opened() == ["booking_declined_provider"]
    world.act(world.ask(prague(26, 10)), Action.WITHDRAW)
    assert "booking_withdrawn_provider" in opened()


def test_links_about_another_date(world, opened):
    rules(world)
    booking = world.confirm(world.ask(prague(25, 10)))
    opened()
    world.act(booking, Action.SUGGEST, offer=offer(prague(26, 10), prague(26, 11)))
    assert opened() == ["booking_move_proposed_client"]
    world.act(booking, Action.DECLINE, CLIENT)
    assert opened() == ["booking_move_declined_provider"]
    world.act(booking, Action.SUGGEST, CLIENT, offer=offer(prague(26, 14)))
    assert opened() == ["booking_move_proposed_provider"]
    world.act(booking, Action.ACCEPT, start=prague(26, 14))
    assert opened() == ["booking_moved_client", "booking_moved_provider"]
    world.act(booking, Action.CANCEL, CLIENT, consequences_accepted=True)
    assert opened() == ["booking_cancelled_client", "booking_cancelled_provider"]


def test_links_where_things_are_moved_directly(world, opened):
    rules(world, reschedule="direct")
    booking = world.confirm(world.ask(prague(25, 10)))
    opened()
    world.act(booking, Action.RESCHEDULE, offer=offer(prague(26, 10)), reason_text="A clash")
    assert opened() == ["booking_moved_client", "booking_moved_provider"]


def test_links_where_staff_move_things_and_clients_cancel(world, opened):
    """S1.14, S1.18: to the admin for staff."""
    rules(world, reschedule="via_staff", provider_cancel="ask_client")
    booking = world.confirm(world.ask(prague(25, 10)))
    assert "booking_confirmed_provider" in opened()
    world.act(booking, Action.ASK_SUPPORT, CLIENT, offer=offer(prague(26, 10)), message="We agreed on Thursday.")
    assert opened() == ["booking_support_asked_staff"]
    world.act(booking, Action.ASK_TO_CANCEL, message="I am ill.")
    assert opened() == ["booking_cancel_asked_client", "booking_cancel_asked_provider"]


def test_links_after_the_session(world, opened, clock):
    rules(world, completion="provider")
    booking = world.confirm(world.ask(prague(25, 10)))
    opened()
    clock.move_to(prague(25, 11))
    world.act(booking, Action.NO_SHOW, now=prague(25, 11))
    assert opened() == ["booking_noshow_client"]
    world.act(booking, Action.CONTEST, CLIENT, now=prague(25, 11) + timedelta(minutes=5), message="I waited.")
    assert opened() == ["booking_contested_provider", "booking_contested_staff"]
    done = world.confirm(world.ask(prague(26, 10)))
    opened()
    clock.move_to(prague(26, 11))
    world.act(done, Action.COMPLETE, now=prague(26, 11))
    assert opened() == ["booking_completed_client"]


def test_links_of_what_the_provider_begins(world, opened, clock):
    """S4.14, EM-C6, EM-E9: the invitation, and the way to a new time where providers begin."""
    rules(world, provider_made="needs_client")
    with world.inside():
        booking = services.begin(
            action=Action.INVITE, actor=PROVIDER, client=world.kim, service=world.service, offer=offer(prague(25, 10)),
            now=world.now,
        )  # fmt: skip
    assert opened() == ["booking_invited_client"]
    with world.inside():
        services.remind_to_answer(booking_id=booking.pk, sequence=1, now=world.now + timedelta(hours=24))
    assert opened() == ["booking_answer_reminder_client"]
    clock.move_to(prague(25, 10) + timedelta(seconds=1))
    services.expire_overdue(tenant=world.tenant, now=prague(25, 10) + timedelta(seconds=1))
    assert opened() == ["booking_expired_client", "booking_expired_provider"]
