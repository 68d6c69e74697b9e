"""The style guide: every part of the design system in every state, on one page (PG-93). Development only."""

from datetime import timedelta
from itertools import groupby
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import engines
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from accounts.policies import Vocabulary

from .examples import AUCKLAND, CHICAGO, END, EXAMPLES, NOW, PRAGUE, START, TAG_EXAMPLES, Example, TagExample

THEMES = ("light", "dark")


class SampleForm(forms.Form):
    """One field of each kind, some of them refused."""

    name = forms.CharField(label="Name", help_text="The name others see")
    email = forms.EmailField(
        label="Email address",
        error_messages={"invalid": "Enter an email address with an @, like kim@example.org"},
        widget=forms.TextInput(attrs={"autocomplete": "email"}),
    )
    day = forms.DateField(label="Day", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    place = forms.ChoiceField(label="How you meet", choices=[("video", "Video"), ("person", "In person")])
    reason = forms.ChoiceField(
        label="Why are you declining?",
        widget=forms.RadioSelect,
        choices=[("ill", "I’m ill"), ("other", "Something else")],
        error_messages={"required": "Choose a reason"},
    )
    topics = forms.MultipleChoiceField(
        label="Topics", required=False, widget=forms.CheckboxSelectMultiple, choices=[("tax", "Tax"), ("pay", "Pay")]
    )
    message = forms.CharField(label="Message to Kim", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    sure = forms.BooleanField(
        label="I know it overlaps “Dentist”", error_messages={"required": "Tick the box to accept anyway"}
    )


def style_guide(request: HttpRequest) -> HttpResponse:
    """`GET /dev/ui/`: parts with their states; `?theme=light` or `dark` shows one theme without choosing it (PG-93)."""
    parts = [
        {"name": name, "examples": [{"title": example.title, "html": _part(example)} for example in examples]}
        for name, examples in groupby(EXAMPLES, key=lambda example: example.part)
    ]
    page: dict[str, Any] = {"parts": parts, "tags": [{"title": tag.title, "html": _tag(tag)} for tag in TAG_EXAMPLES]}
    if request.GET.get("theme") in THEMES:
        page["theme"] = request.GET["theme"]
    return render(request, "dev/ui.html", page)


def _part(example: Example) -> SafeString:
    html = render_to_string(f"ui/{example.part}.html", example.values)
    return mark_safe(example.around.replace("{}", html))


def _tag(example: TagExample) -> str:
    form = SampleForm({"name": "Kim Okafor", "email": "kim.example.org", "place": "video"})
    values = {
        "start": START,
        "end": END,
        "soon": NOW + timedelta(minutes=106),
        "now": NOW,
        "chicago": CHICAGO,
        "prague": PRAGUE,
        "auckland": AUCKLAND,
        "words": Vocabulary(),
        "form": form,
    }
    return engines["django"].from_string(example.source).render(values)
