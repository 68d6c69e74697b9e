"""One size after the other: grow the tenant, start the site anew, measure every page."""

import argparse
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import repeat
from pathlib import Path
from uuid import UUID

from django.utils import timezone

from tests.site import running_site

from . import inside, load, pages, report
from .environment import WORKERS
from .filling import ZONES, Filling, found
from .load import Figure, Processes, Round
from .pages import Page, Requests

WARM_UP_SECONDS, CONTROL_SECONDS, LONG = 1.0, 0.7, 600.0
WARM_UP_POSTS = 40


@dataclass(frozen=True)
class Served:
    """A site that runs: where, and its processes."""

    port: int
    processes: Processes

    def run(self, source: Iterable[bytes], page: Page, *, clients: int, seconds: float) -> Round:
        """Ask it for the page, so long or until the requests are used up."""
        return load.run(
            self.port, source, clients=clients, status=page.status, seconds=seconds, pids=self.processes
        )  # fmt: skip


@dataclass
class Rounds:
    """Rounds of one page at one and at eight clients."""

    ones: list[Round] = field(default_factory=list)
    eights: list[Round] = field(default_factory=list)

    @property
    def one(self) -> Figure:
        """Milliseconds of one client."""
        return Figure([one.p50 for one in self.ones])

    @property
    def rate(self) -> Figure:
        """Answers per second for eight clients."""
        return Figure([eight.per_second for eight in self.eights])


class Bench:
    """What has been measured so far."""

    def __init__(self, options: argparse.Namespace, log: Path) -> None:
        self.options, self.log = options, log
        self.rows: list[report.Row] = []
        self.weights: list[report.Weight] = []
        self.memory: list[float] = []
        self.used: set[tuple[UUID, datetime]] = set()
        self.now = timezone.now()
        self.tenant = found(self.now)
        self.filling = Filling(self.tenant, self.now)

    def measure(self, providers: int) -> None:
        """Grow to so many providers and measure all pages, with what bare Django does at the same moment."""
        self.filling.grow(max(providers, len(ZONES)))
        with self._served("benchmarks.bare") as self.bare, self._served("config.wsgi") as self.site:
            self.requests = Requests(self.tenant, self.site.port, timezone.now(), self.used)
            self.control, self.controls = self.requests.bare(self.bare.port), Rounds()
            self.bare.run(self.control, pages.BARE, clients=WORKERS * 2, seconds=WARM_UP_SECONDS)
            for page in pages.READ:
                self._read(page, providers)
            for page, make in ((pages.REQUEST, self.requests.asking), (pages.ACCEPT, self.requests.accepting)):
                self._write(page, providers, make(WARM_UP_POSTS + self.options.posts * 3 * self.options.rounds + 1))
            if providers == max(self.options.providers):
                self.weights = [self._weight(page) for page in (pages.HOME, pages.DIRECTORY, pages.PROFILE)]
            self.memory = self.site.processes.memory_mb()
        self._add(pages.BARE, providers, self.controls, self.controls, statements=1)

    @contextmanager
    def _served(self, application: str) -> Iterator[Served]:
        options = (f"--workers={WORKERS}", "--log-level=warning")
        with running_site({}, *options, log=self.log, application=application) as site:
            yield Served(site.port, Processes(site.process.pid))

    def _read(self, page: Page, providers: int) -> None:
        source = self.requests.reading(page)
        statements = inside.statements(next(source))
        self.site.run(source, page, clients=WORKERS * 2, seconds=WARM_UP_SECONDS)
        batches = repeat((source, source), self.options.rounds)
        self._add(page, providers, *self._rounds(page, batches, self.options.seconds), statements)

    def _write(self, page: Page, providers: int, requests: list[bytes]) -> None:
        self.site.run(requests[:WARM_UP_POSTS], page, clients=WORKERS * 2, seconds=LONG)
        posts = self.options.posts
        starts = range(WARM_UP_POSTS, len(requests) - 1, 3 * posts)
        batches = [(requests[at : at + posts], requests[at + posts : at + 3 * posts]) for at in starts]
        self._add(page, providers, *self._rounds(page, batches, LONG), inside.statements(requests[-1]))

    def _rounds(
        self, page: Page, batches: Iterable[tuple[Iterable[bytes], Iterable[bytes]]], seconds: float
    ) -> tuple[Rounds, Rounds]:
        """Rounds of the page, and those of the control between them: the machine's speed changes from minute to minute."""
        found, beside = Rounds(), Rounds()
        for one, eight in batches:
            for batch, clients, own, control in (
                (one, 1, found.ones, beside.ones),
                (eight, 8, found.eights, beside.eights),
            ):
                own.append(self.site.run(batch, page, clients=clients, seconds=seconds))
                control.append(self.bare.run(self.control, pages.BARE, clients=clients, seconds=CONTROL_SECONDS))
        self.controls.ones += beside.ones
        self.controls.eights += beside.eights
        return found, beside

    def _add(self, page: Page, providers: int, found: Rounds, beside: Rounds, statements: int) -> None:
        row = report.Row(
            page,
            providers,
            one=found.one,
            eight=Figure([eight.p50 for eight in found.eights]),
            rate=found.rate,
            web_ms=Figure([each.web_ms for each in [*found.ones, *found.eights]]),
            database_ms=Figure([each.database_ms for each in [*found.ones, *found.eights]]),
            statements=statements,
            control=report.Control(beside.one, beside.rate),
        )
        self.rows.append(row)
        cpu = f"CPU {row.web_ms.value:.1f} + {row.database_ms.value:.1f} ms"
        print(f"{providers:>6,} {page.name:<30} {row.one} ms, {row.rate}/s, {cpu} {row.verdict()}", flush=True)

    def _weight(self, page: Page) -> report.Weight:
        request = next(self.requests.reading(page))
        sizes = inside.transferred(self.requests.port, request)
        packed = inside.if_packed(self.requests.port, request)
        return report.Weight(page.name, sizes.pop(""), sum(sizes.values()), packed)

    def holds(self) -> bool:
        """Whether every limit of the issue holds."""
        return (
            all(report.judged(row) in {"", "holds"} for row in self.rows)
            and all(weight.total <= report.FIRST_VIEW_LIMIT_BYTES for weight in self.weights)
            and max(self.memory) <= report.MEMORY_LIMIT_MB
        )

    def text(self, load_before: float, seconds: float) -> str:
        """The whole report in Markdown."""
        how = (
            f"gunicorn with {WORKERS} sync workers, PostgreSQL with durable commits, no TLS and no proxy, a connection for each"
            f" request. Medians [least-most] of {self.options.rounds} rounds; c1 and c8 are one and eight clients in a closed"
            " loop on the same machine. CPU is that of web and of database processes, and hardly knows of neighbours."
            ' "By the control" judges the limits at the speed of the machine on which they were set: the control took'
            f" {report.CONTROL_MS} ms and gave {report.CONTROL_PER_SECOND:,}/s there."
            f" The run took {seconds / 60:.0f} minutes."
        )
        parts = [
            "# Results of `make bench`",
            f"{report.machine(load_before)}\n{how}",
            report.table(self.rows),
            report.weights_table(self.weights),
            report.memory_line(self.memory),
            "The peers, measured on the same machine before (50 -> 5,000 providers with 20 bookings each):",
            report.PEERS,
        ]
        return "\n\n".join(parts)
