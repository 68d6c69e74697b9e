"""One mail as its reader sees it: their words, zone and clock, at the moment of sending (R-MAIL-3, R-MAIL-4, R-MAIL-5, R-TZ-13)."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.template import Context, Engine
from django.utils import translation

from accounts import formatting
from accounts.accent import derive
from accounts.enums import HourCycle
from accounts.models import Tenant

from .models import EmailMessage

LONGEST_SUBJECT = 90
# What gives way in a subject that is too long, so that the time and the place stay; letters kept, from generous to bare.
NAMES = ("provider_name", "client_name", "other_name", "by_name", "former_name", "service_name")
NAME_LENGTHS = range(80, 5, -2)
MOMENTS = ("_at", "_by")
# Control characters, and marks that turn the text around them (F104).
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Rendered:
    """Subject (one line, at most 90 characters), plain text and HTML of one mail."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class TimeRow:
    """One time on the reader's clock and on the other's; `aside` says the latter within a sentence, or is empty.

    `short` is the reader's day and time for a button, such as "Tue 8am" (date instead of weekday in `dated`); `iso` names
    the moment in an address.
    """

    own: str
    other: str
    aside: str
    short: str
    dated: str
    iso: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, by which clock, and when the mail leaves. Its methods say times as this reader knows them."""

    name: str
    zone: str
    city: str
    hour_cycle: int
    language: str
    now: datetime

    def start(self, moment: datetime | str) -> str:
        """ "Tue 24 Nov, 8am (Chicago)"; nothing for no moment."""
        if not isinstance(moment, datetime):
            return ""
        return f"{formatting.day_and_time(moment, self.zone, self.now, self.hour_cycle)} ({self.city})"

    def deadline(self, moment: datetime | str) -> str:
        """ "Mon 23 Nov, 11:59pm (Chicago)"; nothing for no moment."""
        if not isinstance(moment, datetime):
            return ""
        return f"{formatting.deadline_day_and_time(moment, self.zone, self.now, self.hour_cycle)} ({self.city})"

    def row(self, time: dict[str, Any], other_zone: str) -> TimeRow:
        """A line of the table "your time | their time"."""
        start, end, words = time["starts_at"], time["ends_at"], (self.now, self.hour_cycle)
        weekday, _, date = formatting.short_day(start, self.zone, self.now).partition(" ")
        clock = formatting.clock(start, self.zone, self.hour_cycle)
        return TimeRow(
            own=formatting.day_and_range(start, end, self.zone, *words),
            other=formatting.day_and_range(start, end, other_zone, *words),
            aside=formatting.other_time(start, end, self.zone, other_zone, *words),
            short=f"{weekday} {clock}",
            dated=f"{date}, {clock}",
            iso=formatting.iso(start),
        )


def render(email: EmailMessage, *, now: datetime) -> Rendered:
    """The mail as it should leave now. Reads the recipient and the tenant, so it needs the tenant's scope.

    Subjects are each reader's own; the body of booking_moved_client is in booking_moved.*, unless the kind has a body of its
    own. Raises TemplateDoesNotExist for a kind without templates in templates/email/.
    """
    reader = _reader(email, now)
    facts = _facts(email, reader)
    for_both = email.kind.rpartition("_")[0]
    with translation.override(reader.language):
        facts["subject"] = subject = _subject(email.kind, facts)
        text = _from_template(facts, f"{email.kind}.txt", f"{for_both}.txt", autoescape=False)
        html = _from_template(facts, f"{email.kind}.html", f"{for_both}.html")
    return Rendered(subject, _tidy(text), html.strip() + "\n")


def _reader(email: EmailMessage, now: datetime) -> Reader:
    tenant, member = email.tenant, email.recipient
    zone = (member.user.time_zone if member else "") or tenant.time_zone
    return Reader(
        name=member.name if member else "",
        zone=zone,
        city=formatting.city_name(zone),
        hour_cycle=member.user.hour_cycle if member else HourCycle.TWELVE,
        language=member.user.language if member else "en",
        now=now,
    )


def one_line(text: str) -> str:
    """The text without line breaks and control characters, fit for a header (F104)."""
    return " ".join(UNSAFE.sub("", " ".join(text.split())).split())


def _facts(email: EmailMessage, reader: Reader) -> dict[str, Any]:
    tenant: Tenant = email.tenant
    facts = _with_moments(email.context)
    facts |= {"tenant": tenant, "words": tenant.words, "accent": derive(tenant.accent), "reader": reader}
    return facts | _time_facts(facts, reader) if "times" in facts else facts


def _time_facts(facts: dict[str, Any], reader: Reader) -> dict[str, Any]:
    """The times in words.

    `rows` of what was asked, `agreed_rows` of what stands, `was_rows` of what stood before, `wished_rows` of what the change
    itself names; `asked`, `start`, `was_start`, `answer_by`, `contest_by`, `free_by`, `pay_by` in sentences; `choices` are
    buttons' words and moments, one for each time that was asked. `has_begun`, `is_over`: what stands, when the mail leaves.
    """
    agreed = [facts] if facts["starts_at"] else []
    asked = facts["times"] or agreed
    was = [{"starts_at": facts["was_starts_at"], "ends_at": facts["was_ends_at"]}] if facts["was_starts_at"] else []
    rows, agreed_rows, was_rows = (
        [reader.row(time, facts["other_zone"]) for time in times] for times in (asked, agreed, was)
    )
    more = len(asked[1:])
    others = f" and {formatting.plural(more, 'more time')}" if more else ""
    clocks_differ = any(row.aside for row in rows + agreed_rows + was_rows)
    return {
        "rows": rows,
        "agreed_rows": agreed_rows,
        "was_rows": was_rows,
        "wished_rows": rows if facts["times"] else [],
        "choices": _choices(rows),
        "more": more,
        "other_city": formatting.city_name(facts["other_zone"]) if clocks_differ else "",
        "asked": reader.start(asked[0]["starts_at"]) + others if asked else "",
        "start": reader.start(facts["starts_at"]),
        "has_begun": bool(agreed) and facts["starts_at"] <= reader.now,
        "is_over": bool(agreed) and facts["ends_at"] <= reader.now,
        "was_start": reader.start(facts["was_starts_at"]),
        "answer_by": reader.deadline(facts["answer_by"]),
        "contest_by": reader.deadline(facts["contest_by"]),
        "free_by": reader.deadline(facts["free_by"]),
        "pay_by": reader.deadline(facts.get("pay_by", "")),
        "length": formatting.length(facts["minutes"]),
    }


def _choices(rows: list[TimeRow]) -> list[tuple[str, str]]:
    """ "Wed 8am" for each time; by date where two weeks have the same weekday and time."""
    is_clear = len({row.short for row in rows}) == len(rows)
    return [(row.short if is_clear else row.dated, row.iso) for row in rows]


def _with_moments(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _with_moments(entry, name) for name, entry in value.items()}
    if isinstance(value, list):
        return [_with_moments(entry) for entry in value]
    if isinstance(value, str):
        return datetime.fromisoformat(value) if value and key.endswith(MOMENTS) else UNSAFE.sub("", value)
    return value


def _subject(kind: str, facts: dict[str, Any]) -> str:
    for length in NAME_LENGTHS:
        shorter = {name: _clip(facts[name], length) for name in NAMES if name in facts}
        subject = one_line(_from_template({**facts, **shorter}, f"{kind}.subject.txt", autoescape=False))
        if len(subject) <= LONGEST_SUBJECT:
            return subject
    return _clip(subject, LONGEST_SUBJECT)


def _clip(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _from_template(facts: dict[str, Any], *names: str, autoescape: bool = True) -> str:
    """The first of these templates that there is."""
    template = Engine.get_default().select_template([f"email/{name}" for name in names])
    return template.render(Context(facts, autoescape=autoescape))


def _tidy(text: str) -> str:
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"
