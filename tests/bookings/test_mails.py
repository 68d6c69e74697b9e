"""Which mails each change sends, to whom, with which calendar file (R-MAIL-2, R-MAIL-8, W1): real services, real rendering."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.urls import resolve
from icalendar import Calendar

from accounts.enums import Role
from accounts.policies import Policy
from accounts.services import adopt_policy
from bookings import services
from bookings.context import TimeOnTable
from bookings.enums import Action, Actor, Status
from bookings.wording import MAIL_NAMES
from notifications import rendering
from notifications.models import EmailMessage
from tests import factories
from tests.notifications.mails import booking_context

CLIENT, PROVIDER, STAFF = Actor.CLIENT, Actor.PROVIDER, Actor.STAFF
KIM, ANA, RUI = "Kim Okafor", "Ana Nowak", "Rui Costa"


def read(mail):
    """The mail as its reader gets it; a fact that a template misses is an error here (string_if_invalid)."""
    written = rendering.render(mail, now=mail.created_at)
    assert "!!" not in written.subject + written.text + written.html
    assert mail.kind in MAIL_NAMES
    return written


def file_of(mail):
    """Method, sequence, status and start of its calendar file; None without one."""
    if not mail.calendar_file:
        return None
    calendar = Calendar.from_ical(mail.calendar_file)
    [event] = calendar.walk("VEVENT")
    assert event["ATTENDEE"] == f"mailto:{mail.recipient.user.email}"
    return str(calendar["METHOD"]), event["SEQUENCE"], str(event["STATUS"]), event["DTSTART"].dt


@pytest.fixture
def post():
    """The mails since it was last asked: (to, kind, file), each of them rendered."""
    known = set()

    def post():
        mails = EmailMessage.objects.exclude(pk__in=known).select_related("recipient__user", "tenant").order_by("kind")
        news = list(mails)
        known.update(mail.pk for mail in news)
        for mail in news:
            read(mail)
        return [(mail.recipient.name, mail.kind, file_of(mail)) for mail in news]

    return post


@pytest.fixture
def said(post):
    """The subject and the text of the newest mail of a kind."""

    def said(kind):
        mail = EmailMessage.objects.select_related("recipient__user", "tenant").filter(kind=kind).latest("created_at")
        written = read(mail)
        return f"{written.subject}\n\n{written.text}"

    return said


@pytest.fixture
def agreed(ask, act, at, scene, post):
    """A confirmed session on Wed 25 Nov, 10am in Prague, or another day; its mails are read."""

    def agreed(start=None, **more):
        booking = act(ask(start or at(25, 10), **more), Action.ACCEPT, start=start or at(25, 10))
        services.set_up(booking_id=booking.pk, now=scene.now)
        booking.refresh_from_db()
        assert booking.status == Status.CONFIRMED
        post()
        return booking

    return agreed


@pytest.fixture
def rui(scene):
    return factories.member(RUI, roles=(Role.STAFF,), zone="Europe/Lisbon")


@pytest.fixture
def staff(scene, rui):
    """Do something as staff."""

    def staff(booking, action, now=None, **details):
        return services.perform(
            booking=booking,
            action=action,
            actor=STAFF,
            by=rui,
            now=now or scene.now,
            reason_text="Ana is ill",
            **details,
        )

    return staff


def offer(*starts, minutes=30, price=30):
    return [TimeOnTable(start, minutes, price) for start in starts]


def invite(scene, *starts, **details):
    adopt_policy(policy=Policy(provider_made="needs_client", price_unit="credits"))
    return services.begin(
        action=Action.INVITE, actor=PROVIDER, client=scene.kim, service=scene.service, offer=offer(*starts),
        now=scene.now, **details,
    )  # fmt: skip


def test_a_request_tells_both(ask, at, post, said):
    """T7, EM-C1, EM-E1: each time has its own way to be accepted."""
    adopt_policy(policy=Policy(max_times=2))
    booking = ask(at(25, 10), at(26, 14))
    assert post() == [(KIM, "booking_requested_client", None), (ANA, "booking_requested_provider", None)]
    text = said("booking_requested_provider")
    page = f"/bookings/{booking.code}/"
    assert f"{page}accept/?time=2026-11-25T09:00Z\nAccept Thu 2pm: " in text
    assert f"Suggest other times: http://localhost:8000/t/north{page}suggest/" in text


def test_times_a_week_apart_are_told_apart_by_date(ask, at, said):
    adopt_policy(policy=Policy(max_times=2))
    ask(at(23, 14), at(30, 14))
    assert "Accept 23 Nov, 2pm: " in said("booking_requested_provider")
    assert "Accept 30 Nov, 2pm: " in said("booking_requested_provider")


def test_an_invitation_tells_the_client(at, scene, post, said):
    """T12, S4.14-S4.16, EM-C6: with price and words, and nothing in a calendar."""
    invite(scene, at(25, 10), at(26, 10), message="Shall we?")
    assert post() == [(KIM, "booking_invited_client", None)]
    text = said("booking_invited_client")
    assert text.startswith("Ana Nowak invites you to a meeting: Wed 25 Nov, 3am (Chicago) and 1 more time\n")
    assert "Ana Nowak:\n> Shall we?\n" in text
    assert "Price: 30 credits\n" in text


def test_an_accepted_invitation_is_confirmed_in_the_clients_words(act, at, scene, post, said):
    """T13, EM-E5: the provider reads that the client accepted, not "you accepted"."""
    booking = act(invite(scene, at(25, 10)), Action.ACCEPT, CLIENT, start=at(25, 10), message="Gladly.")
    post()
    services.set_up(booking_id=booking.pk, now=scene.now)
    file = ("REQUEST", 0, "CONFIRMED", at(25, 10))
    assert post() == [(KIM, "booking_confirmed_client", file), (ANA, "booking_confirmed_provider", file)]
    text = said("booking_confirmed_provider")
    assert text.startswith("Kim Okafor accepted Wed 25 Nov, 10am (Prague)\n\nKim Okafor accepted your time.\n")
    assert "Kim Okafor:\n> Gladly." in text
    assert "Not you?" not in text


def test_a_provider_who_accepts_is_asked_whether_it_was_them(ask, act, at, scene, said):
    """EM-E3: also after setting up, which is the system's doing."""
    booking = act(ask(at(25, 10)), Action.ACCEPT, start=at(25, 10))
    services.set_up(booking_id=booking.pk, now=scene.now)
    text = said("booking_confirmed_provider")
    assert text.startswith("You accepted Kim Okafor: Wed 25 Nov, 10am (Prague)\n")
    assert "Not you? Answer this mail at once" in text


