"""Clients, providers, staff and a clock act at random through the real services; the laws of bookings hold after every step.

`make test` runs a few short lives, always the same ones; `make simulate` runs many new ones (SIMULATE_RUNS, SIMULATE_STEPS).
"""

import os
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from accounts.queries import current_policy
from accounts.services import adopt_policy
from accounts.tenancy import tenant_scope
from bookings import services, workflow
from bookings.context import TimeOnTable
from bookings.enums import AGREED_ONCE, Action, Actor, Status
from bookings.models import Booking
from bookings.services.transitions import CHANGED_MEANWHILE
from calendars import freetime
from calendars.models import Calendar, FreeDay
from notifications.models import OutboxMessage
from tests.bookings.facts import PROPOSER
from tests.bookings.legal import LEGAL
from tests.simulation import laws
from tests.simulation.world import POLICIES, SEASONS, World, found, start_of

RUNS = int(os.environ.get("SIMULATE_RUNS", "0"))
STEPS = int(os.environ.get("SIMULATE_STEPS", "50"))
AFTER_START = {Action.COMPLETE, Action.NO_SHOW, Action.UNDO, Action.CONTEST}
ONE_TIME = {Action.RESCHEDULE, Action.AMEND}
SEVERAL_TIMES = {Action.SUGGEST, Action.ASK_SUPPORT}
SIDES = (Actor.CLIENT, Actor.PROVIDER)
OFTEN_SIDES = (*SIDES, *SIDES, Actor.STAFF, Actor.SYSTEM)
ENDS = (Action.WITHDRAW, Action.CANCEL, Action.DECLINE)  # less often, so that lives get long
DEAD = (Status.CANCELLED, Status.EXPIRED)
STARTS = st.lists(st.integers(0, 23), min_size=1, max_size=3, unique=True)
GOOD = {"clash_accepted": True, "consequences_accepted": True, "reason_text": "I am ill", "message": "Please."}
ANY_DETAILS = st.fixed_dictionaries(
    {
        "clash_accepted": st.booleans(),
        "consequences_accepted": st.booleans(),
        "reason_code": st.sampled_from(["", "", "other", "ill", "no-such-reason"]),
        "reason_text": st.sampled_from(["", "I am ill"]),
        "message": st.sampled_from(["", "Please."]),
        "notes": st.sampled_from(["", "Bring the papers."]),
        "absent": st.sampled_from([None, *SIDES]),
        "on_behalf_of": st.sampled_from([None, *SIDES]),
    }
)
CLIENT, SERVICE = st.integers(0, 2), st.integers(0, 3)
KEY = st.sampled_from(["", "", "key-1", "key-2", "key-3"])
WHAT_HAPPENS = (
    *["act_sensibly"] * 10, *["ask"] * 3, *["act_anyhow"] * 3, *["time_comes"] * 3, *["begin"] * 2,
    *["the_clock_works"] * 2, "time_passes", "a_reminder_is_due", "rules_change",
)  # fmt: skip
LITTLE_WHILES = [timedelta(minutes=10), timedelta(hours=2), timedelta(hours=9), timedelta(days=1), timedelta(days=2)]


