"""What the style guide shows: every part of templates/ui with its states (PG-93). A test fails when a part has no example."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from accounts import formatting
from accounts.ruler import two_clocks
from accounts.templatetags.ui import STATES
from marketplace.cards import Card, Chip, Fact

NOW = datetime(2026, 11, 22, 16, 12, tzinfo=UTC)
START = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
END = START + timedelta(minutes=30)
CHICAGO, PRAGUE, AUCKLAND = "America/Chicago", "Europe/Prague", "Pacific/Auckland"
AT = "2026-11-24T14:00Z"
LONG = "Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenberatung für Gründerinnen und Gründer " * 2


@dataclass(frozen=True)
class Example:
    """One part in one state. `part` is its file in templates/ui without ending; `around` holds the markup it stands in."""

    part: str
    title: str
    values: dict[str, Any] = field(default_factory=dict)
    around: str = "{}"


@dataclass(frozen=True)
class TagExample:
    """A tag or wrapper as templates write it. `part` names the file in templates/ui that it renders, if any."""

    title: str
    source: str
    part: str = ""


KIM = {"initials": "KO", "tint": "E", "name": "Kim Okafor", "href": "#"}
CHIPS = [
    {"href": "#", "day": "Tue 24", "time": "8am", "name": "Ask Ana Nowak for Tuesday 24 November, 8am to 8:30am"},
    {"href": "#", "day": "Tue 24", "time": "8:30am", "name": "Ask Ana Nowak for Tuesday 24 November, 8:30am to 9am"},
    {"href": "#", "day": "Thu 26", "time": "midday", "name": "Ask Ana Nowak for Thursday 26 November, midday"},
]
PROVIDER: dict[str, Any] = {
    "initials": "AN", "tint": "F", "name": "Ana Nowak", "href": "#", "headline": "Tax planning for founders and early teams",
    "meta": [{"icon": "map-pin", "text": "Prague"}, {"icon": "wallet", "text": "30 credits"}],
    "chips_label": "Next free times of Ana Nowak", "chips": CHIPS,
    "tags_label": "Topics of Ana Nowak", "tags": ["Tax and money", "Starting a company"],
    "hint_icon": "moon", "hint": "10pm for Ana, her evening", "more_href": "#", "more_label": "See all times",
}  # fmt: skip
CARD = Card(**{
    **PROVIDER, "meta": [Fact(**fact) for fact in PROVIDER["meta"]], "chips": [Chip(**chip) for chip in CHIPS],
    "chips_label": "Times of Ana Nowak near your time",
})  # fmt: skip
PICKS = [
    {"label": "Tue 24 Nov, 8am to 8:30am", "other": "3pm to 3:30pm in Prague", "down": "1:down", "drop": "1"},
    {"label": "Thu 26 Nov, 10am to 10:30am", "other": "5pm to 5:30pm in Prague", "up": "2:up", "drop": "2"},
]
EFFECTS = [
    {"icon": "triangle-alert", "lead": "Late change 2 of 2.", "text": "One more pauses “Tax planning”.", "warn": True},
    {"icon": "wallet", "text": "30 credits go back to Kim."},
    {"icon": "calendar", "text": "The entry leaves both calendars."},
]
OFFERS = [
    {"id": "o1", "value": "1", "label": "Wed 25 Nov, 8am to 8:30am", "other": "3pm to 3:30pm in Prague", "checked": True},
    {
        "id": "o2", "value": "2", "label": "Thu 26 Nov, 10am to 10:30am", "other": "5pm to 5:30pm in Prague",
        "warning": "You already have “Career review” at 10am that day",
    },
]  # fmt: skip
BUTTONS = [
    {"label": "Accept this time", "kind": "primary", "name": "do", "value": "accept", "busy": "Sending…"},
    {"label": "Suggest other times", "name": "do", "value": "counter"},
    {"label": "Keep the original", "name": "do", "value": "keep"},
]
TIMELINE = [
    {
        "state": "change_proposed", "actor": "Ana", "text": "proposed 2 new times", "at": "Fri 20 Nov, 4:02am",
        "datetime": "2026-11-20T10:02Z", "details": ["Email to you, “Ana suggests 2 new times”. Delivered 4:02am."],
    },
    {"state": "confirmed", "actor": "Ana", "text": "accepted Tue 24 Nov, 8am", "at": "Thu 19 Nov, 9:09am", "datetime": AT},
    {
        "state": "", "icon": "sticky-note", "actor": "Sam", "text": "left a note", "at": "Thu 19 Nov, 9am", "datetime": AT,
        "staff_only": True,
    },
    {
        "state": "requested", "actor": "You", "text": "asked for 3 times. 30 credits held", "at": "Wed 18 Nov, 3am",
        "datetime": AT, "quote": "I want to know whether to stay a sole trader.",
        "rule": "Ana answers within 72 hours and before the start. Then the request closes by itself.",
    },
]  # fmt: skip
BOOKINGS = [
    {
        "href": "#", "title": "Tax planning with Ana Nowak", "when": "Tue 24 Nov, 8am", "other": "3pm in Prague", "datetime": AT,
        "state": "change_proposed", "state_label": "", "next": "You choose by Mon 23 Nov, 8am", "price": "30",
    },
    {
        "href": "#", "title": "First team with Rahul Krishnan", "when": "Fri 27 Nov, 7:30am", "other": "7pm in Kochi",
        "datetime": AT, "state": "requested", "state_label": "Pending", "next": "Rahul answers by Wed 25 Nov", "price": "30",
    },
]  # fmt: skip
ASK = {
    **KIM, "id": "ask-1", "sub": "Tax planning, 30 minutes, video. Kim is in Chicago",
    "deadline": formatting.deadline(NOW + timedelta(minutes=106), PRAGUE, NOW),
    "quote": "I want to know whether to stay a sole trader or start a company before January.",
    "times": [
        {"label": "Tue 24 Nov, 3pm to 3:30pm", "other": "8am to 8:30am in Chicago", "href": "#"},
        {"label": "Wed 25 Nov, 3pm to 3:30pm", "href": "#", "warning": "Overlaps “Dentist” (Work)"},
    ],
    "buttons": [
        {"label": "Suggest other times", "hidden": "to Kim Okafor", "href": "#"},
        {"label": "Decline", "hidden": "the request of Kim Okafor", "href": "#"},
    ],
}  # fmt: skip
DAYS = [
    {"weekday": "Mon", "number": 23, "href": "#", "hidden": "November, no free times", "none": True},
    {"weekday": "Tue", "number": 24, "href": "#", "hidden": "November, 5 free times", "current": True},
    {"weekday": "Wed", "number": 25, "href": "#", "hidden": "November, no free times", "none": True},
    {"weekday": "Thu", "number": 26, "href": "#", "hidden": "November, 3 free times"},
    {"weekday": "Fri", "number": 27, "href": "#", "hidden": "November, 6 free times"},
]
FILTERS = [
    {
        "label": "Topic", "name": "topic", "kind": "checkbox",
        "options": [
            SimpleNamespace(value="tax", label="Tax and money", count=12, checked=True),
            SimpleNamespace(value="pay", label="Pay and negotiation", count=4, checked=False),
        ],
    },
    {"label": "Length", "name": "length", "kind": "radio", "options": [
        SimpleNamespace(value="30", label="30 minutes", count=None, checked=False),
    ]},
]  # fmt: skip
TIMES = [{"value": "", "label": "Any time"}, {"value": "15:00", "label": "3pm", "checked": True}]
PEOPLE: list[dict[str, Any]] = [
    {"value": "mentors-kim", "label": "Kim", "initials": "KO", "tint": "E", "note": "client, 100 credits"},
    {"value": "mentors-ana", "label": "Ana", "initials": "AN", "tint": "F", "note": "expert, 3 requests"},
]
RULER: Any = two_clocks(NOW, CHICAGO, PRAGUE)
TENANT = {
    "slug": "mentors", "name": "Northwind Mentors", "href": "#", "icon": "compass", "sub": "Credits, proposals both ways",
    "people": PEOPLE,
}  # fmt: skip
TABLE = {
    "caption": "Mails to check",
    "columns": [{"label": "Mail"}, {"label": "Tries", "number": True}],
    "rows": [[{"text": "Request received", "href": "#", "sub": "kim@example.org"}, {"text": "3", "number": True}]],
}


def _slot(key: str, time: str, **values: Any) -> Example:
    base = {
        "id": f"slot-{key}",
        "name": "slot",
        "value": key,
        "day": "Tuesday 24 November",
        "time": time,
        "datetime": AT,
    }
    return Example("slot", key, {**base, **values}, '<ul class="slots">{}</ul>')


def _pages(number: int, total: int) -> dict[str, Any]:
    links = [{"number": page, "href": "#", "current": page == number} for page in range(1, total + 1)]
    return {
        "label": f"Pages, {number} of {total}", "number": number, "total": total, "links": links,
        "previous_href": "#" if number > 1 else "", "next_href": "#" if number < total else "",
    }  # fmt: skip


EXAMPLES: list[Example] = [
    Example("page_head", "with lead and aside", {"title": "Ask Ana for a time", "lead": "One screen.", "aside": "Checked now"}),
    Example("breadcrumb", "", {"href": "#", "label": "Bookings"}),
    *(Example("avatar", f"size {size}", {"initials": "AN", "tint": "F", "size": size}) for size in ("s", "", "l", "xl")),
    Example("person", "", {**KIM, "sub": "Chicago, 7 hours behind you"}),
    Example("person", "long name", {**KIM, "name": LONG, "sub": LONG}),
    Example("next", "waiting for the other side", {
        "icon": "hourglass",
        "text": "Ana answers by Mon 23 Nov, 8am (in 21 hours). If she doesn’t, 30 credits come back to you.",
    }),
    Example("next", "your turn", {"icon": "hand", "text": "choose one of Ana’s 2 new times by Mon 23 Nov, 8am."}),
    Example("effect", "before a decision", {"lines": EFFECTS}),
    Example("effect", "own heading", {"title": "If you accept", "level": 3, "lines": EFFECTS[1:]}),
    Example("sum", "", {"lines": [
        {"label": "To use now", "amount": "100"}, {"label": "Held for this request", "amount": "−30"},
        {"label": "Left to use", "amount": "70 credits", "total": True},
    ]}),
    Example("booking_head", "two states", {
        "states": [{"key": "confirmed", "label": ""}, {"key": "change_proposed", "label": ""}], "code": "NW-7K4Q",
        "title": "Tax planning with Ana Nowak", "when": formatting.when(START, END, CHICAGO, PRAGUE, NOW), "other_name": "Ana",
    }),
    Example("proposal", "the other side proposed", {
        "id": "proposal-1", "action": "#", "initials": "AN", "tint": "F", "title": "Ana proposed 2 new times",
        "sub": "Fri 20 Nov, 4:02am", "quote": "My flight home was moved. Either of these is quiet for me.",
        "legend": "Choose one of Ana’s new times", "name": "choice", "offers": OFFERS, "buttons": BUTTONS,
    }),
    Example("offers", "one has gone", {
        "id": "offers-1", "legend": "Choose a time", "name": "time", "error": "Choose one of the times on the table.", "offers": [
            {**OFFERS[0], "id": "o3"}, {**OFFERS[1], "id": "o4", "warning": "This time has passed.", "gone": True},
        ],
    }),
    Example("timeline", "newest first", {"items": TIMELINE}, '<div class="card">{}</div>'),
    Example("facts", "", {"items": [
        {"label": "Service", "value": "Tax planning, 30 minutes"}, {"label": "Your notes", "value": "Sole trader?\nOr company?"},
        {"label": "Credits", "value": "30 held", "sub": "They come back if Ana can’t"},
        {"label": "Link", "value": "Join", "href": "#"},
    ]}, '<div class="card">{}</div>'),
    Example("buttons", "primary, second, danger", {"buttons": [
        *BUTTONS[:2], {"label": "Cancel session", "kind": "danger", "href": "#"},
        {"label": "Cancel session", "kind": "danger primary", "hidden": "for good"},
        {"label": "Add to calendar", "icon": "calendar-plus", "href": "#"}, {"label": "Not now", "kind": "quiet", "href": "#"},
    ]}),
    _slot("free", "8am to 8:30am", other="3pm in Prague"),
    _slot("chosen", "8:30am to 9am", other="3:30pm in Prague", checked=True, order="1st"),
    _slot("asked", "9am to 9:30am", other="4pm in Prague", note="Asked for; you can still ask", state="asked"),
    _slot("gone", "10am to 10:30am", note="Taken a moment ago", state="gone"),
    _slot("instant", "11am to 11:30am", kind="radio", name="instant"),
    Example("daybar", "", {"days": DAYS, "earlier_href": "#", "later_href": "#"}),
    Example("daybar", "first week", {"days": DAYS, "later_href": "#", "label": "Days of the first week"}),
    Example("ruler", "", {"ruler": RULER, "name": "Ana", "note": "Ana meets between 9am and 6pm."}),
    Example("track", "", {"track": RULER.own}, '<div class="ruler">{}</div>'),
    Example("choice", "chosen", {
        "id": "c1", "name": "service", "value": "30", "label": "Tax planning", "price": "30 credits", "sub": "30 minutes, video",
        "checked": True,
    }, '<div class="choices">{}</div>'),
    Example("choice", "free", {"id": "c2", "name": "service", "value": "15", "label": "Quick question", "price": ""}),
    Example("picks", "", {"picks": PICKS, "open": "Add one more: 3 times get a yes more often"}),
    Example("picks", "a time has gone", {"picks": [
        {"label": "Tue 24 Nov, 9am", "warning": "Taken a moment ago", "gone": True, "drop": "9"},
    ]}),
    Example("tray", "", {
        "eyebrow": "Tax planning, 30 minutes", "title": "Your times (2 of 3)", "picks": PICKS,
        "button": {"label": "Continue with 2 times"},
        "note": "30 credits, held until Ana answers.",
    }),
    Example("stickbar", "", {
        "title": "2 of 3 times", "sub": "30 credits, held", "button": {"label": "Continue", "hidden": "with 2 times"},
    }),
    Example("chips", "", {"label": "Times of Ana Nowak", "chips": CHIPS}),
    Example("meta", "", {"items": [{"icon": "languages", "text": "Czech"}, {"icon": "clock", "text": "Answers in 5 hours"}]}),
    Example("tags", "", {"label": "Topics", "tags": ["Tax and money", "Moving abroad"]}),
    Example("provider_head", "", {"provider": PROVIDER}),
    Example("provider_card", "", {"provider": PROVIDER}, '<div class="cards">{}</div>'),
    Example("provider_card", "no free time, long words", {"provider": {
        **PROVIDER, "name": LONG, "headline": LONG, "chips": [], "hint": "Next free time Tue 8 Dec",
    }}, '<div class="cards">{}</div>'),
    Example("provider_hit", "", {"provider": CARD}),
    Example("filter", "", {
        "action": "#", "keep": [{"name": "q", "value": "tax"}], "active": 1, "groups": FILTERS, "noun": "experts",
        "button": "Show 12 experts", "clear_href": "#",
    }),
    Example("scopes", "", {"label": "Which bookings", "scopes": [
        {"label": "Needs you", "href": "#", "count": 2, "current": True}, {"label": "Upcoming", "href": "#", "count": 5},
    ]}),
    Example("search", "need and time", {
        "action": "#", "label": "Find an expert", "q": "tax planning", "placeholder": "Tax, a mock interview…", "on": "2026-11-24",
        "times": TIMES, "flexes": [{"value": "60", "label": "1 hour", "checked": True}],
    }),
    Example("search", "need only", {"id": "q2", "action": "#", "label": "Find by need", "q": "", "placeholder": "Tax…"}),
    Example("pages", "in the middle", _pages(2, 4)),
    Example("pages", "first page", _pages(1, 3)),
    Example("ask", "soon", {"ask": ASK}, '<ul class="card flush rows"><li>{}</li></ul>'),
    Example("ask", "with time, long words", {"ask": {
        **ASK, "id": "ask-2", "name": LONG, "quote": "", "deadline": formatting.deadline(NOW + timedelta(hours=47), PRAGUE, NOW),
    }}, '<ul class="card flush rows"><li>{}</li></ul>'),
    Example("ask", "accepted with one press", {"csrf_token": "token", "ask": {
        **ASK, "id": "ask-4", "action": "#", "back": "today", "seen": 1, "times": [
            {"label": "Tue 24 Nov, 3pm to 3:30pm", "value": "2026-11-24T14:00Z"}, ASK["times"][1],
        ],
    }}, '<ul class="card flush rows"><li>{}</li></ul>'),
    Example("ask", "time is up", {"ask": {
        **ASK, "id": "ask-3", "times": [{"label": "Tue 24 Nov, 3pm to 3:30pm"}], "deadline": formatting.deadline(NOW, PRAGUE, NOW),
    }}, '<ul class="card flush rows"><li>{}</li></ul>'),
    Example("booking_row", "", {"booking": BOOKINGS[0]}, '<ul class="card flush rows"><li>{}</li></ul>'),
    Example("booking_table", "", {
        "caption": "Bookings that need you", "bookings": BOOKINGS, "price_heading": "Credits", "columns": [
            {"label": "When", "href": "#", "sort": "ascending"}, {"label": "Session", "href": "#"}, {"label": "State"},
            {"label": "Credits", "number": True},
        ],
    }),
    Example("booking_table", "both roles", {
        "caption": "Upcoming", "opens": "View", "bookings": [{**BOOKINGS[0], "role": "You are the user"}], "columns": [
            {"label": "When"}, {"label": "Session"}, {"label": "State"}, {"label": "Open"},
        ],
    }),
    Example("table", "", TABLE),
    Example("steps", "", {"steps": [
        {"title": "Ask for up to 3 times", "text": "Put the best one first."},
        {"title": "They answer by a deadline", "text": "Within 48 hours."},
        {"title": "Or your credits come back", "text": "By themselves."},
    ]}),
    Example("topics", "", {"noun": "experts", "topics": [
        {"label": "Tax and money", "href": "#", "count": 12}, {"label": "Component sheet", "href": "#", "count": None},
    ]}),
    Example("meter", "", {"steps": [True, False], "label": "1 of 2 late changes", "text": "used. It counts until 14 Mar 2027."}),
    Example("persona", "", {**PEOPLE[0], "name": "as", "tenant": "Northwind Mentors"}, '<form class="persona">{}</form>'),
    Example("tenant_row", "", {"tenant": TENANT, "action": "#"}, '<ul class="card flush rows"><li>{}</li></ul>'),
    Example("mail_row", "", {"mail": {
        "href": "#", "subject": "Kim Okafor asks for Tax planning", "to": "ana@example.org", "kind": "request received",
        "state": "Sent", "at": "Fri 20 Nov, 4:02am", "datetime": AT,
    }}, '<ul class="card flush rows"><li>{}</li></ul>'),
    Example("error_summary", "", {"items": [
        {"href": "#id_time", "text": "Enter a time like 3pm"}, {"href": "", "text": "That time went a moment ago."},
    ]}),
]  # fmt: skip

TAG_EXAMPLES: list[TagExample] = [
    TagExample("Badges", "<p class='row'>" + "".join(f'{{% badge "{state}" %}}' for state in STATES) + "</p>"),
    TagExample("Large badge with the tenant’s word", '{% badge "requested" "Awaiting approval" "large" %}'),
    TagExample("Timeline marks", '<p class="row">{% node "confirmed" %}{% node "" "mail" %}{% node %}</p>'),
    TagExample(
        "Icons", '<p class="row">{% icon "calendar" %}{% icon "calendar" "small" %}{% icon "calendar" "large" %}</p>'
    ),
    TagExample("When, in a list", "<p>{% when start end chicago prague %}</p>", "when"),
    TagExample("When, other person on the next day", "<p>{% when start end chicago auckland %}</p>", "when"),
    TagExample("When, same clock", '<p>{% when start end prague "Europe/Berlin" %}</p>', "when"),
    TagExample(
        "When, in a sentence", '<p>Your session is on {% when start end chicago prague layout="line" %}.</p>', "when"
    ),
    TagExample("When, at the head of a booking", '{% when start end chicago prague "Ana" layout="head" %}', "when"),
    TagExample("Deadline", "<p>{% deadline start chicago now %}</p>", "deadline"),
    TagExample("Deadline in the last 3 hours", "<p>{% deadline soon chicago now %}</p>", "deadline"),
    TagExample("Deadline that is over", "<p>{% deadline now chicago now %}</p>", "deadline"),
    TagExample("Deadline of a row", '{% deadline soon chicago now layout="left" %}', "deadline"),
    TagExample("Prices", "<p>{% credits 30 words %}, {% credits 1 words %}, {% credits 0 words %}</p>"),
    TagExample("Card with a title", '{% card "Details" %}<p>One thing with an edge.</p>{% endcard %}', "card"),
    TagExample("Card without", "{% card %}<p>One thing with an edge.</p>{% endcard %}", "card"),
    TagExample(
        "Notice",
        "{% notice %}<p>Your device is in Lisbon. <a href='#'>Show Lisbon times</a></p>{% endnotice %}",
        "notice",
    ),
    TagExample("Notice of success", '{% notice "ok" %}<p>Saved.</p>{% endnotice %}', "notice"),
    TagExample("Warning", '{% notice "warn" "“Home” can’t be read" %}<p>Accepting works.</p>{% endnotice %}', "notice"),
    TagExample(
        "Error", '{% notice "error" "You seem to be offline" %}<p>Nothing was sent.</p>{% endnotice %}', "notice"
    ),
    TagExample(
        "Empty, first use",
        '{% empty_state "calendar" "No bookings yet" text="When you ask for a time, it appears here." %}'
        '<a class="btn primary" href="#">Find an expert</a>{% endempty_state %}',
        "empty",
    ),
    TagExample(
        "Empty, all done", '{% empty_state "circle-check" "Nothing needs your answer" %}{% endempty_state %}', "empty"
    ),
    TagExample(
        "Dialog",
        '<a class="btn" href="#" data-opens="sample">Cancel session</a>{% dialog "sample" "Cancel this session?" %}'
        '<div class="dialog-body"><p>It starts in 31 hours.</p></div><div class="dialog-foot">'
        '<form method="dialog"><button class="btn">Keep the session</button></form>'
        '<button class="btn danger primary">Cancel session</button></div>{% enddialog %}',
        "dialog",
    ),
    TagExample(
        "Dialog as a page",
        '{% dialog "page" "Decline this request?" close_url="#" %}<div class="dialog-body"><p>Kim gets one email.</p></div>'
        '<div class="dialog-foot"><button class="btn danger primary">Decline request</button></div>{% enddialog %}',
        "dialog",
    ),
    TagExample(
        "Fields", "<div class='form'>{% for field in form %}{{ field.as_field_group }}{% endfor %}</div>", "field"
    ),
]
