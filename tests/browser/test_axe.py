"""Axe sees what it should: otherwise every page that it finds nothing on would prove nothing."""

import pytest

from .axe import violations

PAGE = """<!doctype html><html lang="en"><title>A page</title><style>
:root { color-scheme: light dark; } body { background: light-dark(#FFFFFF, #101010); } p { color: light-dark(#151C28, #303030); }
</style><main><h1>A heading</h1><p>Words</p>%s</main></html>"""


@pytest.mark.parametrize(
    ("theme", "by_colour", "found"),
    [
        ("light", False, ["image-alt"]),
        ("light", True, []),
        ("dark", False, ["color-contrast", "image-alt"]),
        ("dark", True, ["color-contrast"]),
    ],
)
def test_all_rules_see_everything_and_those_by_colour_what_a_theme_hides(browser, theme, by_colour, found):
    page = browser.new_page(color_scheme=theme)
    page.set_content(PAGE % '<img src="data:,">')

    assert [rule["id"] for rule in violations(page, by_colour=by_colour)] == found
    assert [rule["id"] for rule in violations(page, by_colour=by_colour)] == found
    page.close()
