"""PG-05: asking for a session in one screen, with nothing lost on the way (S0.6-S0.10, S1.8, CK-15, CK-17)."""

from dataclasses import replace

import pytest

from accounts.enums import Role
from accounts.models import Membership
from accounts.queries import current_policy
from accounts.services import adopt_policy
from accounts.tenancy import tenant_scope
from bookings.models import Booking, ProposalTime
from marketplace.services import update_provider
from tests import factories

from .conftest import iso, prague, values, words

NOBODYS = "0199b1c2-7d3e-7f4a-8b5c-0123456789ab"


@pytest.fixture
def several(world):
    """The tenant lets people name up to three times (D1)."""
    with world.inside():
        adopt_policy(policy=replace(current_policy().policy, booking_mode="preferred_dates", max_times=3))


@pytest.fixture
def form(world):
    """What Kim sends: service, times, notes, the key of the page."""

    def form(*starts, **more):
        starts = starts or (prague(24, 15),)
        return {"service": str(world.service.pk), "slot": [iso(start) for start in starts], **more}

    return form


@pytest.fixture
def path(world):
    return f"/experts/{world.ana.slug}/request/"


def bookings(world) -> list[Booking]:
    with world.inside():
        return list(Booking.objects.order_by("created_at", "code"))


def asked_starts(world, booking) -> list:
    with world.inside():
        return list(ProposalTime.objects.filter(proposal__booking=booking).values_list("starts_at", flat=True))


# --- showing ------------------------------------------------------------------------------------------


def test_page_says_what_when_until_when_and_what_it_does(world, path):
    """Each time by both clocks with its own deadline, the price, and what sending does (R-TZ-1, D-7)."""
    page = words(world.get(world.kim, f"{path}?service={world.service.pk}&slot={iso(prague(24, 15))}"))

    assert "Ask Ana Nowak for a time" in page
    assert "Ana Nowak sees it at once and answers by Tue 24 Nov, 8am." in page
    assert "Tue 24 Nov, 8am to 8:30am 3pm to 3:30pm in Prague. Ana Nowak must answer by Tue 24 Nov, 8am" in page
    assert "Tax planning 30 minutes, video, 30 credits" in page
    assert "Nobody else sees this time until Ana Nowak answers." in page
    assert "Ana Nowak is told by mail and has to answer." in page
    assert "Nothing is booked until Ana Nowak accepts." in page


def test_several_times_are_spoken_of_as_several(world, path):
    asked = f"{path}?service={world.service.pk}&slot={iso(prague(24, 15))}&slot={iso(prague(25, 15))}"
    assert "Nobody else sees these times until Ana Nowak answers." in words(world.get(world.kim, asked))


def test_each_of_several_times_has_its_own_deadline(world, path, several):
    """An answer comes within 72 hours and before the start (D4), so the later time can be answered for longer."""
    query = f"service={world.service.pk}&slot={iso(prague(27, 15))}&slot={iso(prague(24, 15))}"

    page = words(world.get(world.kim, f"{path}?{query}"))

    assert "Fri 27 Nov, 8am to 8:30am 3pm to 3:30pm in Prague. Ana Nowak must answer by Thu 26 Nov, 2:14am" in page
    assert "Tue 24 Nov, 8am to 8:30am 3pm to 3:30pm in Prague. Ana Nowak must answer by Tue 24 Nov, 8am" in page
    assert "answers by Thu 26 Nov, 2:14am." in page


def test_tenant_without_credits_shows_no_price(south, now, clock):
    """D13: prices exist only where the tenant has them; the tenant's noun for a service is used."""
    from .conftest import World

    world = World(south, now)

    page = words(world.get(world.kim, f"/experts/{world.ana.slug}/request/?slot={iso(prague(25, 15))}"))

    assert "Tax planning 30 minutes, video Change" not in page
    assert "credit" not in page
    assert "Ana Nowak must answer by Tue 24 Nov, 8am" in page  # 24 hours before the start (S0.21)


def test_only_service_needs_no_choice_and_several_do(world, path):
    assert "Choose what you want" not in words(world.get(world.kim, path))

    with world.inside():
        factories.service(world.ana, "Quick question", minutes=15)

    assert "Choose what you want to ask for" in words(world.get(world.kim, path))


