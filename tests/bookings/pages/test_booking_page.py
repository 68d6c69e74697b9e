"""PG-32, PG-06 and PG-38: one booking for both parties and staff (CK-18, CK-28, CK-33, D-5)."""

from datetime import timedelta

import pytest

from bookings import services
from bookings.enums import Action, Status
from bookings.models import Booking
from calendars.enums import ClaimKind
from calendars.queries import meeting_url
from calendars.services import claim
from marketplace.services import update_provider
from tests import factories

from .conftest import World, iso, prague, values, words

ACTIONS = ("Accept", "Decline", "Withdraw request", "Join", "Add to calendar", "Ask for another time")


@pytest.fixture
def booking(world) -> Booking:
    return world.ask(prague(24, 15), notes="Sole trader?")


def get(world, who, booking, path="", **headers):
    return world.get(who, f"/bookings/{booking.code}/{path}", **headers)


def offered(page) -> list[str]:
    """The buttons and links by which the viewer acts on the booking."""
    html = page.content.decode()
    html = html[html.index('<article id="booking"') : html.index("</article>")]
    found = []
    for tag in html.split('class="btn')[1:]:
        label = words(type("Part", (), {"content": f"<a {tag}".encode()})).removeprefix(">")
        found += [action for action in ACTIONS if label.startswith(action)]
    return found


# --- what everybody sees ------------------------------------------------------------------------------


def test_head_has_state_both_clocks_and_what_comes_next(world, booking):
    page = words(get(world, world.kim, booking))

    assert f"Awaiting approval Reference {booking.code} Tax planning with Ana Nowak" in page
    assert "Tue 24 Nov, 8am to 8:30am Chicago, your time 3pm to 3:30pm Prague, where Ana Nowak is" in page
    assert (
        "Next: Ana Nowak answers by Tue 24 Nov, 8am (in 29 hours). If not, the request closes and you are told."
    ) in page


def test_details_say_service_place_notes_and_price(world, booking):
    page = words(get(world, world.kim, booking))

    assert "Service Tax planning, 30 minutes" in page
    assert "Where Video The link comes when a time is agreed" in page
    assert "Your notes Sole trader?" in page
    assert "Price 30 credits" in page
    assert "Ana Nowak Prague, 7 hours ahead of you" in page


def test_timeline_is_newest_first_with_the_rule_and_its_numbers(world, booking):
    """CK-33, D-5: actor and verb, the reader's time, the rule as it was then."""
    world.act(booking, Action.DECLINE, reason_code="time", message="Next week?")

    page = words(get(world, world.kim, booking)).split("What has happened", 1)[1]

    assert page.startswith(
        " Ana Nowak declined. Came back: 30 credits. Reason: The time does not suit me. Mon 23 Nov, 2:14am Next week? "
        "You asked for Tue 24 Nov, 8am. Held: 30 credits. Mon 23 Nov, 2:14am "
        "The rule on Mon 23 Nov, 2:14am Ana Nowak answers within 72 hours and before the start. "
        "Then the request closes by itself."
    )


def test_timeline_speaks_to_its_reader(world, booking):
    assert "Kim Okafor asked for Tue 24 Nov, 3pm." in words(get(world, world.ana.member, booking))
    assert "Kim Okafor asked for Tue 24 Nov, 2pm." in words(get(world, world.sam, booking))


def test_mails_are_listed_for_their_recipient_and_all_of_them_for_staff(world, booking):
    """D-5: what we sent; nobody reads whom else we wrote to but staff."""
    kim, ana, sam = (words(get(world, who, booking)) for who in (world.kim, world.ana.member, world.sam))

    assert "What we sent (1) Receipt of the request Mail to you" in kim
    assert "What we sent (1) New request Mail to you" in ana
    assert "What we sent (2)" in sam
    assert "Mail to Kim Okafor" in sam
    assert "Mail to Ana Nowak" in sam


# --- buttons (the table of PG-32) ---------------------------------------------------------------------


def test_requested(world, booking):
    assert offered(get(world, world.kim, booking)) == ["Withdraw request"]
    assert offered(get(world, world.ana.member, booking)) == ["Accept", "Decline"]
    assert offered(get(world, world.sam, booking)) == []


def test_setting_up(world, booking):
    world.act(booking, Action.ACCEPT, start=prague(24, 15))

    assert offered(get(world, world.kim, booking)) == []
    assert offered(get(world, world.ana.member, booking)) == []
    assert "We are setting up your meeting. That usually takes a few seconds." in words(get(world, world.kim, booking))


