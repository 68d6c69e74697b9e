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


def test_of_texts_that_are_alike_three_are_judged(browser):
    """The first two and the last of forty rows stand for all of them."""
    page = browser.new_page()
    page.set_content(PAGE % "".join(f'<p style="color: #DDDDDD">Row {number}</p>' for number in range(40)))
    [rule] = violations(page, by_colour=True)

    assert [page.locator(node["target"][0]).text_content() for node in rule["nodes"]] == ["Row 0", "Row 1", "Row 39"]
    page.close()


def test_each_text_with_colours_of_its_own_is_judged(browser):
    """Among rows that are alike, each with another colour, or in a box with another one, counts for itself."""
    rows = ["<li>A row</li>"] * 40
    rows[20] = '<li style="color: #DDDDDD">Pale by itself</li>'
    rows[21] = '<li><span style="background: #222222"><i>Dark around it</i></span></li>'
    rows[22] = '<li style="opacity: 0.2">Faint</li>'
    page = browser.new_page()
    page.set_content(PAGE % f"<ul>{''.join(rows)}</ul>")
    [rule] = violations(page, by_colour=True)

    found = {page.locator(node["target"][0]).text_content() for node in rule["nodes"]}
    assert found == {"Pale by itself", "Dark around it", "Faint"}
    page.close()
