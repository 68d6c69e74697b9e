"""The buttons of PG-32's table: every display state, both sides, exactly these and no others (CK-28)."""

import re
from dataclasses import replace

import pytest
from django.conf import settings

from accounts.queries import current_policy
from accounts.services import adopt_policy
from bookings import queries
from bookings.context import Reader
from bookings.enums import Action, Actor
from bookings.models import Booking
from bookings.pages.buttons import TABLE
from bookings.pages.detail import booking_page
from bookings.pages.parts import Viewer
from tests import factories

from .conftest import World, prague, words
from .stories import Stories, offer

KIM, ANA = "Kim Okafor", "Ana Nowak"


def buttons(page) -> list[str]:
    """The labels of all buttons and links that look like buttons, as they are seen."""
    html = page.content.decode()
    html = html[html.index('<article id="booking"') : html.index("</article>")]
    found = re.findall(r'(?s)<(a|button) class="btn[^"]*"[^>]*>(.*?)</\1>', html)
    seen = [re.sub(r'(?s)<span class="vh">.*?</span>|<svg.*?</svg>|<[^>]+>', "", inner).strip() for _, inner in found]
    return [label.replace("&#x27;", "'") for label in seen]


@pytest.fixture
def stories(world, later) -> Stories:
    return Stories(world, later)


@pytest.fixture
def do(stories):
    return stories.do


ANSWERS = ["Suggest other times", "Decline"]
JOIN = ["Join from 7:45am", "Add to calendar"]
ANAS_JOIN = ["Join from 2:45pm", "Add to calendar"]
ROWS = {
    "requested": (["Change times", "Edit notes", "Withdraw request"], ["Accept Tue 24 Nov, 3pm", *ANSWERS]),
    "suggested": (["Accept this time", *ANSWERS], ["Withdraw suggestion"]),
    "invited": (["Accept Tue 24 Nov, 8am", *ANSWERS], ["Withdraw invitation"]),
    "waiting": (["Add credits", "Withdraw request"], ["Decline"]),
    "setting_up": ([], []),
    "confirmed": ([*JOIN, "Propose another time", "Cancel"], [*ANAS_JOIN, "Propose another time", "Cancel"]),
    "moved_by_ana": (
        [*JOIN, "Cancel", "Accept Wed 25 Nov, 8am", "Suggest other times", "Keep the original time"],
        [*ANAS_JOIN, "Withdraw proposal"],
    ),
    "moved_by_kim": (
        [*JOIN, "Withdraw proposal"],
        [*ANAS_JOIN, "Cancel", "Accept Wed 25 Nov, 3pm", "Suggest other times", "Keep the original time"],
    ),
    "begun": (["Join"], ["Join"]),
    "ten_minutes_in": (["Join", f"{ANA} isn't here"], ["Join", f"{KIM} isn't here"]),
    "ended": (["Join", "Yes, it took place", f"{ANA} didn't come"], ["Join", "Mark completed", f"{KIM} didn't come"]),
    "completed": (["Book again", "Take it back"], ["Follow-up meeting", "Report a problem"]),
    "kim_did_not_come": (["Tell us what happened"], ["Take it back"]),
    "ana_did_not_come": (["Take it back"], ["Tell us what happened"]),
    "declined": (["Ask for another time"], ["Suggest another time"]),
    "cancelled": (["Ask for another time"], ["Suggest a new time"]),
    "expired": (["Ask for another time"], ["Suggest a new time"]),
}


@pytest.mark.parametrize("side", [Actor.CLIENT, Actor.PROVIDER])
@pytest.mark.parametrize("row", ROWS)
def test_page_has_exactly_the_buttons_of_the_table(world, stories, row, side):
    booking = getattr(stories, row)()
    member = world.kim if side == Actor.CLIENT else world.ana.member

    page = world.get(member, f"/bookings/{booking.code}/")

    assert buttons(page) == ROWS[row][0 if side == Actor.CLIENT else 1]
    assert words(page).count("Next: ") == 1


@pytest.mark.parametrize("row", ROWS)
def test_staff_act_in_the_administration_alone(world, stories, row):
    """decisions.md 17: a reason, a preview, and the same services."""
    booking = getattr(stories, row)()

    page = world.get(world.sam, f"/bookings/{booking.code}/")

    assert buttons(page) == ["Open in the administration"]
    assert f"/admin/bookings/booking/{booking.pk}/change/" in page.content.decode()


