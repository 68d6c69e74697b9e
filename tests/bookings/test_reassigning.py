"""Staff give a booking to another provider: time, table, credits, room, calendar files, late changes, mails (T34)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from accounts.presets import PRESETS
from accounts.services import adopt_policy
from bookings import queries, services
from bookings.enums import Action, CreditStatus, LateChangeKind, LateChangeState, ProposalState, Status
from bookings.models import Booking, LateChange, SupportRequest
from bookings.services import CHANGED_MEANWHILE
from calendars import services as calendars
from calendars.enums import ClaimKind
from calendars.models import Claim, Meeting
from calendars.queries import meeting_url
from credits import queries as credits
from marketplace import queries as marketplace
from marketplace import services as shop
from marketplace.enums import Listing
from notifications import rendering
from notifications.models import EmailMessage, OutboxMessage
from tests import factories

from .mails.reading import file_of, read
from .negotiating import CLIENT, PROVIDER, STAFF, SYSTEM, held, names, refusal_of, states, times

BEN = "Ben Roth"


@pytest.fixture
def scene(scene):
    """Ben in London offers the same for less, with time around it; Kim has 100 credits."""
    scene.ben = factories.provider(BEN, zone="Europe/London", now=scene.now)
    scene.bens = factories.service(scene.ben, "Tax planning with Ben", price=20, buffer_before=15, buffer_after=30)
    scene.bens = marketplace.offered_by(BEN)[0]
    scene.kim = factories.member("Kim Okafor", credits=100)
    return scene


@pytest.fixture
def give(do, scene):
    """Give a booking to Ben, as staff."""

    def give(booking, **more):
        return do(booking, Action.REASSIGN, STAFF, **{"new_service": scene.bens, **more})

    return give


def claims(booking):
    rows = Claim.objects.filter(reference=booking.reference).select_related("calendar__member")
    return sorted((row.calendar.member.name, row.kind, row.during.lower, row.during.upper) for row in rows)


def mails(booking, since=0):
    rows = EmailMessage.objects.filter(reference=booking.reference).select_related("recipient__user", "tenant")
    return {mail.kind: mail for mail in rows.order_by("created_at", "id")[since:]}


def count(booking):
    return EmailMessage.objects.filter(reference=booking.reference).count()


# --- whose it is, and what stays ----------------------------------------------------------------------------------


def test_what_is_agreed_stays_where_it_is_with_somebody_else(agreed, give, scene, at):
    """Time, length, price and rules stay; the service is Ben's, with his time around it (B9)."""
    booking = give(agreed, on_behalf_of=PROVIDER)
    fresh = Booking.objects.get(pk=booking.pk)
    assert (fresh.provider_id, fresh.service_id) == (scene.ben.pk, scene.bens.pk)
    assert (fresh.status, fresh.starts_at, fresh.minutes, fresh.price) == (Status.CONFIRMED, at(25, 10), 30, 30)
    assert fresh.policy_version_id == agreed.policy_version_id
    assert claims(booking) == [
        (BEN, ClaimKind.SESSION, at(25, 9, 45), at(25, 11)),
        ("Kim Okafor", ClaimKind.SESSION, at(25, 10), at(25, 10, 30)),
    ]


def test_the_timeline_says_old_new_why_and_for_whom(agreed, give):
    """D-5: one line; what was before keeps its names."""
    booking = give(agreed, on_behalf_of=PROVIDER, reason_text="Ana is ill")
    event = booking.events.get(action=Action.REASSIGN)
    assert (event.name, event.on_behalf_of, event.reason_text) == ("Reassigned by staff", PROVIDER, "Ana is ill")
    assert event.data["handover"] == {
        "was": "Ana Nowak", "was_service": "Tax planning", "now": BEN, "service": "Tax planning with Ben",
    }  # fmt: skip
    assert names(booking)[-1] == "Reassigned by staff"


def test_the_free_time_of_both_follows(agreed, give, scene, at):
    """What was Ana's can be asked of her again, and Ben's can't."""
    policy, shown = agreed.policy, {"now": scene.now}
    assert marketplace.why_not(scene.ana, scene.service, policy, at(25, 10), **shown)
    give(agreed)
    assert marketplace.why_not(scene.ana, scene.service, policy, at(25, 10), **shown) is None
    assert marketplace.why_not(scene.ben, scene.bens, policy, at(25, 10), **shown)


