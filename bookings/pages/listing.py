"""Finding one's bookings: five scopes, states, a text, an order (PG-31, S1.6, S4.1)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from accounts.enums import Role
from accounts.policies import Policy, Vocabulary

from .. import ordering, queries, wording
from .parts import Row, Viewer, row_of

PAGE_SIZE = 20
MAX_TEXT = 80
SCOPE_LABELS = {
    "needs-you": "Needs you",
    "waiting": "Waiting for others",
    "upcoming": "Upcoming",
    "past": "Past",
    "all": "All",
}
STATES = tuple(wording.WORDS)
# Scopes whose own order is one of a heading.
SORTED_BY = {"upcoming": "when"}


@dataclass(frozen=True)
class Wanted:
    """What the address asks for; what it asks for in vain is left out and `ignored` says so."""

    scope: str
    states: tuple[str, ...]
    text: str
    order: str
    ignored: bool

    @property
    def is_filtered(self) -> bool:
        return bool(self.states or self.text)


@dataclass(frozen=True)
class Scope:
    """A link of the scopes above the list."""

    label: str
    href: str
    count: int
    current: bool


@dataclass(frozen=True)
class Option:
    """A check-box of the filter."""

    value: str
    label: str
    count: int
    checked: bool


@dataclass(frozen=True)
class Group:
    """The check-boxes of the filter."""

    label: str
    name: str
    options: list[Option]


@dataclass(frozen=True)
class Kept:
    """A value that a form carries along."""

    name: str
    value: str


@dataclass(frozen=True)
class Empty:
    """What an empty list says, and the one thing to do about it (ux.md 2.0)."""

    icon: str
    title: str
    text: str
    href: str = ""
    label: str = ""


@dataclass(frozen=True)
class Column:
    """A heading of the table; `href` sorts by it, `sort` says how the list is sorted by it now, as ARIA has it."""

    label: str
    number: bool = False
    href: str = ""
    sort: str = ""


@dataclass(frozen=True)
class ListPage:
    """Everything of PG-31; `page` is the paginator's, `rows` are its bookings in words. No `price_heading`: no prices here."""

    href: str
    wanted: Wanted
    scopes: list[Scope]
    groups: list[Group]
    kept_by_search: list[Kept]
    kept_by_filter: list[Kept]
    clear_href: str
    columns: list[Column]
    caption: str
    rows: list[Row]
    page: Page
    price_heading: str
    empty: Empty | None
    new_href: str


def read(query: QueryDict) -> Wanted:
    """What an address wants; unknown values are ignored, never an error."""
    show, text = query.get("show", ""), query.get("q", "").strip()[:MAX_TEXT].replace("\0", "")
    sent, sort = query.getlist("state"), query.get("sort", "")
    states = tuple(state for state in STATES if state in sent)
    scope, order = show if show in SCOPE_LABELS else "", sort if sort in ordering.ORDERS else ""
    return Wanted(
        scope="all" if states or text else scope,
        states=states,
        text=text,
        order=order,
        ignored=bool(show and not scope) or bool(sort and not order) or any(state not in STATES for state in sent),
    )


def list_page(viewer: Viewer, wanted: Wanted, number: str | None, *, policy: Policy, words: Vocabulary) -> ListPage:
    """The list of the viewer's bookings, in a fixed number of queries. `number` is the page as the address has it."""
    member = viewer.member
    counts = queries.counts(member, viewer.now)
    scope = wanted.scope or ("needs-you" if counts.by_scope["needs-you"] else "upcoming")
    rows = queries.in_scope(member, scope, viewer.now, wanted.order)
    if wanted.text:
        rows = queries.matching(rows, wanted.text)
    found = queries.counts(member, viewer.now, wanted.text) if wanted.text else counts
    if wanted.states:
        rows = queries.in_states(rows, wanted.states, member, viewer.now)
    options, pages = _options(found, wanted, policy), Paginator(rows, PAGE_SIZE)
    if not wanted.is_filtered:
        pages.count = counts.by_scope[scope]
    page = pages.get_page(number)
    for booking in page:
        booking.tenant = member.tenant
    href, price_heading = reverse("bookings"), "" if policy.price_unit == "none" else words.credits.capitalize()
    return ListPage(
        href=href,
        wanted=wanted,
        scopes=[
            Scope(label, f"{href}?{urlencode({'show': key})}", counts.by_scope[key], key == scope)
            for key, label in SCOPE_LABELS.items()
        ],
        groups=[Group("State", "state", options)],
        kept_by_search=_kept(wanted, without="q"),
        kept_by_filter=_kept(wanted, without="state"),
        clear_href=href if wanted.is_filtered else "",
        columns=_columns(words, price_heading, wanted, scope),
        caption=_caption(scope, words),
        rows=[row_of(booking, viewer) for booking in page],
        page=page,
        price_heading=price_heading,
        empty=None if page.object_list else _empty(viewer, wanted, scope, options, words),
        new_href=reverse("new_booking") if policy.provider_made != "off" and member.has(Role.PROVIDER) else "",
    )


