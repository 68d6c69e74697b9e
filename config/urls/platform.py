"""The platform's own addresses: everything that belongs to no tenant. It is also ROOT_URLCONF."""

from allauth.account import views as allauth
from django.conf import settings
from django.urls import include, path

from accounts.views.settings import set_theme
from config import health, pages, robots

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler429 = "config.errors.too_many_tries"  # allauth asks for it here, also below a tenant
handler500 = "config.errors.server_error"

urlpatterns = [
    path("help/", pages.help_page, name="help"),
    path("settings/theme/", set_theme, name="set_theme"),
    path("signout/", allauth.logout, name="account_logout"),
    path("health/", health.health, name="health"),
    path("robots.txt", robots.platform_robots, name="robots"),
]

if settings.DEMO:
    urlpatterns += [path("", include("config.dev.urls"))]
else:
    urlpatterns += [path("", pages.front, name="home")]
