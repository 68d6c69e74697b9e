"""One size after the other: grow the tenant, start the site anew, measure every page."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.utils import timezone

from tests.site import Site, running_site

from . import inside, load, pages, report
from .environment import WORKERS
from .filling import ZONES, Filling, found
from .load import Figure, Processes, Round
from .pages import Page, Requests

WARM_UP_SECONDS = 1.0
WARM_UP_POSTS = 40


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
        """Grow to so many providers and measure all pages, then what bare Django does on the same machine."""
        self.filling.grow(max(providers, len(ZONES)))
        with self._site("config.wsgi") as site:
            self.requests = Requests(self.tenant, site.port, timezone.now(), self.used)
            for page in pages.READ:
                source = self.requests.reading(page)
                self._read(page, providers, source, inside.statements(next(source)))
            self._write(providers)
            if providers == max(self.options.providers):
                self.weights = [self._weight(page) for page in (pages.HOME, pages.DIRECTORY, pages.PROFILE)]
            self.memory = self.processes.memory_mb()
        with self._site("benchmarks.bare") as site:
            self._read(pages.BARE, providers, self.requests.bare(site.port), statements=1)

    @contextmanager
    def _site(self, application: str) -> Iterator[Site]:
        options = (f"--workers={WORKERS}", "--log-level=warning")
        with running_site({}, *options, log=self.log, application=application) as site:
            self.processes, self.port = Processes(site.process.pid), site.port
            yield site

    def _read(self, page: Page, providers: int, source: Iterator[bytes], statements: int) -> None:
        self._run(source, page, clients=WORKERS * 2, seconds=WARM_UP_SECONDS)
        ones, eights = [], []
        for _ in range(self.options.rounds):
            ones.append(self._run(source, page, clients=1, seconds=self.options.seconds))
            eights.append(self._run(source, page, clients=8, seconds=self.options.seconds))
        self._add(page, providers, ones, eights, statements)

    def _write(self, providers: int) -> None:
        posts = self.options.posts
        for page, make in ((pages.REQUEST, self.requests.asking), (pages.ACCEPT, self.requests.accepting)):
            requests = make(WARM_UP_POSTS + posts * 3 * self.options.rounds + 1)
            warm, requests = requests[:WARM_UP_POSTS], requests[WARM_UP_POSTS:]
            self._run(warm, page, clients=WORKERS * 2, seconds=600)
            ones, eights = [], []
            for _ in range(self.options.rounds):
                for clients, count, into in ((1, posts, ones), (8, 2 * posts, eights)):
                    batch, requests = requests[:count], requests[count:]
                    into.append(self._run(batch, page, clients=clients, seconds=600))
            self._add(page, providers, ones, eights, inside.statements(requests[0]))

    def _run(self, source: object, page: Page, *, clients: int, seconds: float) -> Round:
        return load.run(
            self.port, source, clients=clients, status=page.status, seconds=seconds, pids=self.processes
        )  # fmt: skip

    def _add(self, page: Page, providers: int, ones: list[Round], eights: list[Round], statements: int) -> None:
        row = report.Row(
            page,
            providers,
            one=Figure([one.p50 for one in ones]),
            eight=Figure([eight.p50 for eight in eights]),
            rate=Figure([eight.per_second for eight in eights]),
            web_ms=Figure([one.web_ms for one in [*ones, *eights]]),
            database_ms=Figure([one.database_ms for one in [*ones, *eights]]),
            statements=statements,
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
            all(report.judged(row, self.rows) in {"", "holds"} for row in self.rows)
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
