"""PG-35: other times before the agreement, another date after it, for both sides (T10, T11, T23, T29, S1.13, S4.14, S4.24)."""

import pytest

from bookings import queries
from bookings.enums import Action, Actor, ProposalState, Status
from bookings.models import Booking, BookingEvent, Proposal
from calendars import services as calendars
from calendars.enums import ClaimKind
from notifications.models import EmailMessage
from tests import factories

from .conftest import World, iso, prague, values, words

CLIENT, PROVIDER = Actor.CLIENT, Actor.PROVIDER


@pytest.fixture
def booking(world) -> Booking:
    """Kim asks for Tue 24 Nov, 3pm in Prague."""
    return world.ask(prague(24, 15))


@pytest.fixture
def agreed(world) -> Booking:
    """Thu 26 Nov, 3pm in Prague is agreed: more than 48 hours away."""
    return world.confirm(world.ask(prague(26, 15)))


def path(booking: Booking, page: str = "suggest") -> str:
    return f"/bookings/{booking.code}/{page}/"


def send(world: World, who, booking: Booking, *starts, **more):
    seen = world.again(booking).last_sequence
    return world.post(who, path(booking), {"time": [iso(start) for start in starts], "seen": seen, **more})


def table(world: World, booking: Booking) -> list[tuple]:
    """The times on the open table: start, minutes, price."""
    with world.inside():
        proposal = Proposal.objects.get(booking=booking, state=ProposalState.OPEN)
        return list(proposal.times.values_list("starts_at", "minutes", "price"))


def mails(world: World, kind: str) -> int:
    with world.inside():
        return EmailMessage.objects.filter(kind=kind).count()


def busy(world: World, start, end, kind=ClaimKind.EXTERNAL, reference="ext:1"):
    with world.inside():
        calendars.claim(calendars=[world.ana.calendar], start=start, end=end, kind=kind, reference=reference)


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


# --- sending ------------------------------------------------------------------------------------------


def test_provider_suggests_up_to_three_times_with_words(world, booking):
    """T10: the client is told once, and the request's time is no longer on the table."""
    client = world.client(world.ana.member)
    starts = [prague(25, 10), prague(26, 11), prague(27, 9)]

    done = client.post(
        world.url(path(booking)), {"time": [iso(start) for start in starts], "message": "Any of these?", "seen": 1}
    )

    assert (done.status_code, done.url) == (303, world.url(f"/bookings/{booking.code}/"))
    assert table(world, booking) == [(start, 30, 30) for start in starts]
    assert mails(world, "booking_suggested_client") == 1
    with world.inside():
        assert BookingEvent.objects.get(booking=booking, sequence=2).message == "Any of these?"
    assert "You suggested 3 times. Kim Okafor is told by mail and has to answer." in words(client.get(done.url))


def test_provider_may_change_length_and_price_until_it_is_agreed(world, booking):
    """S4.14: the client reads both on the page on which they answer."""
    done = send(world, world.ana.member, booking, prague(25, 10), minutes="45", price="40")

    answer = words(world.get(world.kim, path(booking, "accept")))
    assert done.status_code == 303
    assert table(world, booking) == [(prague(25, 10), 45, 40)]
    assert "Tax planning, 45 minutes, video, 40 credits" in answer
    assert "Ana Nowak suggests 45 minutes instead of 30 minutes and 40 credits instead of 30 credits." in answer
    assert "Wed 25 Nov, 3am to 3:45am" in answer


def test_another_length_has_other_free_times(world, booking):
    """The day ends at 5pm: an hour begins at 4pm at the latest."""
    page = world.post(world.ana.member, path(booking), {"minutes": "60", "price": "30", "show": "2026-11-23"})

    assert iso(prague(25, 16)) in values(page, "time")
    assert iso(prague(25, 16, 30)) not in values(page, "time")


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"minutes": "7"}, "Enter a length in minutes, from 5 to 720 in steps of 5, like 45."),
        ({"minutes": "0"}, "Enter a length in minutes, from 5 to 720 in steps of 5, like 45."),
        ({"minutes": "long"}, "Enter a length in minutes, from 5 to 720 in steps of 5, like 45."),
        ({"price": "-1"}, "Enter a whole number, like 30. 0 is no charge."),
        ({"message": "x" * 2001}, "This is too long: 2000 characters fit, these are 2001."),
    ],
)
def test_shape_that_is_wrong_is_said_at_its_field(world, booking, sent, sentence):
    before = world.state()

    page = send(world, world.ana.member, booking, prague(25, 10), **sent)

    assert page.status_code == 422
    assert sentence in words(page).split("There is a problem", 1)[1]
    assert f'value="{iso(prague(25, 10))}" checked' in page.content.decode()
    assert world.state() == before


