"""The shape of what people send. Filters that can't be read are refused in words, and the others still count (PG-02)."""

from typing import Any

from django import forms

from accounts.policies import Vocabulary

from .cards import language_name
from .enums import Place
from .overview import Overview
from .queries import Wanted

MAX_TEXT = 200
MAX_PRICE = 1_000_000


class DirectoryForm(forms.Form):
    """What the directory is searched and filtered by, as its address carries it."""

    q = forms.CharField(
        required=False,
        max_length=MAX_TEXT,
        error_messages={"max_length": f"Search for {MAX_TEXT} letters or fewer."},
    )
    topic = forms.MultipleChoiceField(required=False)
    dur = forms.TypedMultipleChoiceField(required=False, coerce=int)
    lang = forms.MultipleChoiceField(required=False)
    mode = forms.MultipleChoiceField(required=False, choices=Place.choices)
    price_max = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=MAX_PRICE,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), "Enter a price as a whole number, like 30."
        ),
    )
    sort = forms.ChoiceField(required=False)

    def __init__(self, data: Any, *, offer: Overview, words: Vocabulary, priced: bool) -> None:
        super().__init__(data, auto_id="f-%s")
        self.known, self.words, self.priced = offer, words, priced
        self._offer("topic", words.topic, [(row.topic.slug, row.topic.name) for row in offer.topics])
        self._offer("dur", "length", [(str(minutes), f"{minutes} minutes") for minutes in offer.lengths])
        self._offer(
            "lang",
            "language",
            sorted(((code, language_name(code)) for code in offer.languages), key=lambda option: option[1]),
        )
        self._offer("mode", "way to meet", Place.choices)
        self._offer("sort", "order", self.sorts())

    def sorts(self) -> list[tuple[str, str]]:
        """The orders that make sense here; the first one is what people get without choosing."""
        first = ("best", "Best match") if self.data.get("q", "").strip() else ("name", "Name")
        rest = [("price", "Lowest price")] if self.priced else []
        return [first, *rest, ("answers", "Answers fastest")]

    def wanted(self) -> Wanted:
        """What can be understood of it; parts in error ask for nothing."""
        self.is_valid()
        given, ids = self.cleaned_data, {row.topic.slug: row.topic.pk for row in self.known.topics}
        return Wanted(
            text=given.get("q", ""),
            topics=tuple(ids[slug] for slug in given.get("topic", ())),
            lengths=tuple(given.get("dur", ())),
            languages=tuple(given.get("lang", ())),
            places=tuple(given.get("mode", ())),
            price_max=given.get("price_max"),
            sort=given.get("sort") or "best",
        )

    def _offer(self, name: str, noun: str, options: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        field.choices = options
        field.error_messages["invalid_choice"] = f"That {noun} is not on the list. Choose another one."
