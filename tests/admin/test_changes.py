"""What staff can change, through which services, and what is put down about it (PG-81, PG-85, P3, B10)."""

import re
from datetime import date, timedelta

import pytest
from django.contrib.admin.models import LogEntry

from accounts.models import StaffAction
from accounts.tenancy import tenant_scope
from bookings.models import Booking, BookingEvent, Proposal
from calendars import queries as time_queries
from calendars.models import WeeklyHours
from marketplace import queries as marketplace
from marketplace.models import Provider, Service, Topic
from marketplace.queries import Wanted
from notifications.models import EmailMessage, OutboxMessage
from tests import factories

from .conftest import NOW

BASE = "/t/north/admin/"
HOURS = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "9:00-17:00")
SERVICE = {
    "name": "Deep dive", "description": "", "minutes": 60, "price": 45, "place": "video", "step_minutes": 30,
    "buffer_before": 0, "buffer_after": 15, "notice_minutes": 0, "hides_asked_times": "unknown", "is_active": "on",
    "position": 1, "why": "Longer sessions were asked for.",
}  # fmt: skip


HIDDEN = re.compile(r'<input type="hidden" name="([\w-]+)"(?: value="([^"]*)")?')


def put_down(mine):
    """What the test itself did, as it stands in the log."""
    return StaffAction.objects.exclude(pk=mine.action.pk).get()


def save(visitor, url, form):
    """Fill in and send the page's form, hidden fields included, as a browser would."""
    hidden = dict(HIDDEN.findall(visitor.get(url).text))
    return visitor.post(url, hidden | form)


@pytest.fixture
def provider_form(mine):
    return {
        "name": mine.provider.name, "headline": "Zebra accounting", "bio": "", "city": "Prague", "languages": "en,cs",
        "is_published": "on", "paused_until": "", "listed_under": [mine.topic.pk], "why": "New headline by mail.",
    }  # fmt: skip


def test_a_changed_provider_is_found_by_the_new_words(mine, staff, provider_form):
    url = f"{BASE}marketplace/provider/{mine.provider.pk}/change/"

    assert save(staff, url, provider_form).status_code == 302

    with tenant_scope(mine.tenant):
        assert [row.name for row in marketplace.find(Wanted(text="zebra"))] == ["Ana Providerqqnorth"]
        assert Provider.objects.get(pk=mine.provider.pk).languages == ["en", "cs"]


def test_a_change_is_put_down_with_old_new_and_why(mine, staff, provider_form):
    save(staff, f"{BASE}marketplace/provider/{mine.provider.pk}/change/", provider_form)

    with tenant_scope(mine.tenant):
        action = put_down(mine)
    assert (action.actor_id, action.action, action.object_type) == (mine.staff.pk, "changed", "marketplace.provider")
    assert (action.object_id, action.object_name) == (str(mine.provider.pk), "Ana Providerqqnorth")
    assert action.changes == [
        {"field": "Headline", "old": "Tax planning for founders", "new": "Zebra accounting"},
        {"field": "Languages", "old": "en", "new": "en,cs"},
        {"why": "New headline by mail."},
    ]


def test_what_was_done_is_on_the_history_page_and_on_the_first_page(mine, staff, provider_form):
    save(staff, f"{BASE}marketplace/provider/{mine.provider.pk}/change/", provider_form)

    for page in (f"marketplace/provider/{mine.provider.pk}/history/", ""):
        text = staff.get(BASE + page).text
        assert "Why: New headline by mail." in text
        assert "from “Tax planning for founders” to “Zebra accounting”" in text


def test_nothing_goes_into_djangos_own_log(mine, staff, provider_form):
    save(staff, f"{BASE}marketplace/provider/{mine.provider.pk}/change/", provider_form)
    staff.post(f"{BASE}marketplace/topic/add/", {"name": "New", "position": 3, "why": "Asked for."})

    assert not LogEntry.objects.exists()


