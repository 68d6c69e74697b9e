from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError
from django.http.request import validate_host

from accounts.enums import Role
from accounts.models import Tenant, User
from accounts.presets import PRESETS
from accounts.services import create_tenant, join
from accounts.tenancy import tenant_scope


class Command(BaseCommand):
    help = "Found a marketplace from a preset, with its owner, who signs in with a code by mail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What a marketplace needs to begin; everything can be changed later."""
        parser.add_argument("slug", help="its address: /t/<slug>/")
        parser.add_argument("--name", required=True)
        parser.add_argument("--owner", required=True, help="the owner's e-mail address")
        parser.add_argument("--preset", choices=sorted(PRESETS), default="consult")
        parser.add_argument("--host", help="its own host name, if it has one")
        parser.add_argument("--time-zone", default="Europe/London", help="IANA name")

    def handle(
        self, *args: Any, slug: str, name: str, owner: str, preset: str, host: str | None, **options: Any
    ) -> None:
        """Raises CommandError with a sentence when an address is taken or not usable; then nothing was made."""
        fields = {
            "name": name,
            "host": host,
            "contact_email": owner,
            "time_zone": options["time_zone"],
            "code_prefix": "".join(letter for letter in slug.upper() if letter.isalpha())[:2] or "B",
        }
        try:
            Tenant(slug=slug, **fields).full_clean(exclude=["vocabulary"])
            tenant = create_tenant(preset=preset, slug=slug, **fields)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except IntegrityError as error:
            raise CommandError(f"The address {slug} or its host is taken.") from error
        user = User.objects.filter(email__iexact=owner).first() or User.objects.create_user(owner)
        with tenant_scope(tenant):
            join(user=user, roles=[Role.OWNER])
        if host and not validate_host(host, settings.ALLOWED_HOSTS):
            self.stderr.write(
                f"{host} is not in ALLOWED_HOSTS yet: until it is, every request for it is refused with 400."
            )
        self.stdout.write(f"{name} is founded. {owner} signs in with a code by mail.")
