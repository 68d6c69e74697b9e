"""Pages that only a development installation has: start page, style guide, mailbox (PG-92, PG-93)."""

from django.urls import include, path

from . import start, styleguide

urlpatterns = [
    path("", start.start, name="home"),
    path("", start.start, name="start"),
    path("demo/signin/", start.sign_in, name="demo_signin"),
    path("dev/themes.css", start.themes, name="demo_themes"),
    path("dev/mail/", include("config.dev.mailbox_urls")),
    path("dev/mail/", include("config.dev.mailbox_urls")),
    path("dev/ui/", styleguide.style_guide, name="dev_ui"),
]