@pytest.mark.parametrize(
    ("actor", "more", "subject"),
    [
        (PROVIDER, {"provider_made": "confirmed"}, "You booked Kim Okafor: Wed 25 Nov, 10am (Prague)"),
        (CLIENT, {}, "Kim Okafor booked Wed 25 Nov, 10am (Prague)"),
    ],
)
def test_a_booking_made_at_once_is_confirmed_to_both(at, scene, post, said, actor, more, subject):
    """T7b, T12, D16."""
    adopt_policy(policy=Policy(logistics="manual", **more))
    service = factories.service(scene.ana, "Quick call", is_instant=True)
    services.begin(
        action=Action.BOOK, actor=actor, client=scene.kim, service=service, offer=offer(at(25, 10)), now=scene.now
    )
    file = ("REQUEST", 0, "CONFIRMED", at(25, 10))
    assert post() == [(KIM, "booking_confirmed_client", file), (ANA, "booking_confirmed_provider", file)]
    assert said("booking_confirmed_provider").startswith(subject)


def test_suggestions_go_to_the_other_side_alone(ask, act, at, post, said):
    """T10, T31, EM-C5: with their own length and price."""
    booking = ask(at(25, 10))
    post()
    act(booking, Action.SUGGEST, PROVIDER, offer=offer(at(26, 10), at(27, 10), minutes=60, price=60), message="Longer?")
    assert post() == [(KIM, "booking_suggested_client", None)]
    text = said("booking_suggested_client")
    assert text.startswith("Ana Nowak suggests 2 other times. Answer by ")
    assert "- Thu 26 Nov, 3am to 4am (10am to 11am in Prague)" in text
    assert "What: Tax planning, 60 minutes\n" in text
    assert "Price: 60 credits\n" in text
    act(booking, Action.SUGGEST, CLIENT, offer=offer(at(30, 10)))
    assert post() == [(ANA, "booking_suggested_provider", None)]


