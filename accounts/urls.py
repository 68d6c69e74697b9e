"""Sign-in, settings and help of one tenant. The names `account_*` are those that allauth looks for."""

from allauth.account import views as allauth
from django.urls import path

from .views import help, settings, signin, theme

urlpatterns = [
    path("signin/", signin.SignInView.as_view(), name="account_login"),
    path("signin/", signin.SignInView.as_view(), name="account_request_login_code"),
    path("signin/password/", signin.PasswordSignInView.as_view(), name="account_login_password"),
    path("signin/code/", allauth.confirm_login_code, name="account_confirm_login_code"),
    path("signin/closed/", allauth.account_inactive, name="account_inactive"),
    path("signup/", signin.SignUpView.as_view(), name="account_signup"),
    path("signup/code/", allauth.email_verification_sent, name="account_email_verification_sent"),
    path("signout/", allauth.logout, name="account_logout"),
    path("reset/", allauth.password_reset, name="account_reset_password"),
    path("reset/code/", allauth.confirm_password_reset_code, name="account_confirm_password_reset_code"),
    path("reset/password/", allauth.complete_password_reset, name="account_complete_password_reset"),
    path("reset/done/", allauth.password_reset_from_key_done, name="account_password_reset_completed"),
    path("settings/", settings.profile, name="settings"),
    path("settings/", settings.profile, name="account_email"),
    path("settings/time/", settings.time_zone, name="settings_time"),
    path("settings/time/keep/", settings.keep_zone, name="keep_zone"),
    path("settings/theme/", settings.set_theme, name="set_theme"),
    path("help/", help.help_page, name="help"),
    path("help/statuses/", help.statuses, name="statuses"),
    path("help/accessibility/", help.accessibility, name="accessibility"),
    path("policies/", help.policies, name="policies"),
    path("theme/<slug:name>.css", theme.theme_css, name="theme_css"),
]
