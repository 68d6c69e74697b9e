"""Django's sessions in the database, whose reading nearly every page begins with: its SQL is written once."""

from datetime import datetime

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.compiled import CompiledQuery

_living = CompiledQuery(
    lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now), str, datetime
)  # fmt: skip


class SessionStore(db.SessionStore):
    """As Django's; the row of a live session is found by a prepared query."""

    def _get_session_from_db(self) -> Session | None:
        session = _living.first(self.session_key, timezone.now())
        if session is None:
            self._session_key = None
        return session