@pytest.mark.parametrize("by", [CLIENT, PROVIDER])
def test_what_is_on_the_table_of_a_request_stays_there(by, ask, do, give, scene, at):
    """Who has to answer is the other side as before; the times are held with Ben, and no more with Ana."""
    booking = ask(at(25, 10), at(26, 10))
    if by == PROVIDER:
        booking = do(booking, Action.SUGGEST, PROVIDER, offer=times(at(27, 10)))
    before = booking.proposals.get(state=ProposalState.OPEN)
    booking = give(booking)
    after = booking.proposals.get(state=ProposalState.OPEN)
    assert (after.pk, after.answer_by, booking.status) == (before.pk, before.answer_by, Status.PENDING)
    starts = [at(25, 10), at(26, 10)] if by == CLIENT else [at(27, 10)]
    assert claims(booking) == [
        (BEN, ClaimKind.ASKED, start - timedelta(minutes=15), start + timedelta(minutes=60)) for start in starts
    ]
    answers = PROVIDER if by == CLIENT else CLIENT
    booking = do(booking, Action.ACCEPT, answers, start=starts[0])
    assert (booking.status, booking.starts_at, booking.price) == (Status.CONFIRMED, starts[0], 30)
    assert held(booking, ClaimKind.SESSION) == [starts[0] - timedelta(minutes=15)]


def test_another_date_that_was_talked_about_is_closed(agreed, do, give, at):
    """It was talked about with Ana: the agreed time stays, and nothing else is held."""
    booking = give(do(agreed, Action.SUGGEST, CLIENT, offer=times(at(26, 10))))
    assert states(booking)[-1] == (CLIENT, ProposalState.VOID)
    assert [kind for _, kind, *_ in claims(booking)] == [ClaimKind.SESSION] * 2


def test_a_wish_of_the_one_before_is_settled(ask, do, give, rules, at):
    """Who asked support reads the answer; Ana's wish that Kim cancels is hers alone (T20, PG-35b)."""
    rules(provider_cancel="ask_client")
    booking = do(ask(at(25, 10)), Action.ACCEPT, PROVIDER, start=at(25, 10))
    do(booking, Action.ASK_SUPPORT, PROVIDER, message="I can't.")
    booking = do(booking, Action.ASK_TO_CANCEL, PROVIDER, message="Please cancel.")
    assert booking.cancel_asked_at
    booking = give(booking)
    assert booking.cancel_asked_at is None
    assert SupportRequest.objects.get(booking=booking).state == "done"


def test_it_can_come_back(agreed, give, scene, at):
    booking = give(agreed)
    back = marketplace.offered_by("ana nowak")[0]
    booking = give(booking, new_service=back)
    assert (booking.provider_id, booking.calendar_sequence) == (scene.ana.pk, 2)
    assert claims(booking)[0] == ("Ana Nowak", ClaimKind.SESSION, at(25, 10), at(25, 10, 30))


# --- refused ------------------------------------------------------------------------------------------------------


def refused(give, booking, **more):
    before, sent = claims(booking), count(booking)
    refusal = refusal_of(give, booking, **more)
    fresh = Booking.objects.get(pk=booking.pk)
    assert (claims(booking), count(booking), fresh.provider_id) == (before, sent, booking.provider_id)
    return refusal


def test_somebody_else_is_named(agreed, give, scene):
    assert refused(give, agreed, new_service=None).sentence == "Say who takes it over."
    own = refused(give, agreed, new_service=scene.service)
    assert (own.sentence, own.field) == ("It is with Ana Nowak already. Choose somebody else.", "provider")


def test_nobody_has_a_session_with_themselves(ask, give, scene, at):
    """Ben asks Ana, so that Ben can't take it over."""
    booking = ask(at(25, 10), client=scene.ben.member)
    refusal = refused(give, booking)
    assert refusal.sentence == "Ben Roth can't have a meeting with themselves. Choose somebody else."


