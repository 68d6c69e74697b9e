"""The tags that own all formatting."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import engines
from django.utils.html import strip_tags

from accounts.policies import Vocabulary
from accounts.templatetags.ui import STATES
from config.dev.examples import CHICAGO, END, NOW, PRAGUE, START
from config.dev.styleguide import SampleForm


def show(source: str, request=None, **values) -> str:
    """What the source renders to; white space between elements says nothing."""
    values = {"start": START, "end": END, "now": NOW, "chicago": CHICAGO, "prague": PRAGUE, **values}
    return re.sub(r">\s+(?=<)", ">", engines["django"].from_string(source).render(values, request))


def test_when_shows_own_time_first_and_the_others_where_clocks_differ():
    """R-TZ-1, R-TZ-6."""
    assert show("{% when start end chicago prague %}") == (
        '<strong><time datetime="2026-11-24T14:00Z">Tue 24 Nov, 8am to 8:30am</time></strong>'
        '<span class="sub block">3pm to 3:30pm in Prague</span>'
    )
    assert show("{% when start end prague 'Europe/Berlin' %}") == (
        '<strong><time datetime="2026-11-24T14:00Z">Tue 24 Nov, 3pm to 3:30pm</time></strong>'
    )


def test_when_in_a_sentence_has_its_place_and_no_stray_space():
    """ux.md 0.1: time never stands alone."""
    assert show("on {% when start end chicago prague layout='line' %}.") == (
        'on <time datetime="2026-11-24T14:00Z">Tue 24 Nov, 8am to 8:30am</time>, Chicago (3pm to 3:30pm in Prague).'
    )


def test_when_at_the_head_names_both_places():
    html = show("{% when start end chicago prague 'Ana' layout='head' %}")

    assert '<span class="place">Chicago, your time</span>' in html
    assert '<span class="place">Prague, where Ana is</span>' in html


def test_when_follows_the_viewers_hour_cycle():
    """R-LOC-1."""
    viewer = SimpleNamespace(hour_cycle=24)

    assert "Tue 24 Nov, 08:00 to 08:30<" in show("{% when start end chicago %}", viewer=viewer)


@pytest.mark.parametrize(
    ("distance", "words", "css"),
    [
        (timedelta(hours=21), "Answer by Mon 23 Nov, 7:12am (in 21 hours)", "deadline"),
        (timedelta(hours=2), "Answer by 12:12pm today (in 2 hours)", "deadline soon"),
        (timedelta(0), "Time is up: it was 10:12am today", "deadline"),
    ],
)
def test_deadline_says_when_how_far_and_whether_it_presses(distance, words, css):
    """R-TZ-8."""
    html = show("{% deadline moment chicago now %}", moment=NOW + distance)

    assert strip_tags(html) == words
    assert f'class="{css}"' in html


@pytest.mark.parametrize(
    ("amount", "words"), [(30, "30 points"), (1, "1 point"), (0, "No charge"), (-30, "−30 points"), (None, "")]
)
def test_credits_have_the_tenants_noun_in_the_right_number(amount, words):
    """R-LOC-6."""
    assert (
        show("{% credits amount words %}", amount=amount, words=Vocabulary(credit="point", credits="points")) == words
    )


@pytest.mark.parametrize("state", STATES)
def test_badge_is_icon_and_word_in_the_states_colours(state):
    """R-A11Y 7, ux.md 3.4: colour is never the only sign."""
    css, _, word = STATES[state]
    html = show("{% badge state %}", state=state)

    assert html.startswith(f'<span class="badge {css}"><svg class="i"')
    assert html.endswith(f"</svg>{word}</span>")


def test_badge_says_the_tenants_word_and_escapes_it():
    assert ">A &lt; B</span>" in show("{% badge 'requested' word %}", word="A < B")


def test_badge_of_an_unknown_state_is_an_error():
    with pytest.raises(KeyError):
        show("{% badge 'pending' %}")


def test_icon_is_drawn_inline_and_hidden_from_assistive_technology():
    """ux.md 3.6; the same for a name written in the template and one that comes from the page."""
    written, given = show('{% icon "x" "small" %}'), show("{% icon name size %}", name="x", size="small")

    assert written == given
    assert written == (
        '<svg class="i i-s" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
        '<path d="M18 6 6 18"/><path d="m6 6 12 12"/></svg>'
    )


def test_icon_that_does_not_exist_is_found_when_the_template_is_read():
    with pytest.raises(LookupError, match="no icon named 'calender'"):
        show('{% icon "calender" %}')


def test_card_with_a_title_is_a_section_named_by_its_heading():
    html = show('{% card "Your day" level=3 %}<p>Free</p>{% endcard %}')

    assert html == (
        '<section class="card stack" aria-labelledby="your-day"><h3 id="your-day" class="h3">Your day</h3><p>Free</p></section>'
    )


def test_empty_state_inside_a_loop_is_not_taken_for_its_empty_branch():
    html = show(
        "{% for x in items %}{% empty_state 'calendar' 'No bookings' %}{% endempty_state %}{% endfor %}", items=[1]
    )

    assert ">No bookings</h2>" in html


class Question(forms.Form):
    title = forms.CharField(error_messages={"required": "Enter a title"})
    choice = forms.ChoiceField(
        choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect, error_messages={"required": "Choose one"}
    )

    def clean(self):
        raise forms.ValidationError("That time went a moment ago.")


def test_error_summary_links_to_each_control_in_field_order():
    """R-FORM 2: the form's own errors first, then a link that reaches a control, the first one of a group."""
    html = show("{% error_summary form %}", form=Question({}))

    assert (
        html.index("That time went a moment ago.") < html.index('href="#id_title"') < html.index('href="#id_choice_0"')
    )
    assert '<a href="#id_title">Enter a title</a>' in html
    assert 'role="alert"' in html


