"""Hours as lines of two fields, kept as they were typed until they can be saved (PG-42)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict

from accounts.formatting import WEEKDAYS
from calendars.clockwords import Hours, UnclearClock, clock_words, hours_words, read_hours
from calendars.hours import OpenHours

from .base import TOO_LONG, PlainText

MOST_LINES = 8
MAX_NOTE = 120
EVERY_DAY = range(7)


@dataclass(frozen=True)
class Line:
    """From when to when, as typed, and what is wrong with it. `is_new`: it was just added and takes the focus."""

    key: str
    opens: str = ""
    closes: str = ""
    error: str = ""
    error_at_end: bool = False
    is_new: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands in it."""
        return not (self.opens.strip() or self.closes.strip())

    @property
    def error_id(self) -> str:
        """The id of the field that is wrong."""
        return f"{'closes' if self.error_at_end else 'opens'}-{self.key}"


@dataclass
class Lines:
    """The hours of one day or date; `key` is part of the fields' names."""

    key: str
    lines: list[Line]
    hour_cycle: int = 12
    hours: list[Hours] = field(default_factory=list)

    @classmethod
    def shown(cls, key: str, hours: Iterable[tuple[int, int]], hour_cycle: int, *, least: int = 0) -> "Lines":
        """What is kept, as it would be typed; empty lines until there are `least`."""
        typed = [(clock_words(opens, hour_cycle), clock_words(closes, hour_cycle)) for opens, closes in hours]
        typed += [("", "")] * (least - len(typed))
        return cls(key, [Line(f"{key}-{n}", *texts) for n, texts in enumerate(typed)], hour_cycle)

    @classmethod
    def sent(cls, key: str, data: QueryDict, hour_cycle: int) -> "Lines":
        """What was typed."""
        opens, closes = (data.getlist(f"{name}-{key}")[: MOST_LINES + 1] for name in ("opens", "closes"))
        texts = zip(opens, closes, strict=False)
        return cls(
            key, [Line(f"{key}-{n}", first[:40], last[:40]) for n, (first, last) in enumerate(texts)], hour_cycle
        )

    def read(self) -> bool:
        """Whether every line that is not empty can be used; then `hours` holds them in order, else lines say why not."""
        found: list[tuple[Hours, int]] = []
        for place, line in enumerate(self.lines):
            if line.is_empty:
                continue
            try:
                found.append((read_hours(line.opens, line.closes), place))
            except UnclearClock as unclear:
                self.lines[place] = replace(line, error=unclear.sentence, error_at_end=unclear.is_end)
        found.sort(key=lambda row: (row[0].opens, row[0].closes))
        self._refuse_overlaps(found)
        if len(self.lines) > MOST_LINES:
            self.lines[-1] = replace(
                self.lines[-1], error=f"A day has {MOST_LINES} lines at most. Make some of them one."
            )
        self.hours = [hours for hours, _ in found]
        return not self.errors

    def refuse(self, sentence: str, *, at_end: bool = False) -> None:
        """Say at the first line what is wrong with it."""
        first = self.lines[0] if self.lines else Line(f"{self.key}-0")
        self.lines = [replace(first, error=sentence, error_at_end=at_end), *self.lines[1:]]

    def _refuse_overlaps(self, found: Sequence[tuple[Hours, int]]) -> None:
        latest: Hours | None = None
        for hours, place in found:
            if latest and hours.opens < latest.closes:
                earlier, later = (hours_words(row.opens, row.closes, self.hour_cycle) for row in (latest, hours))
                sentence = f"{earlier} and {later} overlap. Change one of them, or join them."
                self.lines[place] = replace(self.lines[place], error=sentence)
            if latest is None or hours.closes > latest.closes:
                latest = hours

    @property
    def errors(self) -> list[Line]:
        """The lines that can't be used."""
        return [line for line in self.lines if line.error]

    @property
    def summary_errors(self) -> list[dict[str, str]]:
        """The same for a summary: each sentence with the field to go to."""
        return [{"href": f"#{line.error_id}", "text": line.error} for line in self.errors]

    @property
    def can_join(self) -> bool:
        """Whether all that is wrong is that lines overlap."""
        return bool(self.errors) and all("overlap" in line.error for line in self.errors)

    @property
    def name(self) -> str:
        """The weekday."""
        return WEEKDAYS[int(self.key)]

    @property
    def says(self) -> str:
        """How the lines are read: "9am to midday and 1pm to 5pm", or that nothing can be read, or that there is nothing."""
        try:
            read = [read_hours(line.opens, line.closes) for line in self.lines if not line.is_empty]
        except UnclearClock:
            return "Not clear yet"
        spans = [hours_words(row.opens, row.closes, self.hour_cycle) for row in sorted(read, key=lambda row: row.opens)]
        return " and ".join(filter(None, [", ".join(spans[:-1]), *spans[-1:]])) or "Not available"

    def pairs(self) -> list[tuple[int, int]]:
        """The hours in minutes, once they were read."""
        return [(row.opens, row.closes) for row in self.hours]

    def add(self) -> None:
        """One more empty line."""
        self._keep([*self.lines, Line("", is_new=True)][: MOST_LINES + 1])

    def remove(self, place: int) -> None:
        """One line less."""
        self._keep([line for number, line in enumerate(self.lines) if number != place])

    def take(self, other: "Lines") -> None:
        """The same lines as another day."""
        self._keep([replace(line, error="", is_new=False) for line in other.lines])

    def join(self) -> None:
        """Lines that overlap or touch become one."""
        joined: list[Hours] = []
        for hours in sorted(self.hours, key=lambda row: row.opens):
            if joined and hours.opens <= joined[-1].closes:
                joined[-1] = Hours(joined[-1].opens, max(joined[-1].closes, hours.closes))
            else:
                joined.append(hours)
        self.lines = Lines.shown(self.key, [(row.opens, row.closes) for row in joined], self.hour_cycle).lines

    def _keep(self, lines: Iterable[Line]) -> None:
        self.lines = [replace(line, key=f"{self.key}-{n}") for n, line in enumerate(lines)]


