"""Staff reopen what was agreed and cancelled: time, credits, calendar files, late changes, mails (T34; requirements.md 3.4)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from accounts.presets import PRESETS
from accounts.services import adopt_policy
from bookings import late_changes, services, workflow
from bookings.enums import Action, Actor, CreditStatus, LateChangeState, Status
from bookings.models import LateChange
from calendars.enums import ClaimKind
from calendars.models import Claim
from credits import queries as credits
from credits import services as wallets
from marketplace import queries as marketplace
from notifications import rendering
from notifications.models import EmailMessage
from tests import factories

from .negotiating import CLIENT, PROVIDER, STAFF, SYSTEM, names, refusal_of
from .standing_scene import agree, cancel, cancelled_late

ENDS = {"consequences_accepted": True}


@pytest.fixture
def scene(scene):
    """Kim has 100 credits and a session costs 30; half of it is kept below 48 hours (D6)."""
    adopt_policy(policy=replace(PRESETS["mentors"].policy, logistics="manual"))
    scene.kim = factories.member("Kim Okafor", credits=100)
    return scene


@pytest.fixture
def rules(scene):
    return lambda **changes: adopt_policy(
        policy=replace(PRESETS["mentors"].policy, **{"logistics": "manual", **changes})
    )


@pytest.fixture
def cancelled(agreed, do):
    """Agreed for Wednesday at ten, then cancelled by staff."""
    return do(agreed, Action.CANCEL, STAFF)


def has(scene):
    kim, ana = credits.balances(scene.kim), credits.balances(scene.ana.member)
    return kim.available, kim.held, ana.earned


def taken(booking):
    return Claim.objects.filter(reference=booking.reference, kind=ClaimKind.SESSION).count()


def test_it_is_agreed_again_at_its_time(cancelled, do, scene, at):
    """Time in both calendars, credits held, a file that follows the one that took it out (B9, R-MAIL-8)."""
    before = cancelled.calendar_sequence
    assert (taken(cancelled), has(scene)) == (0, (100, 0, 0))

    booking = do(cancelled, Action.REOPEN, STAFF, on_behalf_of=CLIENT)

    assert (booking.status, booking.starts_at) == (Status.CONFIRMED, at(25, 10))
    assert (taken(booking), has(scene)) == (2, (70, 30, 0))
    assert (booking.credit_status, booking.calendar_sequence) == (CreditStatus.BLOCKED, before + 1)
    assert names(booking)[-2:] == ["Cancelled by staff", "Reopened by staff"]


def test_both_are_told_with_the_reason_and_a_file(cancelled, do, scene):
    do(cancelled, Action.REOPEN, STAFF, reason_text="It was the wrong one.", on_behalf_of=CLIENT)
    for side in (CLIENT, PROVIDER):
        mail = EmailMessage.objects.filter(kind=f"booking_confirmed_{side}").latest("created_at")
        text = rendering.render(mail, now=scene.now).text
        assert "reopened your" in text
        assert "it is agreed again." in text
        assert ("on your behalf" in text) == (side == CLIENT)
        assert "It was the wrong one." in text
        assert "METHOD:REQUEST" in mail.calendar_file


def test_a_room_is_made_where_the_marketplace_makes_it(agreed, do, rules, scene, ask, at):
    rules(logistics="automatic")
    booking = do(ask(at(26, 10)), Action.ACCEPT, PROVIDER, start=at(26, 10))
    do(booking, Action.CANCEL, STAFF)
    booking = do(booking, Action.REOPEN, STAFF)
    assert booking.status == Status.CONFIRMING
    services.set_up(booking_id=booking.pk, now=scene.now)
    booking.refresh_from_db()
    assert booking.status == Status.CONFIRMED


def test_it_can_be_cancelled_and_reopened_again(cancelled, do, scene):
    for _ in range(2):
        booking = do(cancelled, Action.REOPEN, STAFF)
        assert has(scene) == (70, 30, 0)
        do(booking, Action.CANCEL, STAFF)
        assert has(scene) == (100, 0, 0)


# --- credits --------------------------------------------------------------------------------------------


def test_what_was_kept_is_held_again(agreed, do, scene, at):
    """A late cancellation of the client cost half; nothing of that remains (D6, T22)."""
    soon = at(25, 10) - timedelta(hours=20)
    booking = do(agreed, Action.CANCEL, CLIENT, now=soon, reason_text="Ill", **ENDS)
    assert has(scene) == (85, 0, 7)
    booking = do(booking, Action.REOPEN, STAFF, now=soon + timedelta(hours=1))
    assert (has(scene), booking.credit_status) == ((70, 30, 0), CreditStatus.BLOCKED)


def test_what_somebody_has_used_meanwhile_can_not_be_taken_back(agreed, do, scene, at, ask):
    soon = at(25, 10) - timedelta(hours=20)
    booking = do(agreed, Action.CANCEL, CLIENT, now=soon, reason_text="Ill", **ENDS)
    wallets.hold(member=scene.kim, amount=85, reference="other", key="1", now=soon)

    refusal = refusal_of(do, booking, Action.REOPEN, STAFF, now=soon)

    assert (refusal.code, refusal.is_conflict) == ("credits_gone", True)
    assert "used for something else by now" in refusal.sentence
    assert "Give what is missing first" in refusal.sentence
    booking.refresh_from_db()
    assert (booking.status, has(scene), taken(booking)) == (Status.CANCELLED, (0, 85, 7), 0)


def test_with_too_few_credits_the_time_is_kept_until_they_are_there(cancelled, do, scene):
    """Decisions 19."""
    wallets.hold(member=scene.kim, amount=80, reference="other", key="1", now=scene.now)
    booking = do(cancelled, Action.REOPEN, STAFF)
    assert (booking.status, taken(booking)) == (Status.WAITING, 2)
    wallets.release(member=scene.kim, hold_id=wallets.hold_id("other", "1"), now=scene.now)
    assert do(booking, Action.PAY, SYSTEM).status == Status.CONFIRMED
    assert has(scene) == (70, 30, 0)


def test_nobody_waits_for_the_credits_of_what_has_begun(cancelled, do, scene, at):
    wallets.hold(member=scene.kim, amount=80, reference="other", key="1", now=scene.now)
    refusal = refusal_of(do, cancelled, Action.REOPEN, STAFF, now=at(25, 10))
    assert (refusal.code, refusal.sentence) == (
        "too_few",
        "Kim Okafor needs 10 more credits for this. Nothing was changed.",
    )


def test_what_lapsed_for_want_of_credits_is_reopened_too(scene, do, ask, at):
    wallets.hold(member=scene.kim, amount=80, reference="other", key="1", now=scene.now)
    service = factories.service(scene.ana, "Quick", price=30, is_instant=True)
    offer = [services.sorted_times(service, [at(26, 10)])[0]]
    booking = services.begin(
        action=Action.BOOK, actor=CLIENT, client=scene.kim, service=service, offer=offer, now=scene.now
    )
    booking = do(booking, Action.EXPIRE, SYSTEM, now=booking.pay_by + timedelta(seconds=1))
    assert booking.status == Status.EXPIRED
    wallets.release(member=scene.kim, hold_id=wallets.hold_id("other", "1"), now=scene.now)
    assert do(booking, Action.REOPEN, STAFF).status == Status.CONFIRMED


# --- when it is not possible ----------------------------------------------------------------------------


def test_what_was_never_agreed_is_asked_for_anew(ask, do, at):
    booking = do(ask(at(25, 10)), Action.WITHDRAW, CLIENT)
    refusal = refusal_of(do, booking, Action.REOPEN, STAFF)
    assert refusal.sentence == "Nothing was agreed here that could be reopened. Kim Okafor can ask again."


def test_a_time_that_is_agreed_with_somebody_else_is_refused(cancelled, ask, do, at):
    """B1."""
    do(
        ask(at(25, 10), client=factories.member("Lena Hartmann", credits=100)),
        Action.ACCEPT,
        PROVIDER,
        start=at(25, 10),
    )
    refusal = refusal_of(do, cancelled, Action.REOPEN, STAFF, clash_accepted=True)
    assert (refusal.code, refusal.is_conflict) == ("other_busy", True)


def test_somebody_elses_request_for_the_time_needs_the_tick_and_closes(cancelled, ask, do, at, scene):
    """Decisions 14 and 15."""
    rival = ask(at(25, 10), client=factories.member("Lena Hartmann", credits=100))
    assert refusal_of(do, cancelled, Action.REOPEN, STAFF).code == "clash"
    booking = do(cancelled, Action.REOPEN, STAFF, clash_accepted=True)
    services.close_rivals(booking_id=booking.pk, tenant=scene.tenant, now=scene.now)
    rival.refresh_from_db()
    assert rival.status == Status.DECLINED


@pytest.mark.parametrize("actor", [CLIENT, PROVIDER, SYSTEM])
def test_only_staff_reopen(cancelled, do, actor):
    refusal = refusal_of(do, cancelled, Action.REOPEN, actor)
    assert (refusal.code, refusal.sentence) == ("not_yours", "Only staff can do this.")


def test_a_reason_is_needed(cancelled, do):
    assert refusal_of(do, cancelled, Action.REOPEN, STAFF, reason_text=" ").code == "reason_text_missing"


def test_a_wish_to_cancel_is_forgotten_with_the_cancellation(agreed, do, rules, ask, at):
    """Who cancels afterwards does so on their own account (T20)."""
    rules(provider_cancel="ask_client")
    booking = do(ask(at(26, 10)), Action.ACCEPT, PROVIDER, start=at(26, 10))
    do(booking, Action.ASK_TO_CANCEL, PROVIDER, message="I am ill")
    do(booking, Action.CANCEL, CLIENT, reason_text="Fine")
    assert do(booking, Action.REOPEN, STAFF).cancel_asked_at is None


# --- late changes ---------------------------------------------------------------------------------------


def reopen(booking, by, now):
    who = {"actor": Actor.STAFF, "by": by}
    return services.perform(booking=booking, action=Action.REOPEN, now=now, reason_text="By mistake", **who)


def test_a_late_cancellation_does_not_count_any_more(late):
    scene = late()
    start = scene.first
    booking = cancel(
        agree(scene.service, scene.kim, start, asked=start - timedelta(days=6)), start - timedelta(hours=24)
    )
    assert LateChange.objects.get().state == LateChangeState.COUNTED

    facts = services.facts_about(booking, action=Action.REOPEN, actor=STAFF, now=start - timedelta(hours=23))
    said = [line.sentence for line in workflow.preview(facts)]
    assert "The late cancellation does not count for Ana Nowak any more." in said

    booking = reopen(booking, scene.staff, start - timedelta(hours=23))
    assert LateChange.objects.get().state == LateChangeState.UNDONE
    cancel(booking, start - timedelta(hours=22))
    assert LateChange.objects.get().state == LateChangeState.COUNTED


def test_a_pause_that_it_led_to_ends(late):
    """S1.16: the third was none, so the topics are listed again."""
    scene = late()
    *_, third = cancelled_late(scene.service, scene.kim, 3, first=scene.first)
    assert marketplace.paused_topics(scene.ana, late_changes.REFERENCE)
    now = third.starts_at - timedelta(hours=20)
    reopen(third, scene.staff, now)
    services.standing.end_pause(provider_id=scene.ana.pk, now=now)
    assert not marketplace.paused_topics(scene.ana, late_changes.REFERENCE)