def test_a_change_without_a_reason_is_refused_and_changes_nothing(mine, staff, provider_form):
    url = f"{BASE}marketplace/provider/{mine.provider.pk}/change/"

    answer = save(staff, url, provider_form | {"why": ""})

    assert "Say in a few words why you change this." in answer.text
    with tenant_scope(mine.tenant):
        assert Provider.objects.get(pk=mine.provider.pk).headline == "Tax planning for founders"
        assert not StaffAction.objects.exclude(pk=mine.action.pk).exists()


def test_fields_that_are_only_shown_cannot_be_posted(mine, staff, provider_form, theirs):
    sent = {
        "slug": "stolen",
        "member": mine.client.pk,
        "answers_within_hours": 1,
        "tenant": theirs.tenant.pk,
        "id": "1",
    }

    save(staff, f"{BASE}marketplace/provider/{mine.provider.pk}/change/", provider_form | sent)

    with tenant_scope(mine.tenant):
        provider = Provider.objects.get(pk=mine.provider.pk)
    assert (provider.slug, provider.member_id, provider.answers_within_hours) == (
        "ana-providerqqnorth",
        mine.provider.member_id,
        None,
    )


def test_a_service_is_added_through_the_service(mine, staff):
    form = SERVICE | {"provider": mine.provider.pk, "topic": mine.topic.pk}

    answer = staff.post(f"{BASE}marketplace/service/add/", form)

    assert answer.status_code == 302
    with tenant_scope(mine.tenant):
        made = Service.objects.get(name="Deep dive")
        assert (made.minutes, made.price, made.buffer_after, made.topic_id) == (60, 45, 15, mine.topic.pk)
        assert put_down(mine).object_id == str(made.pk)
        assert [row.name for row in marketplace.find(Wanted(text="deep dive"))] == ["Ana Providerqqnorth"]


def test_a_service_that_is_changed_keeps_its_provider(mine, staff):
    form = SERVICE | {"provider": "someone else", "topic": "", "is_active": ""}

    answer = staff.post(f"{BASE}marketplace/service/{mine.service.pk}/change/", form)

    assert answer.status_code == 302
    with tenant_scope(mine.tenant):
        service = Service.objects.get(pk=mine.service.pk)
        assert {"field": "Topic", "old": "Topic qqnorth", "new": ""} in put_down(mine).changes
    assert (service.name, service.provider_id, service.is_active) == ("Deep dive", mine.provider.pk, False)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("minutes", 481, "Enter 480 minutes or less."),
        ("minutes", 32, "Enter a multiple of 5 minutes."),
        ("name", "", "required"),
    ],
)
def test_a_service_that_does_not_fit_is_a_sentence(field, value, sentence, mine, staff):
    answer = staff.post(f"{BASE}marketplace/service/{mine.service.pk}/change/", SERVICE | {"topic": "", field: value})

    assert answer.status_code == 200
    assert sentence in answer.text


def test_a_topic_twice_is_a_sentence(mine, staff):
    answer = staff.post(f"{BASE}marketplace/topic/add/", {"name": "Topic qqnorth", "position": 0, "why": "Again."})

    assert answer.status_code == 200
    assert "Another topic has the address “topic-qqnorth”. Choose a different one." in answer.text


def test_a_renamed_topic_keeps_its_address(mine, staff):
    form = {"name": "Money", "slug": "money", "position": 7, "why": "Shorter."}

    assert staff.post(f"{BASE}marketplace/topic/{mine.topic.pk}/change/", form).status_code == 302

    with tenant_scope(mine.tenant):
        topic = Topic.objects.get(pk=mine.topic.pk)
    assert (topic.name, topic.slug, topic.position) == ("Money", "topic-qqnorth", 7)


def test_a_paused_listing_takes_the_provider_out_of_the_topic(mine, staff):
    with tenant_scope(mine.tenant):
        listing = mine.provider.listings.get()
        assert len(marketplace.find(Wanted(topics=(mine.topic.pk,)))) == 1

    form = {"listing": "suspended", "why": "Third late change."}
    assert staff.post(f"{BASE}marketplace/providertopic/{listing.pk}/change/", form).status_code == 302

    with tenant_scope(mine.tenant):
        assert not marketplace.find(Wanted(topics=(mine.topic.pk,)))


