"""How tests save a form of the administration, and what was put down of it."""

import re

from accounts.models import StaffAction

BASE = "/t/north/admin/"

HIDDEN = re.compile(r'<input type="hidden" name="([\w-]+)"(?: value="([^"]*)")?')


def put_down(mine):
    """What the test itself did, as it stands in the log."""
    return StaffAction.objects.exclude(pk=mine.action.pk).get()


def save(visitor, url, form):
    """Fill in and send the page's form, hidden fields included, as a browser would."""
    hidden = dict(HIDDEN.findall(visitor.get(url).text))
    return visitor.post(url, hidden | form)
