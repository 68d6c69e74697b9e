"""How django-allauth behaves here: its mails go through the outbox, its words are ours, new people join the tenant (PG-20..22)."""

import secrets
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import guests, queries, services, sessions, zones
from accounts.addresses import page_url
from accounts.enums import Role
from accounts.models import User
from accounts.signin_forms import CLOSE_KEY
from notifications.services import notify

# allauth's template of a mail, or ours -> our kind of mail, and the page its reader goes on from unless the mail says another.
MAILS = {
    "account/email/login_code": ("account_code", "account_confirm_login_code"),
    guests.MAIL: ("account_guest", "account_login"),
    "account/email/email_confirmation_signup": ("account_confirm", "account_email_verification_sent"),
    "account/email/email_confirmation": ("account_confirm", "account_email_verification_sent"),
    "account/email/password_reset_code": ("account_reset", "account_confirm_password_reset_code"),
    "account/email/unknown_account": ("account_unknown", "account_signup"),
    "account/email/account_already_exists": ("account_exists", "account_login"),
}
NOTICES = {
    "account/messages/logged_out.txt": "You are signed out.",
    "account/messages/password_changed.txt": "Your password is changed.",
}
TOO_MANY = "Too many tries. Wait five minutes, then try again, or ask for a code by email."


class AccountAdapter(DefaultAccountAdapter):
    """Our answers to what allauth leaves open."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "This account is closed. Write to us if that is a mistake.",
        "email_password_mismatch": (
            "The email address and the password don't match. Try again, or ask for a code by email."
        ),
        "incorrect_code": "This is not the code from our latest email. Look again, or have it sent again.",
        "too_many_login_attempts": TOO_MANY,
        "rate_limited": "We have just sent you an email. Wait a moment before you ask for another one.",
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Note the mail in this transaction; it is rendered and sent after the commit (D28). Raises KeyError when unknown."""
        kind, page = MAILS[template_prefix]
        known = User.objects.filter(email__iexact=email).first()
        notify(
            recipient=None,
            to_address=email,
            kind=kind,
            context={
                "code": context.get("code", ""),
                "url": context.get("url") or page_url(self.request.tenant, page),
                "name": known.name if known else "",
            },
            dedupe_key=f"{kind}:{secrets.token_hex(8)}",
            now=timezone.now(),
        )

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Say only what the page does not show anyway, in our words."""
        words = message or NOTICES.get(message_template or "")
        if words:
            messages.add_message(request, level, words, extra_tags=extra_tags)

    def is_safe_url(self, url: str | None) -> bool:
        """Whether `next` leads to this very host; no other one is trusted, whatever ALLOWED_HOSTS holds."""
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={self.request.get_host()}, require_https=self.request.is_secure()
        )

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # allauth counts by host; here one person is one account in all tenants.
        return credentials.get("email", "").lower()

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Without `next`: providers to their Today, everybody else to the first page."""
        member = queries.membership_of(request.user)
        return resolve_url("today" if member and member.has(Role.PROVIDER) else settings.LOGIN_REDIRECT_URL)

    def login(self, request: HttpRequest, user: User) -> None:
        """Begin the session; it ends with the browser for people who did not want to be kept signed in."""
        ends_with_browser = request.session.pop(CLOSE_KEY, False)
        super().login(request, user)
        sessions.begin(request.session, timezone.now())
        if ends_with_browser:
            request.session.set_expiry(0)

    def post_login(self, request: HttpRequest, user: User, *, signup: bool, **facts: Any) -> HttpResponse:
        """Make a new person a client of this tenant, and keep the zone of their device for the mails they will get."""
        if signup:
            services.join(user=user, roles=[Role.CLIENT])
        if not user.time_zone:
            services.set_preferences(user=user, time_zone=zones.zone_of(request).name)
        return super().post_login(request, user, signup=signup, **facts)