def free_starts(world, day):
    rules = marketplace.rules_of(world.service, world.policy)
    return [
        slot.start.strftime("%H:%M")
        for slot in time_queries.bookable(
            world.provider.calendar, rules, since=day, until=day + timedelta(days=1), now=NOW, hide_asked=True
        )
    ]


@pytest.fixture
def calendar_form(mine):
    from accounts.queries import current_policy

    with tenant_scope(mine.tenant):
        mine.policy = current_policy().policy
    return HOURS | {"time_zone": "Europe/Prague", "why": "On the phone."}


def test_changed_hours_are_free_time_at_once(mine, staff, calendar_form):
    url = f"{BASE}calendars/calendar/{mine.provider.calendar_id}/change/"
    form = calendar_form | {"tuesday": "9:00-10:00, 13:00-14:00"}

    assert save(staff, url, form).status_code == 302

    tuesday = NOW.replace(hour=0, minute=0) + timedelta(days=1)
    with tenant_scope(mine.tenant):
        assert free_starts(mine, tuesday) == ["08:00", "08:30", "12:00", "12:30"]
        assert put_down(mine).changes == [
            {"field": "Tuesday", "old": "9:00-17:00", "new": "9:00-10:00, 13:00-14:00"},
            {"why": "On the phone."},
        ]


def test_other_hours_on_one_date(mine, staff, calendar_form):
    url = f"{BASE}calendars/calendar/{mine.provider.calendar_id}/change/"

    save(staff, url, calendar_form | {"date": "2026-11-24", "date_hours": "20:00-21:00"})

    tuesday = NOW.replace(hour=0, minute=0) + timedelta(days=1)
    with tenant_scope(mine.tenant):
        assert free_starts(mine, tuesday) == ["19:00", "19:30"]
        assert WeeklyHours.objects.filter(calendar=mine.provider.calendar_id).count() == 5
    assert "20:00-21:00" in staff.get(url).text


def test_a_date_without_hours_is_away(mine, staff, calendar_form):
    url = f"{BASE}calendars/calendar/{mine.provider.calendar_id}/change/"

    save(staff, url, calendar_form | {"date": "2026-11-24", "date_hours": ""})

    with tenant_scope(mine.tenant):
        assert free_starts(mine, NOW.replace(hour=0, minute=0) + timedelta(days=1)) == []
        assert mine.provider.calendar.date_overrides.get().date == date(2026, 11, 24)


def test_hours_that_the_clocks_skip_on_a_date_are_a_sentence(mine, staff, calendar_form):
    """R-TZ-11."""
    url = f"{BASE}calendars/calendar/{mine.provider.calendar_id}/change/"

    answer = save(staff, url, calendar_form | {"date": "2027-03-28", "date_hours": "2:30-5:00"})

    assert "2am to 3am does not exist" in answer.text
    with tenant_scope(mine.tenant):
        assert not mine.provider.calendar.date_overrides.exists()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("monday", "nine to five", "“nine to five” is not a time span. Write it like 9:00-12:00."),
        ("monday", "9:00-25:00", "“9:00-25:00” is outside of the day: it runs from 0:00 to 24:00."),
        ("monday", "9:00-12:00, 11:00-13:00", "overlap"),
        ("monday", "12:00-9:00", "Monday"),
        ("date_hours", "9:00-10:00", "Choose the date these hours are for."),
        ("time_zone", "Europe/Atlantis", "Select a valid choice."),
    ],
)
def test_hours_that_cannot_be_kept_are_a_sentence(field, value, sentence, mine, staff, calendar_form):
    url = f"{BASE}calendars/calendar/{mine.provider.calendar_id}/change/"

    answer = save(staff, url, calendar_form | {field: value})

    assert answer.status_code == 200
    assert sentence in answer.text
    with tenant_scope(mine.tenant):
        assert WeeklyHours.objects.filter(calendar=mine.provider.calendar_id, opens=540, closes=1020).count() == 5