def test_nobody_of_the_staff_gives_it_to_themselves(agreed, scene):
    """It may be worth credits (L10)."""
    call = {"booking": agreed, "action": Action.REASSIGN, "actor": STAFF, "by": scene.ben.member, "now": scene.now}
    refusal = refusal_of(services.perform, **call, new_service=scene.bens, reason_text="I like it")
    assert refusal.sentence == "You can't give it to yourself. Ask somebody else of the staff."


def test_only_what_is_offered_can_be_had(agreed, give, scene, now):
    """S1.22: a paused topic, a withdrawn service, somebody who is not on the list any more."""
    topic = factories.topic("Tax")
    paused = factories.service(scene.ben, "Paused", topic=topic)
    shop.update_provider(provider=scene.ben, topics=[topic])
    shop.set_listing(provider=scene.ben, topic=topic, listing=Listing.SUSPENDED)
    sentence = "Ben Roth does not offer Paused at the moment. Choose something else, or somebody else."
    assert refused(give, agreed, new_service=paused).sentence == sentence
    gone = factories.service(scene.ben, "Gone")
    shop.update_service(service=gone, is_active=False)
    assert refused(give, agreed, new_service=gone).code == "not_offered"
    shop.update_provider(provider=scene.ben, is_published=False)
    scene.bens.refresh_from_db()
    assert refused(give, agreed, new_service=scene.bens).code == "not_offered"


def test_an_agreed_session_is_named_and_refuses(agreed, ask, do, give, scene, at):
    """Decisions.md 14, B1: Ben's time around it counts, too."""
    lena = factories.member("Lena Hartmann")
    other = ask(at(25, 11), client=lena, service=scene.bens)
    other = do(other, Action.ACCEPT, PROVIDER, start=at(25, 11))
    refusal = refused(give, agreed, clash_accepted=True)
    assert (refusal.code, refusal.field, refusal.is_conflict) == ("taken", "provider", True)
    what = f"Tax planning with Ben with Lena Hartmann ({other.code})"
    assert refusal.sentence.startswith(f"Ben Roth has agreed to {what} on Wed 25 Nov, ")
    assert refusal.sentence.endswith("Choose somebody else.")


def test_an_agreed_session_at_one_of_the_times_refuses_a_request(ask, do, give, scene, at):
    other = ask(at(26, 10), client=factories.member("Lena Hartmann"), service=scene.bens)
    do(other, Action.ACCEPT, PROVIDER, start=at(26, 10))
    assert refused(give, ask(at(25, 10), at(26, 10))).code == "taken"
    assert give(ask(at(24, 15), client=factories.member("Noor Haddad"))).provider_id == scene.ben.pk


def test_what_only_warns_needs_a_tick(agreed, give, scene, at):
    """S4.4: time that Ben blocked is named to staff in their words."""
    calendars.block(calendar=scene.ben.calendar, start=at(25, 9), end=at(25, 12), note="Dentist")
    refusal = refused(give, agreed)
    assert refusal.field == "clash_accepted"
    assert "This overlaps time they blocked on Wed 25 Nov" in refusal.sentence
    assert "Dentist" not in refusal.sentence
    assert give(agreed, clash_accepted=True).provider_id == scene.ben.pk


def test_not_once_it_has_begun(agreed, give, at):
    refusal = refused(give, agreed, now=at(25, 10))
    assert (refusal.code, refusal.is_conflict) == ("started", True)


def test_a_reason_is_given(agreed, give):
    assert refused(give, agreed, reason_text=" ").field == "reason_text"


@pytest.mark.parametrize("end", [Action.DECLINE, Action.CANCEL])
def test_what_has_ended_has_nobody_new(end, ask, do, give, at):
    booking = ask(at(25, 10))
    booking = do(booking, end, STAFF)
    assert refused(give, booking).code == "moved_on"


# --- pages that were loaded before --------------------------------------------------------------------------------


@pytest.mark.parametrize("actor", [CLIENT, PROVIDER, STAFF, SYSTEM])
def test_who_loaded_it_before_is_refused_whoever_they_are(actor, agreed, give, do, at):
    """A booking loaded with Ana would lock Ana's calendar while it takes Ben's: nothing is done to it."""
    stale = Booking.objects.select_related("provider__member", "service").get(pk=agreed.pk)
    give(agreed)
    what = {
        CLIENT: (Action.CANCEL, {"consequences_accepted": True}),
        PROVIDER: (Action.CANCEL, {"consequences_accepted": True}),
        STAFF: (Action.AMEND, {"offer": times(at(26, 10))}),
        SYSTEM: (Action.COMPLETE, {"now": at(30, 10)}),
    }
    action, details = what[actor]
    assert refusal_of(do, stale, action, actor, **details) == CHANGED_MEANWHILE


