"""allauth's forms in our words (PG-20, PG-21, PG-22). Separate from forms.py, which allauth imports first."""

from typing import Any

from allauth.account import forms as allauth
from django import forms
from django.http import HttpRequest, HttpResponse

from .passwords import LengthValidator

CLOSE_KEY = "ends_with_browser"
EMAIL_ERRORS = {
    "required": "Enter your email address.",
    "invalid": "Enter an email address with an @, like kim@example.org.",
}


def email_field(autocomplete: str) -> forms.EmailField:
    """An address, in our words; `autocomplete` says what it is used for (HTML's tokens)."""
    return forms.EmailField(
        label="Email address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": autocomplete}),
        error_messages=EMAIL_ERRORS,
    )


def _password(field: forms.Field, label: str, help_text: str = "") -> None:
    field.label, field.help_text = label, help_text
    field.widget.attrs.pop("placeholder", None)
    field.error_messages["required"] = "Enter a password."


class SignInForm(allauth.LoginForm):
    """An address, to which a code is sent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = email_field("username")
        self.fields["remember"].label = "Keep me signed in on this device"
        self.fields["remember"].initial = True
        self.order_fields(["login", "password", "remember"])

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        """Send the code, or sign in with the password; the session ends with the browser unless the box is ticked."""
        request.session[CLOSE_KEY] = not self.cleaned_data["remember"]
        return super().login(request, redirect_url)


class PasswordSignInForm(SignInForm):
    """An address and a password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _password(self.fields["password"], "Password")

    def _setup_password_field(self) -> None:
        """Keep the field, which allauth takes away because signing up needs no password."""


class SignUpForm(allauth.SignupForm):
    """An address and a name; the address is confirmed by a code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = email_field("email")
        self.order_fields(["name", "email"])


class _CodeForm(forms.Form):
    """One field that takes a pasted code, with or without its hyphen."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = forms.CharField(
            label="Code from the email",
            max_length=20,
            widget=forms.TextInput(
                attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "input code"}
            ),
            error_messages={"required": "Enter the code from our email."},
        )


class SignInCodeForm(_CodeForm, allauth.ConfirmLoginCodeForm):
    """The code of a sign-in."""


class GuestCodeForm(_CodeForm, allauth.ConfirmLoginCodeForm):
    """The code that proves the address of a guest (PG-05)."""


class SignUpCodeForm(_CodeForm, allauth.ConfirmEmailVerificationCodeForm):
    """The code that confirms an address."""


class ResetCodeForm(_CodeForm, allauth.ConfirmPasswordResetCodeForm):
    """The code that allows a new password."""


class ResetForm(allauth.ResetPasswordForm):
    """The address of the account whose password is forgotten."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = email_field("username")


class NewPasswordForm(allauth.ResetPasswordKeyForm):
    """A new password, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _password(self.fields["password1"], "New password", LengthValidator().get_help_text())
        _password(self.fields["password2"], "New password, again")