def test_client_can_not_change_length_or_price(world, booking):
    world.suggest(booking, prague(25, 10), minutes=45, price=40)

    send(world, world.kim, booking, prague(25, 13), minutes="60", price="0")

    assert table(world, booking) == [(prague(25, 13), 45, 40)]


@pytest.mark.parametrize(
    ("starts", "status", "sentence"),
    [
        ((), 422, "Choose a time first."),
        (
            (prague(25, 10), prague(25, 11), prague(25, 12), prague(25, 13)),
            422,
            "You can suggest 3 times at most. Remove the others.",
        ),
        ((prague(25, 10), prague(25, 10, 15)), 422, "Two of your times overlap each other. Move one of them."),
        ((prague(23, 9),), 409, "Mon 23 Nov, 9am has passed. Choose a later time."),
    ],
)
def test_times_that_can_not_be_suggested(world, booking, starts, status, sentence):
    before = world.state()

    page = send(world, world.ana.member, booking, *starts, message="Typed already")

    assert page.status_code == status
    assert f"There is a problem {sentence}" in words(page)
    assert 'href="#id_time"' in page.content.decode()
    assert page.content.decode().count('id="id_time"') == 1
    assert "Typed already</textarea>" in page.content.decode()
    assert world.state() == before


def test_time_inside_the_answer_lead_is_refused_with_the_rule(south, now, clock):
    """`consult`: agreed at least 24 hours before the start (decisions.md 9); the price does not exist there."""
    world = World(south, now)
    booking = world.ask(prague(26, 15))

    shown = world.get(world.ana.member, path(booking))
    page = send(world, world.ana.member, booking, prague(24, 8))

    assert page.status_code == 409
    assert "Tue 24 Nov, 8am is too soon: a session is agreed at least 24 hours before it starts." in words(page)
    assert "Length" in words(shown)
    assert 'name="price"' not in shown.content.decode()


def test_client_is_refused_what_is_not_free_with_the_nearest_that_is(world, booking):
    world.suggest(booking, prague(25, 10))
    busy(world, prague(26, 10), prague(26, 11))

    page = send(world, world.kim, booking, prague(26, 10))

    assert page.status_code == 409
    assert "Thu 26 Nov, 3am is not free. Choose another time." in words(page)
    assert "Free for Ana Nowak near that time Thu 26 Nov, 2am to 2:30am" in words(page)


def test_client_answers_with_other_times_and_the_provider_with_others_again(world, booking):
    """S1.13, T10 both ways: who made the open proposal waits, the other answers."""
    world.suggest(booking, prague(25, 10))

    done = send(world, world.kim, booking, prague(25, 13), prague(26, 13))

    assert done.status_code == 303
    assert mails(world, "booking_suggested_provider") == 1
    assert "Accept this suggestion" in words(world.get(world.ana.member, path(booking, "accept")))


def test_provider_revives_a_declined_request(world, booking):
    """T29, S4.27."""
    world.act(booking, Action.DECLINE, reason_code="time")

    page = words(world.get(world.ana.member, path(booking)))
    done = send(world, world.ana.member, booking, prague(25, 10))

    assert "Suggest other times" in page
    assert done.status_code == 303
    assert world.again(booking).status == Status.PENDING
    assert mails(world, "booking_revived_client") == 1


