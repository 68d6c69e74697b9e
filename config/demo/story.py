"""What has happened in a sample marketplace so far: real requests and real answers, made by the services on a moving clock."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count, cycle

from accounts.queries import current_policy
from bookings import services as bookings
from bookings.enums import Action, Actor, Status
from bookings.models import Booking, Proposal
from calendars import queries as time_queries
from calendars.enums import ClaimKind
from calendars.models import Claim
from marketplace import queries as marketplace
from marketplace.models import Service

from .people import Cast
from .samples import Sample, Scene

# How far back the past reaches, and how long after an agreement its set-up was done.
PAST = timedelta(days=30)
SET_UP_TAKES = timedelta(seconds=20)
# A wanted moment may lie outside of somebody's hours: the next free start within this time is taken.
LOOK_AHEAD = timedelta(days=15)
PAST_ANSWERS = ("accept", "accept", "decline", "accept", "lapse", "accept", "withdraw", "accept")


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
    oldest, newest = PAST - timedelta(days=2), timedelta(days=2)
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
            scene = replace(scene, message=next(accepted))
        elif scene.answer == "decline":
            scene = replace(scene, **next(declined))
        yield scene


@dataclass
class _Story:
    """The moving clock: what happens when, and the bookings made so far by the title of their scene."""

    cast: Cast
    now: datetime
    asked: dict[str, Booking] = field(default_factory=dict)
    starts: dict[str, list[datetime]] = field(default_factory=dict)
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
        starts = story.starts.get(scene.same_as) or (_free_starts(story, scene, service, clock) if service else [])
        if client is None or len(starts) < max(len(scene.starts), 1):
            return
        booking = bookings.request_session(client=client, service=service, starts=starts, notes=scene.notes, now=clock)
        story.asked[scene.title], story.starts[scene.title] = booking, starts
        if scene.answer == "lapse":
            closes = Proposal.objects.get(booking=booking).answer_by
            story.at(
                closes + timedelta(minutes=1), lambda then: bookings.expire_overdue(tenant=booking.tenant, now=then)
            )
        elif scene.answer:
            story.at(clock + scene.after, _answering(story, scene))

    return ask


def _free_starts(story: _Story, scene: Scene, service: Service, clock: datetime) -> list[datetime]:
    """For each wanted moment the next start that is free for both sides, and is none of the others."""
    policy = current_policy().policy
    length = timedelta(minutes=service.minutes)
    taken = story.times_of(scene.client, scene.provider)
    starts: list[datetime] = []
    for offset in scene.starts:
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


def _answering(story: _Story, scene: Scene) -> Callable[[datetime], None]:
    def answer(clock: datetime) -> None:
        booking = story.asked[scene.title]
        provider, client = booking.provider.member, booking.client
        if scene.answer == "withdraw":
            bookings.perform(booking=booking, action=Action.WITHDRAW, actor=Actor.CLIENT, by=client, now=clock)
        elif scene.answer == "decline":
            bookings.perform(
                booking=booking,
                action=Action.DECLINE,
                actor=Actor.PROVIDER,
                by=provider,
                now=clock,
                reason_code=scene.reason,
                reason_text=scene.reason_text,
                message=scene.message,
            )
        else:
            agreed = bookings.perform(
                booking=booking,
                action=Action.ACCEPT,
                actor=Actor.PROVIDER,
                by=provider,
                now=clock,
                start=story.starts[scene.title][scene.choose - 1],
                message=scene.message,
            )
            if agreed.status == Status.CONFIRMING:
                story.at(clock + SET_UP_TAKES, lambda then: bookings.set_up(booking_id=agreed.pk, now=then))

    return answer
