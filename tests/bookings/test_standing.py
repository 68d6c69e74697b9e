"""Late changes: when one counts, how many are too many, what follows, and how it is lifted (S1.16-S1.22, T43-T45, D8)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bookings import late_changes, standing_queries, workflow
from bookings.context import TimeOnTable
from bookings.enums import Action, Actor, ExplanationState, LateChangeKind, LateChangeState, Status
from bookings.models import EvidenceFile, Explanation, LateChange, StandingReview
from bookings.services import Refused, facts_about, perform, standing
from bookings.services.standing import Upload
from marketplace import queries as marketplace
from marketplace import services as shop
from marketplace.enums import Listing
from notifications.models import EmailMessage, OutboxMessage
from tests import factories

from .standing_scene import adopt, agree, cancel, cancelled_late, move, staff

CANCEL, RESCHEDULE = LateChangeKind.CANCEL, LateChangeKind.RESCHEDULE
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
PDF = b"%PDF-1.7\n..."


@pytest.fixture
def late(in_north, now):
    """Rules by which 48 hours before is late and 2 are allowed; Ana is listed under one topic. First session on 7 December."""

    def late(suspends="at_once", **rules):
        adopt(suspends_topics=suspends, **rules)
        tax, pay = factories.topic("Tax planning"), factories.topic("Pay")
        ana = factories.provider("Ana Nowak", now=now, topics=[tax])
        late.tax, late.pay, late.ana = tax, pay, ana
        late.service = factories.service(ana, "Tax planning", topic=tax)
        late.kim, late.staff = factories.member("Kim Okafor"), staff()
        late.first = now.replace(hour=9, minute=0) + timedelta(days=14)
        return late

    return late


def counted(provider, now):
    found = standing_queries.standing_of(provider, PolicyStub, now)
    return {kind: found.number(kind) for kind in LateChangeKind}


class PolicyStub:
    """Only the limit matters for counting."""

    late_change_limit = 2


def mails(kind):
    return EmailMessage.objects.filter(kind=kind).order_by("created_at", "id")


def refused(**call):
    with pytest.raises(Refused) as caught:
        call.pop("do")(**call)
    return caught.value.refusal


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


# --- explaining (T44) ----------------------------------------------------------------------------------------------------


def explain(scene, change, now, **more):
    values = {"reason_code": "illness", "text": "I was in hospital.", "by": scene.ana.member, **more}
    return standing.explain(late_change=change, now=now, **values)


@pytest.fixture
def one(late, private_files):
    """One late cancellation of Ana's, and an hour later."""
    scene = late("at_once")
    [booking] = cancelled_late(scene.service, scene.kim, 1, first=scene.first)
    scene.change = booking.late_changes.get()
    scene.now = scene.change.at + HOUR
    return scene


def test_an_explanation_with_files_waits_for_staff(one, private_files):
    """S1.17, PG-49."""
    said = explain(
        one, one.change, one.now, files=[Upload("note.pdf", PDF), Upload("a/b\\photo.jpeg", b"\xff\xd8\xff\xe0")]
    )

    assert said.state == ExplanationState.OPEN
    assert list(said.files.order_by("name").values_list("name", "kind", "size")) == [
        ("note.pdf", "pdf", 12), ("photo.jpeg", "jpg", 4),
    ]  # fmt: skip
    row = said.files.get(kind="pdf")
    assert row.file.name.startswith(f"evidence/{one.ana.tenant_id}/")
    assert (private_files / row.file.name).read_bytes() == PDF
    mail = mails("standing_explained_staff").get()
    assert (mail.recipient, mail.context["files"], mail.context["text"]) == (one.staff, "2 files", "I was in hospital.")


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"reason_code": "bored"}, "reason_missing", "reason_code"),
        ({"text": "  "}, "text_missing", "text"),
        ({"text": "x" * 2001}, "text_too_long", "text"),
        ({"files": [Upload("n.pdf", PDF)] * 6}, "too_many_files", "files"),
        ({"files": [Upload("n.pdf", b"")]}, "file_empty", "files"),
        ({"files": [Upload("n.pdf", PDF + b"x" * (5 * 1024 * 1024))]}, "file_too_large", "files"),
        ({"files": [Upload("n.exe", b"MZ\x00")]}, "file_kind", "files"),
        ({"files": [Upload("n.pdf", b"MZ\x00")]}, "file_content", "files"),
        ({"files": [Upload("n.pdf", PDF), Upload("page.png", b"<script>alert(1)</script>")]}, "file_content", "files"),
    ],
)
def test_what_can_not_be_taken_is_refused_and_nothing_is_kept(one, private_files, more, code, field):
    refusal = refused(do=lambda **k: explain(one, one.change, one.now, **k), **more)

    assert (refusal.code, refusal.field) == (code, field)
    assert not Explanation.objects.exists()
    assert not EvidenceFile.objects.exists()
    assert list(private_files.rglob("*")) == []


