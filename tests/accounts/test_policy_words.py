"""The policies page says what the settings do: another number is another sentence (PG-07, decisions.md 16)."""

from dataclasses import fields, replace

import pytest

from accounts.models import PolicyVersion
from accounts.policies import CancelTier, Pack, Policy, Reason, Reminder, Selling, Vocabulary
from accounts.policy_words import policy_topics, span, status_meanings
from accounts.presets import PRESETS
from accounts.services import adopt_policy
from accounts.templatetags.ui import STATES
from accounts.tenancy import tenant_scope

CREDITS = {"price_unit": "credits"}
# Each field: the policy it is seen in, and another value.
CHANGES = {
    "booking_mode": ({}, "preferred_dates"),
    "max_times": ({"booking_mode": "preferred_dates"}, 3),
    "price_unit": ({}, "credits"),
    "selling": (
        CREDITS,
        Selling(provider="stripe", packs=(Pack(50, 4750),), credit_price=100, receipt_note="Tax is in"),
    ),
    "pay_by_minutes": (CREDITS, 15),
    "answer_window_hours": ({}, 72),
    "answer_lead_hours": ({}, 24),
    "notice_minutes": ({}, 90),
    "bookable_days": ({}, 30),
    "hides_asked_times": ({}, False),
    "takes_other_times": ({}, False),
    "decline_reason": ({}, "required"),
    "decline_reasons": ({}, (Reason("ill", "I am ill"),)),
    "cancel_reason": ({}, "required"),
    "cancel_reasons": ({}, (Reason("work", "Something urgent"),)),
    "provider_cancel": ({}, "ask_client"),
    "cancel_form_under_hours": ({}, 24),
    "client_cancel_tiers": (CREDITS, (CancelTier(48, 100), CancelTier(0, 50, 25))),
    "new_addresses_per_day": ({"provider_made": "needs_client"}, 5),
    "adjust_alone_limit": (CREDITS, 50),
    "reschedule": ({}, "via_staff"),
    "late_change_hours": ({}, 120),
    "late_change_limit": ({"late_change_hours": 120}, 3),
    "suspends_topics": ({"late_change_hours": 120}, "by_staff"),
    "logistics": ({}, "manual"),
    "completion": ({}, "both"),
    "complete_after_hours": ({}, 48),
    "provider_made": ({}, "confirmed"),
    "status_words": ({}, {"requested": "Pending"}),
    "credit_words": (CREDITS, {"blocked": "Blocked"}),
}
# Nothing applies these yet: a sentence would promise what nobody does.
NOT_APPLIED = {"reminders", "enquiry_chat"}
WORDS = Vocabulary(provider="expert", providers="experts", session="meeting", sessions="meetings", topics="skills")


def sentences(policy: Policy, words: Vocabulary = WORDS) -> list[str]:
    return [sentence for topic in policy_topics(policy, words) for sentence in topic.sentences]


def test_every_field_of_a_policy_is_tried():
    assert set(CHANGES) | NOT_APPLIED == {field.name for field in fields(Policy)}


def test_what_nobody_does_is_not_promised():
    changed = replace(Policy(), reminders=(Reminder(60, ("provider",)),), enquiry_chat="on")

    assert sentences(changed) == sentences(Policy())


@pytest.mark.parametrize("name", CHANGES)
def test_another_value_is_another_sentence(name):
    given, value = CHANGES[name]
    policy = Policy(**given)

    assert sentences(replace(policy, **{name: value})) != sentences(policy)


def test_the_numbers_are_the_settings():
    text = " ".join(sentences(PRESETS["mentors"].policy, Vocabulary(credits="credits", provider="expert")))

    assert "The expert answers within 72 hours; then the request closes by itself." in text
    assert "If you cancel 48 hours or more before the start, all credits come back." in text
    assert "If you cancel later, 50% of the credits come back, 25% go to the expert and 25% to the marketplace." in text
    assert "After more than 2 of one kind in 12 months our staff look into it. What is agreed goes on." in text


def test_talks_count_in_days():
    text = " ".join(sentences(PRESETS["talks"].policy))

    assert "The expert answers within 7 days; then the request closes by itself." in text
    assert "less than 5 days before the start" in text
    assert "our staff look into it and may pause the skills of this expert." in text
    assert "You name up to 3 times; the expert takes one of them." in text
    assert "An expert can't cancel an agreed meeting alone: they ask you first." in text


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_reads_as_sentences(preset):
    chosen = PRESETS[preset]

    for sentence in sentences(chosen.policy, Vocabulary.from_json(chosen.vocabulary)):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert len(sentence) < 200


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "0 minutes"), (1, "1 minute"), (59, "59 minutes"), (60, "1 hour"), (90, "90 minutes"), (1440, "24 hours"),
        (4320, "72 hours"), (5760, "4 days"), (5820, "97 hours"), (10080, "7 days"),
    ],
)  # fmt: skip
def test_span(minutes, words):
    assert span(minutes) == words


def test_every_status_has_a_meaning():
    assert set(status_meanings(WORDS)) == set(STATES)


@pytest.mark.django_db
def test_the_page_follows_the_rules_in_force(north, client):
    with tenant_scope(north):
        policy = PolicyVersion.objects.get().policy
        adopt_policy(policy=replace(policy, answer_window_hours=36))

    page = client.get("/t/north/policies/").content.decode()

    assert "The expert answers within 36 hours; then the request closes by itself." in page
    assert "Version 2 of our rules." in page


@pytest.mark.django_db
def test_the_status_page_shows_every_badge_in_the_tenants_words(north, client):
    page = client.get("/t/north/help/statuses/").content.decode()

    assert page.count('class="badge') == len(STATES)
    assert "Awaiting approval</span>" in page
    assert "The meeting takes place at this time." in page
