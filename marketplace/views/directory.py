"""Who can help, found by words and filters (PG-02)."""

from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet, Window
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts import formatting
from accounts.queries import current_policy

from .. import queries
from ..cards import Reader, directory_card, price_in_words
from ..enums import Place
from ..forms import DirectoryForm
from ..models import Provider
from ..overview import overview
from ..queries import Wanted
from .readers import placeholder, reader_of

PER_PAGE = 20
PRICE_STEPS = 4
# What each field of the form is called over its check-boxes.
LEGENDS = {"dur": "Length", "lang": "Language", "mode": "How you meet", "price_max": "Price"}


class Option(NamedTuple):
    """One check-box or radio button."""

    value: str
    label: str
    checked: bool
    count: None = None


class Group(NamedTuple):
    """The options of one filter; `error` is the sentence of a value that can't be used."""

    name: str
    label: str
    options: list[Option]
    kind: str = "checkbox"
    error: str = ""


@require_safe
def directory(request: HttpRequest) -> HttpResponse:
    """`/experts/?q=&topic=&dur=&lang=&mode=&price_max=&sort=&page=`; for htmx the results alone (R-HX-2)."""
    policy, now = current_policy().policy, timezone.now()
    reader = reader_of(request, policy, now)
    form = _form(request, reader)
    wanted = form.wanted()
    results, is_alike = _results(wanted, request.GET.get("page"))
    shown = queries.in_full(results) if wanted.text and not is_alike else results
    hits = queries.hits(shown, policy=policy, now=now, wanted=wanted)
    active = sum(bool(request.GET.get(name)) for name in ("topic", "dur", "lang", "mode", "price_max"))
    page: dict[str, Any] = {
        "now": now,
        "page": results,
        "providers": [directory_card(hit, reader) for hit in hits],
        "count": formatting.plural(results.paginator.count, reader.words.provider, reader.words.providers),
        "is_alike": is_alike,
        "text": wanted.text,
        "active": active,
        "empty_title": f"No {reader.words.providers} match that"
        if wanted.text or active
        else f"No {reader.words.providers} yet",
        "empty_text": _way_out(wanted, active),
        "sorts": [Option(value, label, value == form["sort"].value()) for value, label in form.sorts()],
        "unsorted": _kept(request, without=("sort", "page")),
    }
    if not request.htmx:
        page |= {
            "find": f"Find {reader.words.a_provider}",
            "placeholder": placeholder(request),
            "q": request.GET.get("q", ""),
            "q_error": " ".join(form["q"].errors),
            "problems": _problems(form),
            "title_prefix": "Error: " if form.errors else "",
            "clear_href": f"{reverse('directory')}?{urlencode({'q': wanted.text})}" if active else "",
            "groups": _groups(form, reader),
            "unfiltered": _kept(request, only=("q", "sort")),
            "unsearched": _kept(request, without=("q", "page")),
        }
    template = "marketplace/_results.html" if request.htmx else "marketplace/directory.html"
    response = render(request, template, page, status=422 if form.errors else 200)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _form(request: HttpRequest, reader: Reader) -> DirectoryForm:
    form = DirectoryForm(request.GET, offer=overview(now=reader.now), words=reader.words, priced=reader.priced)
    if form.is_valid():
        return form
    # What is not on the list may have been added a moment ago.
    offer = overview(now=reader.now, fresh=True)
    return DirectoryForm(request.GET, offer=offer, words=reader.words, priced=reader.priced)


def _way_out(wanted: Wanted, active: int) -> str:
    if wanted.text and active:
        return "Try other words, or fewer filters."
    if wanted.text:
        return "Try other words, or fewer of them."
    return "Try fewer filters." if active else "They are being added. Please come back soon."


def _problems(form: DirectoryForm) -> list[dict[str, str]]:
    """What the summary lists, each with a link to the first control of its filter."""
    ids = {"q": "#q", "sort": "#count"}
    return [
        {"href": ids.get(name, f"#f-{name}-0"), "text": sentence}
        for name, sentences in form.errors.items()
        for sentence in sentences
    ]


def _results(wanted: Wanted, number: str | None) -> tuple[Page, bool]:
    """The page of results, and whether they only come near. A page that does not exist is the last one."""
    if not wanted.text:
        return _page(queries.find(wanted), number), False
    found = _page(queries.find(wanted), number) if number else _counted_page(queries.find(wanted))
    if not found.paginator.count:
        alike = _page(queries.find_alike(wanted), number)
        return (alike, True) if alike.paginator.count else (found, False)
    return found, False


def _page(providers: QuerySet[Provider], number: str | None) -> Page:
    return Paginator(providers, PER_PAGE).get_page(number)


def _counted_page(providers: QuerySet[Provider]) -> Page:
    """The first page, counted by the query that sorts: what words find has to be gone through once, not twice."""
    rows = list(providers.annotate(total=Window(Count("*")))[:PER_PAGE])
    paginator = Paginator(providers, PER_PAGE)
    paginator.count = rows[0].total if rows else 0
    return Page(rows, 1, paginator)


def _groups(form: DirectoryForm, reader: Reader) -> list[Group]:
    legends = {"topic": reader.words.topics.capitalize(), **LEGENDS}
    groups = [_group(form, name, legends[name], form.fields[name].choices) for name in ("topic", "dur", "lang")]
    offered = [(place.value, place.label) for place in Place if place.value in form.known.places]
    groups.append(_group(form, "mode", legends["mode"], offered))
    if reader.priced and form.known.highest_price:
        chosen = form["price_max"].value() or ""
        prices = _price_steps(form.known.highest_price)
        options = [Option("", "Any price", chosen == "")]
        options += [
            Option(str(price), f"Up to {price_in_words(price, reader)}", chosen == str(price)) for price in prices
        ]
        groups.append(Group("price_max", legends["price_max"], options, "radio", " ".join(form["price_max"].errors)))
    # One option is no choice; it is shown only where it carries an error.
    return [group for group in groups if len(group.options) > 1 or group.error]


def _group(form: DirectoryForm, name: str, label: str, choices: list[tuple[str, str]]) -> Group:
    chosen = set(form[name].value() or ())
    options = [Option(value, text, value in chosen) for value, text in choices]
    return Group(name, label, options, error=" ".join(form[name].errors))


def _price_steps(highest: int) -> list[int]:
    """Up to four round prices below the highest: 15, 30, 45 for 60."""
    step = max(round(highest / PRICE_STEPS / 5) * 5, 1)
    return list(range(step, highest, step))[: PRICE_STEPS - 1]


def _kept(request: HttpRequest, *, only: tuple[str, ...] = (), without: tuple[str, ...] = ()) -> list[dict[str, str]]:
    """The parts of the address that a form keeps by hidden fields."""
    return [
        {"name": name, "value": value}
        for name, values in request.GET.lists()
        if (name in only if only else name not in without)
        for value in values
        if value
    ]
