"""A provider invites a client to times (PG-39)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from accounts.enums import Role
from accounts.models import Membership, User
from accounts.queries import current_policy
from accounts.services import adopt_policy
from accounts.tenancy import tenant_scope
from bookings.models import Proposal
from calendars import services as calendars
from calendars.enums import ClaimKind
from calendars.services import Span
from notifications.models import EmailMessage
from tests import factories

from ..conftest import iso, prague, values, words
from .making import PATH, WED, ana


def test_an_invitation_waits_for_the_client(world, form, made):
    """S4.14-S4.17: service, date, time, length, price in credits, message; the client has to agree (EM-C6)."""
    client = world.client(ana(world))
    answer = client.post(world.url(PATH), form(WED, prague(26, 15)))

    (booking,) = made()
    assert (answer.status_code, answer.url) == (303, world.url(f"/bookings/{booking.code}/"))
    assert (booking.status, booking.client, booking.starts_at) == ("pending", world.kim, None)
    with world.inside():
        proposal = Proposal.objects.get(booking=booking)
        times = [(time.starts_at, time.minutes, time.price) for time in proposal.times.all()]
        event = booking.events.get()
        mails = list(EmailMessage.objects.filter(reference=booking.reference).values_list("kind", "recipient"))
    assert proposal.made_by == "provider"
    assert times == [(WED, 45, 40), (prague(26, 15), 45, 40)]
    assert (event.name, event.message) == ("Expert approval", "Shall we look at your books?")
    assert mails == [("booking_invited_client", world.kim.pk)]
    assert "You invited Kim Okafor, who is told by mail and has to answer." in words(client.get(answer.url))


def test_the_effect_is_said_before(world, form):
    page = words(world.post(ana(world), PATH, form(show="")))

    assert "Nobody else sees this time until Kim Okafor answers." in page
    assert "Kim Okafor is told by mail and has to answer." in page


def test_nobody_chosen_yet_still_makes_sentences(world, form):
    effects = [line.text for line in world.post(ana(world), PATH, form(client=None, show="")).context["so_far"].effects]

    assert effects == [
        "Nobody else sees this time until the user answers.",
        "The user is told by mail and has to answer.",
    ]


def test_choosing_asks_for_the_summary_alone(world, form, made):
    """With script only the summary is fetched anew (R-HX-4)."""
    client = world.client(ana(world))

    answer = client.post(world.url(PATH), form(show=""), headers={"HX-Request": "true"})

    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<div id="so-far"')
    assert "Wed 25 Nov, 3pm to 3:45pm" in words(answer)
    assert made() == []


def test_pressing_twice_invites_once(world, form, made):
    sent = form(request_key="k1")

    answers = [world.post(ana(world), PATH, sent) for _ in range(2)]

    assert len(made()) == 1
    assert answers[0].url == answers[1].url


def test_somebody_new_is_invited_by_address(world, form, made):
    """They become a client without a password; a code by mail signs them in."""
    answer = world.post(ana(world), PATH, form(client="new", email="Priya@Example.org", name="Priya Raman"))

    (booking,) = made()
    assert answer.status_code == 303
    assert (booking.client.name, booking.client.user.email) == ("Priya Raman", "priya@example.org")
    assert booking.client.roles == [Role.CLIENT]
    assert not booking.client.user.has_usable_password()


def test_pressing_twice_for_somebody_new_invites_once(world, form, made):
    sent = form(client="new", email="priya@example.org", name="Priya Raman", request_key="k1")

    for _ in range(2):
        assert world.post(ana(world), PATH, sent).status_code == 303

    assert len(made()) == 1


def test_a_member_invited_by_address_keeps_their_name(world, form, made):
    world.post(ana(world), PATH, form(client="new", email=world.lena.user.email, name="Somebody"))

    assert made()[0].client == world.lena
    with world.inside():
        assert Membership.objects.get(pk=world.lena.pk).name == "Lena Hartmann"


def test_somebody_of_another_marketplace_joins_this_one(world, form, made, rui, north):
    world.post(ana(world), PATH, form(client="new", email=rui.user.email, name="Rui"))

    assert made()[0].client.user == rui.user
    assert made()[0].client != rui
    with tenant_scope(north):
        assert Membership.objects.filter(user=rui.user).count() == 1


def test_who_is_refused_leaves_nobody_behind(world, form, made):
    sent = form(prague(23, 9), client="new", email="priya@example.org", name="Priya Raman")

    answer = world.post(ana(world), PATH, sent)

    assert answer.status_code == 409
    assert "has passed" in words(answer)
    assert not User.objects.filter(email="priya@example.org").exists()
    assert values(answer, "email") == ["priya@example.org"]


def test_strangers_are_invited_up_to_the_days_number(world, form, made, later):
    """PG-39, F110: the policy's number in 24 hours; who is known is not counted, nor is the same one asked twice."""
    with world.inside():
        adopt_policy(policy=replace(current_policy().policy, new_addresses_per_day=2))
    numbers = iter(range(10))

    def invite(email):
        start = WED + timedelta(days=next(numbers))
        return world.post(ana(world), PATH, form(start, client="new", name="Somebody New", email=email))

    assert [invite(email).status_code for email in ("one@example.org", "two@example.org")] == [303, 303]
    third = invite("three@example.org")
    assert third.status_code == 422
    assert (
        "You have invited 2 new people in 24 hours: more are not possible. You can invite the next one from Tue 24 Nov, "
        "9:14am. People who know you are not counted."
    ) in words(third)
    assert [invite(email).status_code for email in ("two@example.org", world.kim.user.email)] == [303, 303]
    assert len(made()) == 4

    later(hours=24)
    assert invite("three@example.org").status_code == 303


