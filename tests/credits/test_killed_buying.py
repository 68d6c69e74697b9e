"""A process that dies between any two statements of buying leaves nothing half done, and the next try does it all (F91, L1-L9)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from accounts.tenancy import tenant_scope
from credits import verification

from .buying import sell

# Credits to use, purchases, refunds; then transfers, provider's messages, keys of forms, work for the worker, mails.
NOTHING = "0 [] [] [0, 0, 0, 0, 0]"
BEGUN = "0 ['open'] [] [0, 0, 1, 0, 0]"
STARTED = "0 ['open+page'] [] [0, 0, 1, 0, 0]"
PAID = "100 ['paid+page'] [] [1, 1, 1, 2, 1]"
ASKED_BACK = "60 ['paid+page'] ['asked'] [2, 1, 2, 3, 1]"
PAID_BACK = "60 ['paid+page'] ['done'] [2, 1, 2, 4, 2]"


# Django's models can be read only once it is set up.
VICTIM = "import django; django.setup(); from tests.credits.victims import main; main()"


@pytest.mark.faults
def test_killed_between_any_two_statements_of_buying(bank):
    """Each step again and again, a statement longer each time: before its last commit nothing is there, then all of it, once."""
    kim, ida = bank.clients[0], bank.staff
    with tenant_scope(bank.tenant):
        sell()
    steps = [("begin", NOTHING, BEGUN, 6), ("start", BEGUN, STARTED, 5), ("webhook", STARTED, PAID, 12),
             ("refund", PAID, ASKED_BACK, 12), ("pay_back", ASKED_BACK, PAID_BACK, 8)]  # fmt: skip
    for doing, before, after, least in steps:
        told = subprocess.run(
            [sys.executable, "-c", VICTIM, doing, str(bank.tenant.pk), str(kim.pk), str(ida.pk)],
            env={**os.environ, **bank.site.environment},
            cwd=Path(__file__).resolve().parents[2],
            capture_output=True,
            text=True,
            check=False,
        )
        *killed, last_but_one, last = told.stdout.splitlines() or [""] * 2
        assert set(killed) == {f"-9 {before}"}, (doing, told.stdout, told.stderr)
        assert len(killed) >= least, (doing, told.stdout)
        # Killed after the commit, and then done again to the end: as one who did not hear that it was done.
        assert (last_but_one, last) == (f"-9 {after}", f"0 {after}"), (doing, told.stderr)
        with tenant_scope(bank.tenant):
            assert verification.verify(verification.LAWS, now=bank.now) == []
