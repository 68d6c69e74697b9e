"""People whom nobody knows yet: the code that proves their address, sent where they asked for something (PG-05, PG-22).

Whether an address has an account changes nothing that its sender sees: the same mail goes out, and only its reader goes on.
An account is made once the code is right, so that nobody gets one through other people's typing.
"""

from typing import Any, Self

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from allauth.account.internal.flows.email_verification import verify_email_indirectly
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.account.utils import filter_users_by_email
from allauth.core import ratelimit
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

from . import services
from .models import User

SESSION_KEY = "guest_code"
MAIL = "account/email/guest_code"


class TooMany(Exception):
    """So many codes were asked for, of this address or from this device, that no further one is sent now."""


class GuestCode(AbstractCodeVerificationProcess):
    """One address, the code sent to it and the tries at it, kept in the session for fifteen minutes at most."""

    def __init__(self, request: HttpRequest, state: dict[str, Any]) -> None:
        self.request = request
        super().__init__(
            max_attempts=app_settings.LOGIN_BY_CODE_MAX_ATTEMPTS,
            timeout=app_settings.LOGIN_BY_CODE_TIMEOUT,
            state=state,
        )

    @classmethod
    def begin(cls, request: HttpRequest, *, email: str, url: str) -> None:
        """Send a code, and the address of the page that takes it. Raises TooMany."""
        state = {**cls.initial_state(None, email=email.lower()), "url": url}
        cls(request, state).send()

    @classmethod
    def pending(cls, request: HttpRequest) -> Self | None:
        """The code that this browser waits for; None when there is none or it is over."""
        state = request.session.get(SESSION_KEY)
        return cls(request, state).abort_if_invalid() if state else None

    @property
    def email(self) -> str:
        """The address that is to be proved."""
        return str(self.state["email"])

    def send(self) -> None:
        """Send a new code; the one before is void. Raises TooMany."""
        if not ratelimit.consume(self.request, action="request_login_code", key=self.email):
            raise TooMany
        adapter = get_adapter(self.request)
        self.state["code"] = adapter.generate_login_code()
        adapter.send_mail(MAIL, self.email, {"code": self.code, "url": self.state["url"]})
        self.persist()

    @property
    def can_resend(self) -> bool:
        """Whether another code may be sent."""
        return not self.is_resend_quota_reached(app_settings.LOGIN_BY_CODE_MAX_RESEND_COUNT)

    def resend(self) -> None:
        """Send another code. Raises TooMany."""
        self.record_resend()
        self.send()

    def persist(self) -> None:
        """Keep it in the session."""
        self.request.session[SESSION_KEY] = self.state

    def abort(self) -> None:
        """Forget it."""
        self.request.session.pop(SESSION_KEY, None)

    def finish(self, *, name: str) -> HttpResponse:
        """The code was right: sign in who has the address, as somebody new called `name` if nobody has it.

        The answer is only of use when the request's user is still unknown afterwards: it says why, such as a closed account.
        """
        self.abort()
        user = _user_of(self.email) or _new_user(self.email, name)
        if not user.name:
            services.set_preferences(user=user, name=name)
        record_authentication(self.request, user, method="code", email=self.email)
        verify_email_indirectly(self.request, user, self.email)
        return perform_login(self.request, Login(user=user, email=self.email))


def person_at(email: str, *, name: str) -> User:
    """Who has this address; where nobody has it, somebody new called `name` without a password, who signs in by a mailed code.

    For members who invite somebody by their address (PG-39): the address is confirmed when its owner signs in.
    """
    return _user_of(email) or _new_user(email, name)


def _user_of(email: str) -> User | None:
    return next(iter(filter_users_by_email(email, prefer_verified=True)), None)


def _new_user(email: str, name: str) -> User:
    try:
        with transaction.atomic():
            return User.objects.create_user(email, name=name)
    except IntegrityError:
        # Pressed twice: the other one has made it.
        return User.objects.get(email__iexact=email)