def test_a_late_change_is_explained_once(one):
    explain(one, one.change, one.now)

    assert refused(do=explain, scene=one, change=one.change, now=one.now).is_conflict


def test_explaining_ends_after_14_days(one):
    end = one.change.at + timedelta(days=14)

    assert refused(do=explain, scene=one, change=one.change, now=end + SECOND).code == "too_late"
    assert explain(one, one.change, end).made_at == end


def test_nobody_else_explains(one):
    refusal = refused(do=explain, scene=one, change=one.change, now=one.now, by=one.kim)

    assert refusal.sentence == "Only Ana Nowak can explain this."


# --- staff decide ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def three(late, private_files):
    """Three late cancellations: topics are paused, a review is open, the last one is explained."""
    scene = late("at_once")
    bookings = cancelled_late(scene.service, scene.kim, 3, first=scene.first)
    scene.changes = [booking.late_changes.get() for booking in bookings]
    scene.now = scene.changes[-1].at + HOUR
    scene.said = explain(scene, scene.changes[-1], scene.now)
    scene.review = StandingReview.objects.get()
    return scene


def decide(scene, **more):
    values = {
        "is_accepted": True,
        "reason": "The letter proves it.",
        "by": scene.staff,
        "now": scene.now + HOUR,
        **more,
    }
    return standing.decide(explanation=scene.said, **values)


def test_an_accepted_explanation_voids_it_and_lifts_the_pause(three):
    """S1.17, T44."""
    decide(three)

    assert LateChange.objects.get(pk=three.changes[-1].pk).state == LateChangeState.VOIDED
    assert marketplace.listed_topics(three.ana) == ["Tax planning"]
    three.review.refresh_from_db()
    assert (three.review.closed_by, three.review.reason) == (three.staff, "The letter proves it.")
    facts = mails("standing_decided").get().context
    assert (facts["is_accepted"], facts["number"], facts["limit"], facts["topics"]) == (True, 2, 2, "“Tax planning”")


def test_a_refused_explanation_changes_nothing_and_says_why(three):
    decide(three, is_accepted=False, reason="The letter is of another day.")

    assert LateChange.objects.get(pk=three.changes[-1].pk).state == LateChangeState.COUNTED
    assert marketplace.listed_topics(three.ana) == []
    three.review.refresh_from_db()
    assert three.review.closed_at is None
    assert mails("standing_decided").get().context["reason"] == "The letter is of another day."


def test_one_too_many_left_keeps_the_pause(three):
    fourth = LateChange.objects.create(
        provider=three.ana, booking=agree_one_more(three), kind=CANCEL, starts_at=three.now, at=three.now
    )
    decide(three)

    assert fourth.state == LateChangeState.COUNTED
    assert marketplace.listed_topics(three.ana) == []


def agree_one_more(scene):
    """A session of a service that no topic pauses."""
    start = scene.first + timedelta(weeks=4, hours=2)
    return agree(factories.service(scene.ana, "Other"), scene.kim, start, asked=start - timedelta(days=6))