def test_confirmed(world, booking, later):
    """S4.7, X12, PG-36b: the address to join opens a quarter of an hour before, for the two of them alone."""
    world.confirm(booking)
    with world.inside():
        room = meeting_url(booking.reference)

    assert room.startswith("https://")
    for who in (world.kim, world.ana.member):
        page = get(world, who, booking)
        assert offered(page) == ["Join", "Add to calendar"]
        assert f'href="{world.url(f"/bookings/{booking.code}/join/")}"' in page.content.decode()
        assert room not in page.content.decode()
    later(days=1, hours=5, minutes=31)  # Tue 24 Nov, 2:45pm in Prague
    for who in (world.kim, world.ana.member):
        assert f'href="{room}"' in get(world, who, booking).content.decode()
    assert offered(get(world, world.sam, booking)) == []
    assert room not in get(world, world.sam, booking).content.decode()


def test_room_is_never_shown_before_the_agreement(world, booking):
    world.act(booking, Action.ACCEPT, start=prague(24, 15))

    for who in (world.kim, world.ana.member):
        assert "meet.jit.si" not in get(world, who, booking).content.decode()


def test_session_that_is_over(world, booking, later):
    """C23: the address stays an hour, sessions run over; the calendar file is of no use any more."""
    world.confirm(booking)
    later(days=1, hours=6, minutes=16)
    assert offered(get(world, world.kim, booking)) == ["Join"]
    assert "Next: Did it happen? If nobody says otherwise, it counts as completed on Thu 26 Nov, 8:30am." in words(
        get(world, world.kim, booking)
    )

    later(hours=1)
    assert offered(get(world, world.kim, booking)) == []


@pytest.mark.parametrize(("action", "details"), [(Action.DECLINE, {"reason_code": "time"}), (Action.WITHDRAW, {})])
def test_closed_request_can_be_asked_again(world, booking, action, details):
    """C3, S0.22: with the same service chosen already; the provider has nothing to do."""
    world.act(booking, action, **details)

    page = get(world, world.kim, booking)

    assert offered(page) == ["Ask for another time"]
    again = world.url(f"/experts/{world.ana.slug}/?service={world.service.pk}&amp;again={booking.code}")
    assert f'href="{again}"' in page.content.decode()
    assert offered(get(world, world.ana.member, booking)) == []


def test_expired_request_can_be_asked_again(world, booking, later):
    later(days=1, hours=6)
    services.expire_overdue(tenant=world.tenant, now=world.now + timedelta(days=1, hours=6))

    page = get(world, world.kim, booking)

    assert offered(page) == ["Ask for another time"]
    assert "Not answered in time" in words(page)
    assert "Ana Nowak didn't answer in time. Ask for another time, or ask somebody else." in words(page)


def test_nobody_is_led_to_a_provider_who_left(world, booking):
    world.act(booking, Action.DECLINE, reason_code="time")
    with world.inside():
        update_provider(provider=world.ana, is_published=False)

    assert offered(get(world, world.kim, booking)) == []


def test_action_that_the_rules_take_away_is_replaced_by_the_sentence(world, booking, later):
    """PG-32: at the start the button goes and the reason stands in its place (S4.42)."""
    later(days=1, hours=5, minutes=46)

    page = get(world, world.kim, booking)

    assert offered(page) == []
    assert "The time of this meeting has come. Ask for a new time instead." in words(page)


# --- the times on the table ---------------------------------------------------------------------------


def test_provider_accepts_on_the_page(world, booking):
    page = get(world, world.ana.member, booking)

    assert "Kim Okafor asks for this time Answer by Tue 24 Nov, 3pm (in 29 hours)" in words(page)
    assert "Accept Tue 24 Nov, 3pm" in words(page)
    assert values(page, "time") == [iso(prague(24, 15))]
    assert f'action="{world.url("/bookings/" + booking.code + "/accept/")}"' in page.content.decode()


def test_lost_time_says_why_and_can_not_be_chosen(world, booking):
    """The very sentence of the guard (decisions.md 35)."""
    with world.inside():
        claim(
            calendars=[world.ana.calendar],
            start=prague(24, 15),
            end=prague(24, 15, 30),
            kind=ClaimKind.SESSION,
            reference="booking:NO-OTHER",
        )

    page = get(world, world.ana.member, booking)

    assert offered(page) == ["Decline"]
    assert "You have agreed to NO-OTHER on Tue 24 Nov, 3pm. Choose another time." in words(page)


