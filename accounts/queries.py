"""Who and where: tenants, memberships, the rules in force."""

from .models import Affiliation, Membership, PolicyVersion, Tenant, User


def tenant_by_host(host: str) -> Tenant | None:
    """The tenant that lives at this host name, without port; None when nobody does."""
    return Tenant.objects.filter(host__iexact=host).first()


def tenant_by_slug(slug: str) -> Tenant | None:
    """The tenant below /t/<slug>/; None when there is none."""
    return Tenant.objects.filter(slug=slug).first()


def membership_of(user: User) -> Membership | None:
    """Who `user` is in the scope's tenant; None for strangers and for suspended members."""
    return Membership.objects.filter(user=user, suspended_at=None).select_related("user").first()


def current_policy() -> PolicyVersion:
    """The rules in force in the scope's tenant. Raises PolicyVersion.DoesNotExist for a tenant without any."""
    return PolicyVersion.objects.latest("number")


def tenants_of(user: User) -> list[Tenant]:
    """The tenants a person belongs to, by name. Reads the global directory only, never a tenant's rows."""
    ids = Affiliation.objects.filter(user=user).values("tenant")
    return list(Tenant.objects.filter(pk__in=ids).order_by("name"))
