"""A mail says its fact in the reader's words, zone and clock, whatever people typed (R-MAIL-4, R-MAIL-5, R-TZ-13, F104)."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings
from django.template import TemplateDoesNotExist
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.models import Membership, Tenant, User
from accounts.presets import PRESETS
from notifications import rendering
from notifications.models import EmailMessage
from tests.factories import NOW

from .mails import ROOT, TUESDAY, WEDNESDAY, booking_context, context_of, for_provider

TEMPLATES = Path(settings.BASE_DIR, "templates/email")
KINDS = sorted(
    path.name.removesuffix(".subject.txt")
    for path in TEMPLATES.glob("*.subject.txt")
    if path.name.startswith(("account_", "booking_"))
)
BOOKING_KINDS = [kind for kind in KINDS if kind.startswith("booking_")]
ACCOUNT_KINDS = [kind for kind in KINDS if kind.startswith("account_")]
NORTH = Tenant(
    pk=1, name="Northwind Mentors", slug="north", contact_email="help@north.example", time_zone="Europe/Prague",
    vocabulary={"session": "meeting"},
)  # fmt: skip
KIM = Membership(tenant=NORTH, name="Kim Okafor", user=User(email="kim@example.org", time_zone="America/Chicago"))
ANA = Membership(tenant=NORTH, name="Ana Nowak", user=User(email="ana@example.org", time_zone="Europe/Prague"))
CODE = {"code": "482 913", "url": f"{ROOT}/signin/code/", "name": "Kim Okafor"}


def write(kind, context=None, reader=KIM, tenant=NORTH, now=NOW):
    context = context or (booking_context() if reader == KIM else for_provider())
    email = EmailMessage(tenant=tenant, kind=kind, recipient=reader, context=context)
    return rendering.render(email, now=now)


def write_any(kind, **changes):
    if kind in ACCOUNT_KINDS:
        return write(kind, CODE, reader=None)
    return write(kind, context_of(kind, **changes), ANA if kind.endswith(("_provider", "_former")) else KIM)


def words_of(html):
    """What a person reads of an HTML page, spaces made even."""
    body = html[html.index("<body") :]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_a_request_mail_reads_as_written_here():
    """EM-E1 in full: fact, Next, both clocks, what the client wrote, buttons, facts (R-MAIL-5)."""
    mail = write(
        "booking_requested_provider", for_provider(times=[TUESDAY, WEDNESDAY], notes="VAT in the EU?\nHow?"), ANA
    )
    assert (
        mail.text
        == f"""\
Kim Okafor asks for Tax planning.

Next: answer by Mon 23 Nov, 3pm (Prague). After that the request ends by itself.

Times, yours first (Prague):
- Tue 24 Nov, 3pm to 3:30pm (8am to 8:30am in Chicago)
- Wed 25 Nov, 3pm to 3:30pm (8am to 8:30am in Chicago)

Kim Okafor:
> VAT in the EU?
> How?

Accept Tue 3pm: {ROOT}/bookings/NW-7K4Q/accept/?time=2026-11-24T14:00Z
Accept Wed 3pm: {ROOT}/bookings/NW-7K4Q/accept/?time=2026-11-25T14:00Z
Suggest other times: {ROOT}/bookings/NW-7K4Q/suggest/
Decline: {ROOT}/bookings/NW-7K4Q/decline/
See request: {ROOT}/bookings/NW-7K4Q/

What: Tax planning, 30 minutes
Where: Video
Price: 30 credits
Reference: NW-7K4Q

Each of these opens a page. Nothing is decided until you press the button there.

--
Northwind Mentors
You get this mail because it is about a meeting of yours.
Your answer to it reaches Northwind Mentors at help@north.example.
"""
    )


def test_a_sign_in_code_mail_reads_as_written_here():
    """EM-A1."""
    assert (
        write("account_code", CODE, reader=None).text
        == f"""\
Your sign-in code

Next: type it into the page where you asked for it. It works once, for a few minutes.

482 913

Enter code: {ROOT}/signin/code/

If this wasn't you, you can ignore this mail: without the code nobody gets in.

