"""Notes that were typed before signing in, or before going back to the times, are not typed twice (PG-05, WCAG 3.3.7)."""

from datetime import datetime, timedelta

from django.http import HttpRequest

from ..services.requests import MAX_NOTES

KEY = "request_notes"
KEPT_FOR = timedelta(hours=24)
MOST = 5


def keep(request: HttpRequest, slug: str, notes: str, now: datetime) -> None:
    """Remember notes to one provider for a day; the oldest of several drafts goes."""
    drafts = {name: draft for name, draft in request.session.get(KEY, {}).items() if name != _name(request, slug)}
    # Twice what fits: who wrote too much must be able to shorten it.
    drafts[_name(request, slug)] = [notes[: 2 * MAX_NOTES], now.isoformat()]
    request.session[KEY] = dict(list(drafts.items())[-MOST:])


def kept(request: HttpRequest, slug: str, now: datetime) -> str:
    """The notes kept for this provider, or nothing."""
    notes, at = request.session.get(KEY, {}).get(_name(request, slug), ["", ""])
    return notes if at and now - datetime.fromisoformat(at) <= KEPT_FOR else ""


def forget(request: HttpRequest, slug: str) -> None:
    """The request was sent: the draft is done."""
    drafts = request.session.get(KEY, {})
    if drafts.pop(_name(request, slug), None):
        request.session[KEY] = drafts


def _name(request: HttpRequest, slug: str) -> str:
    # One session may serve several tenants of one host.
    return f"{request.tenant.pk}/{slug}"
