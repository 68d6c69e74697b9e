"""Who has to answer is reminded half-way and three hours before the end, while the proposal still waits (EM-E2, X8)."""

from datetime import timedelta

import pytest
import time_machine

from accounts.policies import Policy
from accounts.services import adopt_policy
from bookings import services
from bookings.context import TimeOnTable
from bookings.effects.later import REMIND_TOPIC, reminders_of
from bookings.enums import Action, Actor
from bookings.services.deadlines import time_left
from bookings.tasks import remind_to_answer
from notifications import relay, rendering
from notifications.models import EmailMessage, OutboxMessage


@pytest.fixture(autouse=True)
def two_days(in_north):
    """48 hours to answer."""
    adopt_policy(policy=Policy(answer_window_hours=48, provider_made="needs_client"))


def due():
    """When reminders are due, oldest first."""
    return list(OutboxMessage.objects.filter(topic=REMIND_TOPIC).order_by("due_at").values_list("due_at", flat=True))


def remind(booking, sequence, now):
    services.remind_to_answer(booking_id=booking.pk, sequence=sequence, now=now)


def reminders():
    mails = EmailMessage.objects.filter(kind__startswith="booking_answer_reminder").order_by("created_at")
    return [
        (mail.recipient.name, rendering.render(mail, now=mail.created_at).subject)
        for mail in mails.select_related("recipient__user", "tenant")
    ]


def test_a_request_is_followed_by_two_reminders_of_its_provider(ask, at, scene):
    """EM-E2: 9:14 on Monday plus 48 hours; half-way, and three hours before the end."""
    booking = ask(at(27, 10))
    half, last = scene.now + timedelta(hours=24), scene.now + timedelta(hours=45)
    assert due() == [half, last]
    remind(booking, 1, half)
    remind(booking, 1, last)
    by = "by Wed 25 Nov, 9:14am (Prague)"
    assert reminders() == [
        ("Ana Nowak", f"24 hours left to answer Kim Okafor: {by}"),
        ("Ana Nowak", f"3 hours left to answer Kim Okafor: {by}"),
    ]


def test_the_client_is_reminded_of_what_the_provider_offers(ask, act, at, scene):
    """X8: both sides; the new table has reminders of its own, and those of the old one fall silent."""
    booking = ask(at(27, 10))
    later = scene.now + timedelta(hours=1)
    act(booking, Action.SUGGEST, Actor.PROVIDER, now=later, offer=[TimeOnTable(at(27, 11), 30, 30)])
    remind(booking, 1, scene.now + timedelta(hours=24))
    assert reminders() == []
    remind(booking, 2, later + timedelta(hours=24))
    assert reminders() == [("Kim Okafor", "24 hours left to answer Ana Nowak: by Wed 25 Nov, 3:14am (Chicago)")]


def test_a_proposed_move_is_reminded_of_with_what_stands(ask, act, at, scene):
    """T23: not answering leaves the agreed time."""
    booking = act(ask(at(27, 10)), Action.ACCEPT, start=at(27, 10))
    services.set_up(booking_id=booking.pk, now=scene.now)
    act(booking, Action.SUGGEST, Actor.CLIENT, offer=[TimeOnTable(at(27, 11), 30, 30)])
    booking.refresh_from_db()
    remind(booking, booking.last_sequence, scene.now + timedelta(hours=24))
    mail = EmailMessage.objects.select_related("recipient__user", "tenant").get(kind="booking_answer_reminder_provider")
    text = rendering.render(mail, now=scene.now).text
    assert "If you don't, Fri 27 Nov, 10am (Prague) stays as it is.\n" in text
    assert "- Stands now: Fri 27 Nov, 10am to 10:30am" in text
    assert "- Proposed: Fri 27 Nov, 11am to 11:30am" in text


def test_a_time_that_has_passed_is_not_asked_for_again(ask, at, scene):
    """Decisions 9: of several times, those that dropped out meanwhile."""
    adopt_policy(policy=Policy(answer_window_hours=48, max_times=2))
    booking = ask(at(24, 9), at(27, 10))
    remind(booking, 1, scene.now + timedelta(hours=24))
    mail = EmailMessage.objects.select_related("recipient__user", "tenant").get(kind="booking_answer_reminder_provider")
    text = rendering.render(mail, now=scene.now).text
    assert "Time, yours first (Prague):\n- Fri 27 Nov, 10am to 10:30am" in text
    assert "Tue 24 Nov" not in text


@pytest.mark.parametrize(
    ("action", "actor", "is_chosen"),
    [
        (Action.ACCEPT, Actor.PROVIDER, True),
        (Action.DECLINE, Actor.PROVIDER, False),
        (Action.WITHDRAW, Actor.CLIENT, False),
    ],
)
def test_nobody_is_reminded_of_what_is_settled(ask, act, at, scene, action, actor, is_chosen):
    booking = ask(at(27, 10))
    act(booking, action, actor, **({"start": at(27, 10)} if is_chosen else {}))
    remind(booking, 1, scene.now + timedelta(hours=24))
    assert reminders() == []


def test_nobody_is_reminded_when_the_time_is_up_or_too_early(ask, at, scene):
    booking = ask(at(27, 10))
    remind(booking, 1, scene.now + timedelta(hours=23))
    remind(booking, 1, scene.now + timedelta(hours=48))
    assert reminders() == []


def test_a_reminder_is_sent_once_however_often_its_job_runs(ask, at, scene):
    """W2; and where both are late, one mail tells what is left."""
    booking = ask(at(27, 10))
    remind(booking, 1, scene.now + timedelta(hours=46))
    remind(booking, 1, scene.now + timedelta(hours=46, minutes=59))
    assert [subject[:12] for _, subject in reminders()] == ["2 hours left"]


def test_a_short_time_to_answer_has_no_reminders(at, scene):
    """Somebody who has less than six hours was told a moment ago."""
    made = at(23, 10)
    assert reminders_of(made, made + timedelta(hours=5, minutes=59)) == []
    assert reminders_of(made, made + timedelta(hours=6)) == [made + timedelta(hours=3)] * 2
    assert reminders_of(made, made + timedelta(hours=8)) == [made + timedelta(hours=4), made + timedelta(hours=5)]


def test_the_worker_does_it_when_it_is_due(ask, at, scene):
    """The job names the booking and the event; it runs through the same relay as mails."""
    ask(at(27, 10))
    half = scene.now + timedelta(hours=24)
    handlers = {REMIND_TOPIC: remind_to_answer, "notifications.email": lambda work: None}
    with time_machine.travel(half - timedelta(minutes=1), tick=False):
        relay.run_tenant(scene.tenant, handlers, now=half - timedelta(minutes=1))
    assert reminders() == []
    with time_machine.travel(half, tick=False):
        relay.run_tenant(scene.tenant, handlers, now=half)
    assert [name for name, _ in reminders()] == ["Ana Nowak"]


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(180, "3 hours"), (179, "3 hours"), (60, "1 hour"), (10, "1 hour"), (47 * 60, "47 hours"), (84 * 60, "3 days")],
)
def test_what_is_left_in_words(minutes, words):
    assert time_left(timedelta(minutes=minutes)) == words