def test_a_declined_request_that_is_revived_tells_the_client(ask, act, at, post, said):
    """T9, T29, S4.27."""
    booking = ask(at(25, 10))
    act(booking, Action.DECLINE, reason_code="time")
    post()
    act(booking, Action.SUGGEST, PROVIDER, offer=offer(at(26, 10)))
    assert post() == [(KIM, "booking_revived_client", None)]
    assert "Ana Nowak declined your request and now suggests another time.\n" in said("booking_revived_client")


def test_a_client_who_declines_tells_the_provider(act, at, scene, post, said):
    """T14, EM-E7."""
    booking = invite(scene, at(25, 10))
    post()
    act(booking, Action.DECLINE, CLIENT, message="I am away.")
    assert post() == [(ANA, "booking_declined_provider", None)]
    text = said("booking_declined_provider")
    assert text.startswith("Kim Okafor can't do Wed 25 Nov, 10am (Prague)\n")
    assert "Kim Okafor:\n> I am away." in text


def test_an_invitation_taken_back_tells_the_client(act, at, scene, post):
    """T15."""
    booking = invite(scene, at(25, 10))
    post()
    act(booking, Action.WITHDRAW, PROVIDER)
    assert post() == [(KIM, "booking_withdrawn_client", None)]


def test_a_request_taken_back_tells_the_provider(ask, act, at, post):
    """T11, C17, EM-E4."""
    booking = ask(at(25, 10))
    post()
    act(booking, Action.WITHDRAW, CLIENT)
    assert post() == [(ANA, "booking_withdrawn_provider", None)]


def test_an_expired_invitation_blames_who_did_not_answer(at, scene, post, said):
    """T16: here the client had to answer."""
    invite(scene, at(25, 10))
    post()
    services.expire_overdue(tenant=scene.tenant, now=at(25, 10) + timedelta(seconds=1))
    assert post() == [(KIM, "booking_expired_client", None), (ANA, "booking_expired_provider", None)]
    assert said("booking_expired_client").startswith("You didn't answer Ana Nowak in time: Wed 25 Nov")
    assert said("booking_expired_provider").startswith("Kim Okafor didn't answer in time: Wed 25 Nov")


def test_a_rival_request_is_told_kindly(ask, act, at, scene, post, said):
    """D11, decisions.md 15: the other one's name is not said."""
    service = factories.service(scene.ana, "Open", hides_asked_times=False)
    lena = factories.member("Lena Hartmann")
    booking = ask(at(25, 10), service=service)
    ask(at(25, 10), service=service, client=lena)
    act(booking, Action.ACCEPT, start=at(25, 10), clash_accepted=True)
    post()
    assert services.close_rivals(booking_id=booking.pk, tenant=scene.tenant, now=scene.now) == 1
    assert post() == [("Lena Hartmann", "booking_taken_client", None)]
    assert KIM not in said("booking_taken_client")


def test_a_proposed_move_tells_the_other_side_and_sends_no_file(agreed, act, at, post, said):
    """T23, S4.25, EM-C7, R-MAIL-8: never a file for what is not agreed. Old and new stand side by side."""
    booking = agreed()
    act(booking, Action.SUGGEST, PROVIDER, offer=offer(at(26, 10)), message="A day later?")
    assert post() == [(KIM, "booking_move_proposed_client", None)]
    text = said("booking_move_proposed_client")
    assert text.startswith("Ana Nowak asks to move Wed 25 Nov, 3am (Chicago). It stays until you agree\n")
    assert "- Stands now: Wed 25 Nov, 3am to 3:30am (10am to 10:30am in Prague)\n" in text
    assert "- Proposed: Thu 26 Nov, 3am to 3:30am (10am to 10:30am in Prague)\n" in text
    assert f"Keep the agreed time: http://localhost:8000/t/north/bookings/{booking.code}/decline/\n" in text


