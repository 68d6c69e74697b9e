"""The contract of the design system: every part is on the style guide, and shows all it is given (ux.md 3.9, PG-93)."""

from pathlib import Path

import pytest
from django.conf import settings

from config.dev.examples import EXAMPLES, TAG_EXAMPLES
from config.dev.styleguide import _part, _tag

PARTS = {path.stem for path in Path(settings.BASE_DIR, "templates", "ui").glob("*.html")}
UNKNOWN = "!!"


def test_every_part_has_an_example():
    shown = {example.part for example in EXAMPLES} | {example.part for example in TAG_EXAMPLES if example.part}

    assert shown == PARTS


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.part}: {example.title}")
def test_part_shows_its_values_and_misses_none(example):
    """No part needs more than display values: each comes out without request, models or unknown variables."""
    html = _part(example)

    assert UNKNOWN not in html
    assert html.strip()


@pytest.mark.parametrize("example", TAG_EXAMPLES, ids=lambda example: example.title)
def test_tag_shows_its_values_and_misses_none(example):
    html = _tag(example)

    assert UNKNOWN not in html
    assert html.strip()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_style_guide_shows_one_theme_without_choosing_it(guide, theme):
    assert f'data-theme="{theme}"' in guide(theme)


def test_style_guide_never_repeats_an_id(guide):
    """Labels, errors and links reach what they name."""
    ids = [chunk.split('"', 1)[0] for chunk in guide().split(' id="')[1:]]

    assert [name for name in ids if ids.count(name) > 1] == []
