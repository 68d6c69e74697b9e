"""The addresses of one tenant, below its host or below /t/<slug>/ (ux.md 2)."""

from django.urls import include, path

from config import robots
from config.admin import site

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"

urlpatterns = [
    path("", include("marketplace.urls")),
    path("", include("bookings.urls")),
    path("", include("credits.urls")),
    path("", include("accounts.urls")),
    path("admin/", site.urls),
    path("robots.txt", robots.tenant_robots, name="robots"),
    path("sitemap.xml", robots.sitemap, name="sitemap"),
]