WAITING = {
    Actor.CLIENT: (
        ["Add credits", "Withdraw request"],
        "The time is kept for you until Tue 24 Nov, 9:14am. Add what is missing, and it goes on by itself.",
    ),
    Actor.PROVIDER: (
        ["Decline"],
        "Kim Okafor has too few credits. The time is kept until Tue 24 Nov, 9:14am; if they come, it goes on by itself.",
    ),
}


@pytest.mark.parametrize("side", WAITING)
@pytest.mark.urls(settings.TENANT_URLCONF)
def test_waiting_for_credits_says_until_when_and_what_to_do(world, stories, side):
    """Decisions 19, ux.md PG-32: add credits or withdraw; the provider sees until when."""
    booking = stories.waiting()
    member = world.kim if side == Actor.CLIENT else world.ana.member
    with world.inside():
        row = queries.get_booking_for(member, booking.code)
        page = booking_page(row, Viewer(member, Reader("Europe/Prague"), world.now))

    assert ([button.label for button in page.buttons], page.next) == WAITING[side]
    assert (page.answers, page.blocked) == ([], [])
    assert [state.label for state in page.states] == ["Waiting for credits"]


def test_every_row_of_the_specification_has_both_sides():
    """PG-32: 14 display states, of which the proposed change counts for each side by itself."""
    assert len(TABLE) == 15
    assert all(set(sides) == {Actor.CLIENT, Actor.PROVIDER} for sides in TABLE.values())


# --- by policy ----------------------------------------------------------------------------------------


@pytest.fixture
def rules(world):
    """Change the tenant's rules before the booking is made."""

    def rules(**settings) -> None:
        with world.inside():
            adopt_policy(policy=replace(current_policy().policy, **settings))

    return rules


def page_of(world, who, booking):
    return world.get(who, f"/bookings/{booking.code}/")


def test_provider_who_may_not_cancel_asks_the_client(world, stories, rules):
    """S1.14, D5: the sentence of the guard stands where the button was, and the way instead beside it."""
    rules(provider_cancel="ask_client")
    page = page_of(world, world.ana.member, stories.confirmed())

    assert buttons(page) == [*ANAS_JOIN, "Propose another time", "Ask Kim Okafor to cancel"]
    assert "You can't cancel an agreed meeting here. Ask Kim Okafor to cancel it." in words(page)


def test_client_who_is_asked_to_cancel_reads_why(world, stories, rules, do):
    """S1.14, T20."""
    rules(provider_cancel="ask_client")
    booking = do(stories.confirmed(), Action.ASK_TO_CANCEL, Actor.PROVIDER, message="I lost my voice.")

    kim, ana = (words(page_of(world, who, booking)) for who in (world.kim, world.ana.member))

    assert "Ana Nowak asked you to cancel I lost my voice. It takes place unless you cancel." in kim
    assert "Next: Ana Nowak asks you to cancel. Unless you do, you meet on Tue 24 Nov, 8am." in kim
    assert "You have asked Kim Okafor to cancel already. The answer comes by mail." in ana
    assert "Ana Nowak asked you to cancel it." in kim.split("What has happened", 1)[1]


def test_move_by_staff_is_asked_of_support(world, stories, rules, do):
    """D7, S1.18: who may not move it themselves is told the way, and later that support was asked."""
    rules(reschedule="via_staff")
    booking = stories.confirmed()
    page = page_of(world, world.kim, booking)

    assert buttons(page) == [*JOIN, "Ask support", "Cancel"]
    assert "Agree on a new time with Ana Nowak; then ask support to change it." in words(page)

    booking = do(booking, Action.ASK_SUPPORT, Actor.CLIENT, message="We agreed by phone.", offer=offer(prague(25, 16)))
    for who, name in ((world.kim, "You"), (world.ana.member, "Kim Okafor")):
        page = page_of(world, who, booking)
        assert (
            f"{name} asked support to change this We agreed by phone. Support answers you both by Wed 25 Nov"
            in words(page)
        )
        assert "Ask support" not in buttons(page)
        # One sentence is enough: the way that the rule names is closed, too.
        assert "Support has been asked already and answers by mail." in words(page)
        assert "then ask support to change it" not in words(page)
    assert "Wanted: Wed 25 Nov, 9am." in words(page_of(world, world.kim, booking))