def test_the_provider_before_reaches_it_no_more(agreed, give, scene):
    """T2, X40: no page, no row of a list, no number; what was sent stays theirs."""
    ana, ben = scene.ana.member, scene.ben.member
    assert queries.get_booking_for(ana, agreed.code)
    give(agreed)
    with pytest.raises(Booking.DoesNotExist):
        queries.get_booking_for(ana, agreed.code)
    assert list(queries.own(ana)) == []
    assert [row.code for row in queries.own(ben)] == [agreed.code]
    assert queries.counts(ana, scene.now).by_scope["all"] == 0


# --- credits ------------------------------------------------------------------------------------------------------


@pytest.fixture
def priced(scene, rules, ask, do, at):
    """Agreed where credits are taken: 30 of Kim's are held."""
    rules(price_unit="credits")
    return do(ask(at(25, 10)), Action.ACCEPT, PROVIDER, start=at(25, 10))


def has(member):
    found = credits.balances(member)
    return found.available, found.held, found.earned


def test_what_is_held_stays_held_and_goes_to_who_did_it(priced, give, do, scene, at):
    """T37, decisions.md 18: no move by giving it on; Ben earns it, Ana nothing."""
    booking = give(priced)
    assert (booking.credit_status, booking.hold_id, booking.price) == (CreditStatus.BLOCKED, priced.hold_id, 30)
    assert has(scene.kim) == (70, 30, 0)
    do(booking, Action.COMPLETE, STAFF, now=at(25, 11))
    assert (has(scene.kim), has(scene.ben.member)[2], has(scene.ana.member)[2]) == ((70, 0, 0), 30, 0)


@pytest.mark.parametrize("is_agreed", [True, False])
def test_what_waits_for_credits_waits_on(is_agreed, rules, ask, do, give, scene, at):
    """T7c: the time is kept with Ben; a request was never shown to a provider, and still is not."""
    rules(price_unit="credits")
    lena = factories.member("Lena Hartmann", credits=10)
    if is_agreed:
        booking = services.begin(
            action=Action.INVITE, actor=PROVIDER, client=lena, service=scene.service, offer=times(at(25, 10)),
            now=scene.now,
        )  # fmt: skip
        booking = do(booking, Action.ACCEPT, CLIENT, start=at(25, 10))
    else:
        booking = ask(at(25, 10), client=lena)
    assert booking.status == Status.WAITING
    sent = count(booking)
    booking = give(booking)
    kind = ClaimKind.SESSION if is_agreed else ClaimKind.ASKED
    assert (BEN, kind, at(25, 9, 45), at(25, 11)) in claims(booking)
    assert "Ana Nowak" not in [name for name, *_ in claims(booking)]
    told = {"client", "provider", "former"} if is_agreed else {"client"}
    assert set(mails(booking, sent)) == {f"booking_reassigned_{who}" for who in told}
    factories.purse(lena, 50)
    assert services.settle_waiting(tenant=scene.tenant, now=scene.now) == 1
    booking.refresh_from_db()
    assert booking.status == (Status.CONFIRMED if is_agreed else Status.PENDING)
    if not is_agreed:
        assert mails(booking)["booking_requested_provider"].recipient == scene.ben.member


# --- room, calendar files, mails ----------------------------------------------------------------------------------


