"""PG-39: a provider invites a client, or books at once where the marketplace has it so (T12, S3.12, S4.14-S4.17, D16)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from accounts.enums import Role
from accounts.models import Membership, User
from accounts.queries import current_policy
from accounts.services import adopt_policy
from accounts.tenancy import tenant_scope
from bookings.models import Booking, Proposal
from calendars import services as calendars
from calendars.enums import ClaimKind
from calendars.services import Span
from notifications.models import EmailMessage
from tests import factories

from .conftest import iso, prague, values, words

PATH = "/portal/bookings/new/"
WED = prague(25, 15)


@pytest.fixture
def known(world):
    """Kim has asked Ana before: a client of hers."""
    return world.ask(prague(24, 10))


@pytest.fixture
def form(world, known):
    def form(*starts, **more):
        sent = {
            "client": str(world.kim.pk),
            "service": str(world.service.pk),
            "terms_of": str(world.service.pk),
            "minutes": "45",
            "price": "40",
            "time": [iso(start) for start in starts or (WED,)],
            "message": "Shall we look at your books?",
        }
        return {name: value for name, value in (sent | more).items() if value is not None}

    return form


@pytest.fixture
def made(world, known):
    def made() -> list[Booking]:
        with world.inside():
            return list(Booking.objects.exclude(pk=known.pk).select_related("client__user").order_by("created_at"))

    return made


def provider_made(world, way):
    with world.inside():
        adopt_policy(policy=replace(current_policy().policy, provider_made=way))


@pytest.fixture
def at_once(world):
    provider_made(world, "confirmed")


def ana(world):
    return world.ana.member


# --- showing ------------------------------------------------------------------------------------------


def test_the_page_offers_own_clients_services_and_free_times(world, known):
    page = world.get(ana(world), PATH).context["page"]

    assert [choice.label for choice in page.clients] == ["Kim Okafor", "Somebody else, by email"]
    assert [choice.label for choice in page.services] == ["Tax planning"]
    assert page.picker.near[0].value
    assert page.button == "Send invitation"


def test_an_address_fills_the_form(world, known):
    answer = world.get(ana(world), f"{PATH}?client={world.kim.pk}&service={world.service.pk}&at={iso(WED)}")

    assert values(answer, "client") == [str(world.kim.pk), "new"]
    assert [choice.checked for choice in answer.context["page"].clients] == [True, False]
    assert answer.context["so_far"].chosen[0].label == "Wed 25 Nov, 3pm to 3:30pm"
    assert "8am to 8:30am in Chicago" in answer.context["so_far"].chosen[0].other
    assert values(answer, "minutes") == ["30"]
    assert values(answer, "price") == ["30"]


@pytest.mark.parametrize(
    "query", ["client=x", "client=01a00000-0000-7000-8000-000000000000", "service=x", "at=x", "again=x"]
)
def test_garbage_in_the_address_is_no_error(world, known, query):
    assert world.get(ana(world), f"{PATH}?{query}").status_code == 200


def test_a_member_who_was_never_a_client_is_not_shown_by_id(world, known):
    """T2: an id tells nothing about people one has nothing to do with."""
    page = world.get(ana(world), f"{PATH}?client={world.lena.pk}")

    assert "Lena" not in words(page)


def test_clients_of_other_providers_are_not_found(world, known):
    with world.inside():
        other = factories.provider("Olga Other", now=world.now)
        factories.service(other)

    answer = world.post(other.member, PATH, {"show": "", "find": "kim"})

    assert "None of your users is called so." in words(answer)
    assert "Kim Okafor" not in words(answer)


def test_finding_a_client_by_name_keeps_what_was_typed(world, form):
    world.ask(prague(26, 10), client=world.lena)

    answer = world.post(ana(world), PATH, form(client=None, find="len", show="", message="Hello"))

    assert [choice.label for choice in answer.context["page"].clients] == ["Lena Hartmann", "Somebody else, by email"]
    assert "Hello" in answer.text
    assert values(answer, "minutes") == ["45"]
    assert answer.context["so_far"].chosen[0].label == "Wed 25 Nov, 3pm to 3:45pm"


def test_another_service_brings_its_own_length_and_price(world, form, made):
    with world.inside():
        long = factories.service(world.ana, "Deep dive", minutes=90, price=80)

    usual = {"minutes": str(world.service.minutes), "price": str(world.service.price)}
    answer = world.post(ana(world), PATH, form(service=str(long.pk), **usual))

    assert answer.status_code == 200
    assert "You chose something else to offer. Check length and price, then send." in words(answer)
    assert (values(answer, "minutes"), values(answer, "price")) == (["90"], ["80"])
    assert made() == []


@pytest.mark.parametrize("pressed", [{"show": ""}, {}])
def test_typed_length_and_price_outlive_another_service(world, form, made, pressed):
    """R-FORM-5: nothing that was typed is lost, whether the times are looked at first or it is sent at once."""
    with world.inside():
        long = factories.service(world.ana, "Deep dive", minutes=90, price=80)

    answer = world.post(ana(world), PATH, form(service=str(long.pk), minutes="50", price="33", **pressed))

    assert (values(answer, "minutes"), values(answer, "price")) == (["50"], ["33"])
    assert made() == []


def test_looking_and_choosing_changes_nothing(world, form):
    before = world.state()
    world.get(ana(world), f"{PATH}?client={world.kim.pk}&at={iso(WED)}")
    world.post(ana(world), PATH, form(show=""))
    world.post(ana(world), PATH, form(add="typed", day="2026-11-26", at="3pm"))

    assert world.state() == before


def test_who_is_no_provider_finds_nothing_here(world, known):
    for who in (world.kim, world.sam):
        assert world.get(who, PATH).status_code == 404
    assert world.client().get(world.url(PATH)).status_code == 302


def test_where_clients_ask_themselves_the_page_says_so(world, form, made):
    provider_made(world, "off")

    shown, sent = world.get(ana(world), PATH), world.post(ana(world), PATH, form())

    assert (shown.status_code, sent.status_code) == (200, 422)
    assert "Here users ask for a meeting themselves." in words(shown)
    assert made() == []


def test_a_provider_without_anything_to_offer_is_told_so(world, known):
    with world.inside():
        other = factories.provider("Olga Other", now=world.now)

    assert "You offer nothing at the moment" in words(world.get(other.member, PATH))


def test_the_page_takes_few_queries_for_any_number_of_clients(world, known, django_assert_max_num_queries):
    client, address = world.client(ana(world)), world.url(PATH)
    client.get(address)
    with django_assert_max_num_queries(16) as one:
        client.get(address)
    world.ask(prague(26, 10), client=world.lena)
    with django_assert_max_num_queries(len(one)):
        client.get(address)


# --- inviting -----------------------------------------------------------------------------------------


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


# --- booking at once ----------------------------------------------------------------------------------


def test_booked_at_once(world, form, made, at_once):
    """S3.12: confirmed at once; length and price as the provider said."""
    answer = world.post(ana(world), PATH, form())

    (booking,) = made()
    assert answer.status_code == 303
    assert (booking.status, booking.starts_at, booking.minutes, booking.price) == ("confirming", WED, 45, 40)
    with world.inside():
        assert [event.name for event in booking.events.all()] == ["Booked by organizer"]


def test_booking_at_once_says_what_it_does(world, form, at_once):
    answer = world.post(ana(world), PATH, form(show=""))

    assert answer.context["page"].button == "Book this meeting"
    assert answer.context["page"].picker.kind == "radio"
    assert "Wed 25 Nov, 3pm is kept for Kim Okafor in your calendar." in words(answer)
    assert "has to answer" not in words(answer)


def test_booking_at_once_takes_one_time(world, form, made, at_once):
    answer = world.post(ana(world), PATH, form(WED, prague(26, 15)))

    assert answer.status_code == 422
    assert "Only one time is possible here. Remove the others." in words(answer)
    assert made() == []


def test_the_client_who_is_busy_then_is_not_booked(world, form, made, at_once):
    with world.inside():
        other = factories.provider("Olga Other", now=world.now)
        service = factories.service(other)
    start = prague(25, 15)
    request = world.ask(start, service=service)
    world.act(request, "accept", start=start)

    answer = world.post(ana(world), PATH, form())

    assert answer.status_code == 409
    assert "Kim Okafor has agreed to something else at that time." in words(answer)
    assert request.code not in words(answer)


def test_an_unanswered_invitation_is_taken_back(world, form, made):
    """S4.18, T15."""
    world.post(ana(world), PATH, form())
    (booking,) = made()

    answer = world.post(ana(world), f"/bookings/{booking.code}/withdraw/", {"seen": "1"})

    assert answer.status_code == 303
    assert made()[0].status == "cancelled"
    with world.inside():
        assert booking.events.order_by("sequence").last().name == "Cancelled by expert"
