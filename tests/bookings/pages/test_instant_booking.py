"""Booked at once, without an answer: the same form, another button (T7b, S3.3, PG-05)."""

from datetime import timedelta

import pytest

from accounts.enums import Role
from accounts.models import Membership
from accounts.tenancy import tenant_scope
from bookings import services
from bookings.context import TimeOnTable
from bookings.enums import Action, Actor
from bookings.models import Booking
from notifications.models import EmailMessage
from tests import factories

from .conftest import iso, prague, values, words


@pytest.fixture
def call(world):
    """Something of Ana's that needs no answer."""
    with world.inside():
        return factories.service(world.ana, "Quick call", price=10, is_instant=True)


@pytest.fixture
def path(world):
    return f"/experts/{world.ana.slug}/request/"


@pytest.fixture
def form(call):
    def form(*starts, **more):
        return {"service": str(call.pk), "slot": [iso(start) for start in starts or (prague(24, 15),)], **more}

    return form


def bookings(world) -> list[Booking]:
    with world.inside():
        return list(Booking.objects.select_related("client__user").order_by("created_at", "code"))


def names(world, booking) -> list[str]:
    with world.inside():
        return [event.name for event in booking.events.order_by("sequence")]


def test_the_button_says_what_is_booked(world, path, call):
    page = world.get(world.kim, f"{path}?service={call.pk}&slot={iso(prague(24, 15))}")
    text = words(page)

    assert page.context["page"].button == "Book Tue 24 Nov, 8am"
    assert "Book a time with Ana Nowak" in text
    assert "It is booked at once: Ana Nowak does not have to answer." in text
    assert "Tue 24 Nov, 8am is kept for you." in text
    assert "must answer by" not in text
    assert "Nothing is booked until" not in text
    assert "before answering" not in text


def test_without_a_time_the_button_names_none(world, path, call):
    assert world.get(world.kim, f"{path}?service={call.pk}").context["page"].button == "Book"


def test_the_choice_of_services_says_which_are_booked_at_once(world, path, call):
    page = world.get(world.kim, path).context["page"]

    assert {choice.label: choice.sub for choice in page.services} == {
        "Tax planning": "30 minutes, video",
        "Quick call": "30 minutes, video, booked at once",
    }


def test_a_service_that_needs_an_answer_keeps_its_button(world, path, call):
    page = world.get(world.kim, f"{path}?service={world.service.pk}&slot={iso(prague(24, 15))}")

    assert page.context["page"].button == "Send request"


def test_pressing_books_and_says_so(world, path, form):
    answer = world.post(world.kim, path, form(notes="About invoices.", request_key="k1"))

    (booking,) = bookings(world)
    assert (answer.status_code, answer.url) == (303, world.url(f"/bookings/{booking.code}/sent/"))
    assert (booking.status, booking.starts_at, booking.minutes) == ("confirming", prague(24, 15), 30)
    assert (booking.price, booking.notes) == (10, "About invoices.")
    assert names(world, booking) == ["Booked by client"]
    sent = words(world.get(world.kim, f"/bookings/{booking.code}/sent/"))
    assert "You booked Tue 24 Nov, 8am with Ana Nowak" in sent
    assert "In a moment you get a confirmation by mail, with a calendar file." in sent


def test_what_is_set_up_already_says_that_it_is_confirmed(world, path, form):
    world.post(world.kim, path, form())
    (booking,) = bookings(world)
    with world.inside():
        services.set_up(booking_id=booking.pk, now=world.now)
        mails = set(EmailMessage.objects.filter(reference=booking.reference).values_list("kind", flat=True))

    sent = world.get(world.kim, f"/bookings/{booking.code}/sent/")

    assert sent.status_code == 200
    assert "Confirmed You get a confirmation by mail" in words(sent)
    assert mails == {"booking_confirmed_client", "booking_confirmed_provider"}


def test_pressing_twice_books_once(world, path, form):
    answers = [world.post(world.kim, path, form(request_key="k1")) for _ in range(2)]

    assert len(bookings(world)) == 1
    assert answers[0].url == answers[1].url


