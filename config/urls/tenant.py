"""The addresses of one tenant, below its host or below /t/<slug>/ (ux.md 2)."""

from importlib.util import find_spec

from django.urls import include, path

from config.admin import site

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"

urlpatterns = [path("admin/", site.urls)]
urlpatterns += [
    path("", include(urls)) for urls in ("accounts.urls", "marketplace.urls", "bookings.urls") if find_spec(urls)
]