READ_ONLY = {
    "bookings/booking": lambda mine: mine.booking.pk,
    "accounts/staffaction": lambda mine: mine.action.pk,
    "accounts/policyversion": lambda mine: mine.booking.policy_version_id,
    "notifications/outboxmessage": lambda mine: mine.work.pk,
}


@pytest.mark.parametrize("kind", READ_ONLY)
def test_what_is_read_only_cannot_be_posted(kind, mine, owner):
    """A status moves through a transition, never through a form (decisions.md 17, B10)."""
    url = f"{BASE}{kind}/{READ_ONLY[kind](mine)}/change/"
    form = {
        "status": "confirmed",
        "state": "done",
        "price": 0,
        "credit_status": "returned",
        "settings": "{}",
        "action": "x",
    }

    assert owner.get(url).status_code == 200
    assert owner.post(url, form).status_code == 403
    assert owner.post(f"{BASE}{kind}/add/", form).status_code == 403
    assert owner.post(url.replace("change", "delete"), {"post": "yes"}).status_code == 403


def test_inlines_of_a_booking_cannot_be_posted(mine, owner):
    form = {
        "proposals-TOTAL_FORMS": 2, "proposals-INITIAL_FORMS": 1, "proposals-0-state": "accepted",
        "events-TOTAL_FORMS": 2, "events-INITIAL_FORMS": 1, "events-0-name": "Forged", "events-1-name": "Forged",
    }  # fmt: skip
    with tenant_scope(mine.tenant):
        before = [list(model.objects.values()) for model in (Booking, Proposal, BookingEvent)]

    assert owner.post(f"{BASE}bookings/booking/{mine.booking.pk}/change/", form).status_code == 403

    with tenant_scope(mine.tenant):
        assert [list(model.objects.values()) for model in (Booking, Proposal, BookingEvent)] == before


