"""`python -m benchmarks.ledger`: how many holds are taken and captured per second, each in a commit of its own.

The control of the pages is asked before and after: the limit is judged at the speed of the machine on which it was set. Ends
with 1 when it does not hold there, or when the books do not add up afterwards.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path
from statistics import mean
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
    from .report import CONTROL_PER_SECOND

    parts, control = _beside_the_control(lambda: _all_run(options.processes, options.seconds))
    pairs = sum(len(part.durations) for part in parts)
    seconds = max(part.seconds for part in parts)
    slowest = sorted(duration for part in parts for duration in part.durations)
    worked = sum(part.worked for part in parts)
    broken, rate = _broken(), pairs / seconds
    judged = rate * max(1, CONTROL_PER_SECOND / control)
    print(
        f"{rate:,.0f} pairs of hold and capture per second ({pairs:,} in {seconds:.1f} s,"
        f" {options.processes} processes, {os.cpu_count()} cores, load before {load_before:.1f});"
        f" one pair: p50 {slowest[len(slowest) // 2] * 1000:.1f} ms, p99 {slowest[len(slowest) * 99 // 100] * 1000:.1f} ms,"
        f" {worked / pairs * 1000:.1f} ms of the client's CPU time."
        f" Laws that do not hold: {broken}. The control gave {control:,.0f}/s beside it ({CONTROL_PER_SECOND:,} where the limit"
        f" of {LIMIT} was set): at that speed {judged:,.0f} pairs per second."
    )
    sys.exit(0 if judged >= LIMIT and not broken else 1)


def _all_run(processes: int, seconds: float) -> list["Part"]:
    with ProcessPoolExecutor(processes) as pool:
        return list(pool.map(_run, range(processes), repeat(seconds)))


def _beside_the_control(run: Callable[[], list["Part"]]) -> tuple[list["Part"], float]:
    """What `run` gives, and how many answers per second eight clients got of bare Django before and after."""
    from django.db import connection

    from accounts.models import User
    from tests.site import running_site

    from . import load, pages
    from .environment import WORKERS

    with tempfile.TemporaryDirectory() as folder:
        options = (f"--workers={WORKERS}", "--log-level=warning")
        log = Path(folder) / "gunicorn.log"
        with running_site({}, *options, log=log, application="benchmarks.bare") as site:
            path = f"/{User.objects.values_list('pk', flat=True)[0]}/"
            request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nConnection: close\r\n\r\n".encode()
            pids = load.Processes(site.process.pid)
            connection.close()  # the processes would share it

            def control() -> float:
                asked = load.run(
                    site.port, repeat(request), clients=8, status=pages.BARE.status, seconds=2, pids=pids
                )  # fmt: skip
                return asked.per_second

            control()
            before = control()
            parts = run()
            return parts, mean([before, control()])


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