@pytest.mark.parametrize(("asks", "answers"), [(PROVIDER, CLIENT), (CLIENT, PROVIDER)])
def test_an_accepted_move_sends_the_next_file_to_both(agreed, act, at, post, said, asks, answers):
    """T24, T25, EM-C8, EM-E5, R-MAIL-8: same UID, SEQUENCE + 1."""
    booking = agreed()
    first = {mail.calendar_file for mail in EmailMessage.objects.filter(kind="booking_confirmed_client")}
    act(booking, Action.SUGGEST, asks, offer=offer(at(26, 10)))
    post()
    act(booking, Action.ACCEPT, answers, start=at(26, 10))
    file = ("REQUEST", 1, "CONFIRMED", at(26, 10))
    assert post() == [(KIM, "booking_moved_client", file), (ANA, "booking_moved_provider", file)]
    uids = {
        str(event["UID"])
        for text in (*first, EmailMessage.objects.get(kind="booking_moved_client").calendar_file)
        for event in Calendar.from_ical(text).walk("VEVENT")
    }
    assert len(uids) == 1
    is_own = answers == PROVIDER
    start = "New time confirmed with Kim Okafor: " if is_own else "Kim Okafor accepted "
    assert said("booking_moved_provider").startswith(f"{start}Thu 26 Nov, 10am (Prague)\n")
    assert "- Before: Wed 25 Nov, 3am" in said("booking_moved_client")


def test_a_calendar_file_has_both_clocks_and_the_way_in(agreed):
    """R-MAIL-8: the reader's clock first; the other's beside it."""
    booking = agreed()
    lines = {
        kind: str(
            Calendar.from_ical(EmailMessage.objects.get(kind=kind).calendar_file).walk("VEVENT")[0]["DESCRIPTION"]
        )
        for kind in ("booking_confirmed_client", "booking_confirmed_provider")
    }
    kims, anas = "Wed 25 Nov, 3am to 3:30am (Chicago)", "Wed 25 Nov, 10am to 10:30am (Prague)"
    assert lines["booking_confirmed_client"].startswith(f"{kims}\n{anas}\nJoin: https://meet.jit.si/parley-")
    assert lines["booking_confirmed_provider"].startswith(f"{anas}\n{kims}\nJoin: ")
    assert lines["booking_confirmed_client"].endswith(
        f"\nDetails: http://localhost:8000/t/north/bookings/{booking.code}/"
    )


@pytest.mark.parametrize(("asks", "answers", "told"), [(PROVIDER, CLIENT, ANA), (CLIENT, PROVIDER, KIM)])
def test_a_declined_move_says_what_still_stands(agreed, act, at, post, asks, answers, told):
    """T26, S4.34, EM-C9, EM-E7."""
    booking = agreed()
    act(booking, Action.SUGGEST, asks, offer=offer(at(26, 10)))
    post()
    act(booking, Action.DECLINE, answers, reason_code="time" if answers == PROVIDER else "")
    assert post() == [(told, f"booking_move_declined_{asks}", None)]


def test_a_move_taken_back_says_what_still_stands(agreed, act, at, post, said):
    """T27, EM-C10."""
    booking = agreed()
    act(booking, Action.SUGGEST, PROVIDER, offer=offer(at(26, 10)))
    post()
    act(booking, Action.WITHDRAW, PROVIDER)
    assert post() == [(KIM, "booking_move_withdrawn_client", None)]
    assert "Wed 25 Nov, 3am (Chicago) still stands\n" in said("booking_move_withdrawn_client")