def test_client_reads_several_times_with_their_deadlines(db, now, clock):
    world = World(factories.tenant("west", preset="talks"), now)
    booking = world.ask(prague(27, 15), prague(24, 15))

    page = words(get(world, world.kim, booking))

    assert (
        "Times you asked for Mon 23 Nov, 2:14am "
        "Fri 27 Nov, 8am to 8:30am 3pm to 3:30pm in Prague. Ana Nowak answers by Fri 27 Nov, 8am "
        "Tue 24 Nov, 8am to 8:30am 3pm to 3:30pm in Prague. Ana Nowak answers by Tue 24 Nov, 8am"
    ) in page
    assert "Next: Ana Nowak answers by Fri 27 Nov, 8am (in 4 days)." in page


def test_provider_reads_when_the_first_of_several_times_is_gone(db, now, clock):
    """PG-40: times drop out one by one; the nearest one is the deadline, the last one closes the request."""
    world = World(factories.tenant("west", preset="talks"), now)
    booking = world.ask(prague(27, 15), prague(24, 15))

    page = words(get(world, world.ana.member, booking))

    assert (
        "Next: Accept or decline by Tue 24 Nov, 3pm (in 29 hours). "
        "After that one time is gone; the request closes on Fri 27 Nov, 3pm."
    ) in page
    assert "Kim Okafor asks for 2 times" in page


def test_manual_logistics_are_left_to_the_two(db, now, clock):
    """S1.10: no link is promised where the platform makes none."""
    world = World(factories.tenant("west", preset="talks"), now)
    booking = world.ask(prague(24, 15))
    world.act(booking, Action.ACCEPT, start=prague(24, 15))

    page = words(get(world, world.kim, booking))

    assert (
        "You meet Ana Nowak on Tue 24 Nov, 8am (in 29 hours). You and Ana Nowak arrange the details yourselves." in page
    )
    assert "Where Video You and Ana Nowak arrange it between you" in page
    assert offered(get(world, world.kim, booking)) == ["Add to calendar"]


# --- asking again by itself (R-HX-6) ------------------------------------------------------------------


def test_page_asks_again_only_while_something_is_to_come(world, booking):
    every_minute = f'hx-get="{world.url(f"/bookings/{booking.code}/")}?seen=1" hx-trigger="every 60s"'
    assert every_minute in get(world, world.kim, booking).content.decode()
    assert "hx-trigger" not in get(world, world.ana.member, booking).content.decode()

    world.act(booking, Action.ACCEPT, start=prague(24, 15))
    assert '?seen=2" hx-trigger="every 3s"' in get(world, world.kim, booking).content.decode()

    with world.inside():
        services.set_up(booking_id=booking.pk, now=world.now)
    assert "hx-trigger" not in get(world, world.kim, booking).content.decode()


def test_question_is_answered_with_nothing_until_something_changes(world, booking):
    """204 leaves focus, scroll and open details alone."""
    hx = {"hx-request": "true"}

    nothing = get(world, world.kim, booking, "?seen=1", **hx)
    world.act(booking, Action.DECLINE, reason_code="time")
    changed = get(world, world.kim, booking, "?seen=1", **hx)

    assert (nothing.status_code, nothing.content) == (204, b"")
    assert changed.status_code == 200
    assert changed.content.decode().lstrip().startswith('<article id="booking"')
    assert (
        '<p id="announce" hx-swap-oob="innerHTML">Rejected. Ana Nowak can&#x27;t do this.' in changed.content.decode()
    )
    assert "HX-Request" in nothing["Vary"]
    assert "HX-Request" in changed["Vary"]


def test_setting_up_that_takes_too_long_stops_asking_and_says_so(world, booking, later):
    world.act(booking, Action.ACCEPT, start=prague(24, 15))
    later(minutes=2, seconds=1)

    page = get(world, world.kim, booking, "?seen=2", **{"hx-request": "true"})

    assert page.status_code == 200
    assert "The video link isn’t ready" in words(page)
    assert "hx-trigger" not in page.content.decode()


# --- sent, calendar file ------------------------------------------------------------------------------


