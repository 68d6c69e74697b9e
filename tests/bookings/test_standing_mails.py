"""What providers and staff read about late changes (EM-E13, EM-E14, EM-E15, EM-S1, T45)."""

import re
from datetime import timedelta
from html import unescape

import pytest

from bookings.enums import LateChangeKind
from bookings.models import LateChange, StandingReview
from bookings.services import standing
from config.subscriptions import HANDLERS
from notifications import rendering
from notifications.models import EmailMessage, OutboxMessage
from tests import factories

from .standing_scene import adopt, agree, cancelled_late, move, staff

ROOT = "http://localhost:8000/t/north"


@pytest.fixture
def scene(in_north, now):
    class Scene:
        pass

    made = Scene()
    adopt(suspends_topics="at_once")
    tax = factories.topic("Tax planning")
    made.ana = factories.provider("Ana Nowak", now=now, topics=[tax])
    made.service = factories.service(made.ana, "Tax planning", topic=tax)
    made.kim, made.staff = factories.member("Kim Okafor"), staff()
    made.first = now.replace(hour=9, minute=0) + timedelta(days=14)
    return made


def newest(kind):
    return EmailMessage.objects.filter(kind=kind).order_by("created_at", "id").last()


def written(kind, now):
    mail = newest(kind)
    return rendering.render(mail, now=now)


def words_of(html):
    body = html[html.index("<body") :]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_a_late_change_is_recorded_with_number_limit_and_the_way_to_explain_it(scene):
    """EM-E13."""
    [booking] = cancelled_late(scene.service, scene.kim, 1, first=scene.first)
    change = LateChange.objects.get()
    mail = written("standing_late_change", change.at)

    assert newest("standing_late_change").recipient == scene.ana.member
    assert mail.subject == "Late cancellation recorded (1 of 2)"
    for line in (
        "Tax planning with Kim Okafor, Mon 7 Dec, 10am (Prague).",
        "The change came 24 hours before the start; less than 48 hours before counts as late.",
        "It counts until Mon 6 Dec 2027.",
        "explain it by Sun 20 Dec.",
        f"Explain what happened: {ROOT}/portal/standing/{change.pk}/explain/",
        f"Your standing: {ROOT}/portal/standing/",
    ):
        assert line in mail.text
    assert "Late cancellation recorded: 1 of 2 in 12 months." in words_of(mail.html)
    assert booking.code not in mail.subject


def test_the_second_says_what_one_more_leads_to(scene):
    cancelled_late(scene.service, scene.kim, 2, first=scene.first)
    mail = written("standing_late_change", scene.first)

    assert mail.subject == "Late cancellation recorded (2 of 2)"
    assert "One more pauses “Tax planning”." in mail.text


def test_a_late_move_is_called_so(scene):
    booking = agree(scene.service, scene.kim, scene.first, asked=scene.first - timedelta(days=6))
    move(booking, scene.first - timedelta(hours=5), scene.first + timedelta(hours=3))

    assert written("standing_late_change", scene.first).subject == "Late move recorded (1 of 2)"


def test_a_pause_names_the_topics_until_when_and_what_goes_on(scene):
    """EM-E14; the one mail to the provider about the third (R-MAIL-2)."""
    cancelled_late(scene.service, scene.kim, 3, first=scene.first)
    mail = written("standing_paused", scene.first + timedelta(days=13))

    assert mail.subject == "“Tax planning” is paused until Mon 6 Dec 2027"
    assert "This was late cancellation 3 in 12 months, more than the rules allow." in mail.text
    assert "Everything that is agreed or asked for already goes on." in mail.text
    assert "On Mon 6 Dec 2027 at the latest you are listed again by yourself." in mail.text
    assert EmailMessage.objects.filter(kind="standing_late_change").count() == 2


def test_staff_are_told_of_one_too_many(scene):
    """EM-S1, T43."""
    cancelled_late(scene.service, scene.kim, 3, first=scene.first)
    mail, review = written("standing_review_staff", scene.first), StandingReview.objects.get()

    assert newest("standing_review_staff").recipient == scene.staff
    assert mail.subject == "Ana Nowak: late cancellation 3, more than 2 in 12 months"
    assert f"Open the review: {ROOT}/admin/bookings/standingreview/{review.pk}/change/" in mail.text
    assert "“Tax planning” is paused by the rules." in mail.text


def explained(scene, **decision):
    change = LateChange.objects.order_by("at").last()
    said = standing.explain(
        late_change=change,
        by=scene.ana.member,
        reason_code="illness",
        text="I was in hospital.",
        now=change.at + timedelta(hours=1),
    )
    if decision:
        standing.decide(explanation=said, by=scene.staff, now=change.at + timedelta(hours=2), **decision)
    return said