def test_a_move_that_nobody_answered_lapses_for_both(agreed, act, at, scene, post, said):
    """T28."""
    booking = agreed()
    act(booking, Action.SUGGEST, PROVIDER, offer=offer(at(26, 10)))
    post()
    services.expire_overdue(tenant=scene.tenant, now=at(25, 10) + timedelta(seconds=1))
    assert post() == [(KIM, "booking_move_lapsed_client", None), (ANA, "booking_move_lapsed_provider", None)]
    assert said("booking_move_lapsed_client").startswith("You didn't answer Ana Nowak. Wed 25 Nov, 3am (Chicago)")


@pytest.mark.parametrize("actor", [CLIENT, PROVIDER])
def test_a_direct_move_tells_both_with_the_reason(agreed, act, at, post, said, actor):
    """T32, S3.13, S3.14."""
    adopt_policy(policy=Policy(reschedule="direct"))
    booking = agreed()
    act(booking, Action.RESCHEDULE, actor, offer=offer(at(26, 10)), reason_text="A clash")
    file = ("REQUEST", 1, "CONFIRMED", at(26, 10))
    assert post() == [(KIM, "booking_moved_client", file), (ANA, "booking_moved_provider", file)]
    text = said("booking_moved_client")
    mover = "You moved Ana Nowak" if actor == CLIENT else "Ana Nowak moved your meeting"
    assert text.startswith(f"{mover} to Thu 26 Nov, 3am (Chicago)\n")
    assert "The reason:\n> A clash\n" in text
    assert f"Choose another time: http://localhost:8000/t/north/bookings/{booking.code}/reschedule/" in text


def test_a_move_while_setting_up_brings_its_file_with_the_confirmation(ask, act, at, scene, post, said):
    """R-MAIL-8: one first file, of the time that stands when the room is there."""
    adopt_policy(policy=Policy(reschedule="direct"))
    booking = act(ask(at(25, 10)), Action.ACCEPT, start=at(25, 10))
    act(booking, Action.RESCHEDULE, PROVIDER, offer=offer(at(26, 10)), reason_text="A clash")
    assert [file for _, kind, file in post() if "moved" in kind] == [None, None]
    assert "we are setting it up for Thu 26 Nov, 3am (Chicago)" in said("booking_moved_client")
    services.set_up(booking_id=booking.pk, now=scene.now)
    file = ("REQUEST", 1, "CONFIRMED", at(26, 10))
    assert post() == [(KIM, "booking_confirmed_client", file), (ANA, "booking_confirmed_provider", file)]


@pytest.mark.parametrize(
    ("actor", "to_kim", "to_ana"),
    [
        (CLIENT, "You cancelled Wed 25 Nov, 3am (Chicago) with Ana Nowak", "Cancelled by Kim Okafor: Wed 25 Nov, 10am"),
        (
            PROVIDER,
            "Cancelled by Ana Nowak: Wed 25 Nov, 3am (Chicago)",
            "You cancelled Wed 25 Nov, 10am (Prague) with Kim",
        ),
    ],
)
def test_cancelling_takes_it_out_of_both_calendars(agreed, act, at, post, said, actor, to_kim, to_ana):
    """T18, T21, EM-C11, EM-C12, EM-E8, R-MAIL-8: SEQUENCE + 1."""
    adopt_policy(policy=Policy(cancel_form_under_hours=24, price_unit="credits"))
    booking = agreed()
    act(booking, Action.CANCEL, actor, message="Sorry!", consequences_accepted=True)
    file = ("CANCEL", 1, "CANCELLED", at(25, 10))
    assert post() == [(KIM, "booking_cancelled_client", file), (ANA, "booking_cancelled_provider", file)]
    assert said("booking_cancelled_client").startswith(to_kim)
    assert said("booking_cancelled_provider").startswith(to_ana)
    assert "the attached file takes it out of your calendar" in said("booking_cancelled_client")


