"""Who and where: tenants, memberships, the rules in force."""

from django.db.models import Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Lower

from .compiled import CompiledQuery
from .models import Affiliation, Membership, PolicyVersion, Tenant, User

# Asked by nearly every request.
_tenant_at_host = CompiledQuery(lambda host: Tenant.objects.alias(at=Lower("host")).filter(at=host), str)
_tenant_called = CompiledQuery(lambda slug: Tenant.objects.filter(slug=slug), str)
_member = CompiledQuery(
    lambda user: (
        Membership.objects.filter(user_id=user, suspended_at=None)
        .select_related("user")
        .annotate(
            price_unit=Subquery(PolicyVersion.objects.order_by("-number").values(unit=KT("settings__price_unit"))[:1])
        )
    ),
    int,
)
_tenants = CompiledQuery(
    lambda user: Tenant.objects.filter(pk__in=Affiliation.objects.filter(user_id=user).values("tenant")).order_by(
        "name"
    ),
    int,
)
_newest_policy = CompiledQuery(lambda: PolicyVersion.objects.order_by("-number")[:1])


def tenant_by_host(host: str) -> Tenant | None:
    """The tenant that lives at this host name, without port; None when nobody does."""
    return _tenant_at_host.first(host.lower())


def tenant_by_slug(slug: str) -> Tenant | None:
    """The tenant below /t/<slug>/; None when there is none."""
    return _tenant_called.first(slug)


def membership_of(user: User) -> Membership | None:
    """Who `user` is in the scope's tenant; None for strangers and for suspended members.

    With `price_unit`, what sessions cost there (`Policy.price_unit`): each page's navigation depends on it.
    """
    return _member.first(user.pk)


def current_policy() -> PolicyVersion:
    """The rules in force in the scope's tenant. Raises PolicyVersion.DoesNotExist for a tenant without any."""
    newest = _newest_policy.first()
    if newest is None:
        raise PolicyVersion.DoesNotExist
    return newest


def tenants_of(user: User) -> list[Tenant]:
    """The tenants a person belongs to, by name. Reads the global directory only, never a tenant's rows."""
    return _tenants(user.pk)
