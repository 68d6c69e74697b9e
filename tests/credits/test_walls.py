"""What the database holds by itself: each law of the ledger against a direct try to break it (L2-L6, L9, L10)."""

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from accounts.tenancy import tenant_scope, uuid7
from credits import services
from credits.enums import WalletKind
from credits.ledger import ISSUANCE, Purse
from credits.models import Entry, Hold, Transfer, Wallet
from tests import factories


@pytest.fixture
def rows(people, give, now):
    """Kim's wallet with 100, a hold of 30, and all that belongs to them."""
    give(100)
    hold = services.hold(member=people.kim, amount=30, reference="booking:NO-1", key="1", now=now)
    wallet = Wallet.objects.get(pk=Purse(WalletKind.AVAILABLE, people.kim.pk).wallet_id)
    held = Wallet.objects.get(pk=Purse(WalletKind.HELD, people.kim.pk).wallet_id)
    return {"hold": hold, "wallet": wallet, "held": held, "transfer": Transfer.objects.get(hold=hold), "now": now}


def entry(rows, **fields):
    said = {"wallet": rows["wallet"], "transfer": rows["transfer"], "version": 3, "amount": 5, "balance": 75}
    return lambda: Entry.objects.create(**{**said, **fields})


def transfer(rows, **fields):
    said = {"kind": "voucher", "debit": rows["held"], "credit": rows["wallet"], "amount": 5, "at": rows["now"]}
    return lambda: Transfer.objects.create(**{**said, **fields})


def change(row, **fields):
    return lambda: type(row).objects.filter(pk=row.pk).update(**fields)


def test_numbers_that_do_not_belong_together_are_refused(rows, people):
    """L2-L6, L10: keys and checks, whoever writes."""
    wallet, hold = rows["wallet"], rows["hold"]
    tries = {
        "wallet_is_last_entry": [
            change(wallet, balance=71), change(wallet, balance=100, version=3), change(wallet, version=1),
        ],
        "wallet_never_negative": [change(wallet, balance=-1)],
        "wallet_begins_empty": [
            lambda: Wallet.objects.create(owner=people.ana, kind="earned", balance=5),
        ],
        "wallet_owner": [
            lambda: Wallet.objects.create(owner=people.ana, kind="issuance"), lambda: Wallet.objects.create(kind="earned"),
        ],
        "wallet_once": [lambda: Wallet.objects.create(owner=people.kim, kind="available")],
        "chain_of_balances": [entry(rows, balance=76), entry(rows, version=4)],
        "entry_version_once": [entry(rows, version=2)],
        "entry_first_from_zero": [entry(rows, version=1, balance=70)],
        "entry_moves_something": [entry(rows, amount=0, balance=70)],
        "transfer_amount": [transfer(rows, amount=0), transfer(rows, amount=-5)],
        "transfer_between_two": [transfer(rows, credit=rows["held"])],
        "transfer_(takes|gives)": [transfer(rows)],
        "transfer_staff_say_why": [
            transfer(rows, kind="grant", reason="Why"), transfer(rows, kind="correction", by=people.ida),
        ],
        "transfer_two_people": [transfer(rows, kind="grant", by=people.ida, second=people.ida, reason="Why")],
        "hold_state_says_amounts": [
            change(hold, state="charged"), change(hold, state="returned"), change(hold, charged=5),
            change(hold, state="partly_charged", charged=30, settled_at=rows["now"]),
        ],
        "hold_earner": [change(hold, earner=people.ana)],
        "hold_earned_of_charged": [change(hold, earned=5, earner=people.ana)],
        "hold_one_open": [
            lambda: Hold.objects.create(member=people.kim, amount=1, reference="booking:NO-1", opened_at=rows["now"]),
        ],
    }  # fmt: skip
    for constraint, attempts in tries.items():
        for attempt in attempts:
            with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
                attempt()


def test_keys_that_are_left_lead_on_to_wallets_members_and_tenant(rows, no_rls):
    """T4, L2: without the policies, too, no row names a wallet or a tenant that is not there, though no key of its own says so."""
    nowhere, somebody = uuid7(), 2**40
    given = Transfer(kind="voucher", debit=rows["held"], credit=rows["wallet"], amount=5, at=rows["now"])
    tries = {
        "transfer_takes": [transfer(rows, debit_id=nowhere), moved_to(somebody, given)],
        "wallet_id": [entry(rows, wallet_id=nowhere, version=1, balance=5)],
        "(wallet|transfer)_id": [moved_to(somebody, Entry.objects.get(wallet=rows["held"]))],
        "member_id": [moved_to(somebody, rows["hold"])],
    }
    for key, attempts in tries.items():
        for attempt in attempts:
            with pytest.raises(IntegrityError, match=f"violates foreign key constraint .*{key}"), transaction.atomic():
                attempt()


def moved_to(tenant_id, row):
    """Write the row again as another tenant's."""

    def write():
        row.tenant_id = tenant_id
        row.save_base(raw=True, force_insert=True)

    return write


def test_nobody_who_serves_rewrites_the_books(rows):
    """L9: not even the amount of a hold or the owner of a wallet."""
    moved, line = rows["transfer"], Entry.objects.first()
    forbidden = [
        moved.save, line.save, change(rows["hold"], amount=1), change(rows["wallet"], kind="earned"),
        change(rows["hold"], reference="x"), change(rows["hold"], member=rows["wallet"].owner),
        *(lambda row=row: type(row).objects.filter(pk=row.pk)._raw_delete("default") for row in (moved, line, rows["hold"])),
        lambda: Wallet.objects.filter(pk=rows["wallet"].pk)._raw_delete("default"),
    ]  # fmt: skip
    for attempt in forbidden:
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            attempt()


def test_a_wallet_of_another_tenant_is_out_of_reach(north, south, now):
    """T1, T4: the key of a transfer can't lead there, and its owner's credits can't be held here."""
    with tenant_scope(south):
        staff = factories.member("Ida Berg", roles=("staff",))
        stranger = factories.member("Lena Hartmann", credits=0)
        services.adjust(member=stranger, amount=50, reason="Why", by=staff, request_key="k", now=now)
        foreign = Wallet.objects.get(owner=stranger, kind="available").pk
        south_issuance = ISSUANCE.wallet_id
    with tenant_scope(north):
        assert ISSUANCE.wallet_id != south_issuance
        with pytest.raises(services.TooFewCredits):
            services.hold(member=stranger, amount=5, reference="booking:NO-1", key="1", now=now)
        with pytest.raises(IntegrityError, match="violates foreign key"), transaction.atomic():
            Wallet.objects.create(id=uuid7(), owner=stranger, kind="earned")
        with pytest.raises(IntegrityError, match="violates foreign key"), transaction.atomic():
            Transfer.objects.create(kind="voucher", debit_id=foreign, credit_id=ISSUANCE.wallet_id, amount=1, at=now)