def test_a_client_who_cancels_late_reads_what_is_kept(agreed, act, at, post, said):
    """T22, D6: half of the price in the last 48 hours."""
    booking = agreed()
    act(booking, Action.CANCEL, CLIENT, now=at(24, 10), reason_text="Ill", consequences_accepted=True)
    assert "15 of 30 credits are kept, since so little time was left.\n" in said("booking_cancelled_client")


def test_an_early_cancellation_keeps_nothing(agreed, act, at, said):
    """T21."""
    booking = agreed(at(27, 10))
    act(booking, Action.CANCEL, CLIENT, reason_text="Ill")
    assert "You pay nothing: none of the 30 credits are kept.\n" in said("booking_cancelled_client")
    assert "Kim Okafor pays nothing.\n" in said("booking_cancelled_provider")


def test_no_price_no_word_about_it(agreed, act, at, scene, said):
    booking = agreed(service=factories.service(scene.ana, "Free talk"))
    act(booking, Action.CANCEL, CLIENT, reason_text="Ill", consequences_accepted=True)
    assert "pay" not in said("booking_cancelled_client").lower()


def test_cancelling_what_no_calendar_knows_sends_no_file(ask, act, at, post, said):
    """R-MAIL-8: agreed, but still setting up."""
    booking = act(ask(at(25, 10)), Action.ACCEPT, start=at(25, 10))
    post()
    act(booking, Action.CANCEL, PROVIDER, reason_code="ill", consequences_accepted=True)
    assert post() == [(KIM, "booking_cancelled_client", None), (ANA, "booking_cancelled_provider", None)]
    assert "attached" not in said("booking_cancelled_client")


def test_asking_to_cancel_tells_both_and_changes_nothing(agreed, act, at, post, said):
    """T20, EM-E19, S1.14; then the client cancels and keeps everything (S1.15)."""
    adopt_policy(policy=Policy(provider_cancel="ask_client"))
    booking = agreed()
    confirmed = said("booking_confirmed_provider")
    assert f"Ask to cancel: http://localhost:8000/t/north/bookings/{booking.code}/ask-to-cancel/" in confirmed
    act(booking, Action.ASK_TO_CANCEL, PROVIDER, message="I am ill.")
    assert post() == [(KIM, "booking_cancel_asked_client", None), (ANA, "booking_cancel_asked_provider", None)]
    assert "Ana Nowak:\n> I am ill.\n" in said("booking_cancel_asked_client")
    assert "What you wrote:\n> I am ill.\n" in said("booking_cancel_asked_provider")
    booking.refresh_from_db()
    act(booking, Action.CANCEL, CLIENT, now=at(25, 9))
    assert "Kim Okafor cancelled your meeting, as you asked.\n" in said("booking_cancelled_provider")
    assert "You cancelled your meeting with Ana Nowak, as Ana Nowak asked.\n" in said("booking_cancelled_client")
    assert "none of the 30 credits are kept" in said("booking_cancelled_client")


def test_support_that_moves_it_says_so_and_why(agreed, staff, at, post, said):
    """T33, S1.19, EM-C16, EM-E16."""
    adopt_policy(policy=Policy(reschedule="via_staff"))
    booking = agreed()
    assert "Ask support: http://localhost:8000/" in said("booking_confirmed_client")
    adopt_policy(policy=Policy())
    booking = agreed(at(27, 10))
    staff(booking, Action.AMEND, offer=offer(at(26, 10)), on_behalf_of=PROVIDER)
    file = ("REQUEST", 1, "CONFIRMED", at(26, 10))
    assert post() == [(KIM, "booking_amended_client", file), (ANA, "booking_amended_provider", file)]
    text = said("booking_amended_client")
    assert text.startswith("Support moved your meeting with Ana Nowak to Thu 26 Nov, 3am (Chicago)\n")
    assert "Support of Northwind Mentors moved your meeting with Ana Nowak on behalf of Ana Nowak.\n" in text
    assert "The reason:\n> Ana is ill\n" in text
    assert "Support of Northwind Mentors moved your meeting with Kim Okafor on your behalf.\n" in said(
        "booking_amended_provider"
    )