@dataclass
class WeekForm:
    """Seven days of lines. `did` says what a button has just done to them, before anything is saved, `touched` on which day."""

    days: list[Lines]
    did: str = ""
    touched: str = ""

    @classmethod
    def shown(cls, hours: Iterable[OpenHours], hour_cycle: int) -> "WeekForm":
        """The week as it is kept."""
        by_day: list[list[tuple[int, int]]] = [[] for _ in EVERY_DAY]
        for row in hours:
            if isinstance(row.day, int):
                by_day[row.day].append((row.opens, row.closes))
        return cls([Lines.shown(str(day), by_day[day], hour_cycle) for day in EVERY_DAY])

    @classmethod
    def sent(cls, data: QueryDict, hour_cycle: int) -> "WeekForm":
        """The week as it was typed."""
        return cls([Lines.sent(str(day), data, hour_cycle) for day in EVERY_DAY])

    def is_valid(self) -> bool:
        """Whether it can be saved; where not, lines say why."""
        read = [day.read() for day in self.days]  # each one, so that every line says what is wrong with it
        return all(read)

    def press(self, button: str, data: QueryDict) -> None:
        """Do what "add-1", "remove-1-0", "copy-1" or "join-1" says; anything else does nothing."""
        name, day, place = _button(button)
        if day is None:
            return
        lines, day_name = self.days[day], WEEKDAYS[day]
        self.touched = "" if name == "add" else lines.key
        if name == "add":
            lines.add()
            self.did = f"One more line for {day_name}."
        elif name == "remove" and place is not None:
            lines.remove(place)
            self.did = f"One line less for {day_name}."
        elif name == "copy":
            targets = [n for n in EVERY_DAY if n != day and str(n) in data.getlist(f"to-{day}")]
            for target in targets:
                self.days[target].take(lines)
            names = ", ".join(WEEKDAYS[target] for target in targets)
            self.did = f"{day_name} is copied to {names}." if targets else "Choose the days to copy to."
        elif name == "join":
            lines.read()
            lines.join()
            self.did = f"Hours of {day_name} that overlapped are one now."

    def hours(self) -> list[OpenHours]:
        """The week, once it is valid."""
        return [OpenHours(day, *pair) for day, lines in enumerate(self.days) for pair in lines.pairs()]

    @property
    def errors(self) -> list[dict[str, str]]:
        """What is wrong, for the summary: the sentence with its day, and the field to go to."""
        return [
            {**item, "text": f"{WEEKDAYS[day]}: {item['text']}"}
            for day, lines in enumerate(self.days)
            for item in lines.summary_errors
        ]


def _button(text: str) -> tuple[str, int | None, int | None]:
    name, *numbers = text.split("-")
    read = [int(number) if number.isdecimal() and len(number) < 3 else None for number in [*numbers, "", ""][:2]]
    day = read[0] if read[0] is not None and read[0] in EVERY_DAY else None
    return name, day, read[1]


def _day_field(label: str, *, required: bool, missing: str, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date", "class": "input"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"],
        error_messages={"required": missing, "invalid": "We could not read this day. Enter it like 24/12/2026."},
    )


class FromTodayForm(forms.Form):
    """A form about days from today on, two years ahead at most; `today` is the day where the hours are."""

    AHEAD_DAYS = 2 * 366

    def __init__(self, data: Any = None, *, today: date, **options: Any) -> None:
        super().__init__(data, **options)
        self.today = today
        for asked in self.fields.values():
            if isinstance(asked, forms.DateField):
                asked.widget.attrs["min"] = today.isoformat()

    def coming(self, day: date) -> date:
        """The day, if it can be entered."""
        if day < self.today:
            raise forms.ValidationError("That day has passed. Enter today or a later day.")
        if (day - self.today).days > self.AHEAD_DAYS:
            raise forms.ValidationError("That is more than two years ahead. Enter an earlier day.")
        return day


class DaysForm(FromTodayForm):
    """Dates that differ from the week: away, or other hours (F35). The hours themselves are `Lines` beside it."""

    AWAY, HOURS = "away", "hours"

    first = _day_field("First day", required=True, missing="Enter the first day.")
    last = _day_field("Last day", required=False, missing="", help_text="Empty: that one day.")
    kind = forms.ChoiceField(
        label="What is different?",
        choices=[(AWAY, "I am away"), (HOURS, "I have other hours")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether you are away or have other hours."},
    )

    MOST_DAYS = 366

    def clean_first(self) -> date:
        """A day from today on."""
        return self.coming(self.cleaned_data["first"])

    def clean_last(self) -> date | None:
        """A day not before the first one."""
        first, last = self.cleaned_data.get("first"), self.cleaned_data["last"]
        if first and last and last < first:
            raise forms.ValidationError("The last day is before the first one. Enter a later day, or change the first.")
        if first and last and (last - first).days >= self.MOST_DAYS:
            raise forms.ValidationError(f"{self.MOST_DAYS} days fit at once. Enter an earlier last day.")
        return last or first


class BlockForm(FromTodayForm):
    """Time kept for oneself on one day (F44); when from and to, is a line of `Lines` beside it."""

    day = _day_field("Day", required=True, missing="Enter the day.")
    note = PlainText(
        label="Note",
        required=False,
        max_length=MAX_NOTE,
        error_messages=TOO_LONG,
        help_text="Only you see it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_day(self) -> date:
        """A day from today on."""
        return self.coming(self.cleaned_data["day"])