def test_page_without_a_time_offers_the_next_free_ones(world, path):
    response = world.get(world.kim, path)

    assert "No time chosen yet." in words(response)
    assert values(response, "add") == [iso(prague(23, 9, 30)), iso(prague(23, 10)), iso(prague(23, 10, 30))]


def test_guest_sees_everything_and_the_marketplace_clock(world, path):
    page = words(world.get(None, f"{path}?slot={iso(prague(24, 15))}"))

    assert "Tue 24 Nov, 3pm to 3:30pm Ana Nowak must answer by Tue 24 Nov, 3pm" in page
    assert "About you Sign in instead Your name Email address" in page
    assert "First we email you a code, to be sure that the answer will reach you." in page


@pytest.mark.parametrize(
    "query",
    [
        "service=1&slot=yesterday",
        "service=%00&slot=%00",
        f"service={NOBODYS}&slot=2026-02-30T10:00Z",
        "slot=2026-11-24T14:00",
        "slot=0001-01-01T00:00Z&slot=9999-12-31T23:59Z",
        "slot=2026-11-24T14:00%2b25:00",
        "&".join(["slot=2026-11-24T14:00Z"] * 200),
    ],
)
def test_garbage_in_the_address_is_no_error(world, path, query):
    """Issue 1, bad input: a broken date or a foreign id in the address gives the page, never a 500."""
    assert world.get(world.kim, f"{path}?{query}").status_code == 200


def test_unreadable_time_in_the_address_is_said(world, path):
    page = words(world.get(world.kim, f"{path}?slot=soon&slot={iso(prague(24, 15))}"))

    assert "We could not read one of the times in this address, so it is not here." in page
    assert "Tue 24 Nov, 8am to 8:30am" in page


def test_unpublished_provider_is_not_found(world, path):
    with world.inside():
        update_provider(provider=world.ana, is_published=False)

    assert world.get(world.kim, path).status_code == 404


def test_looking_changes_nothing(world, path):
    """decisions.md 30."""
    before = world.state()

    world.get(world.kim, f"{path}?service={world.service.pk}&slot={iso(prague(24, 15))}")
    world.client(world.kim).head(world.url(path))

    assert world.state() == before


# --- sending ------------------------------------------------------------------------------------------


def test_sending_makes_the_request_and_leads_to_what_happens_next(world, path, form):
    response = world.post(world.kim, path, form(notes="Sole trader?\r\nOr company?"))

    (booking,) = bookings(world)
    assert (response.status_code, response.url) == (303, world.url(f"/bookings/{booking.code}/sent/"))
    assert (booking.client_id, booking.notes) == (world.kim.pk, "Sole trader?\nOr company?")
    assert asked_starts(world, booking) == [prague(24, 15)]


def test_pressing_twice_makes_one_booking(world, path, form):
    """R-HX-5: the second press of the same page leads to the same place."""
    key = {"request_key": "page-1"}

    first, second = (world.post(world.kim, path, form(**key)) for _ in range(2))

    assert first.url == second.url
    assert len(bookings(world)) == 1


def test_same_page_with_another_time_is_another_request(world, path, form):
    """Going back, choosing another time and sending again must not be taken for a second press."""
    world.post(world.kim, path, form(prague(24, 15), request_key="page-1"))
    world.post(world.kim, path, form(prague(25, 15), request_key="page-1"))

    asked = sorted(asked_starts(world, booking) for booking in bookings(world))
    assert asked == [[prague(24, 15)], [prague(25, 15)]]


def test_several_times_keep_their_order(world, path, form, several):
    world.post(world.kim, path, form(prague(27, 15), prague(24, 15)))

    assert asked_starts(world, bookings(world)[0]) == [prague(27, 15), prague(24, 15)]


def test_person_who_is_no_member_yet_joins_by_asking(world, path, form, rui):
    """Rui belongs to another tenant: asking here makes him a client here, under a membership of its own."""
    response = world.post(rui, path, form())

    with world.inside():
        joined = Membership.objects.get(user=rui.user)
    assert response.status_code == 303
    assert (joined.roles, bookings(world)[0].client_id) == ([Role.CLIENT], joined.pk)


def test_person_who_is_refused_has_not_joined(world, path, form, rui):
    response = world.post(rui, path, form(prague(21, 15)))

    assert response.status_code == 409
    with world.inside():
        assert not Membership.objects.filter(user=rui.user).exists()