def test_all_three_are_told_with_their_files(agreed, give, at, scene):
    """R-MAIL-2, R-MAIL-8: one mail each; out of Ana's calendar, into Ben's, and Kim's says who."""
    sent = count(agreed)
    booking = give(agreed, on_behalf_of=PROVIDER, reason_text="Ana is ill")
    told = mails(booking, sent)
    assert {kind: mail.recipient.name for kind, mail in told.items()} == {
        "booking_reassigned_client": "Kim Okafor",
        "booking_reassigned_provider": BEN,
        "booking_reassigned_former": "Ana Nowak",
    }
    files = {kind.rpartition("_")[2]: file_of(mail) for kind, mail in told.items()}
    assert files == {
        "client": ("REQUEST", 1, "CONFIRMED", at(25, 10)),
        "provider": ("REQUEST", 1, "CONFIRMED", at(25, 10)),
        "former": ("CANCEL", 1, "CANCELLED", at(25, 10)),
    }
    said = {kind.rpartition("_")[2]: read(mail) for kind, mail in told.items()}
    assert said["client"].subject == "Now with Ben Roth: Wed 25 Nov, 3am (Chicago)"
    assert "gave your meeting with Ana Nowak to Ben Roth, as Ana Nowak asked.\n" in said["client"].text
    assert said["provider"].subject == "You take over Kim Okafor: Wed 25 Nov, 9am (London)"
    assert "gave you the meeting of Kim Okafor that was with Ana Nowak, as Ana Nowak asked.\n" in said["provider"].text
    assert said["former"].subject == "Given to somebody else: Wed 25 Nov, 10am (Prague) with Kim Okafor"
    assert "gave your meeting with Kim Okafor to somebody else, as you asked.\n" in said["former"].text
    assert all("The reason:\n> Ana is ill\n" in mail.text for mail in said.values())
    # Whose it is now is no business of hers, and the page is not hers to open.
    assert BEN not in said["former"].text
    assert "http" not in said["former"].text
    assert "What: Tax planning, 30 minutes\n" in said["former"].text
    assert "What: Tax planning with Ben, 30 minutes\n" in said["provider"].text


def test_nobody_gets_a_file_for_a_request(ask, give, at):
    booking = ask(at(25, 10), notes="VAT, too")
    sent = count(booking)
    told = mails(give(booking), sent)
    assert len(told) == 3
    assert [mail.calendar_file for mail in told.values()] == ["", "", ""]
    text = read(told["booking_reassigned_provider"]).text
    assert "Next: answer by " in text
    assert "VAT, too" in text
    assert "Next: Ben Roth answers by " in read(told["booking_reassigned_client"]).text
    assert "gave your request with Kim Okafor to somebody else.\n" in read(told["booking_reassigned_former"]).text


def test_the_room_is_made_anew(scene, rules, ask, do, give, at):
    """Ana knows the old address: it leads nowhere from now on; the confirmation has the new one (decisions.md 7)."""
    rules(logistics="automatic")
    booking = do(ask(at(25, 10)), Action.ACCEPT, PROVIDER, start=at(25, 10))
    services.set_up(booking_id=booking.pk, now=scene.now)
    old = meeting_url(booking.reference)
    booking.refresh_from_db()
    sent = count(booking)

    booking = give(booking)

    assert (booking.status, Meeting.objects.filter(key=booking.reference).exists()) == (Status.CONFIRMING, False)
    told = mails(booking, sent)
    assert {kind: bool(file_of(mail)) for kind, mail in told.items()} == {
        "booking_reassigned_client": False, "booking_reassigned_provider": False, "booking_reassigned_former": True,
    }  # fmt: skip
    assert old
    assert all(old not in mail.calendar_file + read(mail).text for mail in told.values())
    assert OutboxMessage.objects.filter(topic="bookings.set_up", payload__booking_id=str(booking.pk)).count() == 2
    sent = count(booking)
    services.set_up(booking_id=booking.pk, now=scene.now)
    told = mails(booking, sent)
    assert {kind: mail.recipient.name for kind, mail in told.items()} == {
        "booking_confirmed_client": "Kim Okafor", "booking_confirmed_provider": BEN,
    }  # fmt: skip
    new = meeting_url(booking.reference)
    assert new != old
    assert [file_of(mail)[1] for mail in told.values()] == [1, 1]
    assert all(new in mail.calendar_file for mail in told.values())
    assert "is with Ben Roth now, and everything is set up.\n" in read(told["booking_confirmed_client"]).text
    assert "gave you is set up.\n" in read(told["booking_confirmed_provider"]).text


