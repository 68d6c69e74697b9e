"""PG-31: finding one's bookings (S1.6, S1.7, S4.1, CK-35)."""

import re

import pytest

from accounts.enums import Role
from accounts.presets import MENTORS
from accounts.services import join
from bookings import wording
from bookings.enums import Action
from tests import factories

from .conftest import World, prague, values, words
from .stories import Stories


def codes(response) -> list[str]:
    """The bookings of the list, in order."""
    return re.findall(r'scope="row"><a href="[^"]*/bookings/([^/"]+)/"', response.content.decode())


@pytest.fixture
def story(world):
    """One booking in every state this release knows, all of Kim and Ana."""
    pending = world.ask(prague(24, 15))
    agreed = world.confirm(world.ask(prague(25, 15)))
    setting_up = world.act(world.ask(prague(26, 15)), Action.ACCEPT, start=prague(26, 15))
    declined = world.act(world.ask(prague(27, 15)), Action.DECLINE, reason_code="time")
    withdrawn = world.act(world.ask(prague(27, 10)), Action.WITHDRAW)
    return {
        name: booking.code
        for name, booking in {
            "pending": pending, "agreed": agreed, "setting_up": setting_up, "declined": declined, "withdrawn": withdrawn,
        }.items()
    }  # fmt: skip


def test_scopes_are_links_with_counts(world, story):
    page = words(world.get(world.kim, "/bookings/"))

    assert "Needs you 0 Waiting for others 1 Upcoming 2 Past 2 All 5" in page


@pytest.mark.parametrize(
    ("who", "show", "expected"),
    [
        ("ana", "needs-you", ["pending"]),
        ("ana", "waiting", []),
        ("kim", "needs-you", []),
        ("kim", "waiting", ["pending"]),
        ("kim", "upcoming", ["agreed", "setting_up"]),
        ("kim", "past", ["declined", "withdrawn"]),
    ],
)
def test_scope_holds_what_it_says(world, story, who, show, expected):
    member = {"ana": world.ana.member, "kim": world.kim}[who]

    assert sorted(codes(world.get(member, f"/bookings/?show={show}"))) == sorted(story[name] for name in expected)


def test_what_needs_an_answer_comes_first_and_otherwise_what_is_ahead(world, story):
    """PG-31: the default scope."""
    assert codes(world.get(world.ana.member, "/bookings/")) == [story["pending"]]
    assert codes(world.get(world.kim, "/bookings/")) == [story["agreed"], story["setting_up"]]


def test_session_that_is_on_is_ahead_and_then_past(world, story, later):
    later(days=2, hours=6)  # Wed 25 Nov, 3:14pm in Prague, 14 minutes into the session
    assert story["agreed"] in codes(world.get(world.kim, "/bookings/?show=upcoming"))

    later(minutes=16)
    assert story["agreed"] in codes(world.get(world.kim, "/bookings/?show=past"))
    assert story["agreed"] not in codes(world.get(world.kim, "/bookings/?show=upcoming"))


def test_row_says_when_by_both_clocks_with_whom_state_and_next(world, story):
    page = words(world.get(world.kim, "/bookings/?show=waiting"))

    assert (
        "Tue 24 Nov, 8am to 8:30am 3pm to 3:30pm in Prague Tax planning with Ana Nowak "
        "Awaiting approval Ana Nowak answers by Tue 24 Nov, 8am 30 View"
    ) in page


def test_row_opens_the_booking(world, story):
    """S1.7: the View button says what it opens."""
    page = world.get(world.kim, "/bookings/?show=waiting")

    assert (
        f'<a class="btn small" href="{world.url("/bookings/" + story["pending"] + "/")}">View' in page.content.decode()
    )
    assert "View Tax planning with Ana Nowak, Tue 24 Nov, 8am to 8:30am" in words(page)