--
Northwind Mentors
You get this mail because somebody entered your address at Northwind Mentors.
Your answer to it reaches Northwind Mentors at help@north.example.
"""
    )


def test_a_confirmation_shows_the_agreed_time_alone_and_the_way_in():
    mail = write(
        "booking_confirmed_client",
        booking_context(
            times=[TUESDAY, WEDNESDAY], **WEDNESDAY, join_url="https://meet.example/abc", message="Bring papers."
        ),
    )
    assert mail.subject == "Confirmed: Tax planning with Ana Nowak, Wed 25 Nov, 8am (Chicago)"
    assert "Next: join on Wed 25 Nov, 8am (Chicago)." in mail.text
    assert "- Wed 25 Nov, 8am to 8:30am (3pm to 3:30pm in Prague)\n" in mail.text
    assert "Tue 24 Nov" not in mail.text + mail.html
    assert f"Join page: {ROOT}/bookings/NW-7K4Q/join/\n" in mail.text
    assert "Link: https://meet.example/abc\n" in mail.text
    assert 'href="https://meet.example/abc"' in mail.html
    assert "Ana Nowak:\n> Bring papers." in mail.text


@pytest.mark.parametrize(
    ("rules", "links"),
    [
        ({}, ["Propose another time: suggest", "Cancel: cancel"]),
        ({"moves": "direct"}, ["Choose another time: reschedule", "Cancel: cancel"]),
        ({"moves": "via_staff", "asks_to_cancel": True}, ["Ask support: support", "Ask to cancel: ask_to_cancel"]),
    ],
)
def test_a_confirmation_leads_to_another_time_and_to_cancelling(rules, links):
    """EM-C2, EM-E3, C15: by the ways that the tenant's rules leave open."""
    text = write("booking_confirmed_provider", for_provider(**rules), ANA).text
    for link in links:
        label, page = link.split(": ")
        assert f"{label}: {ROOT}/bookings/NW-7K4Q/{page}/\n" in text


BEGUN, OVER = datetime(2026, 11, 24, 14, 0, tzinfo=UTC), datetime(2026, 11, 24, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "file"),
    [
        ("booking_confirmed_client", "puts it into"),
        ("booking_confirmed_provider", "puts it into"),
        ("booking_moved_client", "moves it in"),
        ("booking_amended_client", "moves it in"),
    ],
)
@pytest.mark.parametrize(
    ("now", "room", "sentence", "has_way_in"),
    [
        (BEGUN - timedelta(seconds=1), "", "it starts on {start}.", False),
        (BEGUN - timedelta(seconds=1), "https://meet.example/abc", "join on {start}.", True),
        (BEGUN, "", "it began on {start}.", False),
        (BEGUN, "https://meet.example/abc", "it began on {start}. You can still join.", True),
        (OVER, "https://meet.example/abc", "it was on {start}, so it is over already.", False),
    ],
)
def test_what_has_begun_is_said_so(kind, file, now, room, sentence, has_way_in):
    """T34: staff reopen and move what has begun, and a mail may leave late: no way to cancel it is offered then."""
    mine, start = (ANA, "Tue 24 Nov, 3pm (Prague)") if kind.endswith("provider") else (KIM, "Tue 24 Nov, 8am (Chicago)")
    changes = {**TUESDAY, "join_url": room, "action": "reopen", "by": "staff", "by_name": "", "own": False}
    mail = write(kind, context_of(kind, **changes), mine, now=now)

    said = f"Next: {sentence.format(start=start)} The attached file {file} your calendar."
    for words in (mail.text, words_of(mail.html)):
        assert said in words
        assert ("Join page" in words) is has_way_in
        if kind != "booking_amended_client":
            assert ("Cancel" in words) is (now < BEGUN)
        assert not (now >= BEGUN and "early" in words)


def test_a_client_cancels_where_a_provider_has_to_ask():
    """D5, S1.14."""
    text = write("booking_confirmed_client", booking_context(asks_to_cancel=True)).text
    assert f"Cancel: {ROOT}/bookings/NW-7K4Q/cancel/\n" in text
    assert "Ask to cancel" not in text


def test_a_decline_gives_reason_and_message_and_a_way_on():
    mail = write("booking_declined_client", booking_context(reason="I am not available then", message="Sorry, Kim."))
    assert "The reason:\n> I am not available then\n\nAna Nowak:\n> Sorry, Kim.\n" in mail.text
    assert f"Ask again: {ROOT}/experts/ana-nowak/?service=1&again=NW-7K4Q\n" in mail.text


