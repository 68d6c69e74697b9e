"""Rules for style sheets, scripts and templates that no page may break (ux.md 3.3, 3.9; R-HX; strict CSP)."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from accounts.accent import contrast

ROOT = Path(settings.BASE_DIR)
STATIC, TEMPLATES = ROOT / "static", ROOT / "templates"
PAGES = sorted(path for path in TEMPLATES.rglob("*.html") if "email" not in path.parts)
READERS_PAGES = [path for path in PAGES if "admin" not in path.parts]
BUDGETS = {"parley.css": 14_000, "grid.css": 1_500, "app.js": 8_000}
PAIR = re.compile(r"(--[\w-]+): light-dark\((#\w{6}), (#\w{6})\)")


@pytest.mark.parametrize(("name", "budget"), BUDGETS.items())
def test_file_stays_within_its_budget(name, budget):
    """ux.md 3.9: bytes after gzip."""
    assert len(gzip.compress((STATIC / name).read_bytes(), 9)) <= budget


def test_first_view_stays_under_60_kilobytes(guide):
    """Issue 1: everything that a first page brings, compressed, even on the longest page."""
    files = [
        STATIC / "parley.css",
        STATIC / "app.js",
        STATIC / "icons/parley.svg",
        Path(finders.find("django_htmx/htmx-2.min.js")),
    ]

    assert (
        sum(len(gzip.compress(part)) for part in (*(path.read_bytes() for path in files), guide().encode())) <= 60_000
    )


def test_colours_are_named_in_the_tokens_only():
    """ux.md 3.3: parts never use a colour's value. Print is black on white by design."""
    layers = (STATIC / "parley.css").read_text().split("\n@layer ")
    others = [layer for layer in layers if not layer.startswith(("tokens", "print"))]

    assert re.findall(r"(?<![\w-])#[0-9A-Fa-f]{3,8}\b(?! *[,{.:])", "".join(others)) == []


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_words_are_readable_on_every_ground(theme):
    """R-A11Y 7: 4.5:1 for words, 3:1 for what must be found."""
    colours = _tokens(theme)
    grounds = [colours[name] for name in ("--canvas", "--surface", "--raised", "--sunken", "--hover", "--subtle")]
    words = [colours[name] for name in ("--text", "--muted")]

    assert min(contrast(word, ground) for word in words for ground in grounds) >= 4.5
    assert min(contrast(colours[line], ground) for line in ("--edge", "--ring") for ground in grounds[:3]) >= 3
    for meaning in ("danger", "ok", "warn", "info"):
        assert contrast(colours[f"--{meaning}"], colours[f"--{meaning}-soft"]) >= 4.5
        assert contrast(colours[f"--{meaning}"], colours["--surface"]) >= 4.5
    for filled, word in (("--danger", "--on-danger"), ("--urgent", "--on-urgent")):
        assert contrast(colours[filled], colours[word]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_badges_and_avatars_are_readable(theme):
    """ux.md 3.4: the words of each status and of each of the eight sets on their tint."""
    css = (STATIC / "parley.css").read_text()
    sets = re.findall(r"\.(st-\w+|[A-H]) +{ (--b: .*?) }", css)
    colours = {name: {key: pair[theme] for key, *pair in PAIR.findall(rules)} for name, rules in sets}

    assert len(colours) == 11 + 8
    assert {name for name, shade in colours.items() if contrast(shade["--b"], shade["--f"]) < 4.5} == set()


def test_grid_has_one_class_for_each_quarter_hour_of_a_day():
    css = (STATIC / "grid.css").read_text()

    assert re.findall(r"\.s(\d+){--s:(\d+)}", css) == [(str(number), str(number)) for number in range(97)]
    assert re.findall(r"\.d(\d+){--d:(\d+)}", css) == [(str(number), str(number)) for number in range(1, 97)]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_template_has_nothing_inline(path):
    """style-src 'self'; script-src 'self': no style, no script, no handler within the page (R-HX 1)."""
    source = path.read_text()

    assert re.findall(r"<style|\sstyle=|\son[a-z]+=[\"']|javascript:|<script(?![^>]*\ssrc=)", source) == []
    assert re.findall(r"hx-boost|hx-on|hx-disable|hx-disabled-elt|js:", source) == []


@pytest.mark.parametrize("path", READERS_PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_template_leaves_times_to_the_tags(path):
    """R-TZ-1: a filter knows neither the reader's zone nor the other party's. The admin shows UTC, as Django does."""
    assert re.findall(r"\|\s*(?:date|time|timesince|timeuntil|localtime|timezone)\b", path.read_text()) == []


def test_every_css_class_of_a_page_exists():
    """A misspelt class is silent in a browser. `info` is how a notice looks anyway; `checks` and `errorlist` are names only."""
    css = (STATIC / "parley.css").read_text()
    known = {*re.findall(r"\.([A-Za-z][\w-]*)", css), "info", "checks", "errorlist"}
    used = {
        (str(path.relative_to(TEMPLATES)), name)
        for path in READERS_PAGES
        for value in re.findall(r'class="([^"]*)"', path.read_text())
        for name in re.sub(r"\S*{{.*?}}|{%.*?%}", " ", value).split()
    }

    assert {(path, name) for path, name in used if name not in known} == set()


def test_the_licence_of_the_icons_is_shipped():
    assert "ISC License" in (STATIC / "icons" / "LICENSE").read_text()


def _tokens(theme: int) -> dict[str, str]:
    tokens = (STATIC / "parley.css").read_text().split("@layer tokens {")[1].split("  [data-theme=")[0]
    return {name: pair[theme] for name, *pair in PAIR.findall(tokens)}


@pytest.mark.parametrize("name", ["parley.css", "grid.css", "admin.css"])
def test_themes_differ_in_colours_alone(name):
    """A theme chooses a colour scheme, and light-dark() takes nothing but colours: so axe need not ask all its rules twice."""
    css = (STATIC / name).read_text()

    assert "prefers-color-scheme" not in css
    chosen = re.findall(r"(?:data-theme|theme-(?:light|dark))[^{}]*\{([^}]*)\}", css)
    assert all(re.fullmatch(r"\s*color-scheme: (light|dark);\s*", rule) for rule in chosen)
    assert len(chosen) == {"parley.css": 2, "grid.css": 0, "admin.css": 2}[name]
