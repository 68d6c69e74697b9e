"""PG-35: other times before the agreement, another date after it, for both sides (T10, T11, T23, T29, S1.13, S4.14, S4.24)."""

import pytest

from bookings import queries
from bookings.enums import Actor
from bookings.models import Booking

from .acts import busy, path, send, table
from .conftest import iso, prague, values, words

CLIENT, PROVIDER = Actor.CLIENT, Actor.PROVIDER


@pytest.fixture
def booking(world) -> Booking:
    """Kim asks for Tue 24 Nov, 3pm in Prague."""
    return world.ask(prague(24, 15))


@pytest.fixture
def agreed(world) -> Booking:
    """Thu 26 Nov, 3pm in Prague is agreed: more than 48 hours away."""
    return world.confirm(world.ask(prague(26, 15)))


# --- what is shown ------------------------------------------------------------------------------------


def test_provider_picks_from_free_times_near_the_asked_one_and_by_day(world, booking):
    """PG-35: three near the asked time, then two weeks by day, each by both clocks."""
    response = world.get(world.ana.member, path(booking))
    page = words(response)

    assert "Suggest other times Choose up to 3 times. Kim Okafor picks one of them." in page
    assert "On the table now, from Kim Okafor Tue 24 Nov, 3pm to 3:30pm 8am to 8:30am in Chicago" in page
    assert (
        "Free for you near the time asked for Tue 24 Nov, 2pm to 2:30pm 7am in Chicago "
        "Tue 24 Nov, 2:30pm to 3pm 7:30am in Chicago Tue 24 Nov, 3:30pm to 4pm 8:30am in Chicago"
    ) in page
    assert "The next two weeks Monday 23 November 15 free times" in page
    assert "Tuesday 24 November 12 free times Tue 24 Nov, 9am to 9:30am 2am in Chicago" in page
    assert "Friday 4 December 16 free times" in page
    assert "Saturday" not in page
    assert len(values(response, "time")) == len(set(values(response, "time"))) == 15 + 15 + 16 * 8
    assert 'type="radio"' not in response.content.decode()


def test_times_on_the_table_are_not_offered_again(world, booking):
    assert iso(prague(24, 15)) not in values(world.get(world.ana.member, path(booking)), "time")


def test_later_days_follow_and_what_was_chosen_stays(world, booking):
    """Without script: a button loads the next fortnight, and everything filled in is kept."""
    page = world.post(
        world.ana.member,
        path(booking),
        {"time": [iso(prague(25, 10))], "message": "Or later?", "show": "2026-12-07", "minutes": "30", "price": "30"},
    )

    assert page.status_code == 200
    assert "From Monday 7 December Monday 7 December 16 free times" in words(page)
    assert "Friday 18 December 16 free times" in words(page)
    assert "Chosen Wed 25 Nov, 10am to 10:30am" in words(page)
    assert f'value="{iso(prague(25, 10))}" checked' in page.content.decode()
    assert "Or later?</textarea>" in page.content.decode()
    assert "Earlier days" in words(page)


def test_deadline_that_will_hold_is_shown_with_the_choice(world, booking):
    """`mentors`: 72 hours, or until the last of the times; and what happens otherwise."""
    none = words(world.get(world.ana.member, path(booking)))
    soon = words(world.get(world.ana.member, f"{path(booking)}?time={iso(prague(25, 10))}"))
    late = words(world.get(world.ana.member, f"{path(booking)}?time={iso(prague(30, 10))}"))

    assert "Kim Okafor has 72 hours to answer, or less if your times are sooner." in none
    assert "Kim Okafor answers by Wed 25 Nov, 10am (in 2 days). If not, the request closes and you are told." in soon
    assert "Kim Okafor answers by Thu 26 Nov, 9:14am (in 3 days)." in late


def test_script_asks_for_the_summary_alone(world, booking):
    """htmx only helps: the same form, the same address, the summary as the answer; nothing is done."""
    before = world.state()

    page = world.client(world.ana.member).post(
        world.url(path(booking)),
        {"time": [iso(prague(25, 10)), iso(prague(25, 11))], "show": ""},
        headers={"HX-Request": "true"},
    )

    assert page.status_code == 200
    assert "HX-Request" in page["Vary"]
    assert '<div id="so-far"' in page.content.decode()
    assert "<html" not in page.content.decode()
    assert "Your times Wed 25 Nov, 10am to 10:30am 3am to 3:30am in Chicago" in words(page)
    assert world.state() == before


def test_client_picks_among_the_providers_free_times_by_their_own_clock(world, booking):
    world.suggest(booking, prague(25, 10))

    response = world.get(world.kim, path(booking))

    assert "Suggest other times Choose up to 3 times. Ana Nowak picks one of them." in words(response)
    assert "On the table now, from Ana Nowak Wed 25 Nov, 3am to 3:30am 10am to 10:30am in Prague" in words(response)
    assert "Free for Ana Nowak near the time suggested" in words(response)
    for name in ("minutes", "price"):
        assert f'name="{name}"' not in response.content.decode()


def test_client_changes_the_times_of_their_own_request_within_the_tenants_number(world, booking):
    """T11: a tenant with one date per request asks for one."""
    response = world.get(world.kim, path(booking))

    assert "Change your times Choose a time. Ana Nowak accepts it or not." in words(response)
    assert 'type="radio"' in response.content.decode()


