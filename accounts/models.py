"""Tenants and people. A User is only a login; who somebody is in a marketplace is a Membership of that tenant (D13)."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.functional import cached_property

from .enums import HourCycle, Role, Theme
from .policies import Policy, Vocabulary
from .tenancy import TenantForeignKey, TenantModel

__all__ = [
    "Affiliation",
    "CacheEntry",
    "Membership",
    "PolicyVersion",
    "StaffAction",
    "Tenant",
    "TenantForeignKey",
    "User",
]


class Tenant(models.Model):
    """The operator of one marketplace (decisions.md 1)."""

    slug = models.SlugField(unique=True, max_length=40)
    name = models.CharField(max_length=80)
    host = models.CharField(max_length=253, null=True, blank=True, help_text="Its own host name, if it has one.")
    tagline = models.CharField(max_length=120, blank=True)
    icon = models.CharField(
        max_length=40, default="compass", help_text="Name of a Lucide icon, the mark beside the name."
    )
    accent = models.CharField(
        max_length=7,
        default="#1D5FA8",
        validators=[RegexValidator(r"^#[0-9A-Fa-f]{6}$", "Enter a colour like #1D5FA8.")],
    )
    contact_email = models.EmailField()
    time_zone = models.CharField(max_length=64, default="Europe/London")
    code_prefix = models.CharField(max_length=4, help_text="What booking codes begin with, such as NW.")
    vocabulary = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("host"), name="tenant_host_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def words(self) -> Vocabulary:
        """The tenant's nouns, for screens and mails (decisions.md 3)."""
        return Vocabulary.from_json(self.vocabulary)


class UserManager(BaseUserManager["User"]):
    """People are made by e-mail address; addresses are compared without case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a person who may sign in; without a password only by a code sent by mail, which also confirms the address."""
        from allauth.account.models import EmailAddress

        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        EmailAddress.objects.using(self._db).create(user=user, email=user.email, primary=True)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A login, good in every tenant the person belongs to. Global: it names no tenant."""

    email = models.EmailField("email address", max_length=254)
    name = models.CharField(max_length=80, blank=True)
    time_zone = models.CharField(max_length=64, blank=True, help_text="IANA name; empty until the person chose one.")
    language = models.CharField(max_length=12, default="en")
    hour_cycle = models.PositiveSmallIntegerField(choices=HourCycle, default=HourCycle.TWELVE)
    theme = models.CharField(max_length=6, choices=Theme, default=Theme.SYSTEM)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False, help_text="Unused by tenants: their staff are memberships.")
    date_joined = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.email


class Affiliation(models.Model):
    """Which tenants a person belongs to: the one directory across tenants, two ids and nothing else."""

    user = models.ForeignKey(User, models.CASCADE, related_name="affiliations")
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "tenant"], name="affiliation_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.tenant_id}"


class Membership(TenantModel):
    """A person in one tenant: the name shown there and the roles held there."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    roles = ArrayField(models.CharField(max_length=8, choices=Role), default=list)
    joined_at = models.DateTimeField(auto_now_add=True)
    suspended_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "user"], name="membership_once")]
        indexes = [models.Index(fields=["tenant", "name"], name="membership_by_name")]

    def __str__(self) -> str:
        return self.name

    def has(self, *roles: Role) -> bool:
        """Whether the person holds any of the roles and is not suspended."""
        return self.suspended_at is None and any(role in self.roles for role in roles)


class PolicyVersion(TenantModel):
    """One version of a tenant's rules; every booking keeps the one it was made under (decisions.md 16). Append-only."""

    number = models.PositiveIntegerField()
    settings = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = TenantForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "number"], name="policy_number_once")]

    def __str__(self) -> str:
        return f"Policy {self.number}"

    @cached_property
    def policy(self) -> Policy:
        """The rules as a typed, frozen object."""
        return Policy.from_json(self.settings)


class StaffAction(TenantModel):
    """What staff did in the admin: Django's own log names no tenant, so it is not used (P3). Append-only."""

    actor = TenantForeignKey(Membership, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    action = models.CharField(max_length=20)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=40)
    object_name = models.CharField(max_length=200)
    changes = models.JSONField(default=list)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "-at"], name="staff_action_by_time")]

    def __str__(self) -> str:
        return f"{self.action} {self.object_name}"


class CacheEntry(models.Model):
    """The table of Django's database cache, written by it alone: how often somebody tried to sign in. Global."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.cache_key
