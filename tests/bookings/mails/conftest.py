"""Which mails each change sent, to whom, with which calendar file."""

import pytest

from accounts.enums import Role
from bookings import services
from bookings.enums import Action, Actor, Status
from notifications.models import EmailMessage
from tests import factories
from tests.worlds import kept

from .reading import RUI, file_of, read


@pytest.fixture
def post():
    """The mails since it was last asked: (to, kind, file), each of them rendered."""
    known = set()

    def post():
        mails = EmailMessage.objects.exclude(pk__in=known).select_related("recipient__user", "tenant").order_by("kind")
        news = list(mails)
        known.update(mail.pk for mail in news)
        for mail in news:
            read(mail)
        return [(mail.recipient.name, mail.kind, file_of(mail)) for mail in news]

    return post


@pytest.fixture
def said(post):
    """The subject and the text of the newest mail of a kind."""

    def said(kind):
        mail = EmailMessage.objects.select_related("recipient__user", "tenant").filter(kind=kind).latest("created_at")
        written = read(mail)
        return f"{written.subject}\n\n{written.text}"

    return said


@pytest.fixture
def agreed(ask, act, at, scene, post):
    """A confirmed session on Wed 25 Nov, 10am in Prague, or another day; its mails are read."""

    def agreed(start=None, **more):
        booking = act(ask(start or at(25, 10), **more), Action.ACCEPT, start=start or at(25, 10))
        services.set_up(booking_id=booking.pk, now=scene.now)
        booking.refresh_from_db()
        assert booking.status == Status.CONFIRMED
        post()
        return booking

    return agreed


@pytest.fixture
def rui(scene):
    return kept(RUI, lambda tenant: factories.member(RUI, roles=(Role.STAFF,), zone="Europe/Lisbon"), scene.tenant)


@pytest.fixture
def staff(scene, rui):
    """Do something as staff."""

    def staff(booking, action, now=None, **details):
        return services.perform(
            booking=booking,
            action=action,
            actor=Actor.STAFF,
            by=rui,
            now=now or scene.now,
            reason_text="Ana is ill",
            **details,
        )

    return staff
