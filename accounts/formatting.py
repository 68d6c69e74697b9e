"""Words for moments, lengths and places: every time a person reads is made here (R-TZ-1).

All functions are pure. Moments are aware datetimes, zones are IANA keys such as "Europe/Prague", and `hour_cycle` is 12 or 24.
English style after R-LOC-2: "Tue 24 Nov, 8am to 8:30am", "midday", "to" instead of a dash, the year when it isn't this one.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_location

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_SHORT_DAYS = tuple(name[:3] for name in WEEKDAYS)
_SHORT_MONTHS = tuple(name[:3] for name in MONTHS)
_MINUS = "\N{MINUS SIGN}"

SOON = timedelta(hours=3)
MINUTES_UNDER = timedelta(minutes=90)
HOURS_UNDER = timedelta(hours=48)


@lru_cache(maxsize=1024)
def city_name(zone: str, locale: str = "en") -> str:
    """The place a person knows a zone by: "Chicago" for America/Chicago, in the reader's language (R-TZ-3)."""
    place = get_timezone_location(ZoneInfo(zone), locale=locale, return_city=True)
    return place.rpartition("/")[2]


def offset_minutes(moment: datetime, zone: str) -> int:
    """How far the zone's clock is ahead of UTC at that instant, in minutes; negative west of Greenwich."""
    offset = moment.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    return int(offset.total_seconds()) // 60


def offset_label(moment: datetime, zone: str) -> str:
    """The zone's distance from Greenwich at that instant: "GMT−6", "GMT+5:30", "GMT" (R-TZ-3)."""
    minutes = offset_minutes(moment, zone)
    if not minutes:
        return "GMT"
    hours, rest = divmod(abs(minutes), 60)
    sign = _MINUS if minutes < 0 else "+"
    return f"GMT{sign}{hours}:{rest:02}" if rest else f"GMT{sign}{hours}"


def zone_label(moment: datetime, zone: str) -> str:
    """City and offset, where there is room: "Chicago (GMT−6)" (R-TZ-3)."""
    return f"{city_name(zone)} ({offset_label(moment, zone)})"


def offsets_differ(moment: datetime, zone: str, other_zone: str) -> bool:
    """Whether clocks in the two zones show different times at that instant, whatever the zones are called (R-TZ-6)."""
    return offset_minutes(moment, zone) != offset_minutes(moment, other_zone)


def ahead(moment: datetime, zone: str, other_zone: str) -> str:
    """How the other zone's clock stands to ours: "7 hours ahead", "5 hours 30 minutes behind", "same time" (R-TZ-6)."""
    minutes = offset_minutes(moment, other_zone) - offset_minutes(moment, zone)
    if not minutes:
        return "same time"
    hours, rest = divmod(abs(minutes), 60)
    parts = [plural(hours, "hour")] if hours else []
    if rest:
        parts.append(plural(rest, "minute"))
    return f"{' '.join(parts)} {'ahead' if minutes > 0 else 'behind'}"


def clock(moment: datetime, zone: str, hour_cycle: int = 12) -> str:
    """The time of day: "8am", "8:30am", "midday", "midnight", or "08:00" on a 24-hour clock (R-LOC-2).

    A time that the clocks show twice says which one it is: "1:30am (first, GMT−5)" (R-TZ-11).
    """
    return _clock(moment.astimezone(ZoneInfo(zone)), hour_cycle)


def time_of_day(minutes: int, hour_cycle: int = 12) -> str:
    """A wall-clock time given in minutes after midnight: "8:30am", "midday"; more than a day wraps around (R-LOC-2)."""
    hour, minute = divmod(minutes % 1440, 60)
    if hour_cycle == 24:
        return f"{hour:02}:{minute:02}"
    if minute == 0 and hour in (0, 12):
        return "midday" if hour else "midnight"
    half = "am" if hour < 12 else "pm"
    shown = hour % 12 or 12
    return f"{shown}:{minute:02}{half}" if minute else f"{shown}{half}"


def short_day(moment: datetime, zone: str, now: datetime | None = None) -> str:
    """The day in short: "Tue 24 Nov", with its year unless `now` falls into the same one (R-LOC-2)."""
    return day_words(moment.astimezone(ZoneInfo(zone)).date(), _today(zone, now))


def long_day(moment: datetime, zone: str, now: datetime | None = None) -> str:
    """The day in full, for headings and names read aloud: "Tuesday 24 November" (R-LOC-2, R-A11Y 5)."""
    return long_day_words(moment.astimezone(ZoneInfo(zone)).date(), _today(zone, now))


