"""The tags every page may use: they own all formatting, so that no template spells a time, a price or a status by itself.

They are built in (settings), so no template loads them. `now` and `viewer.hour_cycle` are read from the context where it has them.
"""

from collections.abc import Iterable
from datetime import datetime
from html import escape
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField
from django.template import Context, defaulttags
from django.template.base import FilterExpression, Parser, TextNode, Token
from django.template.loader import render_to_string
from django.utils.html import conditional_escape, format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from accounts import formatting
from accounts.addresses import path_to
from accounts.icons import icon as icon_svg

register = template.Library()

# Display state -> class of its three colours, icon, word (ux.md 3.4). Display states are shown; stored ones are `bookings.enums`.
STATES = {
    "needs_you": ("st-answer", "hand", "Your answer needed"),
    "requested": ("st-requested", "hourglass", "Requested"),
    "suggested": ("st-requested", "calendar-clock", "Times suggested"),
    "invited": ("st-requested", "mail", "Invited"),
    "waiting": ("st-waiting", "coins", "Waiting for credits"),
    "setting_up": ("st-setting", "settings", "Setting up"),
    "confirmed": ("st-confirmed", "check", "Confirmed"),
    "change_proposed": ("st-change", "arrow-left-right", "Change proposed"),
    "in_progress": ("st-confirmed", "play", "In progress"),
    "ended": ("st-completed", "circle-question-mark", "Ended, no outcome yet"),
    "completed": ("st-completed", "check-check", "Completed"),
    "declined": ("st-declined", "x", "Declined"),
    "cancelled": ("st-cancelled", "circle-slash", "Cancelled"),
    "expired": ("st-expired", "clock-fading", "Not answered in time"),
    "noshow": ("st-noshow", "armchair", "No-show"),
}
NOTICES = {"info": "info", "ok": "circle-check", "warn": "triangle-alert", "error": "circle-alert"}
# Levels of django.contrib.messages, as words, to ours.
MESSAGE_LEVELS = {"success": "ok", "warning": "warn", "error": "error"}


# --- words ------------------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def when(
    context: Context,
    start: datetime,
    end: datetime,
    zone: str,
    other_zone: str = "",
    other_name: str = "",
    layout: str = "row",
) -> SafeString:
    """A span of time for its reader, own time first, the other party's under it where the clocks differ (R-TZ-1, R-TZ-6).

    `layout` is "row" (lists), "line" (within a sentence) or "head" (the large one of a booking's page).
    """
    words = formatting.when(start, end, zone, other_zone, context.get("now"), _hour_cycle(context))
    return _render("ui/when.html", {"when": words, "other_name": other_name, "layout": layout})


@register.simple_tag(takes_context=True)
def deadline(context: Context, moment: datetime, zone: str, now: datetime, layout: str = "line") -> SafeString:
    """ "Answer by Mon 23 Nov, 3pm (in 21 hours)"; pressing in the last 3 hours, then "Time is up" (R-TZ-8, R-TZ-9).

    `layout` is "line" (with its verb) or "left" (rows sorted by it: "1 h 46 min left, by 11am today").
    """
    words = formatting.deadline(moment, zone, now, _hour_cycle(context))
    return _render("ui/deadline.html", {"deadline": words, "layout": layout})


@register.simple_tag
def credits(amount: int | None, words: Any) -> str:
    """A price with the tenant's noun, "1 credit", "30 credits"; "No charge" for 0, nothing where there is no price (R-LOC-6)."""
    if amount is None:
        return ""
    return formatting.plural(amount, words.credit, words.credits) if amount else "No charge"


# --- paths ------------------------------------------------------------------------------------------


@register.tag
def url(parser: Parser, token: Token) -> template.Node:
    """Django's own `{% url %}`, with the paths remembered (`addresses.path_to`): each page has a dozen of them."""
    node = defaulttags.url(parser, token)
    return node if node.asvar or node.kwargs else _PathNode(node)


class _PathNode(template.Node):
    def __init__(self, node: defaulttags.URLNode) -> None:
        self.name, self.arguments = node.view_name, node.args

    def render(self, context: Context) -> str:
        arguments = [str(argument.resolve(context)) for argument in self.arguments]
        return conditional_escape(path_to(str(self.name.resolve(context)), *arguments))


# --- pictures ---------------------------------------------------------------------------------------


@register.tag
def icon(parser: Parser, token: Token) -> template.Node:
    """`{% icon "calendar" %}`, `{% icon "x" "small" %}`, `{% icon item.icon %}`: a Lucide icon, drawn inline (ux.md 3.6)."""
    arguments = [parser.compile_filter(bit) for bit in token.split_contents()[1:]]
    if all(isinstance(argument.var, str) and not argument.filters for argument in arguments):
        return TextNode(icon_svg(*(str(argument.var) for argument in arguments)))
    return _IconNode(arguments)


class _IconNode(template.Node):
    def __init__(self, arguments: list[FilterExpression]) -> None:
        self.arguments = arguments

    def render(self, context: Context) -> SafeString:
        return icon_svg(*(str(argument.resolve(context)) for argument in self.arguments))


@register.simple_tag
def badge(state: str, label: str = "", size: str = "") -> SafeString:
    """A status as icon, word and tint: `{% badge row.state row.state_label "large" %}`. An unknown state raises KeyError."""
    css, shape, word = STATES[state]
    return format_html(
        '<span class="badge{} {}">{}{}</span>', " large" if size == "large" else "", css, icon_svg(shape), label or word
    )