def test_staff_are_told_that_an_explanation_waits(scene):
    """EM-S1."""
    cancelled_late(scene.service, scene.kim, 1, first=scene.first)
    said = explained(scene)
    mail = written("standing_explained_staff", scene.first)

    assert mail.subject == "Explanation waiting: Ana Nowak, late cancellation"
    assert "What was in the way: I was ill or had an accident. With 0 files." in mail.text
    assert "> I was in hospital." in mail.text
    assert f"Read and decide: {ROOT}/admin/bookings/explanation/{said.pk}/change/" in mail.text


@pytest.mark.parametrize(
    ("is_accepted", "subject", "lines"),
    [
        (
            True,
            "Your explanation was accepted: late cancellation, Mon 21 Dec, 10am (Prague)",
            [
                "does not count any more",
                "Now it is late cancellation 2 of 2 in 12 months.",
                "“Tax planning” is listed again.",
            ],
        ),
        (
            False,
            "Your explanation was not accepted: late cancellation, Mon 21 Dec, 10am (Prague)",
            ["still counts", "Now it is late cancellation 3, more than 2 in 12 months."],
        ),
    ],
)
def test_a_decision_says_the_reason_and_the_count_now(scene, is_accepted, subject, lines):
    """EM-E15."""
    cancelled_late(scene.service, scene.kim, 3, first=scene.first)
    explained(scene, is_accepted=is_accepted, reason="The letter is clear.")
    mail = written("standing_decided", scene.first + timedelta(days=14))

    assert mail.subject == subject
    assert all(line in mail.text for line in lines)
    assert "> The letter is clear." in mail.text


def test_who_is_listed_again_is_told_why(scene):
    """T45."""
    cancelled_late(scene.service, scene.kim, 3, first=scene.first)
    now = scene.first + timedelta(days=14)
    standing.restore(provider=scene.ana, reason="We talked about it.", by=scene.staff, now=now)

    assert written("standing_restored", now).subject == "“Tax planning” is listed again"
    assert "> We talked about it." in written("standing_restored", now).text


def test_mails_about_standing_are_not_about_the_booking(scene):
    """What a client reads about a booking tells nothing of the provider's late changes."""
    [booking] = cancelled_late(scene.service, scene.kim, 1, first=scene.first)

    about = EmailMessage.objects.filter(reference=booking.reference).values_list("kind", flat=True)
    assert not [kind for kind in about if kind.startswith("standing_")]
    assert booking.late_changes.get().kind == LateChangeKind.CANCEL


LINK = re.compile(r"https?://[^\s\"<>]+")


def test_every_mail_is_whole_in_both_forms_whatever_people_are_called(scene):
    """R-MAIL-4, R-MAIL-5, F104: one line of subject, the same links in both, nothing of a name becomes code."""
    hostile = "<b>Kim</b>\r\nBcc: x@example.org" + "y" * 40
    for member in (scene.kim, scene.ana.member):
        member.name = hostile
        member.save()
    scene.ana.name = hostile
    scene.ana.save()
    cancelled_late(scene.service, scene.kim, 3, first=scene.first)
    explained(scene, is_accepted=False, reason="<script>alert(1)</script>")
    now = scene.first + timedelta(days=14)
    standing.restore(provider=scene.ana, reason="<i>We talked.</i>", by=scene.staff, now=now)

    kinds = set(EmailMessage.objects.filter(kind__startswith="standing_").values_list("kind", flat=True))
    assert kinds == {
        "standing_late_change", "standing_paused", "standing_decided", "standing_restored", "standing_explained_staff",
        "standing_review_staff",
    }  # fmt: skip
    for kind in kinds:
        mail = written(kind, now)
        assert "\n" not in mail.subject
        assert len(mail.subject) <= rendering.LONGEST_SUBJECT
        assert not re.search(r"<(b|i|script)>", mail.html)
        assert set(LINK.findall(mail.text)) == {
            unescape(link) for link in LINK.findall(mail.html) if link.startswith(ROOT)
        }
        assert "!!" not in mail.text


def test_the_end_of_a_pause_is_work_that_somebody_does(scene):
    """decisions.md 28: a row of the outbox, due on that day, with a handler."""
    cancelled_late(scene.service, scene.kim, 3, first=scene.first)
    work = OutboxMessage.objects.get(topic="bookings.end_pause")

    assert work.due_at == LateChange.objects.order_by("at").first().at + timedelta(days=365)
    assert work.payload == {"provider_id": str(scene.ana.pk)}
    assert "bookings.end_pause" in HANDLERS