def day_words(day: date, today: date | None = None) -> str:
    """A calendar day in short: "Tue 24 Nov", with its year unless `today` falls into the same one (R-LOC-2)."""
    words = f"{_SHORT_DAYS[day.weekday()]} {day.day} {_SHORT_MONTHS[day.month - 1]}"
    return words if today and today.year == day.year else f"{words} {day.year}"


def long_day_words(day: date, today: date | None = None) -> str:
    """A calendar day in full: "Tuesday 24 November", with its year unless `today` falls into the same one (R-LOC-2)."""
    words = f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"
    return words if today and today.year == day.year else f"{words} {day.year}"


def time_range(start: datetime, end: datetime, zone: str, hour_cycle: int = 12) -> str:
    """From "to" to within a day: "8am to 8:30am", "11:30pm to 12:30am (next day)" (R-LOC-2, R-TZ-7)."""
    first, last = start.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone))
    words = f"{_clock(first, hour_cycle)} to {_clock(last, hour_cycle)}"
    ends_at_midnight = last.hour == last.minute == 0
    days = (last.date() - first.date()).days - ends_at_midnight
    return f"{words} ({_day_shift(days)})" if days > 0 else words


def day_and_time(moment: datetime, zone: str, now: datetime | None = None, hour_cycle: int = 12) -> str:
    """Day and time of one moment: "Tue 24 Nov, 8am"; midnight says whose day it starts (R-LOC-2, R-TZ-9)."""
    local = moment.astimezone(ZoneInfo(zone))
    day = day_words(local.date(), _today(zone, now))
    if local.hour == local.minute == 0:
        return f"{_clock(local, hour_cycle)} at the start of {day}"
    return f"{day}, {_clock(local, hour_cycle)}"


def day_and_range(start: datetime, end: datetime, zone: str, now: datetime | None = None, hour_cycle: int = 12) -> str:
    """Day, start and end: "Tue 24 Nov, 8am to 8:30am" (R-LOC-2, R-TZ-9)."""
    local = start.astimezone(ZoneInfo(zone))
    if local.hour == local.minute == 0:
        last = clock(end, zone, hour_cycle)
        return f"{day_and_time(start, zone, now, hour_cycle)} to {last}"
    return f"{day_words(local.date(), _today(zone, now))}, {time_range(start, end, zone, hour_cycle)}"


def other_time(
    start: datetime, end: datetime | None, zone: str, other_zone: str, now: datetime | None = None, hour_cycle: int = 12
) -> str:
    """The same moment where the other person is, or "" when both clocks agree (R-TZ-6, R-TZ-7).

    "3pm to 3:30pm in Prague"; on another date that is said: "6:30pm Wed 25 Nov in Auckland (next day)".
    """
    if not offsets_differ(start, zone, other_zone):
        return ""
    place = city_name(other_zone)
    words = time_range(start, end, other_zone, hour_cycle) if end else clock(start, other_zone, hour_cycle)
    days = _days_apart(start, zone, other_zone)
    if not days:
        return f"{words} in {place}"
    return f"{words} {short_day(start, other_zone, now)} in {place} ({_day_shift(days)})"


def length(minutes: int) -> str:
    """A session's length: "30 minutes", "1 hour 30 minutes" from 90 minutes on (S0.8)."""
    if minutes < 90:
        return plural(minutes, "minute")
    hours, rest = divmod(minutes, 60)
    return f"{plural(hours, 'hour')} {plural(rest, 'minute')}" if rest else plural(hours, "hour")


def relative(moment: datetime, now: datetime) -> str:
    """The distance to a moment, rounded down: "in 21 hours", "in 89 minutes", "2 days ago" (R-TZ-8)."""
    if moment >= now:
        return f"in {_span(moment - now)}"
    return f"{_span(now - moment)} ago"