def test_support_that_declines_or_accepts_says_so(ask, staff, at, scene, post, said):
    """T34: both are told, with the reason."""
    booking = ask(at(25, 10))
    post()
    staff(booking, Action.DECLINE)
    assert post() == [(KIM, "booking_declined_client", None), (ANA, "booking_declined_provider", None)]
    for kind in ("booking_declined_client", "booking_declined_provider"):
        assert "Support of Northwind Mentors declined the request.\n" in said(kind)
        assert "The reason:\n> Ana is ill\n" in said(kind)
    booking = staff(ask(at(26, 10)), Action.ACCEPT, start=at(26, 10), on_behalf_of=PROVIDER)
    services.set_up(booking_id=booking.pk, now=scene.now)
    assert "Support of Northwind Mentors accepted Kim Okafor on your behalf.\n" in said("booking_confirmed_provider")
    assert "Support of Northwind Mentors confirmed your meeting with Ana Nowak on behalf of Ana" in said(
        "booking_confirmed_client"
    )


@pytest.mark.parametrize("is_agreed", [True, False])
def test_support_that_cancels_says_so(ask, agreed, staff, at, post, said, is_agreed):
    """T34: what was agreed leaves the calendars; a request was in none."""
    booking = agreed() if is_agreed else ask(at(25, 10))
    post()
    staff(booking, Action.CANCEL, on_behalf_of=PROVIDER)
    file = ("CANCEL", 1, "CANCELLED", at(25, 10)) if is_agreed else None
    assert post() == [(KIM, "booking_cancelled_client", file), (ANA, "booking_cancelled_provider", file)]
    assert said("booking_cancelled_client").startswith(
        "Cancelled by support: Wed 25 Nov, 3am (Chicago) with Ana Nowak\n"
    )


def test_asking_support_tells_the_staff_and_their_no_tells_who_asked(agreed, act, staff, rui, at, post, said):
    """PG-35b, S1.18, EM-S2."""
    booking = agreed()
    act(booking, Action.ASK_SUPPORT, CLIENT, offer=offer(at(26, 10)), message="Ana agrees to Thursday.")
    assert post() == [(RUI, "booking_support_asked_staff", None)]
    text = said("booking_support_asked_staff")
    assert f"/t/north/admin/bookings/booking/{booking.pk}/change/\n" in text
    assert "- Asked for: Thu 26 Nov, 9am to 9:30am (10am to 10:30am in Prague)\n" in text
    staff(booking, Action.REFUSE_SUPPORT)
    assert post() == [(KIM, "booking_support_refused_client", None)]
    assert "Wed 25 Nov, 3am (Chicago) stands as agreed." in said("booking_support_refused_client")


def test_a_completed_session_tells_the_client(agreed, act, at, post, said):
    """T37, EM-C19."""
    adopt_policy(policy=Policy(completion="provider"))
    act(agreed(), Action.COMPLETE, PROVIDER, now=at(25, 11))
    assert post() == [(KIM, "booking_completed_client", None)]
    text = said("booking_completed_client")
    assert text.startswith("Done: Tax planning with Ana Nowak, Wed 25 Nov, 3am (Chicago)\n")
    assert "If not, say so by Fri 27 Nov, 4am (Chicago)." in text


def test_where_both_say_it_the_client_is_asked_and_then_told(agreed, act, at, post, said):
    """T37, D15: who said it first is not told what they said."""
    adopt_policy(policy=Policy(completion="both"))
    first, second = agreed(), agreed(at(26, 10))
    act(first, Action.COMPLETE, PROVIDER, now=at(25, 11))
    assert post() == [(KIM, "booking_completed_client", None)]
    assert said("booking_completed_client").startswith("Ana Nowak says that it took place: Wed 25 Nov")
    act(second, Action.COMPLETE, CLIENT, now=at(26, 11))
    assert post() == []
    act(second, Action.COMPLETE, PROVIDER, now=at(26, 12))
    assert post() == [(KIM, "booking_completed_client", None)]
    assert said("booking_completed_client").startswith("Done: ")


