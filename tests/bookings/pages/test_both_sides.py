"""PG-33 and PG-34 for whichever side has to answer, or has put something on the table (T11, T13-T15, T24-T27, S4.10-S4.37)."""

import pytest

from accounts.queries import current_policy
from accounts.tenancy import tenant_scope
from bookings import services
from bookings.context import TimeOnTable
from bookings.enums import Action, Actor, Status
from bookings.models import Booking
from calendars import services as calendars
from calendars.enums import ClaimKind
from notifications.models import EmailMessage
from tests import factories

from .conftest import World, iso, prague, words

CLIENT, PROVIDER = Actor.CLIENT, Actor.PROVIDER
SIDES = [CLIENT, PROVIDER]


@pytest.fixture
def suggested(world) -> Booking:
    """Kim asked for Tue 24 Nov, 3pm; Ana suggests Wed 25 Nov, 10am with words."""
    return world.suggest(world.ask(prague(24, 15), notes="Sole trader?"), prague(25, 10), message="Tuesday is full.")


@pytest.fixture
def invited(world) -> Booking:
    """Ana invites Kim to Wed 25 Nov, 10am (T12)."""
    with world.inside():
        assert current_policy().policy.provider_made == "needs_client"
        booking = services.begin(
            action=Action.INVITE,
            actor=PROVIDER,
            client=world.kim,
            service=world.service,
            offer=[TimeOnTable(prague(25, 10), 30, 30)],
            now=world.now,
        )
    return world.again(booking)


@pytest.fixture
def agreed(world) -> Booking:
    """Thu 26 Nov, 3pm in Prague is agreed."""
    return world.confirm(world.ask(prague(26, 15)))


def moved_by(world: World, booking: Booking, side: Actor) -> Booking:
    """That side suggests Fri 27 Nov, 10am in Prague instead."""
    return world.suggest(booking, prague(27, 10), by=side)


def who(world: World, side: Actor):
    return world.kim if side == CLIENT else world.ana.member


def other(side: Actor) -> Actor:
    return PROVIDER if side == CLIENT else CLIENT


def name(side: Actor) -> str:
    return "Kim Okafor" if side == CLIENT else "Ana Nowak"


def path(booking: Booking, page: str) -> str:
    return f"/bookings/{booking.code}/{page}/"


def sent(world: World, member, booking: Booking, page: str, **data):
    """The answer to the form, and the page it leads to."""
    client = world.client(member)
    done = client.post(world.url(path(booking, page)), {"seen": booking.last_sequence, **data})
    return done, words(client.get(done.url)) if done.status_code == 303 else words(done)


def kinds(world: World) -> list[str]:
    with world.inside():
        return sorted(EmailMessage.objects.filter(kind__contains="move").values_list("kind", flat=True))


# --- a suggestion and an invitation, answered by the client -------------------------------------------


def test_client_reads_what_the_provider_suggests(world, suggested):
    page = words(world.get(world.kim, path(suggested, "accept")))

    assert "Accept this suggestion" in page
    assert "You wrote: Sole trader? Ana Nowak writes now: Tuesday is full. Answer by Wed 25 Nov, 3am (in 2 days)" in (
        page
    )
    assert "Wed 25 Nov, 3am to 3:30am Chicago, your time 10am to 10:30am Prague, where Ana Nowak is" in page
    assert "Wed 25 Nov, 3am is kept for you. You commit to being there." in page
    assert "Ana Nowak and you get a confirmation by mail with a calendar file." in page
    assert "Accept Wed 25 Nov, 3am Suggest another time Decline instead Not now" in page


def test_client_accepts_a_suggestion(world, suggested):
    """T13, S4.12."""
    done, page = sent(world, world.kim, suggested, "accept", time=iso(prague(25, 10)))

    booking = world.again(suggested)
    assert done.status_code == 303
    assert (booking.status, booking.starts_at) == (Status.CONFIRMING, prague(25, 10))
    assert "You accepted Wed 25 Nov, 3am. Ana Nowak is told by mail." in page