def time_left(moment: datetime, now: datetime) -> str:
    """What is left until a moment, for rows sorted by it: "1 h 46 min left", "20 h left", "3 days left" (PG-40)."""
    left = max(moment - now, timedelta())
    hours, minutes = divmod(int(left.total_seconds()) // 60, 60)
    if left >= timedelta(hours=72):
        return f"{plural(left.days, 'day')} left"
    if hours >= 3:
        return f"{hours} h left"
    return f"{hours} h {minutes} min left" if hours else f"{minutes} min left"


def iso(moment: datetime) -> str:
    """The moment for `<time datetime>`, in UTC to the minute: "2026-11-24T14:00Z"."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


@dataclass(frozen=True, slots=True)
class DeadlineWords:
    """A deadline as shown: by when, how far, and whether it presses or is over."""

    label: str
    distance: str
    left: str
    datetime: str
    soon: bool
    over: bool


def deadline(moment: datetime, zone: str, now: datetime, hour_cycle: int = 12) -> DeadlineWords:
    """Words for a deadline in the reader's zone; one at midnight is the day before's 11:59pm (R-TZ-8, R-TZ-9).

    `soon` is true in the last three hours, `over` from the moment itself on.
    """
    return DeadlineWords(
        label=_deadline_label(moment, zone, now, hour_cycle),
        distance=relative(moment, now),
        left=time_left(moment, now),
        datetime=iso(moment),
        soon=now < moment < now + SOON,
        over=moment <= now,
    )


def deadline_day_and_time(moment: datetime, zone: str, now: datetime | None = None, hour_cycle: int = 12) -> str:
    """A deadline for words that are read later, such as mails: "Mon 23 Nov, 3pm"; midnight is the day before's 11:59pm (R-TZ-9)."""
    local = _deadline_moment(moment, zone)
    return f"{day_words(local.date(), _today(zone, now))}, {_clock(local, hour_cycle)}"


@dataclass(frozen=True, slots=True)
class WhenWords:
    """One span of time for two readers; `other` is empty when both clocks agree."""

    day: str
    time: str
    label: str
    place: str
    other: str
    other_time: str
    other_place: str
    datetime: str
    leaf_month: str
    leaf_day: str
    leaf_weekday: str


def when(
    start: datetime,
    end: datetime,
    zone: str,
    other_zone: str = "",
    now: datetime | None = None,
    hour_cycle: int = 12,
) -> WhenWords:
    """All that `{% when %}` shows of a span: own day, time and place, and the other party's (R-TZ-1, R-TZ-6, R-TZ-7)."""
    local = start.astimezone(ZoneInfo(zone))
    other = other_time(start, end, zone, other_zone, now, hour_cycle) if other_zone else ""
    place = city_name(other_zone) if other else ""
    return WhenWords(
        day=day_words(local.date(), _today(zone, now)),
        time=time_range(start, end, zone, hour_cycle),
        label=day_and_range(start, end, zone, now, hour_cycle),
        place=city_name(zone),
        other=other,
        other_time=other.replace(f" in {place}", "", 1) if other else "",
        other_place=place,
        datetime=iso(start),
        leaf_month=_SHORT_MONTHS[local.month - 1],
        leaf_day=str(local.day),
        leaf_weekday=_SHORT_DAYS[local.weekday()],
    )


def number(value: int) -> str:
    """A whole number as people write it: "1,213"; a minus is a real minus."""
    return f"{_MINUS if value < 0 else ''}{abs(value):,}"


def plural(count: int, singular: str, many: str = "") -> str:
    """A count with its noun: "1 hour", "1,200 credits"."""
    return f"{number(count)} {singular if abs(count) == 1 else many or singular + 's'}"


def _today(zone: str, now: datetime | None) -> date | None:
    return now.astimezone(ZoneInfo(zone)).date() if now else None


def _clock(local: datetime, hour_cycle: int) -> str:
    words = time_of_day(local.hour * 60 + local.minute, hour_cycle)
    if local.utcoffset() == local.replace(fold=1 - local.fold).utcoffset():
        return words
    return f"{words} ({'second' if local.fold else 'first'}, {offset_label(local, str(local.tzinfo))})"


def _days_apart(moment: datetime, zone: str, other_zone: str) -> int:
    return (moment.astimezone(ZoneInfo(other_zone)).date() - moment.astimezone(ZoneInfo(zone)).date()).days


def _day_shift(days: int) -> str:
    if abs(days) == 1:
        return "next day" if days > 0 else "previous day"
    return f"{abs(days)} days {'later' if days > 0 else 'earlier'}"


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    if span < MINUTES_UNDER:
        return plural(minutes, "minute") if minutes else "less than a minute"
    if span < HOURS_UNDER:
        return plural(minutes // 60, "hour")
    return plural(span.days, "day")


def _deadline_label(moment: datetime, zone: str, now: datetime, hour_cycle: int) -> str:
    local = _deadline_moment(moment, zone)
    if local.date() == _today(zone, now):
        return f"{_clock(local, hour_cycle)} today"
    return deadline_day_and_time(moment, zone, now, hour_cycle)


def _deadline_moment(moment: datetime, zone: str) -> datetime:
    local = moment.astimezone(ZoneInfo(zone))
    return local if local.hour or local.minute else (moment - timedelta(minutes=1)).astimezone(ZoneInfo(zone))
