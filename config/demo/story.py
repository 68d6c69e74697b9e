"""What has happened in a sample marketplace so far: real requests and real answers, made by the services on a moving clock."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count, cycle

from accounts.queries import current_policy
from bookings import services as bookings
from bookings.context import TimeOnTable
from bookings.enums import Action, Actor, Status
from bookings.models import Booking, Proposal
from calendars import queries as time_queries
from calendars.enums import ClaimKind
from calendars.models import Claim
from marketplace import queries as marketplace
from marketplace.models import Service

from .people import Cast
from .samples import Sample, Scene, Step

# How far back the past reaches, and how long after an agreement its set-up was done.
PAST = timedelta(days=30)
SET_UP_TAKES = timedelta(seconds=20)
# A wanted moment may lie outside of somebody's hours: the next free start within this time is taken.
LOOK_AHEAD = timedelta(days=15)
PAST_ANSWERS = ("accept", "accept", "decline", "accept", "lapse", "accept", "withdraw", "accept")
# How soon after the end each side says that it took place, where they do.
PROVIDERS_WORD, CLIENTS_WORD = timedelta(hours=1), timedelta(hours=6)
EVERY_NTH_DID_NOT_COME = 6


def tell(scenes: Iterable[Scene], cast: Cast, *, now: datetime) -> int:
    """Let these scenes happen, up to `now` (aware); how many requests were made. Needs the scope of their tenant."""
    story = _Story(cast, now)
    for scene in scenes:
        story.at(now - scene.asked, _asking(story, scene))
    story.play()
    return len(story.asked)


def to_try(sample: Sample) -> Iterator[Scene]:
    """The scenes whose times lie ahead: what a reader can still do something with."""
    return (scene for scene in sample.scenes if all(offset > timedelta() for offset in scene.starts))


def past(sample: Sample) -> Iterator[Scene]:
    """What clients asked before: a scene for each of the providers' `asks`, spread over the weeks before."""
    asks = [(provider, text, n) for provider in sample.providers for n, text in enumerate(provider.asks)]
    accepted, declined = cycle(sample.accepted), cycle(sample.declined)
    clients = [person.name for person in sample.clients]
    oldest, newest, agreed = PAST - timedelta(days=2), timedelta(days=2), 0
    for n, (provider, text, nth) in enumerate(asks):
        asked = oldest - (oldest - newest) * n / len(asks)
        scene = Scene(
            title=f"the past, number {n + 1}",
            client=clients[(7 * n + 3) % len(clients)],
            provider=provider.name,
            service=provider.services[(nth + 1) % len(provider.services)]["name"],
            asked=asked,
            starts=(timedelta(days=3 + n % 3) - asked,),
            notes=text,
            answer=PAST_ANSWERS[n % len(PAST_ANSWERS)],
            after=timedelta(hours=1 + 5 * n % 23, minutes=7 * n % 60),
        )
        if scene.answer == "accept":
            agreed += 1
            came = agreed % EVERY_NTH_DID_NOT_COME
            scene = replace(scene, message=next(accepted), outcome="held" if came else "no_show")
        elif scene.answer == "decline":
            scene = replace(scene, **next(declined))
        yield scene


@dataclass
class _Story:
    """The moving clock: what happens when, and the bookings made so far by the title of their scene.

    `starts` are all times that a scene has ever put on the table, `offered` those that lie there now.
    """

    cast: Cast
    now: datetime
    asked: dict[str, Booking] = field(default_factory=dict)
    starts: dict[str, list[datetime]] = field(default_factory=dict)
    offered: dict[str, list[datetime]] = field(default_factory=dict)
    _due: list[tuple[datetime, int, Callable[[datetime], None]]] = field(default_factory=list)
    _number: Iterator[int] = field(default_factory=count)

    def at(self, moment: datetime, happen: Callable[[datetime], None]) -> None:
        """Note what happens at a moment; what lies after `now` never does."""
        if moment <= self.now:
            heappush(self._due, (moment, next(self._number), happen))

    def times_of(self, *names: str) -> list[tuple[datetime, datetime]]:
        """Every time that one of these people has asked for, was asked for or has agreed to."""
        members = {self.cast.members[name].pk for name in names if name in self.cast.members}
        asked = [
            (start, start + timedelta(minutes=booking.minutes))
            for title, booking in self.asked.items()
            if members & {booking.client_id, booking.provider.member_id}
            for start in self.starts[title]
        ]
        agreed = Claim.objects.filter(calendar__member__in=members, kind=ClaimKind.SESSION)
        return asked + [(claim.during.lower, claim.during.upper) for claim in agreed]

    def play(self) -> None:
        """Let everything happen in its order; each happening may note later ones."""
        while self._due:
            moment, _, happen = heappop(self._due)
            happen(moment)


def _asking(story: _Story, scene: Scene) -> Callable[[datetime], None]:
    def ask(clock: datetime) -> None:
        service = story.cast.services.get((scene.provider, scene.service))
        client = story.cast.members.get(scene.client)
        starts = story.starts.get(scene.same_as) or (
            _free_starts(story, scene, scene.starts, service, clock) if service else []
        )
        if client is None or len(starts) < max(len(scene.starts), 1):
            return
        if scene.begins == Action.REQUEST:
            booking = bookings.request_session(
                client=client, service=service, starts=starts, notes=scene.notes, now=clock
            )
        else:
            booking = bookings.begin(
                action=Action(scene.begins),
                actor=Actor.PROVIDER,
                client=client,
                service=service,
                offer=[TimeOnTable(start, service.minutes, service.price) for start in starts],
                notes=scene.notes,
                message=scene.message,
                now=clock,
            )
        story.asked[scene.title], story.starts[scene.title], story.offered[scene.title] = booking, starts, starts
        if scene.answer == "lapse":
            closes = Proposal.objects.get(booking=booking).answer_by
            story.at(
                closes + timedelta(minutes=1), lambda then: bookings.expire_overdue(tenant=booking.tenant, now=then)
            )
        else:
            _go_on(story, scene, booking, clock, _steps(scene))

    return ask


