"""Help that can't go stale: the rules come from the tenant's own settings (PG-07)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from .. import queries
from ..policy_words import policy_topics, status_meanings
from ..templatetags.ui import STATES


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """`/help/`: where to find what, and whom to write to."""
    return render(request, "accounts/help.html")


@require_safe
def statuses(request: HttpRequest) -> HttpResponse:
    """`/help/statuses/`: every status with its badge and what it means for the reader."""
    shown_as = queries.current_policy().policy.status_words
    meanings = status_meanings(request.tenant.words)
    rows = [{"state": state, "label": shown_as.get(state, ""), "meaning": meanings[state]} for state in STATES]
    return render(request, "accounts/statuses.html", {"rows": rows})


@require_safe
def policies(request: HttpRequest) -> HttpResponse:
    """`/policies/`: the rules in force, in plain words, from the very numbers that are applied."""
    version = queries.current_policy()
    topics = policy_topics(version.policy, request.tenant.words)
    return render(request, "accounts/policies.html", {"version": version, "topics": topics})


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """`/help/accessibility/`: what these pages promise everybody, and whom to tell when they don't keep it."""
    return render(request, "accounts/accessibility.html")