def test_sent_page_says_what_happens_next_with_dates(world, booking):
    """CK-18: reference, deadline in the reader's zone, what happens if nobody answers."""
    page = words(get(world, world.kim, booking, "sent/"))

    assert f"We sent your request to Ana Nowak Tax planning, 30 minutes. Reference {booking.code}" in page
    assert "Tue 24 Nov, 8am to 8:30am 3pm to 3:30pm in Prague" in page
    assert "By Tue 24 Nov, 8am Ana Nowak answers. If not, the request closes by itself and you get a mail." in page
    assert "If Ana Nowak accepts You get a mail with a calendar file. Only then is it booked." in page
    assert "You get a mail, and you can ask for another time or another expert." in page


@pytest.mark.parametrize("who", ["ana", "sam"])
def test_sent_page_is_for_who_asked(world, booking, who):
    member = {"ana": world.ana.member, "sam": world.sam}[who]

    assert get(world, member, booking, "sent/").url == world.url(f"/bookings/{booking.code}/")


def test_sent_page_of_an_answered_request_is_its_own_page(world, booking):
    world.act(booking, Action.DECLINE, reason_code="time")

    assert get(world, world.kim, booking, "sent/").url == world.url(f"/bookings/{booking.code}/")


@pytest.mark.parametrize(("who", "address"), [("kim", "kim"), ("ana", "ana")])
def test_calendar_file_of_an_agreed_booking(world, booking, who, address):
    """PG-38, R-MAIL-8: for each of the two with themselves as the attendee; METHOD as in the file."""
    world.confirm(booking)
    member = {"kim": world.kim, "ana": world.ana.member}[who]

    file = world.get(member, f"/bookings/{booking.code}.ics")

    text = file.content.decode().replace("\r\n ", "")
    assert file.status_code == 200
    assert file["Content-Type"] == "text/calendar; charset=utf-8; method=REQUEST"
    assert file["Content-Disposition"] == f'attachment; filename="{booking.code}.ics"'
    assert "METHOD:REQUEST" in text
    assert "DTSTART:20261124T140000Z" in text
    assert f"mailto:{member.user.email}" in text
    assert text.count("ATTENDEE") == 1


def test_no_calendar_file_of_what_is_not_agreed_or_not_yours(world, booking, rui):
    """R-MAIL-8: never a file for something not agreed."""
    path = f"/bookings/{booking.code}.ics"
    assert world.get(world.kim, path).status_code == 404

    world.confirm(booking)

    assert [world.get(who, path).status_code for who in (world.sam, world.lena, rui)] == [404, 404, 404]
    assert world.get(None, path).status_code == 302


# --- who may, GET, queries ----------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["", "sent/"])
def test_strangers_find_nothing(world, booking, rui, page):
    """T2: no difference between what is not theirs and what never was."""
    answers = [get(world, world.lena, booking, page), get(world, rui, booking, page)]
    answers += [world.client(rui).get(f"/t/south/bookings/{booking.code}/{page}")]
    answers += [world.get(world.kim, f"/bookings/NO-NEVER/{page}")]

    assert {answer.status_code for answer in answers} == {404}


def test_posting_to_the_page_is_not_possible(world, booking):
    assert world.post(world.kim, f"/bookings/{booking.code}/").status_code == 405


def test_looking_changes_nothing(world, booking):
    before = world.state()

    for who in (world.kim, world.ana.member, world.sam, world.lena, None):
        for page in ("", "sent/", "?seen=1"):
            get(world, who, booking, page)
        world.get(who, f"/bookings/{booking.code}.ics")

    assert world.state() == before


def test_page_takes_a_fixed_number_of_queries(db, now, clock, django_assert_num_queries):
    """The same for one time on the table and for three."""
    world = World(factories.tenant("west", preset="talks"), now)
    one, three = world.ask(prague(24, 15)), world.ask(prague(25, 15), prague(26, 15), prague(27, 15))
    client = world.client(world.ana.member)
    client.get(world.url(f"/bookings/{one.code}/"))

    for booking in (one, three):
        with django_assert_num_queries(16):
            client.get(world.url(f"/bookings/{booking.code}/"))


def test_status_is_read_from_the_database_and_not_from_the_link(world, booking):
    with world.inside():
        assert Booking.objects.get(pk=booking.pk).status == Status.PENDING

    assert "Awaiting approval" in words(get(world, world.kim, booking, "?status=confirmed"))