def test_agreed_time_stays_and_the_page_says_so(world, agreed):
    """S4.25: the banner, the deadline no later than the agreed start, no length and no price."""
    response = world.get(world.kim, f"{path(agreed)}?time={iso(prague(27, 10))}")

    assert "Suggest another time" in words(response)
    assert "Thu 26 Nov, 8am stays until Ana Nowak accepts." in words(response)
    assert "Ana Nowak answers by Thu 26 Nov, 2:14am (in 3 days). If not, Thu 26 Nov, 8am stays and you are told." in (
        words(response)
    )
    assert "Free for Ana Nowak near the time agreed" in words(response)
    assert 'name="minutes"' not in response.content.decode()


def test_late_change_is_foretold_before_the_click(world):
    """PG-35, D8: `mentors` counts changes by the provider within 48 hours; a client's don't count."""
    booking = world.confirm(world.ask(prague(24, 15)))

    provider = words(world.get(world.ana.member, path(booking)))
    client = words(world.get(world.kim, path(booking)))

    assert "late move 1 of 2 within 12 months" in provider
    assert "late move" not in client


def test_after_five_rounds_a_message_or_a_call_is_suggested(world, booking):
    sides = [PROVIDER, CLIENT, PROVIDER, CLIENT]
    for number, side in enumerate(sides[:3]):
        world.suggest(booking, prague(25, 10 + number), by=side)
    hint = "Times went back and forth 5 times already. Tell Kim Okafor below which days suit you in general."
    assert "back and forth" not in words(world.get(world.ana.member, path(booking)))

    world.suggest(booking, prague(26, 10), by=CLIENT)

    assert hint in words(world.get(world.ana.member, path(booking)))


# --- typed times --------------------------------------------------------------------------------------


def test_typed_time_is_read_shown_and_sent_only_then(world, booking):
    """R-FORM-5: echoed in words before anything happens; outside own hours is allowed with a warning."""
    before = world.state()
    typed = {"day": "2026-11-28", "at": "7pm", "message": "Sorry", "minutes": "30", "price": "30"}

    shown = world.post(world.ana.member, path(booking), typed)

    assert shown.status_code == 200
    assert "This is how we read the time you typed. Check it, then send." in words(shown)
    assert "Chosen Sat 28 Nov, 7pm to 7:30pm midday to 12:30pm in Chicago This is outside your hours." in words(shown)
    assert "Sorry</textarea>" in shown.content.decode()
    assert world.state() == before

    sent = send(world, world.ana.member, booking, prague(28, 19))

    assert sent.status_code == 303
    assert table(world, booking) == [(prague(28, 19), 30, 30)]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"day": "2026-11-28", "at": ""}, "Enter a time as well, like Thu 2pm or 26 Nov 14:00."),
        ({"day": "", "at": "soonish"}, "We could not read that. Enter a day and a time, like Thu 2pm or 26 Nov 14:00."),
        ({"day": "2026-11-23", "at": "8am"}, "That time has passed. Enter a later one."),
        ({"add": "typed"}, "Enter a day and a time first, like 26 Nov and 3pm."),
    ],
)
def test_time_that_can_not_be_read_says_why_and_keeps_what_was_typed(world, booking, typed, sentence):
    page = world.post(world.ana.member, path(booking), {"message": "Typed already", "minutes": "30", **typed})

    assert page.status_code == 422
    assert f"There is a problem {sentence}" in words(page)
    assert "Typed already</textarea>" in page.content.decode()
    assert all(f'value="{text}"' in page.content.decode() for name, text in typed.items() if text and name != "add")


def test_overlap_with_anything_but_a_session_needs_the_tick(world, booking):
    """decisions.md 14: named, ticked, sent."""
    busy(world, prague(25, 10), prague(25, 11))

    refused = send(world, world.ana.member, booking, prague(25, 10))
    sent = send(world, world.ana.member, booking, prague(25, 10), clash_accepted="on")

    assert refused.status_code == 422
    assert (
        "There is a problem This overlaps an appointment in your own calendar on Wed 25 Nov, 10am. "
        "Tick the box to go on anyway."
    ) in words(refused)
    assert "Suggest it anyway. I know what else is at this time." in words(refused)
    assert sent.status_code == 303


def test_overlap_with_an_agreed_session_is_refused_with_free_times_near(world, booking, agreed):
    page = send(world, world.ana.member, booking, prague(26, 15), message="How about this?", clash_accepted="on")

    assert page.status_code == 409
    assert (
        f"You have agreed to {agreed.service.name} with Kim Okafor ({agreed.code}) on Thu 26 Nov, 3pm. Choose another time."
        in words(page)
    )
    assert "Free for you near that time Thu 26 Nov, 2pm to 2:30pm" in words(page)
    assert "<s>Thu 26 Nov, 3pm to 3:30pm</s>" in page.content.decode()
    assert "How about this?</textarea>" in page.content.decode()


def test_page_takes_a_fixed_number_of_queries(world, booking, django_assert_num_queries):
    """However many days and times it shows, and however many are chosen but not listed."""
    client = world.client(world.ana.member)
    client.get(world.url(path(booking)))
    with django_assert_num_queries(16):
        client.get(world.url(path(booking)))
    with world.inside():
        assert len(queries.proposals_of(world.again(booking))) == 1