def test_a_time_that_somebody_else_booked_meanwhile_is_struck_through(world, path, form):
    world.post(world.lena, path, form())

    answer = world.post(world.kim, path, form(notes="About invoices."))

    assert answer.status_code == 409
    assert "Tue 24 Nov, 8am is not free. Choose another time." in words(answer)
    assert "Taken a moment ago" in words(answer)
    assert "About invoices." in answer.text
    assert len(bookings(world)) == 1


def test_a_time_that_somebody_only_asked_for_is_not_free_either(world, path, form):
    """Asked times are hidden in this marketplace (decisions.md 15)."""
    world.ask(prague(24, 15), client=world.lena)

    assert world.post(world.kim, path, form()).status_code == 409


def test_only_one_time_is_possible(world, path, form):
    answer = world.post(world.kim, path, form(prague(24, 15), prague(24, 16)))

    assert answer.status_code == 422
    assert "Only one time is possible here. Remove the others." in words(answer)
    assert bookings(world) == []


def test_no_time(world, path, call):
    answer = world.post(world.kim, path, {"service": str(call.pk)})

    assert answer.status_code == 422
    assert "Choose a time first." in words(answer)


def test_somebody_who_is_busy_then_is_told_so(world, path, form):
    with world.inside():
        other = factories.provider("Olga Other", now=world.now)
        theirs = factories.service(other, "Other call", is_instant=True)
    world.post(world.kim, f"/experts/{other.slug}/request/", {"service": str(theirs.pk), "slot": [iso(prague(24, 15))]})
    (first,) = bookings(world)

    answer = world.post(world.kim, path, form())

    assert answer.status_code == 409
    assert f"You have agreed to Other call with Olga Other ({first.code}) on Tue 24 Nov, 8am." in words(answer)


def test_a_service_that_was_taken_off_the_list_meanwhile(world, path, form, call):
    with world.inside():
        call.is_active = False
        call.save()
        with pytest.raises(services.Refused) as refused:
            services.begin(
                action=Action.BOOK,
                actor=Actor.CLIENT,
                client=world.kim,
                service=call,
                offer=[TimeOnTable(prague(24, 15), 30)],
                now=world.now,
            )

    assert refused.value.refusal.code == "closed"


def test_a_guest_books_with_a_code(world, path, form):
    """PG-05, PG-22: name and address on the same form; the code proves the address, and it is booked."""
    guest = world.client()
    url = world.url(path)
    page = guest.get(f"{url}?service={form()['service']}&slot={iso(prague(24, 15))}")
    assert "to be sure that the confirmation will reach you" in words(page)

    answer = guest.post(url, form(name="Priya Raman", email="priya@example.org"))
    assert answer.url == f"{url}code/"
    assert bookings(world) == []
    with world.inside():
        code = EmailMessage.objects.get(kind__startswith="account").context["code"]
    done = guest.post(f"{url}code/", {"code": code})

    (booking,) = bookings(world)
    assert done.url == world.url(f"/bookings/{booking.code}/sent/")
    # Without credits yet: the time is theirs until they have added some (decisions 19).
    assert (booking.client.name, booking.status) == ("Priya Raman", "waiting")


def test_who_is_refused_has_not_joined(world, path, form, north):
    world.post(world.lena, path, form())
    stranger = factories.user("new@example.org", name="New Person")
    client = world.client()
    client.force_login(stranger)

    assert client.post(world.url(path), form()).status_code == 409
    with tenant_scope(north):
        assert not Membership.objects.filter(user=stranger).exists()


def test_staff_of_the_tenant_who_book_become_clients(world, path, form):
    assert world.post(world.sam, path, form()).status_code == 303

    with world.inside():
        assert Role.CLIENT in Membership.objects.get(pk=world.sam.pk).roles


def test_looking_changes_nothing(world, path, call):
    world.get(world.kim, f"{path}?service={call.pk}&slot={iso(prague(24, 15))}")

    assert bookings(world) == []


def test_keys_of_pages_are_fresh(world, path, call):
    pages = [values(world.get(world.kim, f"{path}?service={call.pk}"), "request_key") for _ in range(2)]

    assert pages[0] != pages[1]


def test_a_time_that_has_passed(world, path, form):
    past = world.post(world.kim, path, form(world.now - timedelta(hours=1)))

    assert past.status_code == 409
    assert "has passed" in words(past)