def test_nothing_can_be_deleted_one_by_one_or_in_bulk(mine, owner):
    rows = {
        "marketplace/topic": mine.topic, "marketplace/service": mine.service, "marketplace/provider": mine.provider,
        "accounts/membership": mine.client,
    }  # fmt: skip
    for kind, row in rows.items():
        assert owner.post(f"{BASE}{kind}/{row.pk}/delete/", {"post": "yes"}).status_code == 403
        owner.post(f"{BASE}{kind}/", {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
        with tenant_scope(mine.tenant):
            assert type(row).objects.filter(pk=row.pk).exists()


def test_work_that_gave_up_is_tried_again_and_put_down(mine, staff):
    answer = staff.post(
        f"{BASE}notifications/outboxmessage/", {"action": "try_again", "_selected_action": [mine.work.pk]}, follow=True
    )

    assert "1 will be tried again in a moment." in answer.text
    with tenant_scope(mine.tenant):
        mine.work.refresh_from_db()
        assert (mine.work.state, mine.work.attempts, mine.work.due_at) == ("queued", 0, NOW)
        assert put_down(mine).changes == [{"field": "state", "old": "dead", "new": "queued"}]


def test_work_that_did_not_give_up_is_left_alone(mine, staff):
    with tenant_scope(mine.tenant):
        queued = type(mine.work).objects.filter(state="queued").first()

    answer = staff.post(
        f"{BASE}notifications/outboxmessage/", {"action": "try_again", "_selected_action": [queued.pk]}, follow=True
    )

    assert "None of these gave up, so nothing was changed." in answer.text


def trouble(mine, state, **more):
    """A mail that came to this end."""
    with tenant_scope(mine.tenant):
        return EmailMessage.objects.create(
            **{"kind": "booking_expired_client", "attempts": 12, "doubts": 0, **more},
            recipient=mine.client, state=state, dedupe_key=f"trouble {state}", reference=mine.booking.reference,
        )  # fmt: skip


def send_again(staff, mail):
    form = {"action": "send_again", "_selected_action": [mail.pk]}
    return staff.post(f"{BASE}notifications/emailmessage/", form, follow=True)


@pytest.mark.parametrize(("state", "doubts", "left"), [("failed", 0, 0), ("unknown", 2, 1)])
def test_mails_that_were_given_up_are_sent_again_and_put_down(mine, staff, state, doubts, left):
    """PG-86, F86: new work with new attempts; of one that may have left, the mail server is asked before."""
    mail = trouble(mine, state, doubts=doubts)

    answer = send_again(staff, mail)

    assert "1 will be sent in a moment." in answer.text
    with tenant_scope(mine.tenant):
        mail.refresh_from_db()
        assert (mail.state, mail.doubts) == ("queued", left)
        work = OutboxMessage.objects.get(dedupe_key=f"{mail.pk}:12")
        assert (work.topic, work.payload, work.state) == ("notifications.email", {"email_id": str(mail.pk)}, "queued")
        assert work.due_at == NOW
        assert put_down(mine).changes == [{"field": "state", "old": state, "new": "queued"}]
    assert "None of these can be sent again, so nothing was changed." in send_again(staff, mail).text


@pytest.mark.parametrize("state", ["queued", "sending", "sent"])
def test_mails_that_are_not_given_up_are_left_alone(mine, staff, state):
    mail = trouble(mine, state)

    assert "None of these can be sent again, so nothing was changed." in send_again(staff, mail).text
    with tenant_scope(mine.tenant):
        mail.refresh_from_db()
        assert mail.state == state
        assert not OutboxMessage.objects.filter(dedupe_key__startswith=str(mail.pk)).exists()


def test_codes_are_never_sent_again(mine, staff):
    """Nothing is kept of a code that was given up, so there is nothing to send."""
    mail = trouble(mine, "failed", kind="account_code")

    assert "None of these can be sent again, so nothing was changed." in send_again(staff, mail).text


def test_sign_in_codes_are_not_shown_to_staff(mine, staff):
    with tenant_scope(mine.tenant):
        mail = EmailMessage.objects.create(
            kind="account_code",
            recipient=mine.client,
            dedupe_key="code",
            text="Your code is 424242",
            context={"code": "424242"},
        )

    text = staff.get(f"{BASE}notifications/emailmessage/{mail.pk}/change/").text

    assert "424242" not in text
    assert "Not shown: it lets its reader into an account." in text


def test_a_name_with_markup_is_text(mine, staff, provider_form):
    form = provider_form | {"headline": "<script>alert(1)</script>", "why": "<b>why</b>"}
    save(staff, f"{BASE}marketplace/provider/{mine.provider.pk}/change/", form)

    for page in ("", "marketplace/provider/", f"marketplace/provider/{mine.provider.pk}/history/"):
        assert "<script>alert" not in staff.get(BASE + page).text
        assert "<b>why</b>" not in staff.get(BASE + page).text


def test_members_are_renamed_with_factories_left_alone(mine, staff):
    form = {"name": "Kim Okafor-Bell", "why": "Married."}

    staff.post(f"{BASE}accounts/membership/{mine.client.pk}/change/", form)

    with tenant_scope(mine.tenant):
        mine.client.refresh_from_db()
        assert (mine.client.name, mine.client.suspended_at) == ("Kim Okafor-Bell", None)


def test_suspending_and_lifting(mine, staff):
    url = f"{BASE}accounts/membership/{mine.client.pk}/change/"

    staff.post(url, {"name": mine.client.name, "is_suspended": "on", "why": "Rude to a provider."})
    with tenant_scope(mine.tenant):
        mine.client.refresh_from_db()
    assert mine.client.suspended_at == factories.NOW

    staff.post(url, {"name": mine.client.name, "why": "Talked it over."})
    with tenant_scope(mine.tenant):
        mine.client.refresh_from_db()
    assert mine.client.suspended_at is None
