"""Accept, decline, withdraw, expire, set up (T8, T9, T11, T16, T17): what each writes and when it is refused."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from icalendar import Calendar

from accounts.policies import Policy, Reason
from accounts.services import adopt_policy
from bookings import services
from bookings.enums import Action, Actor, ProposalState, Status
from bookings.models import Booking, BookingEvent
from calendars import services as calendars
from calendars.enums import ClaimKind
from calendars.models import Claim, Meeting
from notifications.models import EmailMessage, OutboxMessage
from tests import factories


def refusal_of(call, *args, **kwargs):
    with pytest.raises(services.Refused) as refused:
        call(*args, **kwargs)
    return refused.value.refusal


def claims():
    return sorted((claim.kind, claim.during.lower, claim.during.upper) for claim in Claim.objects.all())


def kinds_to(member):
    return [mail.kind for mail in EmailMessage.objects.filter(recipient=member).order_by("created_at")]


def test_accept_agrees_on_the_time_and_sets_up(ask, act, at):
    """S0.12-S0.14, S4.5-S4.6: the claim becomes a hard one in both calendars."""
    booking = act(ask(at(25, 10)), Action.ACCEPT, start=at(25, 10))
    assert (booking.status, booking.starts_at) == (Status.CONFIRMING, at(25, 10))
    assert claims() == [(ClaimKind.SESSION, at(25, 10), at(25, 10, 30))] * 2
    assert booking.events.last().name == "Expert approval"
    proposal = booking.proposals.get()
    assert proposal.state == ProposalState.ACCEPTED
    assert [time.is_chosen for time in proposal.times.all()] == [True]


def test_setting_up_makes_a_room_and_confirms_to_both(ask, act, at, scene):
    """S4.7, S0.15, T17: one job, then one mail each with a calendar file."""
    booking = act(ask(at(25, 10)), Action.ACCEPT, start=at(25, 10))
    job = OutboxMessage.objects.get(topic="bookings.set_up")
    assert job.payload == {"booking_id": str(booking.pk)}
    services.set_up(booking_id=booking.pk, now=scene.now)
    booking.refresh_from_db()
    assert booking.status == Status.CONFIRMED
    room = Meeting.objects.get(key=booking.reference).url
    assert room.startswith("https://meet.jit.si/parley-")
    assert kinds_to(scene.kim) == ["booking_requested_client", "booking_confirmed_client"]
    assert kinds_to(scene.ana.member) == ["booking_requested_provider", "booking_confirmed_provider"]
    mail = EmailMessage.objects.get(kind="booking_confirmed_client")
    assert mail.context["join_url"] == room
    invite = Calendar.from_ical(mail.calendar_file)
    event = next(iter(invite.walk("VEVENT")))
    assert (invite["METHOD"], event["SEQUENCE"], event["STATUS"]) == ("REQUEST", 0, "CONFIRMED")
    assert event["DTSTART"].dt == at(25, 10)
    assert event["ATTENDEE"] == f"mailto:{scene.kim.user.email}"
    assert event["UID"].startswith(str(booking.pk))


def test_setting_up_twice_changes_nothing(ask, act, at, scene):
    """W10: a job that runs again."""
    booking = act(ask(at(25, 10)), Action.ACCEPT, start=at(25, 10))
    services.set_up(booking_id=booking.pk, now=scene.now)
    services.set_up(booking_id=booking.pk, now=scene.now)
    assert Meeting.objects.count() == 1
    assert EmailMessage.objects.filter(kind="booking_confirmed_client").count() == 1


def test_accept_confirms_at_once_where_people_arrange_themselves(ask, act, at, scene):
    """S1.10: the platform makes neither entry nor link."""
    adopt_policy(policy=Policy(logistics="manual"))
    booking = act(ask(at(25, 10)), Action.ACCEPT, start=at(25, 10))
    assert booking.status == Status.CONFIRMED
    assert kinds_to(scene.kim)[-1] == "booking_confirmed_client"
    assert not OutboxMessage.objects.filter(topic="bookings.set_up").exists()


def test_accept_needs_a_time_on_the_table(ask, act, at):
    refusal = refusal_of(act, ask(at(25, 10)), Action.ACCEPT, start=at(25, 11))
    assert (refusal.sentence, refusal.field) == ("Choose one of the times on the table.", "time")


def test_accept_over_an_agreed_session_is_refused_by_name(ask, act, at, scene):
    """Decisions 14, S4.4."""
    service = factories.service(scene.ana, "Open", hides_asked_times=False)
    first = ask(at(25, 10), service=service)
    second = ask(at(25, 10), service=service, client=factories.member("Lena Hartmann"))
    act(first, Action.ACCEPT, start=at(25, 10), clash_accepted=True)
    refusal = refusal_of(act, second, Action.ACCEPT, start=at(25, 10))
    agreed = f"Open with Kim Okafor ({first.code})"
    assert refusal.sentence == f"You have agreed to {agreed} on Wed 25 Nov, 10am. Choose another time."
    assert refusal.is_conflict
    second.refresh_from_db()
    assert second.status == Status.PENDING


def test_accept_over_blocked_time_needs_a_tick(ask, act, at, scene):
    """S4.4, CK-22: named, and allowed with the tick."""
    booking = ask(at(25, 10))
    calendars.claim(
        calendars=[scene.ana.calendar], start=at(25, 10), end=at(25, 12), kind=ClaimKind.BLOCKED, reference="block:1"
    )
    refusal = refusal_of(act, booking, Action.ACCEPT, start=at(25, 10))
    assert refusal.field == "clash_accepted"
    assert refusal.sentence == "This overlaps time you blocked on Wed 25 Nov, 10am. Tick the box to accept anyway."
    assert act(booking, Action.ACCEPT, start=at(25, 10), clash_accepted=True).status == Status.CONFIRMING


def test_accept_when_the_client_is_busy_elsewhere(ask, act, at, scene, now):
    """Decisions 14: for the provider and the client; whose session it is stays private."""
    ben = factories.provider("Ben Roth", now=now)
    act(ask(at(25, 10), service=factories.service(ben)), Action.ACCEPT, start=at(25, 10))
    refusal = refusal_of(act, ask(at(25, 10)), Action.ACCEPT, start=at(25, 10))
    assert refusal.sentence == "Kim Okafor has agreed to something else at that time. Choose another time."


def test_accept_inside_the_lead_says_when_it_closed(ask, act, at):
    """S0.21, decisions 9: hard, with what is possible instead."""
    adopt_policy(policy=Policy(answer_lead_hours=24, max_times=2))
    booking = ask(at(25, 10), at(27, 10))
    late = at(24, 10) + timedelta(seconds=1)
    refusal = refusal_of(act, booking, Action.ACCEPT, start=at(25, 10), now=late)
    assert refusal.sentence == ("Accepting closes 24 hours before the start. You can still accept Fri 27 Nov, 10am.")
    assert act(booking, Action.ACCEPT, start=at(27, 10), now=late).status == Status.CONFIRMING


def test_accept_exactly_at_the_lead_is_early_enough(ask, act, at):
    """Decisions 10."""
    adopt_policy(policy=Policy(answer_lead_hours=24))
    assert act(ask(at(25, 10)), Action.ACCEPT, start=at(25, 10), now=at(24, 10)).status == Status.CONFIRMING


def test_accept_after_the_start_is_refused(ask, act, at):
    """S4.42."""
    refusal = refusal_of(act, ask(at(25, 10)), Action.ACCEPT, start=at(25, 10), now=at(25, 10))
    assert refusal.sentence == "The time of this meeting has come. Ask for a new time instead."


def test_client_may_not_accept_the_own_request(ask, act, at):
    refusal = refusal_of(act, ask(at(25, 10)), Action.ACCEPT, Actor.CLIENT, start=at(25, 10))
    assert refusal.sentence == "Ana Nowak has to answer. You can take it back until then."


def test_decline_frees_the_time_and_tells_why(ask, act, at, scene):
    """S0.16-S0.18, S4.8-S4.13."""
    booking = act(ask(at(25, 10)), Action.DECLINE, reason_code="capacity", message="Try January?")
    assert booking.status == Status.DECLINED
    assert not Claim.objects.exists()
    event = booking.events.last()
    assert (event.name, event.reason_code) == ("Rejected by expert", "capacity")
    assert event.reason_text == "I have no capacity at the moment"
    mail = EmailMessage.objects.get(kind="booking_declined_client")
    assert mail.recipient == scene.kim
    assert (mail.context["reason"], mail.context["message"]) == ("I have no capacity at the moment", "Try January?")


@pytest.mark.parametrize(
    ("_case", "details", "sentence", "field"),
    [
        ("none", {}, "Choose a reason, so that Kim Okafor knows why.", "reason_code"),
        ("unknown", {"reason_code": "zz"}, "Choose a reason from the list.", "reason_code"),
        ("other without words", {"reason_code": "other"}, "Say the reason in a few words.", "reason_text"),
    ],
)
def test_decline_without_a_proper_reason_is_refused(ask, act, at, _case, details, sentence, field):
    """S4.9: the tenant requires one of its list."""
    booking = ask(at(25, 10))
    refusal = refusal_of(act, booking, Action.DECLINE, **details)
    assert (refusal.sentence, refusal.field) == (sentence, field)
    booking.refresh_from_db()
    assert booking.status == Status.PENDING


def test_decline_needs_no_reason_where_it_is_optional(ask, act, at):
    adopt_policy(policy=Policy(decline_reasons=(Reason("busy", "Busy"),)))
    assert act(ask(at(25, 10)), Action.DECLINE).status == Status.DECLINED


def test_withdraw_cancels_and_tells_the_provider(ask, act, at, scene):
    """C17, T11."""
    booking = act(ask(at(25, 10)), Action.WITHDRAW)
    assert booking.status == Status.CANCELLED
    assert booking.proposals.get().state == ProposalState.WITHDRAWN
    assert booking.events.last().name == "Cancelled by user"
    assert kinds_to(scene.ana.member)[-1] == "booking_withdrawn_provider"
    assert not Claim.objects.exists()


def test_answer_to_a_withdrawn_request_says_what_happened(ask, act, at):
    """ux.md 2.0, conflict: names what changed."""
    booking = ask(at(25, 10))
    act(booking, Action.WITHDRAW)
    refusal = refusal_of(act, booking, Action.ACCEPT, start=at(25, 10))
    assert refusal.sentence == "Kim Okafor took back the request on Mon 23 Nov, 9:14am. Nothing was changed."
    assert refusal.is_conflict


def test_accepting_twice_says_who_was_first(ask, act, at):
    booking = ask(at(25, 10))
    act(booking, Action.ACCEPT, start=at(25, 10))
    assert refusal_of(act, booking, Action.ACCEPT, start=at(25, 10)).sentence == (
        "You accepted on Mon 23 Nov, 9:14am. Nothing was changed."
    )
    assert booking.events.count() == 2


def test_expiry_closes_what_nobody_answered(ask, at, scene):
    """T16, X8: both are told, the time is free again."""
    booking = ask(at(25, 10))
    assert services.expire_overdue(tenant=scene.tenant, now=at(25, 9, 59)) == 0
    assert services.expire_overdue(tenant=scene.tenant, now=at(25, 10, 1)) == 1
    booking.refresh_from_db()
    assert booking.status == Status.EXPIRED
    assert kinds_to(scene.kim)[-1] == "booking_expired_client"
    assert kinds_to(scene.ana.member)[-1] == "booking_expired_provider"
    assert not Claim.objects.exists()
    assert services.expire_overdue(tenant=scene.tenant, now=at(25, 10, 1)) == 0


def test_system_closes_nothing_before_its_time(ask, act, at):
    booking = ask(at(25, 10))
    with pytest.raises(services.Refused) as refused:
        services.perform(booking=booking, action=Action.EXPIRE, actor=Actor.SYSTEM, by=None, now=at(24, 10))
    assert refused.value.refusal.possible_from == at(25, 10)


def test_status_that_no_event_says_is_refused_by_the_database(ask, at):
    """B3: a deferred foreign key, checked here at once."""
    booking = ask(at(25, 10))
    with transaction.atomic(), connection.cursor() as cursor:
        Booking.objects.filter(pk=booking.pk).update(status=Status.CANCELLED)
        with pytest.raises(IntegrityError, match="status_is_last_event"):
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)


def test_event_that_starts_elsewhere_is_refused_by_the_database(ask, at):
    """B3: each event starts where the one before it ended."""
    booking = ask(at(25, 10))
    with pytest.raises(IntegrityError, match="chain_of_states"), transaction.atomic():
        BookingEvent.objects.create(
            booking=booking,
            sequence=2,
            action=Action.EXPIRE,
            name="Expired",
            status_before=Status.CONFIRMED,
            status=Status.EXPIRED,
            actor=Actor.SYSTEM,
            at=at(25, 10),
        )


@pytest.mark.parametrize("change", ["update", "delete"])
def test_timeline_is_append_only_for_the_role_that_serves(ask, at, change):
    booking = ask(at(25, 10))
    rows = BookingEvent.objects.filter(booking=booking)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        rows.update(message="x") if change == "update" else rows._raw_delete(rows.db)
