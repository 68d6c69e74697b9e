"""Late changes: when one counts, how many are too many, what follows, and how it is lifted (S1.16-S1.22, T43-T45, D8)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bookings import late_changes, standing_queries, workflow
from bookings.context import TimeOnTable
from bookings.enums import Action, Actor, LateChangeKind, Status
from bookings.models import LateChange, StandingReview
from bookings.services import facts_about, perform, standing
from marketplace import queries as marketplace

from .standing_scene import agree, cancel, cancelled_late, explain, mails, move, refused

CANCEL, RESCHEDULE = LateChangeKind.CANCEL, LateChangeKind.RESCHEDULE
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
PDF = b"%PDF-1.7\n..."


def counted(provider, now):
    found = standing_queries.standing_of(provider, PolicyStub, now)
    return {kind: found.number(kind) for kind in LateChangeKind}


class PolicyStub:
    """Only the limit matters for counting."""

    late_change_limit = 2


# --- what counts (T43) ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "counts"), [(timedelta(hours=48), 0), (timedelta(hours=48) - SECOND, 1), (timedelta(hours=1), 1)]
)
def test_exactly_at_the_threshold_counts_as_early(late, before, counts):
    """decisions.md 10: remaining >= threshold is early."""
    scene = late()
    cancel(agree(scene.service, scene.kim, scene.first, asked=scene.first - timedelta(days=6)), scene.first - before)

    assert LateChange.objects.count() == counts


@pytest.mark.parametrize(("before", "counts"), [(timedelta(days=5), 0), (timedelta(days=5) - SECOND, 1)])
def test_five_days_are_five_times_24_hours(late, before, counts):
    """S1.16: within 5 days of the scheduled date, on instants."""
    scene = late(late_change_hours=5 * 24)
    cancel(agree(scene.service, scene.kim, scene.first, asked=scene.first - timedelta(days=7)), scene.first - before)

    assert LateChange.objects.count() == counts


def test_what_the_client_cancels_does_not_count(late):
    scene = late()
    booking = agree(scene.service, scene.kim, scene.first, asked=scene.first - timedelta(days=6))
    cancel(booking, scene.first - HOUR, actor=Actor.CLIENT, by=scene.kim, reason_code="", reason_text="I am ill")

    assert not LateChange.objects.exists()


def test_what_the_client_cancels_on_the_providers_wish_counts(late):
    """T20: asked to cancel, the cause is the provider's (S1.15, S1.16)."""
    scene = late(provider_cancel="ask_client")
    booking = agree(scene.service, scene.kim, scene.first, asked=scene.first - timedelta(days=6))
    at = scene.first - timedelta(hours=24)
    booking = perform(
        booking=booking, action=Action.ASK_TO_CANCEL, actor=Actor.PROVIDER, by=scene.ana.member, now=at, message="Ill."
    )
    cancel(booking, at, actor=Actor.CLIENT, by=scene.kim, reason_code="", reason_text="As you wish")

    assert counted(scene.ana, at) == {CANCEL: 1, RESCHEDULE: 0}


def test_cancellations_and_moves_are_counted_apart(late):
    """S1.16, S1.21: more than twice of either kind; two and two are not three."""
    scene = late()
    cancelled_late(scene.service, scene.kim, 2, first=scene.first)
    for week in (3, 4):
        start = scene.first + timedelta(weeks=week)
        booking = agree(scene.service, scene.kim, start, asked=start - timedelta(days=6))
        move(booking, start - timedelta(hours=24), start + timedelta(hours=3))

    assert counted(scene.ana, start) == {CANCEL: 2, RESCHEDULE: 2}
    assert not StandingReview.objects.exists()
    assert marketplace.listed_topics(scene.ana) == ["Tax planning"]


@pytest.mark.parametrize(("asked_by", "moves"), [(Actor.PROVIDER, 1), (Actor.CLIENT, 0)])
def test_what_staff_amend_counts_for_who_asked(late, asked_by, moves):
    """S1.19, S1.21, T33: in `talks` staff move it, and say on whose wish."""
    scene = late("by_staff", reschedule="via_staff")
    booking = agree(scene.service, scene.kim, scene.first, asked=scene.first - timedelta(days=6))
    now = scene.first - timedelta(hours=24)
    perform(
        booking=booking,
        action=Action.AMEND,
        actor=Actor.STAFF,
        by=scene.staff,
        now=now,
        offer=[TimeOnTable(scene.first + timedelta(hours=3), 30, 0)],
        on_behalf_of=asked_by,
        reason_text="Agreed between the two.",
    )

    assert counted(scene.ana, now) == {CANCEL: 0, RESCHEDULE: moves}


def test_one_booking_counts_once_for_each_kind(late):
    scene = late()
    booking = agree(scene.service, scene.kim, scene.first, asked=scene.first - timedelta(days=6))
    move(booking, scene.first - timedelta(hours=24), scene.first + timedelta(hours=3))
    move(booking, scene.first - timedelta(hours=23), scene.first + timedelta(hours=4))
    cancel(booking, scene.first - timedelta(hours=22))

    assert counted(scene.ana, scene.first) == {CANCEL: 1, RESCHEDULE: 1}


def test_after_12_months_a_late_change_does_not_count(late):
    scene = late()
    [booking] = cancelled_late(scene.service, scene.kim, 1, first=scene.first)
    at = booking.late_changes.get().at

    assert counted(scene.ana, at + timedelta(days=365) - SECOND)[CANCEL] == 1
    assert counted(scene.ana, at + timedelta(days=365))[CANCEL] == 0


