"""Late changes explained with files, judged by staff, paused topics and their return (S1.17, S1.22, T44, T45, PG-83)."""

from datetime import timedelta

import pytest

from bookings.enums import ExplanationState, LateChangeKind, LateChangeState
from bookings.models import EvidenceFile, Explanation, LateChange, StandingReview
from bookings.services import standing
from bookings.services.standing import Upload
from marketplace import queries as marketplace
from marketplace import services as shop
from marketplace.enums import Listing
from notifications.models import OutboxMessage
from tests import factories

from .standing_scene import agree, cancelled_late, explain, mails, refused

CANCEL, RESCHEDULE = LateChangeKind.CANCEL, LateChangeKind.RESCHEDULE
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
PDF = b"%PDF-1.7\n..."


# --- explaining (T44) ----------------------------------------------------------------------------------------------------


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
