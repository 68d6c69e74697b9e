"""`python -m benchmarks.ledger`: how many holds are taken and captured per second, each in a commit of its own.

Ends with 1 when the limit does not hold, or when the books do not add up afterwards.
"""

import argparse
import os
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

from . import environment

LIMIT = 500  # pairs of hold and capture per second on 2 cores
MEMBERS = 200


def main() -> None:
    """Parse the command line, make the members, let the processes run, look through the books."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ledger", description="Measure holds and captures.")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--processes", type=int, default=4)
    options = parser.parse_args()
    load_before = os.getloadavg()[0]
    environment.prepare()
    _fill()
    with ProcessPoolExecutor(options.processes) as pool:
        parts = list(pool.map(_run, range(options.processes), [options.seconds] * options.processes))
    pairs = sum(len(part.durations) for part in parts)
    seconds = max(part.seconds for part in parts)
    slowest = sorted(duration for part in parts for duration in part.durations)
    worked = sum(part.worked for part in parts)
    broken = _broken()
    print(
        f"{pairs / seconds:,.0f} pairs of hold and capture per second ({pairs:,} in {seconds:.1f} s,"
        f" {options.processes} processes, {os.cpu_count()} cores, load before {load_before:.1f});"
        f" one pair: p50 {slowest[len(slowest) // 2] * 1000:.1f} ms, p99 {slowest[len(slowest) * 99 // 100] * 1000:.1f} ms,"
        f" {worked / pairs * 1000:.1f} ms of the client's CPU time."
        f" Laws that do not hold: {broken}. Limit: {LIMIT}."
    )
    sys.exit(0 if pairs / seconds >= LIMIT and not broken else 1)


def _fill() -> None:
    from django.db import connection
    from django.utils import timezone

    from accounts.enums import Role
    from accounts.tenancy import tenant_scope
    from credits import services
    from tests import factories

    tenant = factories.tenant("bench")
    with tenant_scope(tenant):
        staff = factories.member("Ida Berg", roles=(Role.STAFF, Role.OWNER))
        second = factories.member("Sam Doyle", roles=(Role.STAFF,))
        for number in range(MEMBERS):
            member = factories.member(f"Member {number}")
            asked = services.adjust(
                member=member, amount=10**8, reason="Bench", by=staff, request_key=str(number), now=timezone.now()
            )
            services.approve(adjustment=asked, by=second, now=timezone.now())
    connection.close()


class Part(NamedTuple):
    """What one process did: how long each pair took, how long all of it took, and its CPU time, in seconds."""

    durations: list[float]
    seconds: float
    worked: float


def _run(number: int, seconds: float) -> Part:
    from django.db import connection
    from django.utils import timezone

    from accounts.models import Membership, Tenant
    from accounts.tenancy import tenant_scope
    from credits import services

    connection.close()
    chance, tenant, durations = random.Random(number), Tenant.objects.get(slug="bench"), []
    with tenant_scope(tenant):
        members = list(Membership.objects.filter(roles=["client"]))
    begin, worked = time.monotonic(), time.process_time()
    while (at := time.monotonic()) - begin < seconds:
        member, earner = chance.sample(members, 2)
        reference = f"bench:{number}:{len(durations)}"
        with tenant_scope(tenant):
            held = services.hold(member=member, amount=5, reference=reference, key="1", now=timezone.now())
        with tenant_scope(tenant):
            services.capture(member=member, hold_id=held.pk, earner=earner, now=timezone.now())
        durations.append(time.monotonic() - at)
    return Part(durations, time.monotonic() - begin, time.process_time() - worked)


def _broken() -> int:
    from django.utils import timezone

    from config.verification import verify_all

    return sum(len(findings) for _, findings in verify_all(now=timezone.now()))


if __name__ == "__main__":
    main()
