"""Late changes in the staff's admin: explanations judged, topics paused and listed again, all of it put down (PG-83, T43-T45)."""

import re
from datetime import timedelta

import pytest
import time_machine

from accounts.models import StaffAction
from accounts.tenancy import tenant_scope
from bookings import staff_queries
from bookings.enums import LateChangeState
from bookings.models import EvidenceFile, Explanation, LateChange, StandingReview
from bookings.services import standing
from bookings.services.standing import Upload
from marketplace import queries as marketplace
from notifications.models import EmailMessage
from tests.bookings.standing_scene import adopt, cancelled_late

from .conftest import NOW

BASE = "/t/north/admin/bookings/"
HIDDEN = re.compile(r'<input type="hidden" name="([\w-]+)"(?: value="([^"]*)")?')


@pytest.fixture(params=["at_once"])
def case(request, mine, private_files):
    """Ana has cancelled three times late; staff look at it a day later. The last one is explained, with a file."""
    with tenant_scope(mine.tenant):
        adopt(suspends_topics=request.param)
        first = NOW.replace(hour=9, minute=0) + timedelta(days=14)
        bookings = cancelled_late(mine.service, mine.client, 3, first=first)
        mine.changes = [booking.late_changes.get() for booking in bookings]
        mine.said = standing.explain(
            late_change=mine.changes[-1],
            by=mine.provider.member,
            reason_code="illness",
            text="I was in hospital.",
            files=[Upload("letter.pdf", b"%PDF-1.7")],
            now=mine.changes[-1].at + timedelta(hours=1),
        )
        mine.review = StandingReview.objects.get()
    mine.at = first + timedelta(days=15)
    with time_machine.travel(mine.at, tick=False):
        yield mine


def said_url(case):
    return f"{BASE}explanation/{case.said.pk}/change/"


def review_url(case):
    return f"{BASE}standingreview/{case.review.pk}/change/"


def send(visitor, url, **form):
    hidden = dict(HIDDEN.findall(visitor.get(url).text))
    return visitor.post(url, hidden | form)


def put_down(case):
    return StaffAction.objects.exclude(pk=case.action.pk).get()


def test_the_page_shows_what_counts_and_the_evidence(case, staff):
    text = staff.get(said_url(case)).text

    assert "I was in hospital." in text
    assert "3 of 2 late cancellations, 0 of 2 late moves" in text
    assert case.changes[-1].booking.code in text
    assert "24 hours before the start" in text
    assert "Less than 48 hours before the start counts; more than 2 of one kind in 12 months are too many." in text
    with tenant_scope(case.tenant):
        file = EvidenceFile.objects.get()
    assert f'<a href="/t/north/portal/standing/files/{file.pk}/" download>letter.pdf</a>, 1 KB' in text
    assert staff.get(f"/t/north/portal/standing/files/{file.pk}/").content == b"%PDF-1.7"


def test_accepting_voids_it_lifts_the_pause_and_is_put_down(case, staff):
    """S1.17, T44, T45."""
    answer = send(staff, said_url(case), decision="accept", why="The letter proves it.")

    assert answer.status_code == 302
    with tenant_scope(case.tenant):
        said = Explanation.objects.get()
        assert (said.state, said.answer, said.decided_by) == ("accepted", "The letter proves it.", case.staff)
        assert LateChange.objects.get(pk=case.changes[-1].pk).state == LateChangeState.VOIDED
        assert marketplace.listed_topics(case.provider) == ["Topic qqnorth"]
        assert StandingReview.objects.get().closed_by == case.staff
        assert put_down(case).changes == [
            {"field": "Decision", "old": "", "new": "accept"},
            {"why": "The letter proves it."},
        ]
        assert EmailMessage.objects.filter(kind="standing_decided").get().recipient == case.provider.member


def test_refusing_leaves_everything(case, staff):
    assert send(staff, said_url(case), decision="refuse", why="Of another day.").status_code == 302

    with tenant_scope(case.tenant):
        assert Explanation.objects.get().state == "refused"
        assert marketplace.listed_topics(case.provider) == []


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"decision": "accept", "why": ""}, "Say the reason in a few words."),
        ({"decision": "accept", "why": "   "}, "Say the reason in a few words."),
        ({"decision": "", "why": "Because."}, "Choose what to do."),
        ({"decision": "everything", "why": "Because."}, "Select a valid choice."),
    ],
)
def test_a_decision_without_its_reason_is_not_taken(case, staff, form, sentence):
    answer = send(staff, said_url(case), **form)

    assert sentence in answer.text
    with tenant_scope(case.tenant):
        assert Explanation.objects.get().state == "open"


