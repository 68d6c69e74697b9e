"""Who signs in, up and out in tests, and their browser (PG-20, PG-21, PG-22)."""

from allauth.account.models import EmailAddress
from django.test import Client

from accounts.models import User
from accounts.tenancy import tenant_scope
from notifications.models import EmailMessage

PASSWORD = "a long walk by the sea"


def with_password(user: User) -> User:
    """Somebody whose address is confirmed and who has a password."""
    user.set_password(PASSWORD)
    user.save()
    EmailAddress.objects.filter(user=user).update(verified=True)
    return user


class Browser:
    """One person's browser in one tenant."""

    def __init__(self, client: Client, tenant) -> None:
        self.client, self.tenant = client, tenant

    def get(self, path: str):
        return self.client.get(f"/t/{self.tenant.slug}{path}")

    def post(self, path: str, **data: str):
        return self.client.post(f"/t/{self.tenant.slug}{path}", data)

    @property
    def is_signed_in(self) -> bool:
        return "_auth_user_id" in self.client.session

    def mails(self) -> list[EmailMessage]:
        with tenant_scope(self.tenant):
            return list(EmailMessage.objects.order_by("created_at", "id"))

    def code(self) -> str:
        return self.mails()[-1].context["code"]
