"""Axe sees what it should: otherwise every page that it finds nothing on would prove nothing."""

import pytest

from .axe import outline, violations

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

    assert [rule["id"] for rule in violations(page, by_colour=by_colour, judged=set())] == found
    assert [rule["id"] for rule in violations(page, by_colour=by_colour, judged=set())] == found
    page.close()


def test_of_texts_that_are_alike_three_are_judged(browser):
    """The first two and the last of forty rows stand for all of them."""
    page = browser.new_page()
    page.set_content(PAGE % "".join(f'<p style="color: #DDDDDD">Row {number}</p>' for number in range(40)))
    [rule] = violations(page, by_colour=True, judged=set())

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
    [rule] = violations(page, by_colour=True, judged=set())

    found = {page.locator(node["target"][0]).text_content() for node in rule["nodes"]}
    assert found == {"Pale by itself", "Dark around it", "Faint"}
    page.close()


def test_what_looks_like_a_text_of_a_good_page_is_not_judged_again(browser):
    """What is new is, and so is what looks like a text of a bad page; the same colours on another ground are new."""
    judged, found = set(), []
    bodies = ["<p>Good</p>", '<p style="color: #DDDDDD">Pale</p>', '<p>Good</p><p style="color: #DDDDDD">Pale</p>',
              '<div style="background: #222222"><p>Good elsewhere</p></div>', "<p>Good again</p>"]  # fmt: skip
    for body in bodies:
        page = browser.new_page()
        page.set_content(PAGE % body)
        found.append([page.locator(node["target"][0]).text_content()
                      for rule in violations(page, by_colour=True, judged=judged) for node in rule["nodes"]])  # fmt: skip
        found[-1].append(len(page.evaluate("looks => texts(looks).texts", list(judged))))
        page.close()

    assert found == [[0], ["Pale", 1], ["Pale", 1], ["Good elsewhere", 1], [0]]


def test_a_look_of_the_light_theme_is_judged_in_the_dark_one_as_well(browser):
    judged = set()
    for theme, rules in (("light", []), ("dark", ["color-contrast"])):
        page = browser.new_page(color_scheme=theme)
        page.set_content(PAGE % "")
        assert [rule["id"] for rule in violations(page, by_colour=True, judged=judged)] == rules
        page.close()


BASE = '<form><label for="a">Name</label><input id="a" name="n" value="x"><a class="model-b" href="/b/">Kim</a></form>'


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("Kim", "Ana Nowak", True),
        ("/b/", "/c/", True),
        ("model-b", "model-c", True),
        ("Kim", "", False),
        ('for="a"', 'for="b"', False),
        ("<label", '<input id="a"><label', False),
        ('value="x"', "", False),
        ('class="model-b"', 'class="pale"', False),
        ("<form>", '<form aria-hidden="true">', False),
        ("</form>", "</form><p>More</p>", False),
    ],
)
def test_pages_of_one_outline_differ_in_words_and_addresses_alone(browser, before, after, same):
    """What is not looked at twice looks alike to axe: its elements, ties between them, classes, and whether texts are there."""
    outlines = []
    for part in (BASE, BASE.replace(before, after)):
        page = browser.new_page()
        page.set_content(PAGE % part)
        outlines.append(outline(page))
        page.close()

    assert (outlines[0] == outlines[1]) is same