def test_error_summary_of_an_unbound_form_is_nothing():
    assert show("{% error_summary form %}", form=Question()) == ""


def test_field_names_its_control_and_ties_hint_and_error_to_it():
    """ux.md 3.7: label, hint, error with icon and word, control that refers to both."""
    form = SampleForm({"name": "", "email": "kim"})
    name, email = (
        show("{{ field.as_field_group }}", field=form["name"]),
        show("{{ field.as_field_group }}", field=form["email"]),
    )

    assert '<label for="id_name">Name</label>' in name
    assert 'aria-describedby="id_name_helptext id_name_error"' in name
    assert 'aria-invalid="true"' in name
    assert 'id="id_name_helptext"' in name
    assert 'id="id_email_error"' in email
    assert '<span class="vh">Error: </span>Enter an email address with an @' in email
    assert email.index("<label") < email.index("Error: ") < email.index("<input")


def test_field_that_may_stay_empty_says_so():
    """R-FORM 1."""
    assert 'Message to Kim <span class="opt">(optional)</span>' in show(
        "{{ form.message.as_field_group }}", form=SampleForm()
    )


def test_field_of_several_controls_is_a_group_with_a_legend():
    """R-A11Y 5: each button has its own label, the group its question."""
    html = show("{{ form.reason.as_field_group }}", form=SampleForm({}))

    assert "<fieldset" in html
    assert '<legend class="label">Why are you declining?</legend>' in html
    assert '<label for="id_reason_0"><span>I’m ill</span></label>' in html


def test_pages_keep_the_rest_of_the_address(get):
    page = Paginator(range(200), 20).page(5)
    html = show(
        "{% pages page 'Pages of bookings' %}",
        get("/", {"q": "tax & pay", "lang": ["cs", "en"], "page": "5"}),
        page=page,
    )

    assert '<a href="?q=tax+%26+pay&amp;lang=cs&amp;lang=en&amp;page=6" rel="next">' in html
    assert "Page 5 of 10" in html
    assert html.count('aria-current="page"') == 1
    assert '<span class="gap">…</span>' in html


def test_pages_of_a_single_page_are_nothing(get):
    assert show("{% pages page %}", get("/"), page=Paginator([1], 20).page(1)) == ""


def test_filter_options_are_escaped_boxes_with_their_labels():
    options = [
        SimpleNamespace(value='a"b', label="Tax & money", checked=True, count=2),
        SimpleNamespace(value="", label="Any", checked=False, count=None),
    ]
    assert show("{% filter_options 'topic' options '' 'experts' %}", options=options) == (
        '<div class="check"><input type="checkbox" name="topic" id="f-topic-0" value="a&quot;b" checked>'
        '<label for="f-topic-0"><span>Tax &amp; money</span><span class="num">2<span class="vh"> experts</span></span></label>'
        "</div>"
        '<div class="check"><input type="checkbox" name="topic" id="f-topic-1" value="">'
        '<label for="f-topic-1"><span>Any</span></label></div>'
    )
    assert 'type="radio"' in show("{% filter_options 'price' options 'radio' %}", options=options)
