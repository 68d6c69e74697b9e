"""Nothing of another marketplace on any page of the admin (T1, T2, reliability.md 6.6)."""

from dataclasses import replace

import pytest
from django.contrib import admin

from accounts.queries import current_policy
from accounts.services import adopt_policy
from accounts.tenancy import tenant_scope
from bookings.enums import ExplanationReason, LateChangeKind
from bookings.models import Explanation, LateChange, StandingReview
from credits import services as credits
from tests.credits.buying import TERMS, bought

from .conftest import NOW

FOREIGN = "qqsouth"
BASE = "/t/north/admin/"


def one_of_everything(world):
    """The world with a late change, its explanation and the case that follows; with credits bought, and some paid back."""
    with tenant_scope(world.tenant):
        late = LateChange.objects.create(
            provider=world.provider, booking=world.booking, kind=LateChangeKind.CANCEL, starts_at=NOW, at=NOW
        )
        Explanation.objects.create(
            late_change=late, reason_code=ExplanationReason.ILLNESS, text=f"Ill {world.letter}", made_at=NOW
        )
        StandingReview.objects.create(provider=world.provider, late_change=late, opened_at=NOW)
        selling = replace(TERMS, receipt_note=f"Tax {world.letter}")
        adopt_policy(policy=replace(current_policy().policy, selling=selling))
        why = {"reason": f"Back {world.letter}", "by": world.staff, "request_key": "back"}
        credits.ask_refund(purchase=bought(world.client, NOW), credits=40, now=NOW, **why)
    return world


@pytest.fixture
def mine(mine):
    return one_of_everything(mine)


@pytest.fixture
def theirs(theirs):
    return one_of_everything(theirs)


def kind(model):
    return model._meta.label_lower.replace(".", "/")


def row_of(world, model):
    with tenant_scope(world.tenant):
        return model.objects.order_by("pk").first()


@pytest.mark.parametrize("model", admin.site._registry, ids=kind)
def test_lists_and_rows_show_own_things_only(model, mine, theirs, staff):
    """Each list, with every filter opened, and each row with its inlines and its history."""
    listed = staff.get(f"{BASE}{kind(model)}/?q=")
    own, foreign = row_of(mine, model), row_of(theirs, model)

    assert listed.status_code == 200
    assert str(own.pk) in listed.text
    assert FOREIGN not in listed.text
    assert str(foreign.pk) not in listed.text
    for page in ("change", "history"):
        answer = staff.get(f"{BASE}{kind(model)}/{own.pk}/{page}/")
        assert answer.status_code == 200
        assert FOREIGN not in answer.text
        assert str(foreign.pk) not in answer.text


@pytest.mark.parametrize("model", admin.site._registry, ids=kind)
def test_a_foreign_row_is_answered_like_one_that_never_was(model, mine, theirs, staff):
    foreign, absent = row_of(theirs, model).pk, "01a00000-0000-7000-8000-000000000000"
    for page in ("change", "history", "delete"):
        answers = [staff.get(f"{BASE}{kind(model)}/{pk}/{page}/", follow=True) for pk in (foreign, absent)]
        texts = [answer.text.replace(str(foreign), absent) for answer in answers]
        assert [answer.status_code for answer in answers] == [answers[1].status_code] * 2
        assert FOREIGN not in texts[0]


@pytest.mark.parametrize(
    "model", [model for model in admin.site._registry if admin.site._registry[model].search_fields], ids=kind
)
def test_search_finds_own_things_only(model, mine, theirs, staff):
    answer = staff.get(f"{BASE}{kind(model)}/", {"q": FOREIGN})

    assert answer.status_code == 200
    assert answer.context["cl"].full_result_count > 0
    assert answer.context["cl"].result_count == 0


@pytest.mark.parametrize(("model_name", "field"), [("service", "provider"), ("service", "topic")])
def test_autocomplete_offers_own_things_only(model_name, field, mine, theirs, staff):
    answer = staff.get(
        f"{BASE}autocomplete/", {"app_label": "marketplace", "model_name": model_name, "field_name": field}
    )

    found = [choice["text"] for choice in answer.json()["results"]]
    assert found == [{"provider": "Ana Providerqqnorth", "topic": "Topic qqnorth"}[field]]


@pytest.mark.parametrize("field", ["provider", "topic"])
def test_a_foreign_choice_is_refused(field, mine, theirs, staff):
    form = {
        "provider": mine.provider.pk, "topic": mine.topic.pk, "name": "New", "minutes": 30, "price": 0, "place": "video",
        "step_minutes": 30, "buffer_before": 0, "buffer_after": 0, "notice_minutes": 0, "position": 0, "why": "New offer.",
        field: getattr(theirs, field).pk,
    }  # fmt: skip

    answer = staff.post(f"{BASE}marketplace/service/add/", form)

    assert answer.status_code == 200
    assert "That choice is not one of the available choices" in answer.text
    assert FOREIGN not in answer.text


def test_filters_offer_own_topics_only(mine, theirs, staff):
    answer = staff.get(f"{BASE}marketplace/providertopic/")

    assert "Topic qqnorth" in answer.text
    assert FOREIGN not in answer.text


def test_the_first_page_counts_and_tells_of_own_things_only(mine, theirs, staff):
    answer = staff.get(BASE)

    assert [queue.count for queue in answer.context["queues"]] == [0, 0, 0, 0, 0, 1, 1, 0, 1, 0]
    assert "Reason qqnorth" in answer.text
    assert FOREIGN not in answer.text
    assert "Northwind Mentors" in answer.text
    assert "Southgate" not in answer.text


def test_bulk_work_leaves_foreign_rows_alone(mine, theirs, staff):
    both = [mine.work.pk, theirs.work.pk]

    staff.post(f"{BASE}notifications/outboxmessage/", {"action": "try_again", "_selected_action": both})

    for world, state in ((mine, "queued"), (theirs, "dead")):
        with tenant_scope(world.tenant):
            world.work.refresh_from_db()
        assert world.work.state == state