class Life(RuleBasedStateMachine):
    """One life of one small marketplace."""

    scene = None

    def __init__(self):
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(tenant_scope(self.scene.tenant))
        self.now = self.scene.begin
        self.done = set()
        # As they were made: the same choices must meet the same bookings again, whatever their keys are.
        self.in_order = {}
        self.world = World.load(self.in_order)
        self.was_refused = False

    def teardown(self):
        """Everything is as it was before this life."""
        try:
            self.free_time_is_what_is_left()
        finally:
            transaction.set_rollback(True)
            self.stack.close()

    # --- what happens ----------------------------------------------------------------------------------------------

    @initialize(name=st.sampled_from(sorted(POLICIES)), data=st.data())
    def open(self, name, data):
        adopt_policy(policy=POLICIES[name])
        for _ in range(4):
            self.ask(data.draw)
        self.was_refused = False

    # One rule, since Hypothesis would switch off many of several in each life and seldom get far.
    @rule(what=st.sampled_from(WHAT_HAPPENS), data=st.data())
    def something_happens(self, what, data):
        if self.world.bookings or what in ("ask", "begin"):
            getattr(self, what)(data.draw)
        else:
            self.ask(data.draw)

    def ask(self, draw):
        client, service = draw(CLIENT), draw(SERVICE)
        starts = [start_of(number, self.now) for number in draw(STARTS)][: current_policy().policy.max_times]
        client, service = self.scene.clients[client], self.scene.services[service]
        key = draw(KEY)
        self.refusal_of(
            lambda: services.request_session(
                client=client, service=service, starts=starts, now=self.now, request_key=key
            )
        )

    def begin(self, draw):
        client, service = self.scene.clients[draw(CLIENT)], self.scene.services[draw(SERVICE)]
        made = {"needs_client": Action.INVITE}.get(current_policy().policy.provider_made, Action.BOOK)
        action, actor = draw(st.sampled_from([(made, Actor.PROVIDER), (Action.BOOK, Actor.CLIENT)]), "how")
        starts = draw(STARTS)[: 3 if action == Action.INVITE else 1]
        offer, key, tick = self.offer(service, starts), draw(KEY), draw(st.booleans())
        self.refusal_of(
            lambda: services.begin(
                action=action, actor=actor, client=client, service=service, now=self.now, clash_accepted=tick,
                offer=offer, request_key=key,
            )
        )  # fmt: skip

    def act_sensibly(self, draw):
        """Somebody does what is legal now, with a form filled in well."""
        live = [row for row in self.world.bookings.values() if row.status not in DEAD]
        if not live:
            return self.ask(draw)
        booking, first, absent = (
            draw(st.sampled_from(live), "of"),
            draw(st.integers(0, 5)),
            draw(st.sampled_from(SIDES)),
        )
        details = {**GOOD, "start": self.one_of_the_table(booking, draw)}
        details["offer"] = self.offer(booking.service, draw(STARTS))
        for actor in (*OFTEN_SIDES[first:], *OFTEN_SIDES[:first]):
            more = {"absent": absent, "on_behalf_of": absent} if actor == Actor.STAFF else {}
            facts = services.facts_about(booking, action=Action.SUGGEST, actor=actor, now=self.now, **details, **more)
            if moves := self.legal_moves(facts, booking):
                action = draw(st.sampled_from(moves), "move")
                more["reason_code"] = self.reason_code(booking, action, actor)
                return self.act(
                    booking, action, actor, **{**details, **more, "offer": self.for_move(facts, action).offer}
                )
        return None

    def legal_moves(self, facts, booking):
        """What the matrix and the guards let this person do now."""
        here = (booking.status, self.awaited(booking))
        moves = [row[2] for row in LEGAL if row[:2] == here and row[3] == facts.actor and row[2] != Action.NOTE]
        moves = [action for action in moves if workflow.check(self.for_move(facts, action)) is None]
        return [*[action for action in moves if action not in ENDS] * 3, *moves]

    def for_move(self, facts, action):
        """The same facts for another action, as pages make them."""
        if action in ONE_TIME:
            return replace(facts, action=action, chosen=facts.offer[0], offer=facts.offer[:1])
        return replace(facts, action=action, offer=facts.offer if action in SEVERAL_TIMES else (), setup_done=True)

    def act_anyhow(self, draw):
        """Somebody sends any form to any address."""
        booking = self.one_booking(draw)
        action, actor = draw(st.sampled_from(Action)), draw(st.sampled_from(Actor))
        seen = draw(st.sampled_from([None, booking.last_sequence, booking.last_sequence - 1]), "seen")
        numbers, minutes = draw(st.lists(st.integers(0, 23), max_size=4)), draw(st.sampled_from([0, 0, 45]))
        start, offer = self.one_of_the_table(booking, draw), self.offer(booking.service, numbers, minutes)
        self.act(booking, action, actor, seen=seen, start=start, offer=offer, **draw(ANY_DETAILS))

    def time_passes(self, draw):
        self.now += draw(st.sampled_from(LITTLE_WHILES))

    def time_comes(self, draw):
        """Exactly a start, an end or a deadline, or the instant after it."""
        if moments := self.moments():
            self.now = draw(st.sampled_from(moments)) + draw(st.sampled_from([timedelta(), timedelta(microseconds=1)]))

    def rules_change(self, draw):
        """Decisions 16: bookings made before keep their rules."""
        adopt_policy(policy=POLICIES[draw(st.sampled_from(sorted(POLICIES)))])

    def the_clock_works(self, draw):
        """Beat and worker have caught up with everything that is due."""
        tenant, now = self.scene.tenant, self.now
        services.expire_overdue(tenant=tenant, now=now)
        for booking in Booking.objects.filter(status=Status.CONFIRMING):
            services.set_up(booking_id=booking.pk, now=now)
        for message in OutboxMessage.objects.filter(topic="bookings.close_rivals").exclude(pk__in=self.done):
            services.close_rivals(booking_id=message.payload["booking_id"], tenant=tenant, now=now)
            self.done.add(message.pk)
        services.complete_ended(tenant=tenant, now=now)
        laws.nothing_is_left_behind(World.load(self.in_order), now)

    def a_reminder_is_due(self, draw):
        """X8: it goes to the slow side while the proposal waits, and nowhere else."""
        booking = self.one_booking(draw)
        event = draw(st.sampled_from(self.world.events[booking.pk]), "event")
        proposal, before = self.world.open_proposal(booking), self.world.mails
        services.remind_to_answer(booking_id=booking.pk, sequence=event.sequence, now=self.now)
        waits = proposal and proposal.made_at == event.at and self.now < proposal.answer_by
        assert World.load(self.in_order).mails - before in ((0, 1) if waits else (0,))

    # --- the laws --------------------------------------------------------------------------------------------------

    @invariant()
    def the_laws_hold(self):
        before, self.world = self.world, World.load(self.in_order)
        if self.was_refused:
            assert self.world.fingerprint() == before.fingerprint(), "a refusal changed something"
            self.was_refused = False
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        laws.hold(self.world)

    def free_time_is_what_is_left(self):
        """Decisions 22: the rows kept up with every claim say the same as rows made anew."""
        calendars = list(Calendar.objects.all())
        kept = list(FreeDay.objects.order_by("calendar", "day").values())
        first_day, days = freetime.days_kept(self.scene.begin)
        freetime.rebuild(calendars, first_day=first_day, days=days)
        anew = list(FreeDay.objects.order_by("calendar", "day").values())
        for row in (*kept, *anew):
            row.pop("id")
        has_hours = {row["calendar_id"] for row in kept}
        assert kept == [row for row in anew if row["calendar_id"] in has_hours]

    # --- how it is done --------------------------------------------------------------------------------------------

    def act(self, booking, action, actor, **details):
        """One action through the service, after asking what a page would ask; both must agree (B7, B10, D-7)."""
        by = {Actor.CLIENT: booking.client, Actor.PROVIDER: booking.provider.member, Actor.STAFF: self.scene.staff}
        seen = details.pop("seen", None)
        started, awaited = laws.started_before(self.world, booking, self.now), self.awaited(booking)
        shared = {"action": action, "actor": actor, "by": by.get(actor), "now": self.now}
        if action == Action.FINISH_SETUP:
            details["setup_done"] = True
        facts = services.facts_about(booking, **shared, **details)
        expected = workflow.check(facts)
        assert all(line.sentence.endswith(".") for line in workflow.preview(facts))
        if seen not in (None, booking.last_sequence):
            expected = CHANGED_MEANWHILE
        refusal = self.refusal_of(lambda: services.perform(booking=booking, seen=seen, **shared, **details))
        assert refusal == expected
        event(f"{action} by {actor} {'refused' if refusal else 'done'}")
        if refusal:
            return
        assert (booking.status, awaited, action, actor) in LEGAL, "B4"
        assert not started or actor not in SIDES or action in AFTER_START, "B7"

    def refusal_of(self, call):
        """None when it was done; else a refusal in a sentence, without need of the database's wall: nobody is faster here."""
        try:
            booking = call()
        except services.Refused as refused:
            refusal = refused.refusal
        else:
            self.in_order.setdefault(booking.pk, len(self.in_order))
            return None
        assert refusal.sentence[0].isupper()
        assert refusal.sentence.endswith(".")
        assert refusal.code not in ("just_taken", "busy")
        self.was_refused = True
        return refusal

    def awaited(self, booking):
        proposal = self.world.open_proposal(booking)
        made_by = Actor(proposal.made_by) if proposal else None
        return next(side for side, proposer in PROPOSER.items() if proposer == made_by)

    def offer(self, service, numbers, minutes=0):
        return [
            TimeOnTable(start_of(number, self.now), minutes or service.minutes, service.price) for number in numbers
        ]

    def one_booking(self, draw):
        return draw(st.sampled_from(list(self.world.bookings.values())), "booking")

    def one_of_the_table(self, booking, draw):
        proposal = self.world.open_proposal(booking)
        starts = [row.starts_at for row in self.world.times[proposal.pk]] if proposal else []
        return draw(st.sampled_from(starts), "time") if starts else None

    def reason_code(self, booking, action, actor):
        policy = booking.policy
        listed = {Action.DECLINE: policy.decline_reasons, Action.CANCEL: policy.cancel_reasons}.get(action, ())
        return listed[0].code if listed and actor == Actor.PROVIDER else ""

    def moments(self):
        found = [row.answer_by for rows in self.world.proposals.values() for row in rows if row.closed_at is None]
        for booking in self.world.bookings.values():
            if booking.status in AGREED_ONCE:
                wait = timedelta(minutes=10)
                found += [booking.starts_at, booking.starts_at + wait, booking.ends_at, booking.ends_at + timedelta(1)]
                found += [booking.starts_at - timedelta(hours=hours) for hours in (24, 48, 120)]
        return sorted(moment for moment in set(found) if moment > self.now)


def live(scene, *, runs, steps, always_the_same):
    """Run lives of `steps` steps."""
    machine = type("Life", (Life,), {"scene": scene})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            derandomize=always_the_same,
            database=None,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("season", SEASONS)
@pytest.mark.skipif(bool(RUNS), reason="make simulate runs longer ones")
def test_the_laws_hold_in_a_few_short_lives(db, season):
    """B1-B9, F60-F62, both changes of clocks."""
    live(found(SEASONS[season]), runs=6, steps=25, always_the_same=True)


@pytest.mark.parametrize("season", SEASONS)
@pytest.mark.parametrize("part", range(max(1, RUNS // 50)))
@pytest.mark.skipif(not RUNS, reason="make simulate")
def test_the_laws_hold_in_many_long_lives(db, season, part):
    """B1-B9: new lives each time; each part rolls back."""
    live(found(SEASONS[season]), runs=25, steps=STEPS, always_the_same=False)