def test_client_declines_a_suggestion_without_a_reason(world, suggested):
    """T14: words are welcome and not needed; the list of reasons is the provider's."""
    shown = world.get(world.kim, path(suggested, "decline"))
    done, page = sent(world, world.kim, suggested, "decline")

    assert "Decline this suggestion Then nothing is agreed. You can ask for another time later." in words(shown)
    assert "Message to Ana Nowak (optional)" in words(shown)
    assert 'name="reason_code"' not in shown.content.decode()
    assert "The suggested time is free again for others." in words(shown)
    assert "Decline suggestion Keep the suggestion" in words(shown)
    assert done.status_code == 303
    assert world.again(suggested).status == Status.DECLINED
    assert "You declined. Ana Nowak is told by mail." in page


@pytest.mark.parametrize(("page", "button"), [("accept", "Accept Wed 25 Nov, 3am"), ("decline", "Decline invitation")])
def test_invitation_is_called_one(world, invited, page, button):
    """S4.15-S4.17."""
    shown = words(world.get(world.kim, path(invited, page)))

    assert f"{page.capitalize()} this invitation" in shown
    assert button in shown


def test_invitation_says_what_each_of_its_times_costs(world):
    """ux.md 0.1-6: before one of several is chosen, too, where all cost the same."""
    with world.inside():
        booking = services.begin(
            action=Action.INVITE,
            actor=Actor.PROVIDER,
            client=world.kim,
            service=world.service,
            offer=[TimeOnTable(prague(day, 10), 30, 30) for day in (25, 26)],
            now=world.now,
        )

    shown = words(world.get(world.kim, path(booking, "accept")))

    assert "What this does 30 credits are held of what you have." in shown


def test_notes_of_an_invitation_are_the_providers(world, invited):
    """PG-34: whoever began it wrote them."""
    with world.inside():
        Booking.objects.filter(pk=invited.pk).update(notes="Half an hour now saves two in January.")

    assert "Ana Nowak wrote: Half an hour now" in words(world.get(world.kim, path(invited, "decline")))
    assert "You wrote: Half an hour now" in words(world.get(world.ana.member, path(invited, "withdraw")))


def test_provider_withdraws_an_invitation(world, invited):
    """T15, S4.18 "cancel unconfirmed"."""
    shown = words(world.get(world.ana.member, path(invited, "withdraw")))
    done, page = sent(world, world.ana.member, invited, "withdraw", message="I am ill.")

    assert "Withdraw this invitation Then nothing is agreed. Kim Okafor can ask for another time later." in shown
    assert "Answer by" not in shown
    assert "Withdraw invitation Keep the invitation" in shown
    assert done.status_code == 303
    assert world.again(invited).status == Status.CANCELLED
    assert "You took back your invitation. Kim Okafor is told by mail." in page


def test_provider_withdraws_a_suggestion(world, suggested):
    done, page = sent(world, world.ana.member, suggested, "withdraw")

    assert done.status_code == 303
    assert world.again(suggested).status == Status.CANCELLED
    assert "You took back your suggestion. Kim Okafor is told by mail." in page


def test_client_who_is_busy_then_is_told_before_accepting(world, suggested):
    """decisions.md 14: two agreed sessions of one person never overlap, the client's neither."""
    with world.inside():
        bob = factories.provider("Bob Stone", now=world.now)
        second = services.request_session(
            client=world.kim, service=factories.service(bob), starts=[prague(25, 10)], now=world.now
        )
        services.perform(
            booking=second, action=Action.ACCEPT, actor=PROVIDER, by=bob.member, now=world.now, start=prague(25, 10)
        )

    shown = words(world.get(world.kim, path(suggested, "accept")))
    done, page = sent(world, world.kim, suggested, "accept", time=iso(prague(25, 10)))

    assert (
        f"You have agreed to {second.service.name} with Bob Stone ({second.code}) on Wed 25 Nov, 3am. Choose another time."
        in shown
    )
    assert "Accept Wed 25 Nov, 3am" not in shown
    assert done.status_code == 409
    assert "Free in Ana Nowak's calendar" in page


# --- another date of an agreed booking ----------------------------------------------------------------