def test_one_list_holds_both_roles_with_a_mark(world, story):
    """S4.1, C28: somebody who asks and is asked sees which role they have in each."""
    with world.inside():
        join(user=world.ana.member.user, roles=[Role.CLIENT])
        ben = factories.provider("Ben Adeyemi")
        career = factories.service(ben, "Career review")
    asked = world.ask(prague(24, 10), client=world.ana.member, service=career)

    page = world.get(world.ana.member, "/bookings/?show=all")

    assert {asked.code, story["pending"]} <= set(codes(page))
    assert "Career review with Ben Adeyemi You are the user" in words(page)
    assert "Tax planning with Kim Okafor You are the expert" in words(page)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("state=declined", ["declined"]),
        ("state=declined&state=cancelled", ["declined", "withdrawn"]),
        ("state=requested", ["pending"]),
        ("state=needs_you", []),
        ("state=confirmed&state=setting_up", ["agreed", "setting_up"]),
        ("q=NOWAK", ["pending", "agreed", "setting_up", "declined", "withdrawn"]),
        ("q=nobody", []),
        ("q=nowak&state=confirmed", ["agreed"]),
        ("q=%25", []),
    ],
)
def test_filters_work_by_address(world, story, query, expected):
    """S1.6, CK-35: check-boxes and text, by GET, over all bookings."""
    assert sorted(codes(world.get(world.kim, f"/bookings/?{query}"))) == sorted(story[name] for name in expected)


def test_booking_is_found_by_its_reference(world, story):
    assert codes(world.get(world.kim, f"/bookings/?q={story['declined'].lower()}")) == [story["declined"]]


def test_filter_shows_counts_in_the_tenants_words_and_keeps_what_is_ticked(world, story):
    page = world.get(world.kim, "/bookings/?state=declined&q=nowak")

    assert "Your answer needed 0 meetings Awaiting approval 1 meetings" in words(page)
    assert "Setting up 1 meetings Agreed 1 meetings" in words(page)
    assert 'value="declined" checked' in page.content.decode()
    assert values(page, "q") == ["nowak", "nowak"]


def test_counts_of_the_filter_are_the_viewers_side(world, story):
    page = words(world.get(world.ana.member, "/bookings/"))

    assert "Your answer needed 1 meetings Awaiting approval 0 meetings" in page


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("state=noshow", "No meetings match No-show"),
        ("q=zzz", "No meetings match “zzz”"),
        ("q=zzz&state=declined&state=expired", "No meetings match “zzz” and Rejected or Not answered in time"),
    ],
)
def test_nothing_found_says_what_was_asked_and_clears(world, story, query, title):
    page = world.get(world.kim, f"/bookings/?{query}")

    assert title in words(page)
    assert "Clear filter" in words(page)


@pytest.mark.parametrize(
    ("show", "title"),
    [
        ("needs-you", "Nothing needs your answer"),
        ("waiting", "Nobody has to answer you"),
        ("upcoming", "No meetings ahead"),
        ("past", "No past meetings"),
        ("all", "No meetings yet"),
    ],
)
def test_empty_scope_says_why_and_leads_on(world, show, title):
    page = words(world.get(world.lena, f"/bookings/?show={show}"))

    assert title in page
    assert "Find an expert" in page


@pytest.mark.parametrize("query", ["show=mine", "state=gone", "state=%00", "show=%00&state=1"])
def test_unknown_filter_is_left_out_and_said(world, story, query):
    page = world.get(world.kim, f"/bookings/?{query}")

    assert page.status_code == 200
    assert "We don’t know one of the filters in this address, so it was left out." in words(page)


@pytest.mark.parametrize("query", ["page=0", "page=999", "page=x", "q=%00", "q=" + "x" * 5000])
def test_odd_values_are_no_error(world, story, query):
    assert world.get(world.kim, f"/bookings/?{query}").status_code == 200