@register.simple_tag
def node(state: str = "", shape: str = "") -> SafeString:
    """The round mark of a timeline item, in a status's colours; `shape` is an icon's name for what is no status."""
    css, state_shape, _ = STATES.get(state, ("", "circle", ""))
    return format_html('<span class="node {}" aria-hidden="true">{}</span>', css, icon_svg(shape or state_shape))


@register.filter
def notice_level(message: Any) -> str:
    """The kind of notice that shows a message of django.contrib.messages."""
    return MESSAGE_LEVELS.get(message.level_tag, "info")


@register.filter
def notice_icon(kind: str) -> str:
    """The icon beside a notice's words, so that its colour is never the only sign (R-A11Y 7)."""
    return NOTICES[kind]


# --- wrappers ---------------------------------------------------------------------------------------


@register.simple_block_tag
def card(content: SafeString, title: str = "", level: int = 2, id: str = "", css: str = "") -> SafeString:
    """`{% card "Details" %}…{% endcard %}`: one thing with an edge. With a title it is a section named by its heading."""
    values = {"content": content, "title": title, "level": level, "id": id or _slug(title), "css": css}
    return _render("ui/card.html", values)


@register.simple_block_tag
def notice(content: SafeString, kind: str = "info", title: str = "") -> SafeString:
    """`{% notice "warn" "Calendar not read" %}…{% endnotice %}`; kinds are info, ok, warn and error."""
    return _render("ui/notice.html", {"kind": kind, "title": title, "content": content})


@register.simple_block_tag
def empty_state(content: SafeString, icon: str, title: str, level: int = 2, text: str = "") -> SafeString:
    """What will appear here and why it is empty; the block holds its one button (ux.md 2.0).

    It isn't called `empty`, since `{% for %}` would take that for its own branch.
    """
    values = {"icon": icon, "title": title, "level": level, "text": text, "content": content}
    return _render("ui/empty.html", values)


@register.simple_block_tag
def dialog(content: SafeString, id: str, title: str, close_url: str = "", level: int = 2) -> SafeString:
    """A `<dialog>` over a real page; app.js opens it for `data-opens="<id>"` (ux.md 3.5).

    Its content ends with `<div class="dialog-foot">` and the buttons. With `close_url` it is shown open, as a page's only content.
    """
    values = {"id": id, "title": title, "content": content, "close_url": close_url, "level": level}
    return _render("ui/dialog.html", values)


# --- forms and lists --------------------------------------------------------------------------------


@register.simple_tag
def error_summary(*forms: BaseForm) -> SafeString:
    """ "There is a problem" with a link to each faulty field, in field order; nothing for valid or unbound forms (R-FORM 2)."""
    items = [item for form in forms for item in _form_errors(form)]
    return _render("ui/error_summary.html", {"items": items}) if items else SafeString("")


@register.simple_tag(takes_context=True)
def pages(context: Context, page: Page, label: str = "Pages of results") -> SafeString:
    """Links to the pages of a list, with everything else in the address kept. Nothing for a single page (ux.md 3.5)."""
    paginator = page.paginator
    if paginator.num_pages < 2:
        return SafeString("")
    query = context["request"].GET
    numbers = paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    values = {
        "label": label,
        "number": page.number,
        "total": paginator.num_pages,
        "previous_href": _page_href(query, page.number - 1) if page.has_previous() else "",
        "next_href": _page_href(query, page.number + 1) if page.has_next() else "",
        "links": [
            {
                "number": number,
                "href": _page_href(query, number) if isinstance(number, int) else "",
                "current": number == page.number,
            }
            for number in numbers
        ],
    }
    return _render("ui/pages.html", values)


@register.simple_tag
def filter_options(name: str, options: Iterable[Any], kind: str = "", noun: str = "") -> SafeString:
    """The check-boxes of one filter, or radio buttons as `kind` says; an option has value, label, checked and a count or None.

    Written in Python, since a directory has thirty of them: as a template they took a tenth of its time.
    """
    return SafeString("".join(_option(f"f-{name}-{at}", name, kind, option, noun) for at, option in enumerate(options)))


def _option(key: str, name: str, kind: str, option: Any, noun: str) -> str:
    count = ""
    if option.count is not None:
        count = f'<span class="num">{option.count}<span class="vh"> {escape(noun)}</span></span>'
    return (
        f'<div class="check"><input type="{kind or "checkbox"}" name="{name}" id="{key}" value="{escape(option.value)}"'
        f"{' checked' if option.checked else ''}>"
        f'<label for="{key}"><span>{escape(option.label)}</span>{count}</label></div>'
    )


@register.filter
def is_group(field: BoundField) -> bool:
    """Whether the field is several controls under one legend (radio buttons, check-boxes)."""
    return field.use_fieldset


def _form_errors(form: BaseForm) -> list[dict[str, str]]:
    if not form.is_bound or not form.errors:
        return []
    items = [{"href": "", "text": str(error)} for error in form.non_field_errors()]
    for field in form:
        items += [{"href": f"#{_control_id(field)}", "text": str(error)} for error in field.errors]
    return items


def _control_id(field: BoundField) -> str:
    if field.id_for_label:
        return field.id_for_label
    return field.subwidgets[0].id_for_label if field.subwidgets else field.auto_id


def _page_href(query: Any, number: int) -> str:
    rest = {key: values for key, values in query.lists() if key != "page"}
    return "?" + urlencode({**rest, "page": number}, doseq=True)


def _hour_cycle(context: Context) -> int:
    return getattr(context.get("viewer"), "hour_cycle", 12)


def _slug(title: str) -> str:
    return "-".join("".join(letter if letter.isalnum() else " " for letter in title.lower()).split())


def _render(name: str, values: dict[str, Any]) -> SafeString:
    return SafeString(render_to_string(name, values).strip())
