from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from calendars.ical import Invite, Method, Status, render_invite

INVITE = Invite(
    uid="nw-7k4q@mentors.example",
    sequence=0,
    method=Method.REQUEST,
    status=Status.CONFIRMED,
    starts_at=datetime(2026, 11, 24, 14, tzinfo=UTC),
    ends_at=datetime(2026, 11, 24, 14, 30, tzinfo=UTC),
    dtstamp=datetime(2026, 11, 23, 8, 14, 5, 999_999, tzinfo=UTC),
    summary="Tax planning with Ana Nowak",
    description="Tue 24 Nov, 8am (Chicago), 3pm (Prague)\nJoin: https://meet.example/nw-7k4q",
    location="Video call",
    url="https://meet.example/nw-7k4q?a=1;b=2,3",
    organizer_name="Northwind Mentors",
    organizer_email="hello@mentors.example",
    attendee_name="Kim Okafor",
    attendee_email="kim+parley@client.example",
)
NAMES = [
    "BEGIN:VCALENDAR",
    "VERSION",
    "PRODID",
    "METHOD",
    "BEGIN:VEVENT",
    "SUMMARY",
    "DTSTART",
    "DTEND",
    "DTSTAMP",
    "UID",
    "SEQUENCE",
    "ATTENDEE",
    "DESCRIPTION",
    "LOCATION",
    "ORGANIZER",
    "STATUS",
    "URL",
    "END:VEVENT",
    "END:VCALENDAR",
]
ATTENDEE = 'ATTENDEE;CN="Kim Okafor";CUTYPE=INDIVIDUAL;PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT;RSVP=FALSE'
HOSTILE = [
    "x\r\nATTENDEE:mailto:evil@x.example",
    "x\nBEGIN:VALARM\nACTION:EMAIL\nEND:VALARM",
    "x\rMETHOD:CANCEL",
    "x\r\n folded",
    "x\r\n\tfolded",
    "x\\nSTATUS:CANCELLED",
    "x\\\r\nEND:VEVENT\r\nBEGIN:VEVENT",
    "x\x0bUID:1",
    "x\x0cUID:1",
    "x\x1cUID:1",
    "x\x85UID:1",
    "x\u2028UID:1",
    "x\u2029UID:1",
    "x\x00\x07\x1b[2J\x7f\x9b",
    "x;CN=y:mailto:evil@x.example",
    'x";PARTSTAT="DECLINED',
    "x^n^'^^",
    "x,y;z:\\,\\;\\\\",
    "\u202egpj.exe\u202c \u2066a\u2069",
    "half \ud83d of a pair \udc00",
    "čšž " * 60,
    "👩🏽‍🚀" * 40,
    " " * 200,
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
]


def event_of(content):
    calendar = icalendar.Calendar.from_ical(content)
    (event,) = calendar.walk("VEVENT")
    assert calendar.errors == []
    assert event.errors == []
    return calendar, event


def property_names(content):
    lines = content.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n")
    return [line if line.startswith(("BEGIN", "END")) else line.replace(";", ":").split(":")[0] for line in lines]


def assert_sound(content):
    """CRLF alone ends lines, none is longer than 75 octets, and each is text without control characters."""
    assert content.endswith(b"\r\n")
    lines = content.removesuffix(b"\r\n").split(b"\r\n")
    assert max(map(len, lines)) <= 75
    text = content.decode().replace("\r\n", "")
    assert not [c for c in text if c in "\u2028\u2029\u202e" or ord(c) < 32 or 127 <= ord(c) < 160]


def test_render_invite():
    """R-MAIL-8: method in the file, UTC, organizer is the tenant, one attendee."""
    content = render_invite(INVITE)

    assert content.decode().replace("\r\n ", "").split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Parley//Parley//EN",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        "SUMMARY:Tax planning with Ana Nowak",
        "DTSTART:20261124T140000Z",
        "DTEND:20261124T143000Z",
        "DTSTAMP:20261123T081405Z",
        "UID:nw-7k4q@mentors.example",
        "SEQUENCE:0",
        f"{ATTENDEE}:mailto:kim+parley@client.example",
        "DESCRIPTION:Tue 24 Nov\\, 8am (Chicago)\\, 3pm (Prague)\\nJoin: https://meet.example/nw-7k4q",
        "LOCATION:Video call",
        'ORGANIZER;CN="Northwind Mentors":mailto:hello@mentors.example',
        "STATUS:CONFIRMED",
        "URL:https://meet.example/nw-7k4q?a=1;b=2,3",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    assert_sound(content)


def test_render_invite_read_back():
    calendar, event = event_of(render_invite(INVITE))

    assert calendar["method"] == "REQUEST"
    assert event["uid"] == INVITE.uid
    assert event["summary"] == INVITE.summary
    assert event["description"] == INVITE.description
    assert event["url"] == INVITE.url
    assert (event.start, event.end) == (INVITE.starts_at, INVITE.ends_at)
    assert event["attendee"].params["CN"] == "Kim Okafor"


def test_render_invite_over_a_booking():
    """CK-51: request, confirm, move, cancel: one UID, growing SEQUENCE, CANCEL with STATUS:CANCELLED."""
    moved = INVITE.starts_at + timedelta(days=1)
    steps = [
        replace(INVITE, status=Status.TENTATIVE),
        replace(INVITE, sequence=1),
        replace(INVITE, sequence=2, starts_at=moved, ends_at=moved + timedelta(minutes=30)),
        replace(INVITE, sequence=3, method=Method.CANCEL, status=Status.CANCELLED),
    ]

    read = [event_of(render_invite(step)) for step in steps]

    assert {event["uid"] for _, event in read} == {INVITE.uid}
    assert [event["sequence"] for _, event in read] == [0, 1, 2, 3]
    assert [calendar["method"] for calendar, _ in read] == ["REQUEST", "REQUEST", "REQUEST", "CANCEL"]
    assert [event["status"] for _, event in read] == ["TENTATIVE", "CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert [event["attendee"].params.get("PARTSTAT") for _, event in read] == [
        "TENTATIVE",
        "ACCEPTED",
        "ACCEPTED",
        None,
    ]
    assert {event["organizer"] for _, event in read} == {"mailto:hello@mentors.example"}