def test_twenty_to_a_page_with_the_filter_kept(world):
    for day in (24, 25):
        for half_hour in range(11):
            world.ask(prague(day, 9 + half_hour // 2, 30 * (half_hour % 2)))

    first, second = (world.get(world.kim, f"/bookings/?show=waiting&page={page}") for page in (1, 2))

    assert (len(codes(first)), len(codes(second))) == (20, 2)
    assert not set(codes(first)) & set(codes(second))
    assert 'href="?show=waiting&amp;page=2"' in first.content.decode()


def test_nobody_sees_bookings_of_others(world, story, rui):
    """T2: neither another member, nor staff in their own list, nor another tenant."""
    assert codes(world.get(world.lena, "/bookings/?show=all")) == []
    assert codes(world.get(world.sam, "/bookings/?show=all")) == []
    assert codes(world.client(rui).get("/t/south/bookings/?show=all")) == []


def test_person_who_is_no_member_here_finds_no_list(world, rui):
    assert world.get(rui, "/bookings/").status_code == 404


def test_guest_signs_in_first(world):
    assert world.get(None, "/bookings/").url == world.url(f"/signin/?next={world.url('/bookings/')}")


def test_list_takes_a_fixed_number_of_queries(world, django_assert_num_queries):
    client, address = world.client(world.kim), world.url("/bookings/?show=waiting")
    world.ask(prague(24, 15))
    client.get(address)

    with django_assert_num_queries(16):
        client.get(address)
    for day in (25, 26):
        world.ask(prague(day, 15))
    with django_assert_num_queries(16):
        client.get(address)


def test_looking_changes_nothing(world, story):
    before = world.state()

    world.get(world.kim, "/bookings/?show=all&q=ana&state=declined")

    assert world.state() == before


# --- the states of the whole negotiation --------------------------------------------------------------

STATES = {
    "requested": ("requested", "needs_you"),
    "suggested": ("needs_you", "suggested"),
    "invited": ("needs_you", "invited"),
    "setting_up": ("setting_up", "setting_up"),
    "confirmed": ("confirmed", "confirmed"),
    "moved_by_ana": ("change_proposed", "change_proposed"),
    "moved_by_kim": ("change_proposed", "change_proposed"),
    "begun": ("in_progress", "in_progress"),
    "ended": ("ended", "ended"),
    "completed": ("completed", "completed"),
    "kim_did_not_come": ("noshow", "noshow"),
    "declined": ("declined", "declined"),
    "cancelled": ("cancelled", "cancelled"),
    "expired": ("expired", "expired"),
}
# What waits for Kim, for Ana; what Kim, Ana waits for.
NEEDS = {
    "suggested": "kim",
    "invited": "kim",
    "moved_by_ana": "kim",
    "requested": "ana",
    "moved_by_kim": "ana",
    "ended": "ana",
}
UPCOMING = {"setting_up", "confirmed", "moved_by_ana", "moved_by_kim", "begun"}
UNDECIDED = {"requested", "suggested", "invited"}


@pytest.mark.parametrize("who", ["kim", "ana"])
@pytest.mark.parametrize("story", STATES)
def test_filter_counts_and_badges_agree_on_the_state(world, later, story, who):
    """S1.6: what SQL counts and filters is what the row says, and every booking is in exactly one state."""
    booking = getattr(Stories(world, later), story)()
    member, key = (world.kim, STATES[story][0]) if who == "kim" else (world.ana.member, STATES[story][1])
    word = MENTORS.policy.status_words.get(key, wording.WORDS[key])

    page = world.get(member, f"/bookings/?show=all&state={key}")
    others = "&".join(f"state={other}" for other in wording.WORDS if other != key)

    assert codes(page) == [booking.code]
    assert f"{word} 1 meetings" in words(page)
    assert re.findall(
        r'<td role="cell" class="wide"><span class="badge[^>]*><svg.*?</svg>([^<]*)', page.content.decode()
    ) == [word]
    assert codes(world.get(member, f"/bookings/?{others}")) == []


@pytest.mark.parametrize("who", ["kim", "ana"])
@pytest.mark.parametrize("story", STATES)
def test_scopes_hold_what_waits_for_whom(world, later, story, who):
    """PG-31: agreed with another date to judge, and over without the provider's word, need somebody, too."""
    booking = getattr(Stories(world, later), story)()
    member = world.kim if who == "kim" else world.ana.member

    found = {
        show: codes(world.get(member, f"/bookings/?show={show}")) == [booking.code]
        for show in ("needs-you", "waiting", "upcoming", "past", "all")
    }

    is_needed = NEEDS.get(story) == who
    assert found == {
        "needs-you": is_needed,
        "waiting": story in NEEDS and story != "ended" and not is_needed,
        "upcoming": story in UPCOMING,
        "past": story not in UPCOMING | UNDECIDED,
        "all": True,
    }
    html = world.get(member, "/bookings/?show=all").content.decode()
    assert ('class="count"' in html) == is_needed


def test_where_the_clock_completes_nobody_is_asked_for_a_word(south, now, clock, later):
    """D15 automatic: the provider may say it, and nothing waits for that."""
    world = World(south, now)
    booking = world.confirm(world.ask(prague(25, 15)))
    later(days=2, hours=7)

    assert codes(world.get(world.ana.member, "/bookings/?show=needs-you")) == []
    assert codes(world.get(world.ana.member, "/bookings/?show=past")) == [booking.code]


def test_only_who_makes_bookings_finds_the_way_to_a_new_one(world):
    """PG-39: reachable from the list and from Today."""
    href = world.url("/portal/bookings/new/")

    for page in ("/bookings/", "/portal/"):
        assert f'href="{href}"' in world.get(world.ana.member, page).text
    assert f'href="{href}"' not in world.get(world.kim, "/bookings/").text
