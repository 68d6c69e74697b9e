"""Writes of tenants, people and policies."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from .enums import Role
from .models import Affiliation, Membership, PolicyVersion, Tenant, User
from .policies import Policy
from .presets import PRESETS
from .tenancy import tenant_scope


@transaction.atomic
def join(*, user: User, roles: list[Role], name: str = "") -> Membership:
    """Make `user` a member of the scope's tenant, or add the roles to the membership that exists."""
    membership = Membership.objects.select_for_update(of=("self",)).filter(user=user).first()
    if membership is None:
        membership = Membership(user=user, name=name or user.name or user.email.partition("@")[0], roles=[])
    membership.roles = sorted({*membership.roles, *roles})
    membership.save()
    Affiliation.objects.get_or_create(user=user, tenant=membership.tenant)
    return membership


def create_tenant(*, preset: str, slug: str, **fields: Any) -> Tenant:
    """Found a marketplace from one of the presets (decisions.md 2). Raises KeyError for an unknown preset.

    Must not run inside a scope: the new tenant's first policy version is written in its own.
    """
    chosen = PRESETS[preset]
    tenant = Tenant.objects.create(slug=slug, vocabulary=dict(chosen.vocabulary), **fields)
    with tenant_scope(tenant):
        adopt_policy(policy=chosen.policy)
    return tenant


@transaction.atomic
def adopt_policy(*, policy: Policy, by: Membership | None = None) -> PolicyVersion:
    """Put new rules in force in the scope's tenant; bookings made before keep theirs (decisions.md 16)."""
    latest = PolicyVersion.objects.order_by("-number").first()
    return PolicyVersion.objects.create(
        number=latest.number + 1 if latest else 1, settings=policy.to_json(), created_by=by
    )


def set_preferences(*, user: User, **chosen: Any) -> User:
    """Keep what a person chose for themselves: time_zone, hour_cycle, theme, language, name (PG-60)."""
    for key, value in chosen.items():
        setattr(user, key, value)
    user.save(update_fields=list(chosen))
    return user


def rename(*, member: Membership, name: str) -> Membership:
    """Change the name a member is known by in the scope's tenant (PG-60)."""
    member.name = name
    member.save(update_fields=["name"])
    return member


def change_member(
    *, member: Membership, name: str, roles: Sequence[str] | None, is_suspended: bool, now: datetime
) -> Membership:
    """Change who a member is in the scope's tenant; `roles` None leaves them. A suspended member can't act from now on."""
    member.name = name
    member.suspended_at = (member.suspended_at or now) if is_suspended else None
    changed = ["name", "suspended_at"]
    if roles is not None:
        member.roles = sorted(roles)
        changed.append("roles")
    member.save(update_fields=changed)
    return member
