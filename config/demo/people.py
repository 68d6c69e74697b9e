"""Founding a sample marketplace: the tenant, its people, their profiles, services and hours."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts import queries as accounts_queries
from accounts import services as accounts
from accounts.enums import Role
from accounts.models import Membership, Tenant, User
from accounts.policies import Selling
from calendars import services as calendars
from credits import services as credits
from credits.models import Programme
from marketplace import services as marketplace
from marketplace.models import Service, Topic

from .samples import MAIL_DOMAIN, ProviderSample, Sample


@dataclass(frozen=True)
class Cast:
    """Who plays in one sample marketplace, by the sample's names; services by provider and name."""

    members: dict[str, Membership]
    services: dict[tuple[str, str], Service]


def found(sample: Sample) -> Tenant:
    """The tenant of a sample, made from its preset now if there is none. Must not run inside a scope."""
    existing = Tenant.objects.filter(slug=sample.slug).first()
    return existing or accounts.create_tenant(
        preset=sample.slug, slug=sample.slug, contact_email=f"help.{sample.slug}@{MAIL_DOMAIN}", **sample.tenant
    )


@transaction.atomic
def enrol(samples: Iterable[Sample]) -> None:
    """Give everybody a login, once, in however many marketplaces they are.

    They sign in by one press or by a code: there is no password to remember.
    """
    known = set(User.objects.values_list("email", flat=True))
    for person in chain.from_iterable(sample.people for sample in samples):
        if person.email not in known:
            known.add(person.email)
            User.objects.create_user(person.email, name=person.name, time_zone=person.zone)


def admit(sample: Sample, *, now: datetime, opened: datetime) -> Cast:
    """Make everybody of a sample a member of the scope's tenant; they are enrolled already. Needs an open scope.

    `opened` is since when calendars have been kept; the dates of overrides are counted from `now` (both aware).
    """
    _sell(sample)
    members: dict[str, Membership] = {}
    users = {user.email: user for user in User.objects.filter(email__in=[person.email for person in sample.people])}
    for person in sample.people:
        members[person.name] = accounts.join(user=users[person.email], roles=list(person.roles), name=person.name)
    _sponsor(sample, members.values(), opened)
    topics = {name: marketplace.add_topic(name=name, position=position) for position, name in enumerate(sample.topics)}
    cast = Cast(members, {})
    for person in sample.providers:
        _publish(person, cast, topics, now=now, opened=opened)
    return cast


def _sell(sample: Sample) -> None:
    """Let credits be bought where the sample says so; the presets sell none, since nobody could be paid yet."""
    if sample.selling:
        policy = accounts_queries.current_policy().policy
        accounts.adopt_policy(policy=replace(policy, selling=Selling.from_json(dict(sample.selling))))


def _sponsor(sample: Sample, members: Iterable[Membership], opened: datetime) -> None:
    """Where sessions cost credits, the sample's programme gives every client enough of them to try things."""
    if sample.programme:
        programme = Programme.objects.create(**sample.programme)
        for member in members:
            if Role.CLIENT in member.roles:
                credits.join_programme(programme=programme, member=member, now=opened)


def gathered(sample: Sample) -> Cast:
    """The people of a sample who are in the scope's tenant, with what they offer now."""
    names = {person.email: person.name for person in sample.people}
    members = {
        names[member.user.email]: member
        for member in Membership.objects.filter(user__email__in=names, suspended_at=None).select_related(
            "user", "tenant"
        )
    }
    offered = Service.objects.filter(is_active=True, provider__is_published=True).select_related(
        "provider__calendar", "provider__member__user"
    )
    services = {
        (names[service.provider.member.user.email], service.name): service
        for service in offered
        if service.provider.member.user.email in names
    }
    return Cast(members, services)


def _publish(person: ProviderSample, cast: Cast, topics: dict[str, Topic], *, now: datetime, opened: datetime) -> None:
    member = cast.members[person.name]
    calendar = calendars.open_calendar(member=member, time_zone=person.zone)
    calendars.set_weekly_hours(calendar=calendar, hours=person.hours, now=opened)
    today = now.astimezone(ZoneInfo(person.zone)).date()
    for days, ranges in person.overrides.items():
        calendars.set_override(calendar=calendar, date=today + timedelta(days=days), ranges=ranges, now=opened)
    provider = marketplace.publish_provider(
        member=member,
        calendar=calendar,
        headline=person.headline,
        bio=person.bio,
        city=person.city,
        languages=person.languages,
        topics=[topics[name] for name in person.topics],
    )
    for position, service in enumerate(person.services):
        about = {**service, "topic": topics[service["topic"]] if "topic" in service else None}
        cast.services[person.name, service["name"]] = marketplace.add_service(
            provider=provider, position=position, **about
        )