def test_render_invite_in_utc_from_any_zone():
    """R-TZ-13. The second 1:30 of a fold stays the second one."""
    chicago = ZoneInfo("America/Chicago")
    starts_at = datetime(2027, 11, 7, 1, 30, tzinfo=chicago, fold=1)
    content = render_invite(replace(INVITE, starts_at=starts_at, ends_at=datetime(2027, 11, 7, 8, tzinfo=UTC)))

    assert b"DTSTART:20271107T073000Z\r\nDTEND:20271107T080000Z\r\n" in content


def test_render_invite_without_optional_text():
    content = render_invite(replace(INVITE, description=" \n", location="", url="", attendee_name="\x00"))

    assert not {"DESCRIPTION", "LOCATION", "URL"} & set(property_names(content))
    assert "CN" not in event_of(content)[1]["attendee"].params


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("kim.o'neil+x=y/z@client.example", "mailto:kim.o'neil+x=y/z@client.example"),
        ("50%;a,b:c?d#e@client.example", "mailto:50%25%3Ba%2Cb%3Ac%3Fd%23e@client.example"),
        ("žofie@client.example", "mailto:%C5%BEofie@client.example"),
    ],
)
def test_render_invite_unusual_address(address, written):
    event = event_of(render_invite(replace(INVITE, attendee_email=address)))[1]

    assert event["attendee"] == written
    assert unquote(written) == f"mailto:{address}"


@pytest.mark.parametrize(
    "change",
    [
        {"starts_at": datetime(2026, 11, 24, 14)},
        {"ends_at": datetime(2026, 11, 24, 14)},
        {"dtstamp": datetime(2026, 11, 24, 14)},
        {"ends_at": INVITE.starts_at},
        {"sequence": -1},
        {"method": Method.CANCEL},
        {"status": Status.CANCELLED},
        {"method": Method.CANCEL, "status": Status.TENTATIVE},
        {"uid": ""},
        {"uid": "a b"},
        {"uid": "a\r\nMETHOD:CANCEL"},
        {"organizer_email": ""},
        {"organizer_email": "nobody"},
        {"organizer_email": "a@"},
        {"attendee_email": "@b.example"},
        {"attendee_email": "a@b.example\r\nX:1"},
        {"attendee_email": "a @b.example"},
        {"url": "javascript:alert(1)"},
        {"url": "//meet.example"},
        {"url": "https://meet.example/\r\nX:1"},
        {"url": "https://meet.example/a b"},
        {"url": "https://meet.example/\u2028"},
    ],
)
def test_render_invite_refused(change):
    """F104: what can't be mended without changing its meaning is refused."""
    with pytest.raises(ValueError, match=r"invite|doesn't go with"):
        render_invite(replace(INVITE, **change))


def test_render_invite_cleans_text():
    content = render_invite(
        replace(
            INVITE,
            summary="Tax\r\nplanning\x00 \u202ewith\u2028Ana",
            description="one\r\ntwo\rthree\u2029four\x07",
            attendee_name='Kim "K^" O\n',
        )
    )
    event = event_of(content)[1]

    assert event["summary"] == "Tax planning with Ana"
    assert event["description"] == "one\ntwo\nthree\nfour"
    assert event["attendee"].params["CN"] == "Kim 'K' O"


def assert_holds(text):
    """One hostile text in every field: the file keeps its lines, and what is read back is one line of text."""
    content = render_invite(
        replace(INVITE, summary=text, description=text, location=text, organizer_name=text, attendee_name=text)
    )

    assert_sound(content)
    names = property_names(content)
    assert [name for name in NAMES if name in names] == names
    assert set(NAMES) - set(names) <= {"DESCRIPTION", "LOCATION"}
    calendar, event = event_of(content)
    assert event["summary"] == event.get("location", "")
    assert len(event["summary"].splitlines()) <= 1
    assert (calendar["method"], event["status"]) == ("REQUEST", "CONFIRMED")
    assert event["attendee"] == "mailto:kim+parley@client.example"
    assert event["attendee"].params["PARTSTAT"] == "ACCEPTED"


@pytest.mark.parametrize("text", HOSTILE)
def test_render_invite_with_hostile_text(text):
    """F104."""
    assert_holds(text)


@settings(max_examples=250, deadline=None)
@given(
    st.lists(st.sampled_from([*HOSTILE, "\r", "\n", "\\", ";", ",", ":", '"', "^", "\x00", "\x85", "\u2028", "ž", " "]))
    .map("".join)
    .filter(lambda text: len(text) < 2000)
    | st.text(max_size=200)
    | st.text(alphabet=st.characters(), max_size=200)
)
@example("")
def test_render_invite_with_any_text(text):
    """F104."""
    assert_holds(text)


@settings(max_examples=60, deadline=None)
@given(text=st.text(alphabet=st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=120))
def test_render_invite_keeps_plain_text(text):
    event = event_of(render_invite(replace(INVITE, summary=text, description=f"{text}\n{text}")))[1]

    assert event["summary"] == text
    assert event["description"] == f"{text}\n{text}"
