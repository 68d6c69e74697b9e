"""Pages rendered as a browser would get them, without a database: the design system needs none."""

from types import SimpleNamespace

import pytest
from django.test import RequestFactory

from accounts.policies import Vocabulary
from config.dev.examples import NOW
from config.dev.styleguide import style_guide


@pytest.fixture(autouse=True)
def _addresses(settings):
    settings.ROOT_URLCONF = "tests.ui.urls"


@pytest.fixture
def get():
    """A request without a session: the frame then shows a guest's page."""
    return RequestFactory().get


@pytest.fixture
def guide(get):
    def page(theme: str = "light") -> str:
        return style_guide(get("/dev/ui/", {"theme": theme})).content.decode()

    return page


@pytest.fixture
def frame():
    """What the context processor gives to the frame, for a client of one marketplace."""
    items = [("Find an expert", "Find", "search", 0), ("Bookings", "Bookings", "calendar", 2)]
    return {
        "tenant": SimpleNamespace(
            name="Northwind Mentors", slug="mentors", icon="compass", accent_css_url="/theme/1.css"
        ),
        "words": Vocabulary(provider="expert"),
        "theme": "dark",
        "now": NOW,
        "portal": False,
        "viewer": SimpleNamespace(
            is_authenticated=True,
            name="Kim Okafor",
            initials="KO",
            avatar_tint="E",
            zone_city="Chicago",
            zone_offset_label="GMT−6",
            zone_is_the_marketplaces=False,
            hour_cycle=12,
        ),
        "nav": [nav_item(label, short, icon, count) for label, short, icon, count in items],
        "switcher": [SimpleNamespace(label="Switch to My Mentors", url="/today/", current=False)],
    }


def nav_item(label: str, short_label: str = "", icon: str = "calendar", count: int = 0) -> SimpleNamespace:
    """One place of the navigation; the first is the current one in these tests."""
    return SimpleNamespace(
        label=label,
        short_label=short_label,
        url=f"/{label}/",
        icon=icon,
        current=label == "Bookings",
        count=count,
        count_words="need your answer",
    )