@pytest.mark.parametrize("side", SIDES)
def test_old_stands_beside_new_and_stays_otherwise(world, agreed, side):
    """S4.25, S4.28."""
    booking = moved_by(world, agreed, other(side))
    old, new = ("8am", "3am") if side == CLIENT else ("3pm", "10am")

    page = words(world.get(who(world, side), path(booking, "accept")))

    assert "Accept another time" in page
    assert f"Agreed now Nov 26 Thu Thu 26 Nov, {old} to " in page
    assert f"Thu 26 Nov, {old} stays if you don't accept." in page
    assert f"{name(other(side))} suggests Nov 27 Fri Fri 27 Nov, {new} to " in page
    assert f"Thu 26 Nov, {old} is free again." in page
    assert f"Accept Fri 27 Nov, {new} Suggest another time Keep Thu 26 Nov, {old} Not now" in page


@pytest.mark.parametrize("side", SIDES)
def test_accepting_another_date_moves_the_booking(world, agreed, side):
    """T24, T25, S4.29, S4.33: old and new change places, both are told."""
    booking = moved_by(world, agreed, other(side))

    done, page = sent(world, who(world, side), booking, "accept", time=iso(prague(27, 10)))

    again = world.again(booking)
    assert done.status_code == 303
    assert (again.status, again.starts_at) == (Status.CONFIRMED, prague(27, 10))
    new = "3am" if side == CLIENT else "10am"
    assert f"You accepted Fri 27 Nov, {new}. {name(other(side))} is told by mail." in page
    asked = f"booking_move_proposed_{side}"
    assert kinds(world) == sorted([asked, "booking_moved_client", "booking_moved_provider"])


@pytest.mark.parametrize("side", SIDES)
def test_keeping_the_agreed_time_says_what_stands(world, agreed, side):
    """T26, S4.30, S4.31: the button names what is kept; nothing on it looks like a loss."""
    booking = moved_by(world, agreed, other(side))
    old = "8am" if side == CLIENT else "3pm"
    reason = {} if side == CLIENT else {"reason_code": "time"}

    shown = world.get(who(world, side), path(booking, "decline"))
    done, page = sent(world, who(world, side), booking, "decline", **reason)

    again = world.again(booking)
    assert f"Keep Thu 26 Nov, {old}" in words(shown)
    assert f"What this does Thu 26 Nov, {old} stays as it is." in words(shown)
    assert "danger" not in shown.content.decode()
    assert ('name="reason_code"' in shown.content.decode()) == (side == PROVIDER)
    assert done.status_code == 303
    assert (again.status, again.starts_at) == (Status.CONFIRMED, prague(26, 15))
    assert f"Thu 26 Nov, {old} stays as it is. {name(other(side))} is told by mail." in page


@pytest.mark.parametrize("side", SIDES)
def test_withdrawing_another_date_leaves_the_agreed_one(world, agreed, side):
    """T27, S4.36, S4.37."""
    booking = moved_by(world, agreed, side)
    old = "8am" if side == CLIENT else "3pm"

    shown = words(world.get(who(world, side), path(booking, "withdraw")))
    done, page = sent(world, who(world, side), booking, "withdraw")

    again = world.again(booking)
    assert "Withdraw this suggestion" in shown
    assert f"Thu 26 Nov, {old} stays as it is." in shown
    assert done.status_code == 303
    assert (again.status, again.starts_at) == (Status.CONFIRMED, prague(26, 15))
    assert f"You took back your suggestion. Thu 26 Nov, {old} stays as it is. {name(other(side))} is told by mail." in (
        page
    )


def test_provider_has_to_give_a_reason_for_keeping_the_time_too(world, agreed):
    """S4.34: `mentors` asks for one."""
    booking = moved_by(world, agreed, CLIENT)

    done, page = sent(world, world.ana.member, booking, "decline", message="No")

    assert done.status_code == 422
    assert "Choose a reason, so that Kim Okafor knows why." in page
    assert "No</textarea>" in done.content.decode()


def test_time_that_went_to_another_session_is_lost(world, agreed):
    booking = moved_by(world, agreed, CLIENT)
    with world.inside():
        start = prague(27, 10)
        calendars.claim(
            calendars=[world.ana.calendar],
            start=start,
            end=prague(27, 11),
            kind=ClaimKind.SESSION,
            reference="booking:NO-OTHER",
        )

    done, page = sent(world, world.ana.member, booking, "accept", time=iso(prague(27, 10)))

    assert done.status_code == 409
    assert "You have agreed to NO-OTHER on Fri 27 Nov, 10am. Choose another time." in page
    assert world.again(booking).starts_at == prague(26, 15)