def test_suspended_member_can_not_ask(world, path, form):
    with world.inside():
        Membership.objects.filter(pk=world.kim.pk).update(suspended_at=world.now)

    response = world.post(world.kim, path, form())

    assert response.status_code == 422
    assert "Your account is paused here. Write to help@north.example." in words(response)
    assert bookings(world) == []


# --- buttons beside the times -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("press", "order"),
    [
        ({"move": "2:up"}, [25, 24, 26]),
        ({"move": "1:down"}, [25, 24, 26]),
        ({"move": "1:up"}, [24, 25, 26]),
        ({"move": "3:down"}, [24, 25, 26]),
        ({"move": "9:up"}, [24, 25, 26]),
        ({"move": "²:up"}, [24, 25, 26]),
        ({"move": "x"}, [24, 25, 26]),
        ({"drop": "2"}, [24, 26]),
        ({"drop": "0"}, [24, 25, 26]),
        ({"drop": "99999999999999999999"}, [24, 25, 26]),
        ({"add": "2026-11-27T14:00Z"}, [24, 25, 26, 27]),
        ({"add": "2026-11-25T14:00Z"}, [24, 26, 25]),
        ({"add": "tomorrow"}, [24, 25, 26]),
    ],
)
def test_times_are_moved_and_removed_without_script(world, path, form, several, press, order):
    """CK-14: each button shows the page again with its outcome, notes kept, nothing sent."""
    starts = [prague(day, 15) for day in (24, 25, 26)]

    page = world.post(world.kim, path, form(*starts, notes="Typed already", request_key="page-1", **press))

    assert page.status_code == 200
    assert values(page, "slot") == [iso(prague(day, 15)) for day in order]
    assert "Typed already</textarea>" in page.content.decode()
    assert values(page, "request_key") == ["page-1"]
    assert bookings(world) == []


def test_going_back_to_the_times_keeps_notes_and_choice(world, path, form):
    client = world.client(world.kim)

    away = client.post(world.url(path), form(notes="Typed already", go="times"))

    assert away.status_code == 303
    assert away.url == world.url(
        f"/experts/{world.ana.slug}/?service={world.service.pk}&slot=2026-11-24T14%3A00Z#times"
    )
    assert "Typed already</textarea>" in client.get(world.url(path)).content.decode()


def test_service_can_be_chosen_again(world, path, form):
    with world.inside():
        factories.service(world.ana, "Quick question", minutes=15)

    page = world.post(world.kim, path, form(change="service"))

    assert "Choose what you want to ask for" in words(page)
    assert values(page, "slot") == [iso(prague(24, 15))]


# --- errors -------------------------------------------------------------------------------------------


def test_time_that_just_went_is_struck_through_and_the_others_stay(world, path, form, several):
    """CK-15: "Taken a moment ago", three nearest free times, notes kept, nothing changed."""
    world.ask(prague(24, 15), client=world.lena)
    before = world.state()

    page = world.post(world.kim, path, form(prague(24, 15), prague(25, 15), notes="Typed already"))

    assert page.status_code == 409
    assert "<s>Tue 24 Nov, 8am to 8:30am</s>" in page.content.decode()
    assert "Taken a moment ago" in words(page)
    assert values(page, "slot") == [iso(prague(24, 15)), iso(prague(25, 15))]
    assert values(page, "add") == [iso(prague(24, 14)), iso(prague(24, 14, 30)), iso(prague(24, 15, 30))]
    assert "Typed already</textarea>" in page.content.decode()
    assert "There is a problem That time is not free any more. Choose another one." in words(page)
    assert b"<title>Error: " in page.content
    assert world.state() == before


def test_near_time_replaces_the_one_that_went_with_one_press(world, path, form, several):
    world.ask(prague(24, 15), client=world.lena)

    page = world.post(world.kim, path, form(prague(24, 15), prague(25, 15), add=iso(prague(24, 14))))

    assert values(page, "slot") == [iso(prague(25, 15)), iso(prague(24, 14))]


def test_past_time_says_so(world, path, form):
    page = world.post(world.kim, path, form(prague(20, 15)))

    assert page.status_code == 409
    assert "That time has passed" in words(page)


def test_provider_away_takes_no_request(world, path, form):
    with world.inside():
        update_provider(provider=world.ana, paused_until=prague(26, 0).date())

    page = world.post(world.kim, path, form())

    assert page.status_code == 409
    assert bookings(world) == []