def test_who_decides_second_is_told_that_it_was_decided(three):
    decide(three)
    refusal = refused(do=decide, scene=three, is_accepted=False)

    assert refusal.is_conflict
    assert refusal.sentence.startswith("Sam Staff accepted this on ")
    assert mails("standing_decided").count() == 1


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_every_decision_needs_a_reason(three, reason):
    now = three.now + HOUR
    said = {"reason": reason, "by": three.staff, "now": now}
    calls = [
        lambda: decide(three, reason=reason),
        lambda: standing.pause(review=three.review, **said),
        lambda: standing.restore(provider=three.ana, **said),
        lambda: standing.close_review(review=three.review, **said),
    ]

    assert {refused(do=call).code for call in calls} == {"reason_text_missing"}


def test_nobody_decides_about_their_own_late_changes(three):
    """PG-83, T44, T45: staff who are a provider themselves leave it to somebody else."""
    said = {"reason": "It was nothing.", "by": three.ana.member, "now": three.now + HOUR}
    calls = [
        lambda: decide(three, by=three.ana.member),
        lambda: standing.pause(review=three.review, **said),
        lambda: standing.restore(provider=three.ana, **said),
        lambda: standing.close_review(review=three.review, **said),
    ]

    sentence = "These are your own late changes. Somebody else of the staff has to decide."
    assert [refused(do=call).sentence for call in calls] == [sentence] * 4


def test_staff_list_topics_again_by_hand(three):
    """T45."""
    topics = standing.restore(provider=three.ana, reason="We talked.", by=three.staff, now=three.now)

    assert topics == ["Tax planning"]
    assert marketplace.listed_topics(three.ana) == ["Tax planning"]
    three.review.refresh_from_db()
    assert three.review.reason == "We talked."
    assert mails("standing_restored").get().context["reason"] == "We talked."
    assert refused(do=standing.restore, provider=three.ana, reason="Again.", by=three.staff, now=three.now).is_conflict


def test_restoring_leaves_what_staff_paused_for_another_reason(late):
    scene = late("at_once")
    shop.set_listing(provider=scene.ana, topic=scene.pay, listing=Listing.SUSPENDED)
    cancelled_late(scene.service, scene.kim, 3, first=scene.first)
    now = scene.first + timedelta(weeks=3)

    assert standing.restore(provider=scene.ana, reason="We talked.", by=scene.staff, now=now) == ["Tax planning"]
    assert marketplace.listed_topics(scene.ana) == ["Tax planning"]


def test_staff_pause_where_the_rules_leave_it_to_them(late):
    """S1.16 in `talks`: the platform may suspend."""
    scene = late("by_staff")
    cancelled_late(scene.service, scene.kim, 3, first=scene.first)
    review, now = StandingReview.objects.get(), scene.first + timedelta(weeks=3)

    assert standing.pause(review=review, reason="Three in three weeks.", by=scene.staff, now=now) == ["Tax planning"]

    assert marketplace.listed_topics(scene.ana) == []
    mail = mails("standing_paused").get()
    assert (mail.recipient, mail.context["topics"], mail.context["reason"]) == (
        scene.ana.member, "“Tax planning”", "Three in three weeks.",
    )  # fmt: skip
    assert refused(do=standing.pause, review=review, reason="Once more.", by=scene.staff, now=now).code == "closed"


def test_a_closed_review_leaves_everything_as_it_is(three):
    standing.close_review(review=three.review, reason="Seen.", by=three.staff, now=three.now)

    assert marketplace.listed_topics(three.ana) == []
    again = refused(do=standing.close_review, review=three.review, reason="Seen.", by=three.staff, now=three.now)
    assert again.sentence == "Sam Staff closed this meanwhile. Nothing was changed."


def test_a_pause_ends_by_itself_when_the_oldest_counts_no_more(three):
    """EM-E14: paused until; nobody has to remember."""
    work = OutboxMessage.objects.get(topic="bookings.end_pause")
    end = three.changes[0].at + timedelta(days=365)
    assert work.due_at == end

    assert standing.end_pause(provider_id=three.ana.pk, now=end - SECOND) == []
    assert marketplace.listed_topics(three.ana) == []
    assert standing.end_pause(provider_id=three.ana.pk, now=end) == ["Tax planning"]
    assert standing.end_pause(provider_id=three.ana.pk, now=end) == []
    assert marketplace.listed_topics(three.ana) == ["Tax planning"]