# --- once, and how it stands --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "data"), [("accept", {"time": iso(prague(25, 10))}), ("decline", {}), ("withdraw", {})]
)
def test_second_press_is_no_error(world, suggested, page, data):
    """R-HX-5: the same page, sent twice."""
    member = world.ana.member if page == "withdraw" else world.kim
    sent(world, member, suggested, page, **data)
    before = world.state()

    done, _ = sent(world, member, suggested, page, **data)

    assert (done.status_code, done.url) == (303, world.url(f"/bookings/{suggested.code}/"))
    assert world.state() == before


def test_page_that_shows_what_is_not_so_any_more_is_a_conflict(world, agreed):
    """Ana changes her suggestion while Kim reads it: nothing is accepted, and the page shows the new one."""
    booking = moved_by(world, agreed, PROVIDER)
    world.suggest(booking, prague(30, 10))

    done, page = sent(world, world.kim, booking, "accept", time=iso(prague(27, 10)))

    assert done.status_code == 409
    assert (
        "Ana Nowak suggested other times on Mon 23 Nov, 2:14am. Look at it as it is now, then decide again. "
        "Nothing was changed."
    ) in page
    assert "Accept Mon 30 Nov, 3am" in page
    assert world.again(booking).starts_at == prague(26, 15)


def test_words_are_kept_when_the_booking_went_on_meanwhile(world, agreed):
    booking = moved_by(world, agreed, PROVIDER)
    world.suggest(booking, prague(30, 10))

    done, _ = sent(world, world.kim, booking, "decline", message="Friday is my mother's birthday.")

    assert done.status_code == 409
    assert "Friday is my mother&#x27;s birthday.</textarea>" in done.content.decode()


def test_notes_are_changed_while_nobody_has_answered(world):
    """T11."""
    booking = world.ask(prague(24, 15), notes="Sole trader?")

    shown = world.get(world.kim, path(booking, "notes"))
    done, page = sent(world, world.kim, booking, "notes", notes="Company?\r\nBy January.")
    again, _ = sent(world, world.kim, booking, "notes", notes="Company?\r\nBy January.")

    assert "Sole trader?</textarea>" in shown.content.decode()
    assert "Ana Nowak sees this before answering; 2000 characters fit." in words(shown)
    assert (done.status_code, again.status_code) == (303, 303)
    assert world.again(booking).notes == "Company?\nBy January."
    assert world.again(booking).last_sequence == booking.last_sequence + 1
    assert "Your notes are saved." in page


def test_notes_that_are_too_long_are_kept_for_shortening(world):
    booking = world.ask(prague(24, 15))

    done, page = sent(world, world.kim, booking, "notes", notes="x" * 2003)

    assert done.status_code == 422
    assert "Your notes are 3 characters too long: 2000 fit." in page
    assert f"{'x' * 2003}</textarea>" in done.content.decode()


def test_notes_stay_once_the_provider_has_answered(world, suggested):
    done, page = sent(world, world.kim, suggested, "notes", notes="Too late")

    assert done.status_code == 422
    assert "It is your turn: write it to Ana Nowak with your answer." in page
    assert "What you had written Too late" in page


@pytest.mark.parametrize("page", ["accept", "decline"])
def test_pages_take_a_fixed_number_of_queries(db, now, clock, django_assert_num_queries, page):
    """As many with three times on the table as with one."""
    world = World(factories.tenant("west", preset="mentors"), now)
    one = world.suggest(world.ask(prague(24, 15)), prague(25, 10))
    three = world.suggest(world.ask(prague(24, 16)), prague(26, 10), prague(27, 10), prague(30, 10))
    client = world.client(world.kim)
    client.get(world.url(path(one, page)))
    count = {"accept": 15, "decline": 16}[page]
    for booking in (one, three):
        with django_assert_num_queries(count):
            client.get(world.url(path(booking, page)))


def test_provider_of_another_booking_is_a_stranger(world, suggested):
    with tenant_scope(world.tenant):
        bob = factories.provider("Bob Stone", now=world.now)

    answers = [world.get(bob.member, path(suggested, page)).status_code for page in ("accept", "suggest", "withdraw")]

    assert answers == [404, 404, 404]
