"""One life of a small marketplace: clients, providers, staff and a clock act at random through the real services."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from accounts.queries import current_policy
from accounts.services import adopt_policy
from accounts.tenancy import tenant_scope
from bookings import services, workflow
from bookings.context import TimeOnTable
from bookings.enums import AGREED, AGREED_ONCE, OVER, Action, Actor, Status
from bookings.services.transitions import CHANGED_MEANWHILE
from calendars import freetime
from calendars.models import Calendar, FreeDay
from config.verification import laws as books
from credits.verification import verify
from notifications.models import OutboxMessage
from tests import factories
from tests.bookings.facts import PROPOSER
from tests.bookings.legal import LEGAL
from tests.simulation import laws
from tests.simulation.world import POLICIES, World, Writes, start_of

AFTER_START = {Action.COMPLETE, Action.NO_SHOW, Action.UNDO, Action.CONTEST}
ONE_TIME = {Action.RESCHEDULE, Action.AMEND}
SEVERAL_TIMES = {Action.SUGGEST, Action.ASK_SUPPORT}
SIDES = (Actor.CLIENT, Actor.PROVIDER)
# A life is worth its length: what ends a negotiation comes seldom, what nobody did in this life yet comes often.
ENDS = {Action.WITHDRAW, Action.CANCEL, Action.DECLINE, Action.EXPIRE, Action.CLOSE}
HOW_OFTEN = {**dict.fromkeys(Action, 4), **dict.fromkeys(ENDS, 1), Action.NOTE: 1, Action.CHANGE_NOTES: 2}
LIVING = (Status.PENDING, *AGREED, *OVER)
FEW, MANY = 4, 9
MOVES = {}
for _status, _awaited, _action, _actor in LEGAL:
    MOVES.setdefault((_status, _awaited, _actor), []).append(_action)
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
        "new_price": st.sampled_from([None, -1, 0, 20, 30, 200]),
        "credits_back": st.sampled_from([None, None, -1, 0, 7, 200]),
    }
)
MOSTLY, SELDOM = st.sampled_from([True] * 4 + [False]), st.sampled_from([False] * 7 + [True])
KEY = st.sampled_from([*[""] * 9, "key-1", "key-2"])
# The longest notice that any of the policies asks for.
LEAD = timedelta(hours=24)
WHAT_HAPPENS = (
    *["act_sensibly"] * 12, *["ask"] * 2, *["act_anyhow"] * 2, *["time_comes"] * 3, *["time_passes"] * 2, "begin",
    *["the_clock_works"] * 2, "a_reminder_is_due", "rules_change", "credits_come",
)  # fmt: skip
# Those under which both sides propose other dates are the ones with the most to walk.
OFTEN_POLICIES = sorted([*POLICIES, *[name for name in POLICIES if POLICIES[name].reschedule == "proposal"] * 2])
LITTLE_WHILES = [timedelta(minutes=10), timedelta(hours=2), timedelta(hours=9), timedelta(days=1)]


class Life(RuleBasedStateMachine):
    """One life; `scene` is the world it begins in, `walked` where it leaves the rows of the table that it walked."""

    scene = None
    walked: dict

    def __init__(self):
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(tenant_scope(self.scene.tenant))
        self.writes = Writes()
        self.stack.enter_context(connection.execute_wrapper(self.writes))
        self.now = self.scene.begin
        self.done = set()
        self.cells = set()
        # As they were made: the same choices must meet the same bookings again, whatever their keys are.
        self.in_order = {}
        self.world = self.newest = World.load(self.in_order)
        self.was_refused = False
        self.whose = None

    def teardown(self):
        """Everything is as it was before this life."""
        try:
            self.free_time_is_what_is_left()
            self.the_books_add_up()
            for row in laws.rows_walked(self.world):
                self.walked[row] = self.walked.get(row, 0) + 1
        finally:
            transaction.set_rollback(True)
            self.stack.close()

    # --- what happens ----------------------------------------------------------------------------------------------

    @initialize(name=st.sampled_from(OFTEN_POLICIES), data=st.data())
    def open(self, name, data):
        adopt_policy(policy=POLICIES[name])
        for _ in range(FEW):
            self.ask(data.draw)
        self.was_refused = False

    # One rule, since Hypothesis would switch off many of several in each life and seldom get far.
    @rule(what=st.sampled_from(WHAT_HAPPENS), data=st.data())
    def something_happens(self, what, data):
        living = sum(row.status in (Status.PENDING, *AGREED) for row in self.world.bookings.values())
        if living < FEW and what in ("act_sensibly", "act_anyhow"):
            what = data.draw(st.sampled_from(["ask", "ask", "begin", what] if self.world.bookings else ["ask"]))
        elif living > MANY and what in ("ask", "begin"):
            what = "act_sensibly"
        if self.world.bookings or what in ("ask", "begin"):
            getattr(self, what)(data.draw)

    def ask(self, draw):
        service, client = self.who_and_what(draw)
        starts = self.starts(service, draw)[: current_policy().policy.max_times]
        key = draw(KEY)
        self.refusal_of(
            lambda: services.request_session(
                client=client, service=service, starts=starts, now=self.now, request_key=key
            )
        )

    def begin(self, draw):
        service, client = self.who_and_what(draw)
        made = {"needs_client": Action.INVITE}.get(current_policy().policy.provider_made, Action.BOOK)
        at_once = [(Action.BOOK, Actor.CLIENT)] * (1 + 2 * service.is_instant)
        action, actor = draw(st.sampled_from([(made, Actor.PROVIDER), (made, Actor.PROVIDER), *at_once]), "how")
        starts = self.starts(service, draw)[: 3 if action == Action.INVITE else 1]
        offer, key, tick = self.offer(service, starts), draw(KEY), draw(MOSTLY)
        self.refusal_of(
            lambda: services.begin(
                action=action, actor=actor, client=client, service=service, now=self.now, clash_accepted=tick,
                offer=offer, request_key=key,
            )
        )  # fmt: skip

    def who_and_what(self, draw):
        """A service and who asks for it, seldom its own provider."""
        service, anybody = draw(st.sampled_from(self.scene.services)), draw(SELDOM)
        others = [client for client in self.scene.clients if anybody or client != service.provider.member]
        return service, draw(st.sampled_from(others))

    def starts(self, service, draw):
        """One to three times, mostly some that nobody has yet."""
        possible = [start_of(number, self.now) for number in range(24)]
        if draw(MOSTLY):
            taken = self.world.sessions_of(service.provider.calendar_id)
            early = self.now + LEAD
            length = timedelta(minutes=service.minutes)
            free = [
                start
                for start in possible
                if start >= early and not any(span.lower < start + length and start < span.upper for span in taken)
            ]
            possible = free or possible
        return draw(st.lists(st.sampled_from(possible), min_size=1, max_size=3, unique=True))

    def act_sensibly(self, draw):
        """Somebody does what is legal now, with a form filled in well."""
        for _ in range(3):
            booking, actor = draw(st.sampled_from(self.hands()), "hand")
            details = {**GOOD, "start": self.one_of_the_table(booking, draw)}
            details["offer"] = self.offer(booking.service, self.starts(booking.service, draw))
            if actor == Actor.STAFF:
                details["absent"] = details["on_behalf_of"] = draw(st.sampled_from(SIDES))
                details["new_price"] = draw(st.sampled_from([0, 10, 20, 30, 45]), "price")
                details["credits_back"] = draw(st.sampled_from([None, 0, 5]), "credits back")
                others = [s for s in self.scene.services if s.provider_id != booking.provider_id]
                details["new_service"] = self.whose = draw(st.sampled_from(others), "whose")
            facts = services.facts_about(
                booking, action=Action.SUGGEST, actor=actor, now=self.now, by=self.who(booking, actor), **details
            )
            if moves := self.legal_moves(facts, booking):
                action = draw(st.sampled_from(moves), "move")
                filled_in = self.for_move(facts, booking, action)
                details |= {"offer": filled_in.offer, "reason_code": filled_in.reason_code}
                self.cells.add((booking.status, self.awaited(booking), action, actor))
                self.act(booking, action, actor, **details)
                return

    def hands(self):
        """Who could act on what: the two more often than staff and system, and all the more where something is new."""
        found = []
        for booking in self.world.bookings.values():
            here = (booking.status, self.awaited(booking))
            for actor in Actor:
                moves = MOVES.get((*here, actor), ())
                new = sum((*here, action, actor) not in self.cells for action in moves)
                most = 6 if actor in SIDES else 2
                weight = min(most, new) + bool(moves) * (1 + (actor in SIDES))
                found += [(booking, actor)] * (weight if booking.status in LIVING else min(weight, 1))
        return found

    def legal_moves(self, facts, booking):
        """What the matrix and the guards let this person do now, more of what nobody did yet."""
        here = (booking.status, self.awaited(booking))
        return [
            action
            for action in MOVES[*here, facts.actor]
            if workflow.check(self.for_move(facts, booking, action)) is None
            for _ in range(HOW_OFTEN[action] * (1 if (*here, action, facts.actor) in self.cells else 3))
        ]

    def for_move(self, facts, booking, action):
        """The same facts for another action, as pages make them."""
        facts = replace(facts, action=action, reason_code=self.reason_code(booking, action, facts.actor))
        if action == Action.REASSIGN:
            who = {"actor": facts.actor, "by": self.who(booking, facts.actor), "now": self.now}
            return services.facts_about(booking, action=action, new_service=self.whose, **who, **GOOD)
        if action in ONE_TIME:
            return replace(facts, chosen=facts.offer[0], offer=facts.offer[:1])
        return replace(facts, offer=facts.offer if action in SEVERAL_TIMES else (), setup_done=True)

    def act_anyhow(self, draw):
        """Somebody sends any form to any address."""
        booking = self.one_booking(draw)
        action, actor = draw(st.sampled_from(Action)), draw(st.sampled_from(Actor))
        seen = draw(st.sampled_from([None, booking.last_sequence, booking.last_sequence - 1]), "seen")
        starts = [start_of(number, self.now) for number in draw(st.lists(st.integers(0, 23), max_size=4))]
        offer = self.offer(booking.service, starts, draw(st.sampled_from([0, 0, 45])))
        start = self.one_of_the_table(booking, draw)
        whose = draw(st.sampled_from([None, *self.scene.services]), "whose")
        self.act(booking, action, actor, seen=seen, start=start, offer=offer, new_service=whose, **draw(ANY_DETAILS))

    def time_passes(self, draw):
        self.now += draw(st.sampled_from(LITTLE_WHILES))

    def time_comes(self, draw):
        """Exactly one of the next starts, ends or deadlines, seldom a later one; or the instant after it."""
        if moments := self.moments():
            self.now = draw(st.sampled_from([*moments[:4] * 5, *moments[4:]]), "moment")
            self.now += draw(st.sampled_from([timedelta(), timedelta(microseconds=1)]))

    def credits_come(self, draw):
        """Somebody gets a few credits: what waits for them goes on when the clock works."""
        factories.purse(draw(st.sampled_from(self.scene.clients)), 40)

    def rules_change(self, draw):
        """Decisions 16: bookings made before keep their rules."""
        adopt_policy(policy=POLICIES[draw(st.sampled_from(OFTEN_POLICIES))])

    def the_clock_works(self, draw):
        """Beat and worker have caught up with everything that is due."""
        tenant, now = self.scene.tenant, self.now
        services.expire_overdue(tenant=tenant, now=now)
        services.settle_waiting(tenant=tenant, now=now)
        for booking in self.look().bookings.values():
            if booking.status == Status.CONFIRMING:
                services.set_up(booking_id=booking.pk, now=now)
        for message in OutboxMessage.objects.filter(topic="bookings.close_rivals").exclude(pk__in=self.done):
            services.close_rivals(booking_id=message.payload["booking_id"], tenant=tenant, now=now)
            self.done.add(message.pk)
        services.complete_ended(tenant=tenant, now=now)
        laws.nothing_is_left_behind(self.look(), now)

    def a_reminder_is_due(self, draw):
        """X8: it goes to the slow side while the proposal waits, and nowhere else."""
        booking = self.one_booking(draw)
        event = draw(st.sampled_from(self.world.events[booking.pk]), "event")
        proposal, before = self.world.open_proposal(booking), self.world.mails
        services.remind_to_answer(booking_id=booking.pk, sequence=event.sequence, now=self.now)
        waits = proposal and proposal.made_at == event.at and self.now < proposal.answer_by
        assert self.look().mails - before in ((0, 1) if waits else (0,))

    # --- the laws --------------------------------------------------------------------------------------------------

    @invariant()
    def the_laws_hold(self):
        before, self.world = self.world, self.look()
        if self.was_refused:
            assert self.world.fingerprint() == before.fingerprint(), "a refusal changed something"
            self.was_refused = False
        if self.world is not before:
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            laws.hold(self.world)

    def look(self):
        """The world as it is: where nothing was written since the last look, it is the same."""
        if self.writes.seen():
            self.newest = World.load(self.in_order)
        return self.newest

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

    def the_books_add_up(self):
        """L1-L10, B2: asked of the database itself. When holds should have ended (L11) is the clock's to say."""
        asked = [law for law in books() if law.name != "L11"]
        assert verify(asked, now=self.now) == []

    # --- how it is done --------------------------------------------------------------------------------------------

    def act(self, booking, action, actor, **details):
        """One action through the service, after asking what a page would ask; both must agree (B7, B10, D-7)."""
        seen = details.pop("seen", None)
        started, awaited = laws.started_before(self.world, booking, self.now), self.awaited(booking)
        shared = {"action": action, "actor": actor, "by": self.who(booking, actor), "now": self.now}
        if action == Action.FINISH_SETUP:
            details["setup_done"] = True
        facts = services.with_balance(services.facts_about(booking, **shared, **details), booking)
        expected = workflow.check(facts)
        assert all(line.sentence.endswith(".") for line in workflow.preview(facts))
        if seen not in (None, booking.last_sequence):
            expected = CHANGED_MEANWHILE
        refusal = self.refusal_of(lambda: services.perform(booking=booking, seen=seen, **shared, **details))
        assert refusal == expected
        if refusal:
            return
        assert (booking.status, awaited, action, actor) in LEGAL, "B4"
        assert not started or actor not in SIDES or action in AFTER_START, "B7"

    def who(self, booking, actor):
        by = {Actor.CLIENT: booking.client, Actor.PROVIDER: booking.provider.member, Actor.STAFF: self.scene.staff}
        return by.get(actor)

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

    def offer(self, service, starts, minutes=0):
        return [TimeOnTable(start, minutes or service.minutes, service.price) for start in starts]

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
