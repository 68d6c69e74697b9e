"""allauth's pages of signing in and up, where ours differ (PG-20, PG-21)."""

from allauth.account import views as allauth
from django.http import HttpRequest

from ..signin_forms import PasswordSignInForm


class _Restartable:
    """allauth leads people who wait for a code back to its page; here a mistyped address can be typed again."""

    def _redirect_to_pending_stage(self, request: HttpRequest, stage: object) -> None:
        return None


class SignInView(_Restartable, allauth.LoginView):
    """`/signin/`: an address, to which a code is sent."""


class PasswordSignInView(_Restartable, allauth.LoginView):
    """`/signin/password/`: for people who have one and like it."""

    form_class = PasswordSignInForm
    template_name = "account/login_password.html"

    def get_form_class(self) -> type[PasswordSignInForm]:
        """Its own form, whatever ACCOUNT_FORMS holds for the page without a password."""
        return self.form_class


class SignUpView(_Restartable, allauth.SignupView):
    """`/signup/`: a name and an address, which a code confirms."""