def test_where_nothing_is_counted_nothing_is_noted(late):
    """D8 off, as in `consult` and `practice`."""
    scene = late(late_change_hours=0)
    cancelled_late(scene.service, scene.kim, 3, first=scene.first)

    assert not LateChange.objects.exists()
    assert not mails("standing_late_change").exists()


# --- more than twice -----------------------------------------------------------------------------------------------------


def test_the_third_of_a_kind_pauses_topics_at_once_and_opens_one_review(late):
    """S1.16, S1.22, T43, decisions.md 13."""
    scene = late("at_once")
    cancelled_late(scene.service, scene.kim, 2, first=scene.first)
    assert marketplace.listed_topics(scene.ana) == ["Tax planning"]

    cancelled_late(scene.service, scene.kim, 1, first=scene.first + timedelta(weeks=2))

    assert marketplace.listed_topics(scene.ana) == []
    assert marketplace.paused_topics(scene.ana, late_changes.REFERENCE) == ["Tax planning"]
    assert StandingReview.objects.filter(closed_at=None).count() == 1


@pytest.mark.parametrize("suspends", ["never", "by_staff"])
def test_where_the_rules_leave_it_to_staff_the_third_pauses_nothing(late, suspends):
    """presets.md: in `talks` topics are paused by staff decision, in `mentors` there is a task only."""
    scene = late(suspends)
    cancelled_late(scene.service, scene.kim, 3, first=scene.first)

    assert marketplace.listed_topics(scene.ana) == ["Tax planning"]
    assert StandingReview.objects.get().provider == scene.ana
    assert mails("standing_review_staff").get().recipient == scene.staff


def test_what_is_agreed_goes_on_while_topics_are_paused(late):
    """S1.16: suspension acts on listed topics; existing bookings are carried out."""
    scene = late("at_once")
    kept_start = scene.first + timedelta(weeks=2, hours=3)
    cancelled_late(scene.service, scene.kim, 2, first=scene.first)
    kept = agree(scene.service, scene.kim, kept_start, asked=kept_start - timedelta(days=6))
    cancelled_late(scene.service, scene.kim, 1, first=scene.first + timedelta(weeks=2))

    kept.refresh_from_db()
    assert kept.status == Status.CONFIRMED
    assert marketplace.listed_topics(scene.ana) == []


def test_a_paused_topic_takes_no_new_request(late):
    """The refusal says why and what instead (edge case: asked while it was being paused)."""
    scene = late("at_once")
    cancelled_late(scene.service, scene.kim, 3, first=scene.first)
    start = scene.first + timedelta(weeks=5)

    refusal = refused(do=agree, service=scene.service, client=scene.kim, start=start, asked=start - timedelta(days=6))

    assert refusal.sentence == (
        "Ana Nowak takes no new requests for Tax planning at the moment. Choose something else, or ask somebody else."
    )
    assert refusal.is_conflict


def test_voided_ones_do_not_count(late):
    """S1.17, T44: an accepted explanation voids it, so the next one is the second, not the third."""
    scene = late("at_once")
    first, *_ = cancelled_late(scene.service, scene.kim, 2, first=scene.first)
    change = first.late_changes.get()
    said = explain(scene, change, change.at + HOUR)
    standing.decide(explanation=said, is_accepted=True, reason="Proved.", by=scene.staff, now=change.at + 2 * HOUR)
    cancelled_late(scene.service, scene.kim, 1, first=scene.first + timedelta(weeks=2))

    assert counted(scene.ana, scene.first + timedelta(weeks=3)) == {CANCEL: 2, RESCHEDULE: 0}
    assert not StandingReview.objects.exists()


# --- what is said before the click (D-7) ---------------------------------------------------------------------------------


def said_before(scene, number, action=Action.CANCEL, **more):
    """The line about late changes before the click that would be the number-th."""
    cancelled_late(scene.service, scene.kim, number - 1, first=scene.first)
    start = scene.first + timedelta(weeks=number)
    booking = agree(scene.service, scene.kim, start, asked=start - timedelta(days=6))
    context = facts_about(booking, action=action, actor=Actor.PROVIDER, now=start - HOUR, by=scene.ana.member)
    context = replace(context, **more)
    return [line.sentence for line in workflow.preview(context) if line.icon == "triangle-alert"]


FIRST, SECOND_ONE = (
    "This is late cancellation 1 of 2 within 12 months.",
    "This is late cancellation 2 of 2 within 12 months.",
)
THIRD = "This is late cancellation 3: more than 2 in 12 months."


@pytest.mark.parametrize(
    ("suspends", "number", "sentence"),
    [
        ("at_once", 1, FIRST),
        ("at_once", 2, f"{SECOND_ONE} One more pauses “Tax planning”."),
        ("at_once", 3, f"{THIRD} “Tax planning” is paused at once."),
        ("by_staff", 2, f"{SECOND_ONE} After one more our staff look into it and may pause your skills."),
        ("by_staff", 3, f"{THIRD} Our staff look into it, and may pause your skills."),
        ("never", 3, f"{THIRD} Our staff look into it."),
    ],
)
def test_the_effect_box_says_the_true_consequence(late, suspends, number, sentence):
    """D-7, with the tenant's word for topics."""
    assert said_before(late(suspends), number) == [sentence]


def test_a_client_reads_nothing_of_the_providers_standing(late):
    scene = late("at_once")

    assert said_before(scene, 2, actor=Actor.CLIENT, cancel_asked=True) == []


def test_staff_read_for_whom_it_counts(late):
    scene = late("at_once")

    lines = said_before(scene, 3, actor=Actor.STAFF, on_behalf_of=Actor.PROVIDER)

    assert lines == [
        "It counts for Ana Nowak as late cancellation 3: more than 2 in 12 months. “Tax planning” is paused at once."
    ]