def test_html_has_a_column_for_each_clock():
    """R-TZ-6: header cells name person and city."""
    html = write("booking_requested_client").html
    assert re.findall(r"<th scope=\"col\"[^>]*>([^<]+)</th>", html) == ["Your time (Chicago)", "Ana Nowak (Prague)"]
    assert "Tue 24 Nov, 8am to 8:30am Tue 24 Nov, 3pm to 3:30pm" in words_of(html)


def test_clocks_that_agree_are_shown_once():
    """R-TZ-6: Warsaw is not Prague by name, but by the hour."""
    mail = write("booking_requested_provider", for_provider(other_zone="Europe/Warsaw"), ANA)
    assert re.findall(r"<th scope=\"col\"[^>]*>([^<]+)</th>", mail.html) == ["Your time (Prague)"]
    assert "- Tue 24 Nov, 3pm to 3:30pm\n" in mail.text


def test_another_date_over_there_is_said():
    """R-TZ-7."""
    late = {"starts_at": "2026-11-25T05:30:00+00:00", "ends_at": "2026-11-25T06:00:00+00:00"}
    reader = Membership(tenant=NORTH, name="Lea", user=User(time_zone="America/Los_Angeles"))
    mail = write(
        "booking_requested_client", booking_context(**late, times=[late], other_zone="Pacific/Auckland"), reader
    )
    assert "- Tue 24 Nov, 9:30pm to 10pm (6:30pm to 7pm Wed 25 Nov in Auckland (next day))" in mail.text
    assert "Wed 25 Nov, 6:30pm to 7pm" in mail.html


def test_a_reader_of_24_hours_gets_24_hours():
    """R-LOC-1."""
    reader = Membership(tenant=NORTH, name="Ana", user=User(time_zone="Europe/Prague", hour_cycle=24))
    assert (
        write("booking_confirmed_provider", for_provider(), reader).subject
        == "You accepted Kim Okafor: Tue 24 Nov, 15:00 (Prague)"
    )


def test_a_reader_without_a_zone_gets_the_tenants():
    """R-TZ-2."""
    reader = Membership(tenant=NORTH, name="Kim Okafor", user=User())
    assert write("booking_confirmed_client", booking_context(), reader).subject.endswith("Tue 24 Nov, 3pm (Prague)")


def test_a_deadline_at_midnight_is_the_day_before():
    """R-TZ-9."""
    mail = write("booking_requested_provider", for_provider(answer_by="2026-11-23T23:00:00+00:00"), ANA)
    assert mail.subject == "Kim Okafor asks for Tax planning. Answer by Mon 23 Nov, 11:59pm (Prague)"


def test_mails_use_the_tenants_words():
    """decisions.md 3."""
    north = Tenant(
        pk=1,
        name="T",
        contact_email="t@t.example",
        time_zone="UTC",
        vocabulary={"session": "appointment", "credit": "token", "credits": "tokens"},
    )
    mail = write("booking_confirmed_client", tenant=north)
    assert mail.text.startswith("Your appointment with Ana Nowak is confirmed.\n")
    assert "Price: 30 tokens\n" in mail.text
    assert "about an appointment of yours" in mail.text


OTHER_WORDS = re.compile(r"\b(session|meeting|booking|appointment)s?\b")


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("kind", BOOKING_KINDS)
def test_mails_use_no_words_of_another_marketplace(kind, preset):
    """decisions.md 3: each of the five presets, each kind."""
    tenant = Tenant(
        pk=1,
        name="T",
        slug="north",
        contact_email="t@t.example",
        time_zone="UTC",
        vocabulary=PRESETS[preset].vocabulary,
    )
    mail = write(kind, context_of(kind), ANA if kind.endswith(("_provider", "_former")) else KIM, tenant)
    without_links = re.sub(r"https?://\S+", "", f"{mail.subject} {mail.text} {words_of(mail.html)}")
    own = tenant.words.session
    assert own in without_links
    assert set(OTHER_WORDS.findall(without_links)) <= {own}


@pytest.mark.parametrize("price", [None, 0])
def test_no_price_is_no_line(price):
    mail = write("booking_requested_client", booking_context(price=price))
    assert "Price" not in mail.text + mail.html