def test_direct_move_needs_no_explanation(world, stories, rules):
    """S3.13, D7."""
    rules(reschedule="direct")
    page = page_of(world, world.kim, stories.confirmed())

    assert buttons(page) == [*JOIN, "Move to another time", "Cancel"]
    assert "You can move" not in words(page)


def test_where_the_provider_completes_the_client_reads_so(world, stories, rules):
    """D15, S3.16."""
    rules(completion="provider")
    page = page_of(world, world.kim, stories.ended())

    assert buttons(page) == ["Join", "Ana Nowak didn't come"]
    assert "Next: Ana Nowak says whether it took place. If Ana Nowak didn't come, say so here." in words(page)


def test_new_booking_knows_whom_and_what(world, stories, rules):
    """T12, T30: only where providers may make bookings; what came to nothing is tried again, what took place is not."""
    cancelled = stories.cancelled()
    new = f"/portal/bookings/new/?client={world.kim.pk}&amp;service={world.service.pk}"
    html = page_of(world, world.ana.member, cancelled).content.decode()
    assert f'href="{world.url(new)}&amp;again={cancelled.code}"' in html

    rules(provider_made="off")
    assert buttons(page_of(world, world.ana.member, stories.cancelled())) == []


def test_stuck_setting_up_can_be_cancelled_all_the_same(world, stories, later):
    """decisions.md 7: a provider of video that fails never holds anybody."""
    booking = stories.setting_up()
    later(minutes=3)

    assert buttons(page_of(world, world.kim, booking)) == ["Add to calendar", "Propose another time", "Cancel"]


def test_too_early_to_say_that_nobody_is_there(world, stories):
    """T38: the earliest moment stands in place of the button."""
    page = words(page_of(world, world.ana.member, stories.begun()))

    assert "Wait until Tue 24 Nov, 3:10pm, 10 minutes after the start." in page
    assert "Next: This meeting is on until 3:30pm. If Kim Okafor isn't there, you can say so from 3:10pm." in page


def test_what_was_said_can_be_taken_back_for_a_day_and_doubted_for_two(world, stories, later):
    """PG-32, T41: after that neither has a button, nor a sentence about it."""
    booking = stories.kim_did_not_come()
    kim, ana = world.kim, world.ana.member
    assert "Next: Ana Nowak said that you didn't come. If that is wrong, tell us until Thu 26 Nov, 8:40am." in words(
        page_of(world, kim, booking)
    )
    later(hours=24, seconds=1)
    assert (buttons(page_of(world, kim, booking)), buttons(page_of(world, ana, booking))) == (
        ["Tell us what happened"],
        [],
    )
    later(hours=24)
    assert buttons(page_of(world, kim, booking)) == []
    assert "Nothing more to do." in words(page_of(world, kim, booking))


def test_contested_outcome_is_left_to_support(world, stories, do):
    """T41: neither side has anything left to press; both read the objection."""
    booking = do(stories.kim_did_not_come(), Action.CONTEST, Actor.CLIENT, message="I was there from 2:55pm.")

    for who, name in ((world.kim, "You disagree"), (world.ana.member, "Kim Okafor disagrees")):
        page = page_of(world, who, booking)
        assert buttons(page) == []
        assert f"{name} I was there from 2:55pm. Support decides what happened and tells you both by mail." in words(
            page
        )
        assert "Next: Support decides what happened. You are both told by mail." in words(page)


def test_old_time_stands_beside_the_new_one(world, stories):
    """S4.25, PG-32: nothing moves before the other side agrees."""
    booking = stories.moved_by_ana()
    kim, ana = (words(page_of(world, who, booking)) for who in (world.kim, world.ana.member))

    assert "Agreed Change proposed Reference" in kim
    assert (
        "Next: Accept Ana Nowak's new time, or keep the old one, by Tue 24 Nov, 8am (in 29 hours). "
        "Until then Tue 24 Nov, 8am stays as it is."
    ) in kim
    assert "Ana Nowak proposes another time Answer by Tue 24 Nov, 8am (in 29 hours)" in kim
    assert "Agreed, and stays until another time is accepted Tue 24 Nov, 8am to 8:30am" in kim
    assert "Next: Kim Okafor answers by Tue 24 Nov, 3pm (in 29 hours). Until then Tue 24 Nov, 3pm stays" in ana
    assert "Time you suggested Mon 23 Nov, 9:14am Agreed, and stays until another time is accepted" in ana
    assert "Wed 25 Nov, 3pm to 3:30pm 8am to 8:30am in Chicago. Kim Okafor answers by Tue 24 Nov, 3pm" in ana


