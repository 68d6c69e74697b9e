"""Tenant accents are readable whatever an owner picks (ux.md 3.3, Appendix B)."""

import random

import pytest

from accounts.accent import CONTRAST, DARK_GROUNDS, LIGHT_GROUNDS, contrast, derive, theme_css


@pytest.mark.parametrize(
    ("chosen", "light", "dark"),
    [("#FFD400", "#7F690A", "#FFD400"), ("#FF6A00", "#B44903", "#FE7832"), ("#111111", "#111111", "#A4A4A4")],
)
def test_derive_gives_the_documented_examples(chosen, light, dark):
    """Appendix B: yellow is darkened for text on white, dark mode keeps it."""
    accent = derive(chosen)

    assert (accent.light.accent, accent.dark.accent) == (light, dark)
    assert accent.changed_light == (chosen != light)
    assert accent.changed_dark == (chosen != dark)


def test_derive_keeps_every_pair_readable_for_a_thousand_colours():
    """Appendix B: 4.6:1 on each ground and tint, and for the words on a filled button, pressed or not."""
    pick = random.Random(2026)
    colours = [f"#{pick.randrange(1 << 24):06X}" for _ in range(1000)] + ["#000000", "#FFFFFF", "#FFFF00", "#0000FF"]

    worst = min(_worst_pair(derive(colour)) for colour in colours)

    assert worst >= CONTRAST


def test_theme_css_sets_the_five_names_and_nothing_else():
    css = theme_css(derive("#0b655a"))

    assert css.startswith(":root{--accent:light-dark(#0B655A,")
    assert [rule.split(":")[0] for rule in css[len(":root{") : -2].rstrip(";").split(";")] == [
        "--accent", "--accent-hover", "--accent-soft", "--accent-line", "--on-accent",
    ]  # fmt: skip


def test_theme_css_in_a_scope_leaves_the_rest_of_the_page_alone():
    assert theme_css(derive("#0B655A"), '[data-tenant="consult"]').startswith('[data-tenant="consult"]{--accent:')


def test_derive_refuses_what_is_no_colour():
    with pytest.raises(ValueError, match="not a valid color"):
        derive("blueish")


def _worst_pair(accent) -> float:
    pairs = [(accent.light.accent, ground) for ground in (*LIGHT_GROUNDS, accent.light.soft)]
    pairs += [(accent.dark.accent, ground) for ground in (*DARK_GROUNDS, accent.dark.soft)]
    for shades in (accent.light, accent.dark):
        pairs += [(shades.on, shades.accent), (shades.on, shades.hover), (shades.hover, shades.soft)]
    return min(contrast(*pair) for pair in pairs)