def test_who_decides_second_gets_409_and_changes_nothing(case, staff):
    hidden = dict(HIDDEN.findall(staff.get(said_url(case)).text))
    with tenant_scope(case.tenant):
        standing.decide(explanation=case.said, is_accepted=False, reason="No.", by=case.owner, now=case.at)
    answer = staff.post(said_url(case), hidden | {"decision": "accept", "why": "Yes."})

    assert answer.status_code == 409
    assert "Priya Ownerqqnorth did not accept this on" in answer.text
    with tenant_scope(case.tenant):
        assert (Explanation.objects.get().state, Explanation.objects.get().answer) == ("refused", "No.")
        assert not StaffAction.objects.exclude(pk=case.action.pk).exists()


def test_what_is_decided_is_only_shown(case, staff):
    send(staff, said_url(case), decision="accept", why="Proved.")

    text = staff.get(said_url(case)).text
    assert 'name="decision"' not in text
    assert "Proved." in text


def test_the_review_lists_each_late_change_and_what_is_paused(case, staff):
    text = staff.get(review_url(case)).text

    assert "“Topic qqnorth”, until 2027-12-06 at the latest" in text
    assert all(change.booking.code in text for change in case.changes)
    assert text.count("Not explained") == 2
    assert "Explained: under review" in text
    assert "Pause all" not in text


def test_staff_list_topics_again_by_hand(case, staff):
    """T45."""
    assert send(staff, review_url(case), decision="restore", why="We talked.").status_code == 302

    with tenant_scope(case.tenant):
        assert marketplace.listed_topics(case.provider) == ["Topic qqnorth"]
        assert (StandingReview.objects.get().closed_by, StandingReview.objects.get().reason) == (
            case.staff,
            "We talked.",
        )
        assert put_down(case).changes[-1] == {"why": "We talked."}
        assert EmailMessage.objects.filter(kind="standing_restored").exists()
    assert 'name="decision"' not in staff.get(review_url(case)).text


def test_a_closed_review_can_still_list_paused_topics_again(case, staff):
    send(staff, review_url(case), decision="close", why="Seen.")

    text = staff.get(review_url(case)).text
    assert "Close this" not in text
    assert send(staff, review_url(case), decision="restore", why="Later.").status_code == 302
    with tenant_scope(case.tenant):
        assert marketplace.listed_topics(case.provider) == ["Topic qqnorth"]
        assert StandingReview.objects.get().reason == "Seen."


@pytest.mark.parametrize("case", ["by_staff"], indirect=True)
def test_staff_pause_topics_where_the_rules_leave_it_to_them(case, staff):
    """S1.16, presets.md `talks`."""
    text = staff.get(review_url(case)).text
    assert "Pause all skills of Ana Providerqqnorth; what is agreed goes on" in text

    assert send(staff, review_url(case), decision="pause", why="Three in three weeks.").status_code == 302
    with tenant_scope(case.tenant):
        assert marketplace.listed_topics(case.provider) == []
        assert EmailMessage.objects.filter(kind="standing_paused").get().context["reason"] == "Three in three weeks."


def test_a_review_that_was_closed_meanwhile_is_409(case, staff):
    hidden = dict(HIDDEN.findall(staff.get(review_url(case)).text))
    with tenant_scope(case.tenant):
        standing.close_review(review=case.review, reason="Mine.", by=case.owner, now=case.at)
    answer = staff.post(review_url(case), hidden | {"decision": "restore", "why": "Yes."})
    again = staff.post(review_url(case), hidden | {"decision": "close", "why": "Yes."})

    assert answer.status_code == 302
    assert (again.status_code, "Nothing was changed" in again.text) == (409, True)


def test_the_lists_say_who_waits(case, staff):
    assert "Ana Providerqqnorth" in staff.get(f"{BASE}explanation/?state__exact=open").text
    assert "Ana Providerqqnorth" in staff.get(f"{BASE}standingreview/").text
    assert staff.get(f"{BASE}latechange/").text.count("Late cancellation of") == 3
    with tenant_scope(case.tenant):
        assert [staff_queries.explanations_waiting().count(), staff_queries.reviews_open().count()] == [1, 1]


def test_members_and_other_tenants_staff_see_nothing_of_it(case, theirs, as_):
    assert as_(case.provider.member).get(said_url(case)).status_code == 403
    outsider = as_(theirs.staff)
    for url in (said_url(case), review_url(case)):
        assert outsider.get(url).status_code == 403
        elsewhere = outsider.get(url.replace("/north/", "/south/"))
        assert elsewhere.status_code == 302
        assert "qqnorth" not in elsewhere.headers["Location"]


def test_nobody_adds_or_deletes(case, owner):
    for kind, key in (
        ("explanation", case.said.pk),
        ("standingreview", case.review.pk),
        ("latechange", case.changes[0].pk),
    ):
        assert owner.get(f"{BASE}{kind}/add/").status_code == 403
        assert owner.post(f"{BASE}{kind}/{key}/delete/", {"post": "yes"}).status_code == 403