def test_cancelling_says_what_it_costs_before_the_click(world, stories, later):
    """D6, T21, T22: from the same arithmetic that takes it, for both sides."""
    booking = world.confirm(world.ask(prague(27, 15)))

    assert "Cancelling Free for you until Wed 25 Nov, 8am. After that 15 of 30 credits are kept." in words(
        page_of(world, world.kim, booking)
    )
    assert "Cancelling Free for Kim Okafor until Wed 25 Nov, 3pm." in words(page_of(world, world.ana.member, booking))
    later(days=3)
    assert "Cancelling Now 15 of 30 credits are kept if you cancel." in words(page_of(world, world.kim, booking))


def test_retry_and_what_it_retries_name_each_other(world, stories):
    """T30: the thread is kept through profile and form; only those who may open both read of both."""
    declined = stories.declined()
    html = page_of(world, world.kim, declined).content.decode()
    again = f"/experts/{world.ana.slug}/?service={world.service.pk}&amp;again={declined.code}"
    assert f'href="{world.url(again)}"' in html
    profile = world.get(world.kim, again.replace("&amp;", "&"))
    assert f'name="again" value="{declined.code}"' in profile.content.decode()
    address = f"/experts/{world.ana.slug}/request/"
    asked = {"service": world.service.pk, "slot": "2026-11-25T14:00Z"}
    form = world.client(world.kim).get(world.url(address), {**asked, "again": declined.code})
    assert f'name="again" value="{declined.code}"' in form.content.decode()

    sent = world.post(world.kim, address, {**asked, "again": declined.code})

    retry = sent.url.split("/")[-3]
    with world.inside():
        assert Booking.objects.get(code=retry).earlier == declined
    for who in (world.kim, world.ana.member):
        assert f"Tries again {declined.code}" in words(page_of(world, who, world.again(Booking(code=retry))))
        assert f"Tried again {retry}" in words(page_of(world, who, declined))


@pytest.mark.parametrize("code", ["", "NO-NEVER", "%00", "x" * 500, "../x"])
def test_retry_of_nothing_is_a_plain_request(world, code):
    address = f"/experts/{world.ana.slug}/request/"
    asked = {"service": world.service.pk, "slot": "2026-11-25T14:00Z", "again": code}

    sent = world.post(world.kim, address, asked)

    with world.inside():
        assert Booking.objects.get(code=sent.url.split("/")[-3]).earlier is None


def test_nobody_retries_the_booking_of_somebody_else(world, stories):
    declined = stories.declined()
    asked = {"service": world.service.pk, "slot": "2026-11-25T14:00Z", "again": declined.code}

    sent = world.post(world.lena, f"/experts/{world.ana.slug}/request/", asked)

    with world.inside():
        assert Booking.objects.get(code=sent.url.split("/")[-3]).earlier is None


def test_retry_with_somebody_else_tells_them_nothing(world, stories):
    """T2: the next provider does not read who said no before."""
    declined = stories.declined()
    with world.inside():
        ben = factories.provider("Ben Adeyemi")
        career = factories.service(ben, "Career review")
    retry = world.ask(prague(25, 15), service=career, earlier=declined)

    assert f"Tries again {declined.code}" in words(page_of(world, world.kim, retry))
    assert declined.code not in words(page_of(world, ben.member, retry))


@pytest.mark.parametrize("row", ROWS)
def test_looking_changes_nothing(world, stories, row):
    booking = getattr(stories, row)()
    before = world.state()

    for who in (world.kim, world.ana.member, world.sam):
        page_of(world, who, booking)
        world.get(who, f"/bookings/{booking.code}/join/")

    assert world.state() == before


@pytest.mark.parametrize(
    ("row", "count"),
    [("requested", 15), ("moved_by_ana", 18), ("confirmed", 17), ("completed", 15)],
)
def test_page_takes_a_fixed_number_of_queries(world, stories, django_assert_num_queries, row, count):
    booking, client = getattr(stories, row)(), world.client(world.kim)
    address = world.url(f"/bookings/{booking.code}/")
    client.get(address)

    with django_assert_num_queries(count):
        client.get(address)


def test_world_is_what_the_table_was_written_for(world: World):
    assert (world.kim.name, world.ana.name) == (KIM, ANA)
