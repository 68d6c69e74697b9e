"""The front page of a marketplace: a need, a time, a topic (PG-01)."""

from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import formatting
from accounts.policies import Policy, Vocabulary
from accounts.queries import current_policy
from accounts.ruler import two_clocks

from .. import queries
from ..cards import Reader, home_card, hours_in_words
from ..overview import LOOKED_AT, overview
from .readers import placeholder, reader_of

EXAMPLES = 3


class Step(NamedTuple):
    """One of the three lines of "How it works"."""

    title: str
    text: str


class Link(NamedTuple):
    """A place with how many are there."""

    label: str
    href: str
    count: int


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """`/`: search, who is free soonest, topics, how it works."""
    policy, now = current_policy().policy, timezone.now()
    reader, offer = reader_of(request, policy, now), overview(now=now)
    published = offer.published
    soonest = queries.free_soonest(policy=policy, now=now, among=offer.part)
    topics = [
        Link(row.topic.name, f"{reverse('directory')}?{urlencode({'topic': row.topic.slug})}", row.count)
        for row in offer.topics
        if row.count
    ]
    page = {
        "now": now,
        "find": f"Find {reader.words.a_provider}",
        "placeholder": placeholder(request),
        "empty_title": f"No {reader.words.providers} yet",
        "published": published,
        "published_in_words": formatting.plural(published, reader.words.provider, reader.words.providers),
        "soonest_title": "Free soonest" if published <= LOOKED_AT else "Free soon",
        "soonest": [home_card(hit, reader) for hit in soonest],
        "sample": _sample(soonest, reader),
        "topics": topics,
        "examples": [Link(name, f"{reverse('directory')}?{urlencode({'q': name})}", 0) for name in _examples(topics)],
        "steps": _steps(policy, reader.words),
        "max_times": policy.max_times,
    }
    return render(request, "marketplace/home.html", page)


def _examples(topics: list[Link]) -> list[str]:
    return [topic.label for topic in topics[:EXAMPLES]]


def _sample(soonest: list[queries.Hit], reader: Reader) -> dict[str, Any] | None:
    """The picture beside the heading: a real time on two clocks, of the first provider who lives by another one."""
    for hit in soonest:
        zone = hit.provider.calendar.time_zone
        if ruler := two_clocks(reader.now, reader.zone, zone, reader.hour_cycle):
            start = hit.starts[0]
            return {
                "card": home_card(hit, reader),
                "ruler": ruler,
                "time": formatting.day_and_time(start, reader.zone, reader.now, reader.hour_cycle),
                "place": formatting.city_name(reader.zone),
                "other": formatting.other_time(start, None, reader.zone, zone, reader.now, reader.hour_cycle),
            }
    return None


def _steps(policy: Policy, words: Vocabulary) -> list[Step]:
    many = policy.max_times > 1
    return [
        Step(
            f"Ask for up to {policy.max_times} times" if many else "Ask for a time",
            f"Every time is shown in your zone and in the zone of your {words.provider}."
            + (" Put the best one first." if many else ""),
        ),
        Step(
            "They answer by a deadline",
            f"Within {hours_in_words(policy.answer_window_hours)}. You see the day and the hour when you ask.",
        ),
        Step("Both of you get an email", "It says what was agreed and holds a file for your calendar."),
    ]