@pytest.mark.parametrize(
    ("change", "sentence", "at"),
    [
        ({"service": "1"}, "Choose the service you want to ask for.", "id_service_error"),
        ({"service": NOBODYS}, "Choose the service you want to ask for.", "id_service_error"),
        ({"slot": []}, "Choose a time first.", "id_slot_error"),
        (
            {"slot": ["next Tuesday"]},
            "We could not read this time. Choose one of the times on the page.",
            "id_slot_error",
        ),
        ({"slot": ["2026-02-30T10:00Z"]}, "We could not read this time.", "id_slot_error"),
        ({"slot": ["2026-11-24T14:00"]}, "We could not read this time.", "id_slot_error"),
        ({"slot": ["2026-11-24T14:00Z"] * 2}, "You chose one time twice. Remove one of them.", "id_slot_error"),
        (
            {"slot": [f"2026-11-{day}T14:00Z" for day in (24, 25, 26, 27)]},
            "You can ask for 3 at most. Remove the others.",
            "id_slot_error",
        ),
        ({"notes": "x" * 2001}, "Your notes are 1 character too long: 2000 fit.", "id_notes_error"),
    ],
)
def test_what_can_not_be_sent_is_said_at_its_field(world, path, form, several, change, sentence, at):
    """CK-17: summary and field say the same, 422, what was typed is kept, nothing changes."""
    before, typed = world.state(), change.get("notes", "Typed already")

    page = world.post(world.kim, path, form(**{"notes": typed, **change}))

    html = page.content.decode()
    assert page.status_code == 422
    assert sentence in words(page).split("There is a problem", 1)[1]
    assert sentence in html.split(f'id="{at}"', 1)[1]
    assert f"{typed}</textarea>" in html
    assert world.state() == before


def test_summary_links_lead_to_places_that_exist(world, path):
    with world.inside():
        factories.service(world.ana, "Quick question", minutes=15)

    html = world.post(world.kim, path, {"slot": ["soon"], "notes": "x" * 2001}).content.decode()

    for target in ("id_service", "id_slot", "id_notes"):
        assert f'href="#{target}"' in html
        assert html.count(f'id="{target}"') == 1


def test_readable_times_stay_beside_one_that_is_not(world, path, form, several):
    page = world.post(world.kim, path, form(slot=["soon", iso(prague(25, 15))]))

    assert values(page, "slot") == [iso(prague(25, 15))]


def test_service_of_somebody_else_is_refused(world, path, form):
    with world.inside():
        foreign = factories.service(factories.provider("Ben Adeyemi"), "Career review")

    page = world.post(world.kim, path, form(service=str(foreign.pk)))

    assert page.status_code == 422
    assert bookings(world) == []


def test_service_of_another_tenant_is_refused(world, path, form, south):
    with tenant_scope(south):
        foreign = factories.service(factories.provider("Ben Adeyemi"), "Career review")

    page = world.post(world.kim, path, form(service=str(foreign.pk)))

    assert page.status_code == 422
    assert "Career review" not in words(page)


def test_nobody_asks_themselves(world, path, form):
    page = world.post(world.ana.member, path, form())

    assert page.status_code == 422
    assert "You can't ask yourself for a meeting. Choose an expert." in words(page)


def test_same_time_twice_names_the_open_request(world, path, form):
    with world.inside():
        adopt_policy(policy=replace(current_policy().policy, hides_asked_times=False))
    open_request = world.ask(prague(24, 15))

    page = world.post(world.kim, path, form())

    assert page.status_code == 422
    assert f"You have asked Ana Nowak for this time already: {open_request.code}." in words(page)


def test_page_takes_a_fixed_number_of_queries(
    world, path, several, django_assert_num_queries, django_assert_max_num_queries
):
    """One query per chosen time and nothing else grows with them; one is what the client may use."""
    client = world.client(world.kim)
    address = world.url(f"{path}?service={world.service.pk}&slot={iso(prague(24, 15))}")
    client.get(address)

    with django_assert_max_num_queries(15) as one:
        client.get(address)
    with django_assert_num_queries(len(one) + 2):
        client.get(f"{address}&slot={iso(prague(25, 15))}&slot={iso(prague(26, 15))}")