def test_who_never_had_a_file_gets_none_that_cancels(scene, rules, ask, do, give, at):
    """Given on twice before it is set up: Ben had nothing in his calendar yet."""
    rules(logistics="automatic")
    booking = give(do(ask(at(25, 10)), Action.ACCEPT, PROVIDER, start=at(25, 10)))
    sent = count(booking)
    booking = give(booking, new_service=marketplace.offered_by("Ana Nowak")[0])
    assert mails(booking, sent)["booking_reassigned_former"].recipient.name == BEN
    assert [mail.calendar_file for mail in mails(booking, sent).values()] == ["", "", ""]


def test_the_reminder_goes_to_who_has_to_answer_now(ask, give, scene, at):
    """EM-E2: the request is the same, and so is its time to answer."""
    booking = give(ask(at(27, 10)))
    sent = count(booking)
    services.remind_to_answer(booking_id=booking.pk, sequence=1, now=scene.now + timedelta(hours=40))
    (mail,) = mails(booking, sent).values()
    assert (mail.kind, mail.recipient.name) == ("booking_answer_reminder_provider", BEN)


# --- late changes -------------------------------------------------------------------------------------------------


@pytest.fixture
def counting(scene, rules, agreed):
    """Less than 48 hours before the start counts against a provider."""
    adopt_policy(policy=replace(PRESETS["mentors"].policy, logistics="manual", late_change_hours=48))


def lates():
    return [(row.provider.name, row.kind, row.state) for row in LateChange.objects.order_by("at", "pk")]


@pytest.mark.parametrize(("for_whom", "hours", "counts"), [(PROVIDER, 24, 1), (PROVIDER, 49, 0), (CLIENT, 24, 0)])
def test_who_can_t_do_it_so_late_has_cancelled_late(for_whom, hours, counts, scene, counting, ask, do, give, at):
    """S1.16: whose wish it was, as for every other change by staff; it counts for Ana, not for Ben."""
    booking = do(ask(at(27, 10)), Action.ACCEPT, PROVIDER, start=at(27, 10))
    give(booking, on_behalf_of=for_whom, now=at(27, 10) - timedelta(hours=hours))
    assert lates() == [("Ana Nowak", LateChangeKind.CANCEL, LateChangeState.COUNTED)] * counts


def test_each_provider_of_a_booking_has_late_changes_of_their_own(scene, counting, ask, do, give, at):
    """Ben cancels what Ana gave away late: one each; reopening it undoes Ben's alone."""
    booking = do(ask(at(27, 10)), Action.ACCEPT, PROVIDER, start=at(27, 10))
    late = at(27, 10) - timedelta(hours=24)
    booking = give(booking, on_behalf_of=PROVIDER, now=late)
    booking = do(booking, Action.CANCEL, STAFF, now=late, on_behalf_of=PROVIDER)
    assert lates() == [(name, LateChangeKind.CANCEL, LateChangeState.COUNTED) for name in ("Ana Nowak", BEN)]
    do(booking, Action.REOPEN, STAFF, now=late)
    assert [state for *_, state in lates()] == [LateChangeState.COUNTED, LateChangeState.UNDONE]


# --- rivals -------------------------------------------------------------------------------------------------------


def test_requests_for_the_same_time_of_the_new_one_are_closed(agreed, ask, give, scene, at):
    """D11: Lena asked Ben for this very time."""
    rival = ask(at(25, 10), client=factories.member("Lena Hartmann"), service=scene.bens)
    booking = give(agreed, clash_accepted=True)
    assert services.close_rivals(booking_id=booking.pk, tenant=scene.tenant, now=scene.now) == 1
    rival.refresh_from_db()
    assert rival.status == Status.DECLINED


def test_the_one_before_reads_of_what_was_theirs(scene, counting, ask, do, give, at):
    """S1.16: the mail about the late change names the session as it was hers."""
    booking = do(ask(at(27, 10)), Action.ACCEPT, PROVIDER, start=at(27, 10))
    give(booking, on_behalf_of=PROVIDER, now=at(27, 10) - timedelta(hours=24))
    mail = EmailMessage.objects.get(kind="standing_late_change")
    assert mail.recipient == scene.ana.member
    assert "Tax planning with Kim Okafor, Fri 27 Nov, 10am (Prague)." in rendering.render(mail, now=scene.now).text
