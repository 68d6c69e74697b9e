"""A provider need not wait for a client's credits (T9, C13), and nobody is staff to themselves (PG-81)."""

from dataclasses import replace

import pytest

from accounts.enums import Role
from accounts.presets import PRESETS
from accounts.services import adopt_policy
from bookings import services
from bookings.enums import Action, Actor, Status
from bookings.models import Booking, LateChange
from calendars.models import Claim
from notifications import rendering
from notifications.models import EmailMessage
from tests import factories

from .negotiating import CLIENT, PROVIDER, STAFF, SYSTEM, refusal_of


@pytest.fixture
def scene(scene):
    """A session costs 30; Kim has 10 credits."""
    adopt_policy(policy=PRESETS["mentors"].policy)
    scene.kim = factories.member("Kim Okafor", credits=10)
    return scene


@pytest.fixture
def rules(scene):
    return lambda **changes: adopt_policy(policy=replace(PRESETS["mentors"].policy, **changes))


@pytest.fixture
def requested(ask, at):
    """Kim's request for Wednesday at ten waits for credits."""
    return ask(at(25, 10))


@pytest.fixture
def booked(scene, at):
    """What Kim booked at once for Thursday at ten waits for credits."""
    service = factories.service(scene.ana, "Quick", price=30, is_instant=True)
    offer = services.sorted_times(service, [at(26, 10)])
    return services.begin(
        action=Action.BOOK, actor=CLIENT, client=scene.kim, service=service, offer=offer, now=scene.now
    )


@pytest.fixture
def accepted(scene, begin, do, at):
    """Kim accepted Ana's invitation for Friday at ten without enough credits."""
    return do(begin(Action.INVITE, at(27, 10)), Action.ACCEPT, CLIENT, start=at(27, 10))


def free(booking):
    return not Claim.objects.filter(reference=booking.reference).exists()


@pytest.mark.parametrize(
    ("story", "becomes"), [("requested", Status.DECLINED), ("booked", Status.CANCELLED), ("accepted", Status.CANCELLED)]
)
def test_provider_declines_what_waits_and_has_the_time_back(story, becomes, request, do):
    booking = request.getfixturevalue(story)
    assert (booking.status, free(booking)) == (Status.WAITING, False)

    booking = do(booking, Action.DECLINE, PROVIDER, reason_code="time")

    assert (booking.status, booking.pay_by, free(booking)) == (becomes, None, True)
    assert booking.events.latest("sequence").name == "Rejected by expert"


def test_client_reads_why(requested, do, scene):
    do(requested, Action.DECLINE, PROVIDER, reason_code="other", reason_text="I need the hour myself.")
    [mail] = EmailMessage.objects.filter(kind="booking_declined_client")
    text = rendering.render(mail, now=scene.now).text
    assert "Ana Nowak can't do this time." in text
    assert "I need the hour myself." in text


def test_a_reason_is_needed_where_the_marketplace_wants_one(requested, do):
    assert refusal_of(do, requested, Action.DECLINE, PROVIDER).code == "reason_missing"


def test_credits_that_come_afterwards_change_nothing(booked, do, scene):
    do(booked, Action.DECLINE, PROVIDER, reason_code="time")
    refusal = refusal_of(do, booked, Action.PAY, SYSTEM)
    assert (refusal.code, refusal.is_conflict) == ("moved_on", True)


def test_what_goes_on_by_itself_can_not_be_released_any_more(booked, do, scene):
    """Somebody was faster."""
    booking = do(booked, Action.CANCEL, STAFF)
    assert refusal_of(do, booking, Action.DECLINE, PROVIDER).is_conflict


@pytest.mark.parametrize("actor", [CLIENT, STAFF])
def test_the_others_have_their_own_ways(booked, do, actor):
    assert refusal_of(do, booked, Action.DECLINE, actor).is_conflict


# --- nobody is staff to themselves ----------------------------------------------------------------------


@pytest.mark.parametrize("side", [CLIENT, PROVIDER])
def test_who_takes_part_does_not_act_as_staff(scene, ask, at, side):
    """The one door refuses it, whoever asks through which page (PG-81)."""
    booking = ask(at(25, 10))
    me = booking.client if side == Actor.CLIENT else booking.provider.member
    me.roles = [*me.roles, Role.STAFF]
    me.save()

    refusal = refusal_of(
        services.perform,
        booking=booking, action=Action.CANCEL, actor=STAFF, by=me, now=scene.now, reason_text="I want to",
    )  # fmt: skip

    assert (refusal.code, refusal.sentence) == (
        "own",
        "You take part in this booking yourself, so you can't act on it as staff. Ask somebody else of the staff.",
    )
    booking.refresh_from_db()
    assert booking.status == Status.WAITING


def test_what_waits_is_no_late_change_of_its_provider_whoever_ends_it(accepted, do, rules, at, scene):
    """S1.16: staff cancel it on the provider's wish half an hour before the start; nothing was agreed for good."""
    assert accepted.policy.late_change_hours == 48
    booking = Booking.objects.get(pk=accepted.pk)
    Booking.objects.filter(pk=booking.pk).update(pay_by=at(27, 10))
    booking = do(booking, Action.CANCEL, STAFF, now=at(27, 9, 30), on_behalf_of=PROVIDER)
    assert (booking.status, LateChange.objects.count()) == (Status.CANCELLED, 0)
