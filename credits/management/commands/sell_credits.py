import re
from argparse import ArgumentParser, ArgumentTypeError
from dataclasses import replace
from typing import Any

from babel.numbers import list_currencies
from django.core.management.base import BaseCommand, CommandError

from accounts.models import Tenant
from accounts.policies import Pack, Selling
from accounts.queries import current_policy
from accounts.services import adopt_policy
from accounts.tenancy import tenant_scope
from credits.payments import provider_of
from credits.services.purchases import HIGHEST_PRICE, MOST_CREDITS


def pack(text: str) -> Pack:
    """ "100:8500", a hundred credits for 85.00 euros."""
    found = re.fullmatch(r"(\d{1,9}):(\d{1,9})", text)
    made = Pack(*map(int, found.groups())) if found else None
    if made is None or not (0 < made.credits <= MOST_CREDITS and 0 < made.price <= HIGHEST_PRICE):
        raise ArgumentTypeError(f"{text!r} must be credits:price, such as 100:8500 for 85.00.")
    return made


class Command(BaseCommand):
    help = "Let a marketplace sell credits for money, or stop it: a new version of its rules (docs/operations.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The terms; prices are in the currency's smallest unit."""
        parser.add_argument("slug", help="the marketplace's address: /t/<slug>/")
        parser.add_argument("--provider", choices=["stripe", "test"], default="stripe")
        parser.add_argument("--currency", default="EUR", help="ISO 4217")
        parser.add_argument(
            "--pack", type=pack, action="append", default=[], help="100:8500, as often as there are packs"
        )
        parser.add_argument("--each", type=int, default=0, help="price of one, where any number is sold")
        parser.add_argument("--note", default="", help="for receipts: who sells, what tax is in the price")
        parser.add_argument("--stop", action="store_true", help="sell no more")

    def handle(self, *args: Any, slug: str, **options: Any) -> None:
        """Raises CommandError with a sentence when nobody could buy on these terms; then nothing changed."""
        tenant = Tenant.objects.filter(slug=slug).first()
        if tenant is None:
            raise CommandError(f"There is no marketplace {slug}.")
        selling = None if options["stop"] else _terms(tenant, options)
        with tenant_scope(tenant):
            policy = current_policy().policy
            if selling and policy.price_unit != "credits":
                raise CommandError(f"Nothing costs credits at {tenant.name}.")
            adopt_policy(policy=replace(policy, selling=selling))
        self.stdout.write(f"{tenant.name} {'sells credits' if selling else 'sells no credits'} from now on.")


def _terms(tenant: Tenant, options: dict[str, Any]) -> Selling:
    currency, each = options["currency"].upper(), options["each"]
    packs = tuple(sorted(options["pack"], key=lambda pack: pack.credits))
    if currency not in list_currencies():
        raise CommandError(f"{currency} is no currency: use its three letters, such as EUR.")
    if not 0 <= each <= HIGHEST_PRICE or not (packs or each):
        raise CommandError("Name a pack or the price of one credit, in the currency's smallest unit.")
    if len({pack.credits for pack in packs}) < len(packs):
        raise CommandError("Two packs have as many credits.")
    if provider_of(tenant, options["provider"]) is None:
        raise CommandError(f"{options['provider']} is not switched on for {tenant.slug}: see docs/operations.md.")
    return Selling(
        provider=options["provider"], currency=currency, packs=packs, credit_price=each, receipt_note=options["note"]
    )