def _steps(scene: Scene) -> tuple[Step, ...]:
    """The answer as the first step, and what follows it."""
    if not scene.answer:
        return scene.then
    asker, answerer = ("client", "provider") if scene.begins == Action.REQUEST else ("provider", "client")
    first = Step(
        do=scene.answer,
        by=asker if scene.answer == "withdraw" else answerer,
        after=scene.after,
        choose=scene.choose,
        reason=scene.reason,
        reason_text=scene.reason_text,
        message="" if scene.begins != Action.REQUEST else scene.message,
    )
    return (first, *scene.then)


def _free_starts(
    story: _Story, scene: Scene, wanted: Iterable[timedelta], service: Service, clock: datetime
) -> list[datetime]:
    """For each wanted moment the next start that is free for both sides, and is none of the others."""
    policy = current_policy().policy
    length = timedelta(minutes=service.minutes)
    taken = story.times_of(scene.client, scene.provider)
    starts: list[datetime] = []
    for offset in wanted:
        since = max(story.now + offset, clock)
        slots = time_queries.bookable(
            service.provider.calendar,
            marketplace.rules_of(service, policy),
            since=since,
            until=since + LOOK_AHEAD,
            now=clock,
            hide_asked=True,
        )
        free = (
            slot.start
            for slot in slots
            if not any(slot.start < end and begin < slot.start + length for begin, end in taken)
        )
        start = next(free, None)
        if start is not None:
            starts.append(start)
            taken.append((start, start + length))
    return starts


def _go_on(story: _Story, scene: Scene, booking: Booking, clock: datetime, steps: Sequence[Step]) -> None:
    """Note when the next step happens, and whatever an agreement brings with it."""
    if booking.status == Status.CONFIRMING:
        story.at(clock + SET_UP_TAKES, lambda then: bookings.set_up(booking_id=booking.pk, now=then))
    if steps:
        story.at(_moment(steps[0], booking, clock), _doing(story, scene, steps))
    elif booking.starts_at:
        _note_outcome(story, scene, booking)


def _moment(step: Step, booking: Booking, clock: datetime) -> datetime:
    if step.before_start is not None and booking.starts_at:
        return max(clock, booking.starts_at - step.before_start)
    if step.after_start is not None and booking.starts_at:
        return booking.starts_at + step.after_start
    return clock + step.after


def _doing(story: _Story, scene: Scene, steps: Sequence[Step]) -> Callable[[datetime], None]:
    step, rest = steps[0], steps[1:]

    def do(clock: datetime) -> None:
        booking = story.asked[scene.title]
        booking.refresh_from_db(fields=["status", "starts_at", "minutes", "price"])
        service = story.cast.services[scene.provider, scene.service]
        starts = _free_starts(story, scene, step.starts, service, clock)
        if len(starts) < len(step.starts):
            return
        agreed = _perform(booking, step, clock, story.offered[scene.title], starts)
        if starts:
            story.starts[scene.title] = [*story.starts[scene.title], *starts]
            story.offered[scene.title] = starts
        _go_on(story, scene, agreed, clock, rest)

    return do


def _perform(
    booking: Booking, step: Step, clock: datetime, offered: Sequence[datetime], starts: Sequence[datetime]
) -> Booking:
    actor = Actor(step.by)
    return bookings.perform(
        booking=booking,
        action=Action(step.do),
        actor=actor,
        by=booking.client if actor == Actor.CLIENT else booking.provider.member,
        now=clock,
        start=offered[step.choose - 1] if step.do == Action.ACCEPT else None,
        offer=[TimeOnTable(start, booking.minutes, booking.price) for start in starts],
        reason_code=step.reason,
        reason_text=step.reason_text,
        message=step.message,
        clash_accepted=True,
        consequences_accepted=True,
    )


def _note_outcome(story: _Story, scene: Scene, booking: Booking) -> None:
    """How it went, said by whoever says so under the tenant's rules (D15); by nobody while that lies ahead."""
    ends_at, completion = booking.ends_at, booking.policy.completion
    if scene.outcome == "no_show":
        story.at(ends_at, _saying(booking, Action.NO_SHOW, Actor.PROVIDER))
    elif scene.outcome and completion == "automatic":
        due = ends_at + timedelta(hours=booking.policy.complete_after_hours)
        story.at(due, _saying(booking, Action.COMPLETE, Actor.SYSTEM))
    elif scene.outcome:
        story.at(ends_at + PROVIDERS_WORD, _saying(booking, Action.COMPLETE, Actor.PROVIDER))
        if completion == "both":
            story.at(ends_at + CLIENTS_WORD, _saying(booking, Action.COMPLETE, Actor.CLIENT))


def _saying(booking: Booking, action: Action, actor: Actor) -> Callable[[datetime], None]:
    by = {Actor.CLIENT: booking.client, Actor.PROVIDER: booking.provider.member}.get(actor)

    def say(clock: datetime) -> None:
        bookings.perform(booking=booking, action=action, actor=actor, by=by, now=clock)

    return say
