"""From a request to the person who reads the page."""

from datetime import datetime

from django.http import HttpRequest

from accounts.enums import HourCycle
from accounts.policies import Policy
from accounts.zones import viewer_zone

from ..cards import Reader


def reader_of(request: HttpRequest, policy: Policy, now: datetime) -> Reader:
    """Clock and words of whoever asks for this page."""
    return Reader(
        zone=viewer_zone(request).key,
        hour_cycle=request.user.hour_cycle if request.user.is_authenticated else HourCycle.TWELVE,
        now=now,
        words=request.tenant.words,
        priced=policy.price_unit == "credits",
    )


def placeholder(request: HttpRequest) -> str:
    """What stands in an empty search box."""
    return f"{request.tenant.words.topic.capitalize()}, name or what you want to talk about"