@pytest.mark.parametrize("side", [CLIENT, PROVIDER])
def test_another_date_is_suggested_while_the_agreed_one_stays(world, agreed, side):
    """T23, S4.24, S4.25."""
    who = world.kim if side == CLIENT else world.ana.member
    other = "Ana Nowak" if side == CLIENT else "Kim Okafor"
    client = world.client(who)

    done = client.post(world.url(path(agreed)), {"time": iso(prague(27, 10)), "seen": agreed.last_sequence})

    booking = world.again(agreed)
    assert done.status_code == 303
    assert (booking.status, booking.starts_at) == (Status.CONFIRMED, prague(26, 15))
    when = "Fri 27 Nov, 3am" if side == CLIENT else "Fri 27 Nov, 10am"
    assert f"You suggested {when}. {other} is told by mail and has to answer." in words(client.get(done.url))


def test_same_time_as_agreed_is_no_change(world, agreed):
    page = send(world, world.ana.member, agreed, prague(26, 15))

    assert page.status_code == 422
    assert "This is the time that stands already. Choose another one." in words(page)


# --- once, and how it stands --------------------------------------------------------------------------


def test_second_press_is_no_error(world, booking):
    """R-HX-5: the page that was sent twice tells of one suggestion."""
    client, sent = world.client(world.ana.member), {"time": iso(prague(25, 10)), "seen": "1"}
    client.post(world.url(path(booking)), sent)
    before = world.state()

    again = client.post(world.url(path(booking)), sent)

    assert (again.status_code, again.url) == (303, world.url(f"/bookings/{booking.code}/"))
    assert "You have done this already." in words(client.get(again.url))
    assert world.state() == before


def test_booking_that_went_on_meanwhile_is_shown_as_it_is_now_with_the_form_filled_in(world, agreed):
    """ux.md 2.0, 409: what changed, the current truth, everything typed, and the next press counts for that."""
    seen = agreed.last_sequence
    world.suggest(agreed, prague(27, 13), by=CLIENT)
    sent = {"time": iso(prague(27, 10)), "message": "Earlier?", "seen": seen}

    page = world.post(world.ana.member, path(agreed), sent)
    now_sent = world.post(world.ana.member, path(agreed), sent | {"seen": values(page, "seen")[0]})

    assert page.status_code == 409
    assert (
        "Kim Okafor suggested other times on Mon 23 Nov, 9:14am. Look at it as it is now, then decide again. "
        "Nothing was changed."
    ) in words(page)
    assert "On the table now, from Kim Okafor Fri 27 Nov, 1pm to 1:30pm" in words(page)
    assert "Earlier?</textarea>" in page.content.decode()
    assert now_sent.status_code == 303


def test_suggestion_for_what_is_over_says_what_happened(world, booking):
    world.act(booking, Action.WITHDRAW)

    page = send(world, world.ana.member, booking, prague(25, 10), message="What about this?")

    assert page.status_code == 409
    assert "Kim Okafor took back the request on Mon 23 Nov, 9:14am. Nothing was changed." in words(page)
    assert "What you had written What about this?" in words(page)


@pytest.mark.parametrize(
    ("preset", "sentence", "way", "button"),
    [
        ("studio", "You can move this booking yourself.", "reschedule", "Move it"),
        (
            "talks",
            "Agree on a new time with Kim Okafor; then ask support to change it.",
            "ask-support",
            "Ask support to change it",
        ),
    ],
)
def test_tenant_with_another_way_to_move_leads_there(db, now, clock, preset, sentence, way, button):
    """D7: `instead` is a link."""
    world = World(factories.tenant("west", preset=preset), now)
    booking = world.confirm(world.ask(prague(30, 15)))

    shown = world.get(world.ana.member, path(booking))
    sent = send(world, world.ana.member, booking, prague(30, 10))

    assert (shown.status_code, sent.status_code) == (200, 422)
    for page in (shown, sent):
        assert sentence in words(page)
        href = world.url(path(booking, way))
        assert f'<a class="btn primary" href="{href}">{button}</a>' in page.content.decode()


def test_page_takes_a_fixed_number_of_queries(world, booking, django_assert_num_queries):
    """However many days and times it shows, and however many are chosen but not listed."""
    client = world.client(world.ana.member)
    client.get(world.url(path(booking)))
    with django_assert_num_queries(16):
        client.get(world.url(path(booking)))
    with world.inside():
        assert len(queries.proposals_of(world.again(booking))) == 1
