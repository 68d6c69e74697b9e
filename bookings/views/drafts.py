"""What was typed into a request before signing in, or before going back to the times, is not typed twice (PG-05, WCAG 3.3.7)."""

from datetime import datetime, timedelta

from django.http import HttpRequest, QueryDict

from ..services.requests import MAX_NOTES

KEY = "request_drafts"
KEPT_FOR = timedelta(hours=24)
MOST = 5
# The longest text that is kept of each field, and how many of it. Twice the notes that fit: who wrote too much must be able
# to shorten it.
FIELDS = {
    "service": 40,
    "slot": 40,
    "anyway": 40,
    "notes": 2 * MAX_NOTES,
    "request_key": 64,
    "again": 12,
    "name": 200,
    "email": 254,
}
MOST_VALUES = 10


def keep(request: HttpRequest, slug: str, sent: QueryDict, now: datetime) -> None:
    """Remember what was typed for one provider for a day; the oldest of several drafts goes."""
    drafts = {name: draft for name, draft in request.session.get(KEY, {}).items() if name != _name(request, slug)}
    texts = {
        field: [text[:most] for text in sent.getlist(field)[:MOST_VALUES]]
        for field, most in FIELDS.items()
        if field in sent
    }
    drafts[_name(request, slug)] = [texts, now.isoformat()]
    request.session[KEY] = dict(list(drafts.items())[-MOST:])


def kept(request: HttpRequest, slug: str, now: datetime) -> QueryDict:
    """What is kept for this provider, as it was sent; empty when nothing is."""
    texts, at = request.session.get(KEY, {}).get(_name(request, slug), [{}, ""])
    draft = QueryDict(mutable=True)
    if at and now - datetime.fromisoformat(at) <= KEPT_FOR:
        for field, values in texts.items():
            draft.setlist(field, values)
    return draft


def forget(request: HttpRequest, slug: str) -> None:
    """The request was sent: the draft is done."""
    drafts = request.session.get(KEY, {})
    if drafts.pop(_name(request, slug), None):
        request.session[KEY] = drafts


def _name(request: HttpRequest, slug: str) -> str:
    # One session may serve several tenants of one host.
    return f"{request.tenant.pk}/{slug}"
