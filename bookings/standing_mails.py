"""Mails about late changes: to the provider, and to staff (EM-E13, EM-E14, EM-E15, EM-S1). Rows in the caller's transaction.

Their reference names the provider, not the booking: what a client reads about a booking tells nothing of this.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from accounts import formatting
from accounts.addresses import page_url
from accounts.enums import Role
from accounts.models import Membership
from accounts.policy_words import HOUR, span
from marketplace.models import Provider
from notifications.services import notify

from . import late_changes, links
from .models import Explanation, LateChange, StandingReview


def reference_of(provider: Provider) -> str:
    """The neutral name of a provider's standing."""
    return f"standing:{provider.pk}"


def tell_of_late_change(change: LateChange, *, number: int, limit: int, follows: str, now: datetime) -> None:
    """EM-E13: it counts, how many that makes, until when, and how to explain it. `follows` is a sentence or empty."""
    facts = {"number": number, "limit": limit, "follows": follows}
    _to_provider(change.provider, "standing_late_change", f"late:{change.pk}", now, {**_facts_of(change, now), **facts})


def tell_of_pause(
    change: LateChange, *, topics: Sequence[str], number: int, until: datetime | None, reason: str, now: datetime
) -> None:
    """EM-E14: which topics are paused, until when at the latest (UTC), what goes on, how to lift it."""
    facts = {
        "topics": topics_in_words(topics),
        "are": "is" if len(topics) == 1 else "are",
        "number": number,
        "paused_until": _day(until, change.provider, now) if until else "",
        "reason": reason,
    }
    key = f"paused:{change.pk}:{now.isoformat()}"
    _to_provider(change.provider, "standing_paused", key, now, {**_facts_of(change, now), **facts})


def tell_of_decision(
    explanation: Explanation, *, number: int, limit: int, topics: Sequence[str], now: datetime
) -> None:
    """EM-E15: accepted or not, why, how many count now, and what is listed again."""
    change = explanation.late_change
    facts = {
        "is_accepted": explanation.state == "accepted",
        "reason": explanation.answer,
        "number": number,
        "limit": limit,
        "topics": topics_in_words(topics),
        "are": "is" if len(topics) == 1 else "are",
    }
    _to_provider(
        change.provider, "standing_decided", f"decided:{explanation.pk}", now, {**_facts_of(change, now), **facts}
    )


def tell_of_restoring(provider: Provider, *, topics: Sequence[str], reason: str, now: datetime) -> None:
    """T45: listed again; `reason` is what staff said, or empty where the time was over."""
    facts = {"topics": topics_in_words(topics), "are": "is" if len(topics) == 1 else "are", "reason": reason}
    _to_provider(provider, "standing_restored", f"restored:{provider.pk}:{now.isoformat()}", now, facts)


def tell_staff_of_explanation(explanation: Explanation, now: datetime) -> None:
    """EM-S1: somebody has explained a late change, and waits for a decision."""
    change = explanation.late_change
    facts = {
        **_facts_of(change, now),
        "reason": explanation.get_reason_code_display(),
        "text": explanation.text,
        "files": formatting.plural(explanation.files.count(), "file"),
        "admin_url": page_url(change.tenant, "admin:bookings_explanation_change", str(explanation.pk)),
    }
    _to_staff(change.provider, "standing_explained_staff", f"explained:{explanation.pk}", now, facts)


def tell_staff_of_review(
    review: StandingReview, *, number: int, limit: int, paused: Sequence[str], now: datetime
) -> None:
    """EM-S1: more late changes than the rules allow; what was paused at once."""
    change = review.late_change
    facts = {
        **_facts_of(change, now),
        "number": number,
        "limit": limit,
        "topics": topics_in_words(paused),
        "are": "is" if len(paused) == 1 else "are",
        "admin_url": page_url(change.tenant, "admin:bookings_standingreview_change", str(review.pk)),
    }
    _to_staff(change.provider, "standing_review_staff", f"review:{review.pk}", now, facts)


def before_start(change: LateChange) -> str:
    """How long before the start it came: "21 hours"."""
    return formatting.relative(change.starts_at, change.at).removeprefix("in ")


def topics_in_words(names: Sequence[str]) -> str:
    """ "“Tax planning”", "“Tax planning” and “Pay”"; nothing for none."""
    quoted = [f"\N{LEFT DOUBLE QUOTATION MARK}{name}\N{RIGHT DOUBLE QUOTATION MARK}" for name in names]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


def _to_provider(provider: Provider, kind: str, key: str, now: datetime, facts: dict[str, Any]) -> None:
    tenant = provider.tenant
    urls = {"standing": page_url(tenant, "standing"), **facts.get("urls", {})}
    context = {"provider_name": provider.name, **facts, "urls": urls}
    notify(
        recipient=provider.member,
        kind=kind,
        context=context,
        reference=reference_of(provider),
        dedupe_key=f"standing:{key}",
        now=now,
    )


def _to_staff(provider: Provider, kind: str, key: str, now: datetime, facts: dict[str, Any]) -> None:
    for member in Membership.objects.filter(roles__overlap=[Role.STAFF, Role.OWNER], suspended_at=None):
        notify(
            recipient=member,
            kind=kind,
            context={"provider_name": provider.name, **facts},
            reference=reference_of(provider),
            dedupe_key=f"standing:{key}:{member.pk}",
            now=now,
        )


def _facts_of(change: LateChange, now: datetime) -> dict[str, Any]:
    """What all of these mails know of the late change, in words of the provider's clock."""
    booking, provider = change.booking, change.provider
    is_theirs = booking.provider_id == provider.pk
    zone, clock = links.zone_of(provider.member, booking), provider.member.user.hour_cycle
    start = formatting.day_and_time(change.starts_at, zone, now, clock)
    explain = page_url(booking.tenant, "explain", str(change.pk))
    return {
        "kind": change.get_kind_display().lower(),
        "code": booking.code,
        "client_name": booking.client.name,
        "service_name": booking.service.name if is_theirs else booking.tenant.words.session.capitalize(),
        "start": f"{start} ({formatting.city_name(zone)})",
        "before": before_start(change),
        "rule": span(booking.policy.late_change_hours * HOUR),
        "until": _day(late_changes.counts_until(change.at), provider, now),
        "explain_until": _day(late_changes.explain_until(change.at), provider, now),
        "urls": {"explain": explain, "booking": links.of(booking)["booking"]},
    }


def _day(moment: datetime, provider: Provider, now: datetime) -> str:
    return formatting.short_day(moment, provider.member.user.time_zone or provider.calendar.time_zone, now)