def test_a_suspended_member_is_not_invited(world, form, made):
    with world.inside():
        Membership.objects.filter(pk=world.lena.pk).update(suspended_at=world.now)

    answer = world.post(ana(world), PATH, form(client="new", email=world.lena.user.email, name="Lena"))

    assert answer.status_code == 422
    assert "This person takes no part here at the moment." in words(answer)
    assert made() == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"client": None}, "Choose who it is for, or somebody else by email."),
        ({"client": "new", "name": "Priya"}, "Enter the email address of the person"),
        ({"client": "new", "email": "priya@example.org"}, "Enter the name of the person"),
        ({"client": "new", "email": "priya", "name": "Priya"}, "email address"),
        ({"time": []}, "Choose a time first."),
        ({"time": ["x"]}, "We could not read this time."),
        ({"minutes": "7"}, "Enter a length in minutes"),
        ({"price": "-1"}, "Enter a whole number, like 30."),
        ({"message": "x" * 2001}, "This is too long: 2000 characters fit, these are 2001."),
        ({"time": [iso(prague(25, n)) for n in (9, 11, 13, 15)]}, "You can suggest 3 times at most."),
        ({"day": "2026-11-25", "at": "nonsense"}, "like Thu 2pm or 26 Nov 14:00"),
        ({"add": "typed"}, "Enter a day and a time first"),
    ],
)
def test_what_can_not_be_sent_is_said_and_everything_typed_stays(world, form, made, change, sentence):
    answer = world.post(ana(world), PATH, form(**{"message": "Keep me.", **change}))

    assert answer.status_code == 422
    assert sentence in words(answer)
    assert change.get("message", "Keep me.")[:2000] in answer.text
    assert made() == []


def test_nobody_invites_themselves(world, form, made):
    answer = world.post(ana(world), PATH, form(client="new", email=ana(world).user.email, name="Me"))

    assert answer.status_code == 422
    assert "You can't book a meeting with yourself." in words(answer)


def test_outside_the_own_hours_is_possible_with_a_warning(world, form, made):
    typed = world.post(ana(world), PATH, form(time=[], day="2026-11-25", at="8pm", add="typed"))

    assert typed.context["so_far"].chosen[0].warning == "This is outside your hours."
    assert "This is how we read the time you typed." in words(typed)
    assert world.post(ana(world), PATH, form(prague(25, 20))).status_code == 303


def test_over_something_of_their_own_needs_the_tick(world, form, made):
    with world.inside():
        calendars.take([Span(world.ana.calendar, WED, prague(25, 16))], kind=ClaimKind.BLOCKED, reference="blocked:1")

    refused, accepted = (world.post(ana(world), PATH, form(**more)) for more in ({}, {"clash_accepted": "on"}))

    assert refused.status_code == 422
    assert "This overlaps time you blocked on Wed 25 Nov, 3pm." in words(refused)
    assert accepted.status_code == 303


def test_over_an_agreed_session_is_refused(world, form, made):
    other = world.confirm(world.ask(WED, client=world.lena))

    answer = world.post(ana(world), PATH, form(clash_accepted="on"))

    assert answer.status_code == 409
    assert f"You have agreed to {other.service.name} with Lena Hartmann ({other.code}) on Wed 25 Nov, 3pm." in words(
        answer
    )
    assert [booking for booking in made() if booking.pk != other.pk] == []


def test_a_follow_up_points_at_the_booking_before(world, form, made, known):
    answer = world.get(ana(world), f"{PATH}?client={world.kim.pk}&again={known.code}")
    assert values(answer, "again") == [known.code]

    world.post(ana(world), PATH, form(again=known.code))

    assert made()[0].earlier_id == known.pk


def test_a_booking_of_somebody_else_is_no_earlier_one(world, form, made):
    with world.inside():
        other = factories.provider("Olga Other", now=world.now)
        service = factories.service(other)
    foreign = world.ask(prague(26, 10), service=service, client=world.lena)

    world.post(ana(world), PATH, form(again=foreign.code))

    assert [booking.earlier_id for booking in made() if booking.pk != foreign.pk] == [None]
