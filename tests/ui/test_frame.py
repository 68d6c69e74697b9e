"""The frame of every page and the error pages in it (ux.md 2.0, PG-90)."""

import re
from types import SimpleNamespace

import pytest
from django import forms
from django.shortcuts import render
from django.template.loader import render_to_string

from .conftest import nav_item

ERRORS = ("400", "403", "404", "405", "409", "410", "413", "429")
UNKNOWN = "!!"


@pytest.fixture
def page(get, frame):
    def build(**values) -> str:
        return render(get("/bookings/?page=2"), "base.html", {**frame, **values}).content.decode()

    return build


def test_frame_has_its_landmarks_in_order(page):
    """ux.md 2.0: skip link, header with navigation, main, footer with Help first."""
    html = page()
    order = ['class="skip"', "<header", 'aria-label="Main"', '<main id="main" tabindex="-1"', "<footer", ">Help</a>"]

    assert [html.index(part) for part in order] == sorted(html.index(part) for part in order)
    assert UNKNOWN not in html


def test_frame_shows_counts_as_words_too(page):
    assert '<span class="count">2<span class="vh"> need your answer</span></span>' in page()


def test_frame_says_whose_clock_the_page_has(page, frame):
    """R-TZ-2: the marketplace's own zone is said to be that."""
    assert "<strong>Chicago</strong> time (GMT−6)" in page()

    frame["viewer"].zone_is_the_marketplaces = True
    assert "<strong>Chicago</strong> time (the marketplace’s)" in page()


def test_frame_signs_out_by_a_form_and_keeps_the_page_when_the_theme_changes(page):
    """Decisions 30: no GET changes anything."""
    html = page()

    assert re.search(
        r'<form method="post" action="/account_logout/">\s*<input type="hidden" name="csrfmiddlewaretoken"', html
    )
    assert '<input type="hidden" name="next" value="/bookings/?page=2">' in html
    assert '<button name="theme" value="dark" aria-pressed="true">' in html
    assert html.count('aria-pressed="true"') == 1


def test_frame_of_a_guest_offers_to_sign_in(page):
    viewer = SimpleNamespace(
        is_authenticated=False, zone_city="Chicago", zone_offset_label="GMT−6", zone_is_the_marketplaces=False
    )
    html = page(viewer=viewer, switcher=[])

    assert 'href="/account_login/">Sign in</a>' in html
    assert "Sign out" not in html
    assert UNKNOWN not in html


def test_frame_of_the_platform_needs_no_tenant(get):
    html = render(get("/"), "base.html", {"tenant": None}).content.decode()

    assert "This installation runs on Parley" in html
    assert "Policies" not in html
    assert UNKNOWN not in html


def test_frame_of_the_portal_has_its_navigation_at_the_side(page):
    html = page(portal=True)

    assert html.index('<div class="shell">') < html.index('<nav class="nav"') < html.index("<main")
    assert html.count('<nav class="nav"') == 1


def test_frame_puts_what_exceeds_five_places_under_more_on_phones(page):
    """ux.md 2.0: a bottom bar of five items with words."""
    html = page(nav=[nav_item(label) for label in ("Today", "Bookings", "Calendar", "Messages", "Clients", "Hours")])

    assert html.count('<li class="wide-only">') == 2
    assert "<span>More</span>" in html
    assert "More</span>" not in page()


class Sample(forms.Form):
    name = forms.CharField(error_messages={"required": "Enter a name"})


def test_frame_of_a_refused_form_says_so_in_title_and_summary(page):
    """ux.md 2.0, R-FORM 2."""
    html = page(form=Sample({}))

    assert "<title>Error: " in html
    assert '<a href="#id_name">Enter a name</a>' in html
    assert "<title>Error: " not in page(form=Sample())


def test_frame_keeps_htmx_within_the_content_security_policy(page):
    """R-HX 1, R-FORM: no style element, no eval; refused forms and conflicts are shown in place."""
    config = re.search(r"<meta name=\"htmx-config\" content='(.*?)'>", page()).group(1)

    assert '"includeIndicatorStyles":false' in config
    assert '"allowEval":false' in config
    assert '{"code":"4(09|22)","swap":true}' in config


@pytest.mark.parametrize("status", ERRORS)
def test_error_page_says_what_happened_what_was_saved_and_what_to_do(get, frame, status):
    """PG-90."""
    html = render(get("/"), f"errors/{status}.html", {**frame, "reference": "1A2B3C4D"}).content.decode()

    assert html.count("<h1>") == 1
    assert re.search(r"Nothing (of yours )?was (changed|sent)\.", html)
    assert '<span class="mono">1A2B3C4D</span>' in html
    assert UNKNOWN not in html


def test_error_page_of_a_missing_page_offers_search_inside_a_tenant(get, frame):
    inside = render(get("/"), "errors/404.html", {**frame, "reference": "1"}).content.decode()
    outside = render(get("/"), "errors/404.html", {"tenant": None, "reference": "1"}).content.decode()

    assert ">Find an expert</a>" in inside
    assert "/directory/" not in outside


def test_error_page_of_an_old_form_sends_again_what_was_typed(get, frame):
    """PG-90: nothing was sent; one press sends it."""
    typed = [("notes", 'a "quote"'), ("slot", "1"), ("slot", "2")]
    html = render(
        get("/"), "errors/csrf.html", {**frame, "reference": "1", "typed": typed, "action": "/x/"}
    ).content.decode()

    assert '<input type="hidden" name="notes" value="a &quot;quote&quot;">' in html
    assert html.count('name="slot"') == 2
    assert 'name="csrfmiddlewaretoken"' in html.split('action="/x/"')[1]


@pytest.mark.parametrize("status", ["500", "503"])
def test_error_page_for_when_nothing_works_needs_nothing(status, settings):
    """PG-90: no context, no addresses by name, only files that are always there."""
    html = render_to_string(f"errors/{status}.html", {"reference": "1A2B3C4D"})

    assert "1A2B3C4D" in html
    assert set(re.findall(r'(?:href|src)="(/static/[^"]*)"', html)) == {
        "/static/parley.css",
        "/static/icons/parley.svg",
    }
    assert settings.STATIC_URL == "/static/"
