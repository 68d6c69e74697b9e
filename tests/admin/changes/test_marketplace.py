"""Staff change providers, services and topics in the administration (PG-85)."""

import pytest
from django.contrib.admin.models import LogEntry

from accounts.models import StaffAction
from accounts.tenancy import tenant_scope
from marketplace import queries as marketplace
from marketplace.models import Provider, Service, Topic
from marketplace.queries import Wanted

from .saving import BASE, put_down, save

SERVICE = {
    "name": "Deep dive", "description": "", "minutes": 60, "price": 45, "place": "video", "step_minutes": 30,
    "buffer_before": 0, "buffer_after": 15, "notice_minutes": 0, "hides_asked_times": "unknown", "is_active": "on",
    "position": 1, "why": "Longer sessions were asked for.",
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