def test_a_session_completed_by_itself_tells_the_client(agreed, at, scene, post):
    """T40."""
    agreed()
    assert services.complete_ended(tenant=scene.tenant, now=at(27, 11)) == 1
    assert post() == [(KIM, "booking_completed_client", None)]


@pytest.mark.parametrize(("says", "accused"), [(PROVIDER, CLIENT), (CLIENT, PROVIDER)])
def test_a_no_show_asks_who_was_missed_and_taking_it_back_tells_them(agreed, act, at, post, said, says, accused):
    """T38, T39, EM-C18, PG-32."""
    names = {CLIENT: KIM, PROVIDER: ANA}
    booking = act(agreed(), Action.NO_SHOW, says, now=at(25, 11))
    assert post() == [(names[accused], f"booking_noshow_{accused}", None)]
    assert said(f"booking_noshow_{accused}").startswith(f"{names[says]} missed you on Wed 25 Nov, ")
    act(booking, Action.UNDO, says, now=at(25, 12))
    assert post() == [(names[accused], f"booking_undone_{accused}", None)]
    assert "no longer says that you did not come." in said(f"booking_undone_{accused}")


def test_a_contested_no_show_goes_to_the_other_and_to_staff_who_tell_both(agreed, act, staff, rui, at, post, said):
    """T41, D15, EM-S1."""
    booking = act(agreed(), Action.NO_SHOW, PROVIDER, now=at(25, 11))
    post()
    act(booking, Action.CONTEST, CLIENT, now=at(25, 12), message="I waited for 20 minutes.")
    assert post() == [(ANA, "booking_contested_provider", None), (RUI, "booking_contested_staff", None)]
    assert "Kim Okafor:\n> I waited for 20 minutes.\n" in said("booking_contested_staff")
    staff(booking, Action.COMPLETE, now=at(25, 13))
    assert post() == [(KIM, "booking_decided_client", None), (ANA, "booking_decided_provider", None)]
    assert "about your meeting with Ana Nowak: it took place.\n" in said("booking_decided_client")


def test_a_no_show_by_staff_says_who(agreed, staff, rui, at, post, said):
    """T34."""
    staff(agreed(), Action.NO_SHOW, now=at(25, 11), absent=CLIENT)
    assert post() == [(KIM, "booking_decided_client", None), (ANA, "booking_decided_provider", None)]
    assert "with Ana Nowak: you did not come.\n" in said("booking_decided_client")
    assert "with Kim Okafor: Kim Okafor did not come.\n" in said("booking_decided_provider")


def test_changed_notes_and_notes_by_staff_tell_nobody(ask, act, staff, at, post):
    booking = ask(at(25, 10))
    post()
    act(booking, Action.CHANGE_NOTES, CLIENT, notes="VAT, too")
    staff(booking, Action.NOTE, message="Called Ana.")
    assert post() == []


def test_mails_know_what_the_rendering_tests_pretend(ask, at):
    """The facts of tests/notifications are those of the product."""
    ask(at(25, 10))
    mail = EmailMessage.objects.get(kind="booking_requested_client")
    assert mail.context.keys() == booking_context().keys()
    assert mail.context["urls"].keys() == booking_context()["urls"].keys()


def test_every_link_of_a_mail_is_a_page(ask, at):
    """R-MAIL-1: found by the addresses of the tenant, and none of them asks for more than its address."""
    ask(at(25, 10))
    mail = EmailMessage.objects.get(kind="booking_requested_client")
    for address in mail.context["urls"].values():
        path = urlsplit(address).path.removeprefix("/t/north")
        assert resolve(path, urlconf=settings.TENANT_URLCONF).func


def test_asking_again_points_at_the_earlier_request(ask, act, at, said):
    """T30, S0.22."""
    booking = act(ask(at(25, 10)), Action.DECLINE, reason_code="time")
    page = f"/experts/{booking.provider.slug}/?service={booking.service_id}&again={booking.code}\n"
    assert page in said("booking_declined_client")
