"""The addresses that the frame names, so that it can be rendered without the apps above it."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from config.dev.styleguide import style_guide


def page(request: HttpRequest) -> HttpResponse:
    """Any page."""
    return HttpResponse()


NAMES = (
    "home", "directory", "bookings", "today", "settings_time", "set_theme", "account_login", "account_logout", "help",
    "policies", "statuses", "settings", "accessibility",
)  # fmt: skip
urlpatterns = [path("dev/ui/", style_guide), *(path(f"{name}/", page, name=name) for name in NAMES)]