def _caption(scope: str, words: Vocabulary) -> str:
    captions = {
        "needs-you": f"{words.sessions} that wait for you",
        "waiting": f"{words.sessions} that others answer",
        "upcoming": f"upcoming {words.sessions}",
        "past": f"past {words.sessions}",
        "all": f"all {words.sessions}",
    }
    return captions[scope].capitalize()


def _columns(words: Vocabulary, price_heading: str, wanted: Wanted, scope: str) -> list[Column]:
    labels = {"when": "When", "with": f"{words.session.capitalize()} with", "state": "State"}
    columns = [_sortable(label, heading, wanted, scope) for heading, label in labels.items()]
    if price_heading:
        columns.append(Column(price_heading, number=True))
    return [*columns, Column("Open")]


def _sortable(label: str, heading: str, wanted: Wanted, scope: str) -> Column:
    """A heading as a link that sorts by it, or the other way round where it does so already."""
    sorts = {heading: "ascending", f"-{heading}": "descending"}
    sort = sorts.get(wanted.order or SORTED_BY.get(scope, ""), "")
    order = f"-{heading}" if sort == "ascending" else heading
    kept = [] if wanted.is_filtered else [Kept("show", scope)]
    asks = [(field.name, field.value) for field in [*kept, *_kept(wanted, without="sort")]]
    return Column(label, href=f"{reverse('bookings')}?{urlencode([*asks, ('sort', order)])}", sort=sort)


def _kept(wanted: Wanted, *, without: str) -> list[Kept]:
    """What was asked for, but for what a form or a link says itself; the page it stood on is another one then."""
    asked = [*(Kept("state", state) for state in wanted.states), Kept("q", wanted.text), Kept("sort", wanted.order)]
    return [field for field in asked if field.value and field.name != without]


def _options(found: queries.Counts, wanted: Wanted, policy: Policy) -> list[Option]:
    return [
        Option(key, policy.status_words.get(key, wording.WORDS[key]), found.by_state.get(key, 0), key in wanted.states)
        for key in STATES
    ]


def _empty(viewer: Viewer, wanted: Wanted, scope: str, options: Sequence[Option], words: Vocabulary) -> Empty:
    if wanted.is_filtered:
        chosen = [option.label for option in options if option.checked]
        named = [f"\N{LEFT DOUBLE QUOTATION MARK}{wanted.text}\N{RIGHT DOUBLE QUOTATION MARK}"] if wanted.text else []
        if chosen:
            named.append(" or ".join(chosen))
        title = f"No {words.sessions} match {' and '.join(named)}"
        return Empty("search", title, "Try fewer words or other states.", reverse("bookings"), "Clear filter")
    texts = {
        "needs-you": ("circle-check", "Nothing needs your answer", "When somebody waits for you, you find it here."),
        "waiting": ("hourglass", "Nobody has to answer you", "What others have to answer appears here."),
        "upcoming": ("calendar", f"No {words.sessions} ahead", f"Agreed {words.sessions} appear here."),
        "past": ("history", f"No past {words.sessions}", "What is over appears here, with all that happened."),
        "all": ("calendar", f"No {words.sessions} yet", "Whatever you ask for or are asked for appears here."),
    }
    icon, title, text = texts[scope]
    if viewer.member.has(Role.PROVIDER):
        return Empty(icon, title, text, reverse("today"), "Go to Today")
    return Empty(icon, title, text, reverse("directory"), f"Find {words.a_provider}")