@pytest.mark.parametrize("kind", KINDS)
def test_text_and_html_say_the_same(kind):
    mail = write_any(kind, times=[TUESDAY, WEDNESDAY], notes="A note.", message="A message.", reason="A reason.")
    html = words_of(mail.html)
    fact, following = mail.text.split("\n\n")[:2]
    assert fact in html
    assert following in html
    for quote in re.findall(r"^> (.*)$", mail.text, re.MULTILINE):
        assert quote in html
    text_links = re.findall(r"https?://\S+", mail.text)
    assert text_links == [unescape(link) for link in re.findall(r'href="(http[^"]+)"', mail.html)]
    # Whose booking it is no more can't open its page.
    assert bool(text_links) == (kind != "booking_reassigned_former")
    for label in re.findall(r"^(.+): http", mail.text, re.MULTILINE):
        assert label in html
        assert len(label.split()) <= 4


@pytest.mark.parametrize("kind", KINDS)
def test_html_is_small_readable_without_images_and_dark_safe(kind):
    """R-MAIL-5, R-MAIL-10."""
    html = write_any(kind, notes="x" * 4000, message="y" * 4000, times=[TUESDAY] * 10).html
    assert len(html.encode()) <= 30_000
    assert '<html lang="en">' in html
    assert '<meta name="color-scheme" content="light dark">' in html
    assert "prefers-color-scheme: dark" in html
    assert not re.search(r"<img|<script|url\(|<link|@import|\son\w+=", html)


@pytest.mark.parametrize("kind", KINDS)
def test_no_link_of_a_mail_acts(kind):
    """R-MAIL-1: they are the addresses we were given; nothing but the time to look at is added."""
    mail = write_any(kind, times=[TUESDAY, WEDNESDAY])
    allowed = {*booking_context()["urls"].values(), CODE["url"]}
    chosen = {f"{booking_context()['urls']['accept']}?time=2026-11-{day}T14:00Z" for day in (24, 25)}
    assert set(re.findall(r"https?://\S+", mail.text)) <= allowed | chosen


def test_an_unknown_kind_raises():
    with pytest.raises(TemplateDoesNotExist):
        write("booking_teleported", booking_context())


def test_long_names_give_way_to_time_and_city():
    """R-MAIL-4: at most 90 characters, and never at the cost of the time."""
    mail = write(
        "booking_confirmed_client", booking_context(provider_name="Ana " * 20, service_name="Tax planning " * 6)
    )
    assert mail.subject == "Confirmed: Tax planning Tax plan… with Ana Ana Ana Ana Ana A…, Tue 24 Nov, 8am (Chicago)"


def test_html_in_words_stays_words():
    """F105."""
    mail = write(
        "booking_requested_provider",
        for_provider(client_name="<b>Kim</b>", other_name="<b>Kim</b>", notes="<script>alert(1)</script>{{ code }}"), ANA,
    )  # fmt: skip
    assert "<b>Kim" not in mail.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ code }}" in mail.html
    assert mail.subject.startswith("<b>Kim</b> asks for Tax planning.")
    assert "> <script>alert(1)</script>{{ code }}" in mail.text


def test_a_note_cannot_pass_for_our_own_lines():
    notes = "Thanks\n\nAccept: https://evil.example\r\nDecline: https://evil.example\u2028Next: pay"
    mail = write("booking_requested_provider", for_provider(notes=notes), ANA)
    assert "> Thanks\n>\n> Accept: https://evil.example\n> Decline: https://evil.example\n> Next: pay\n" in mail.text


NASTY = st.text(
    alphabet=st.one_of(
        st.sampled_from("\r\n\x00\x0b\x0c\x1b\x85\u2028\u2029\u202e\u2066<>&\"'{}%:"), st.characters(codec="utf-8")
    ),
    max_size=120,
)


@hypothesis_settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(kind=st.sampled_from(BOOKING_KINDS), name=NASTY, service=NASTY, notes=NASTY)
def test_a_subject_is_always_one_short_clean_line(kind, name, service, notes):
    """F104."""
    mail = write_any(kind, client_name=name, provider_name=name, other_name=name, service_name=service, notes=notes)
    assert len(mail.subject) <= 90
    assert mail.subject == " ".join(mail.subject.split())
    assert not rendering.UNSAFE.search(mail.subject)
    assert not rendering.UNSAFE.search(mail.text.replace("\n", ""))
    assert not rendering.UNSAFE.search(mail.html.replace("\n", ""))
