"""The tables that are printed and kept in RESULTS.md."""

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .load import Figure
from .pages import BARE, Page

# What the control took when the peers were measured and the limits set.
CONTROL_MS, CONTROL_PER_SECOND = 1.1, 1781
FIRST_VIEW_LIMIT_BYTES, MEMORY_LIMIT_MB = 60_000, 150
# Medians of the measured peers for 50 -> 5,000 providers: one client in ms, then eight clients per second.
PEERS = """\
| peer | slots, c1 ms | slots, c8 per s | public page, c1 ms | create, c1 ms | create, c8 per s |
|---|---|---|---|---|---|
| Easy!Appointments 1.6.0 | 6.2 -> 5.5 | 308 -> 324 | 24 -> 2,321 | 22 -> 90 | 54 -> 16 |
| LibreBooking 2.8.6 | 27.5 -> 940 | 49 -> 2.1 | 93 -> fails | 23 -> 34 | 57 -> 55 |
| django-appointment 3.12.0 | 13.7 -> 13.7 | 107 -> 114 | 32 -> 2,728 | 24 -> 27 | 78 -> 80 |
| pretix 2026.8.0 | - | - | 47 -> 61 | 82 -> 86 | 19 -> 22 |
| bare Django, one indexed query | 1.1 | 1,781 | 2.3 (template) | - | - |
"""


@dataclass(frozen=True)
class Control:
    """What bare Django took between the rounds of a page: how fast the machine was at that moment."""

    one: Figure
    rate: Figure


@dataclass(frozen=True)
class Row:
    """One page at one size."""

    page: Page
    providers: int
    one: Figure
    eight: Figure
    rate: Figure
    web_ms: Figure
    database_ms: Figure
    statements: int
    control: "Control"

    def verdict(self, slower: float = 1, fewer: float = 1) -> str:
        """Whether the issue's limits hold; nothing where it sets none.

        On a machine where one answer takes `slower` times as long, and eight clients get `fewer` times as little.
        """
        missed = []
        if self.page.limit_ms and self.one.value / slower > self.page.limit_ms:
            missed.append(f"over {self.page.limit_ms:.0f} ms")
        if self.page.limit_rate and self.rate.value * fewer < self.page.limit_rate:
            missed.append(f"under {self.page.limit_rate:.0f}/s")
        if not self.page.limit_ms and not self.page.limit_rate:
            return ""
        return ", ".join(missed) or "holds"


@dataclass(frozen=True)
class Weight:
    """What a first view of a page transfers, in bytes."""

    page: str
    html: int
    linked: int
    html_if_packed: int

    @property
    def total(self) -> int:
        return self.html + self.linked


def judged(row: Row) -> str:
    """The verdict at the speed of the machine on which the limits were set, as the control beside the page tells it."""
    if row.page == BARE:
        return ""
    return row.verdict(max(1, row.control.one.value / CONTROL_MS), max(1, CONTROL_PER_SECOND / row.control.rate.value))


def table(rows: Sequence[Row]) -> str:
    """The figures of all sizes, page by page."""
    lines = [
        (
            "| page | providers | c1 p50 ms | c8 p50 ms | c8 per s | CPU ms, web | CPU ms, database | SQL"
            " | control, c1 ms, c8 per s | limits | by the control |"
        ),
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.page.name} | {row.providers:,} | {row.one} | {row.eight} | {row.rate} | {row.web_ms.value:.1f} |"
        f" {row.database_ms.value:.1f} | {row.statements} |"
        f" {row.control.one.value:.1f}, {row.control.rate.value:.0f} | {row.verdict()} | {judged(row)} |"
        for row in sorted(rows, key=lambda row: (row.page.name, row.providers))
    ]
    return "\n".join(lines)


def weights_table(weights: Iterable[Weight]) -> str:
    """Bytes of first views against the limit."""
    lines = [
        "| first view | HTML | CSS, JS, icons | together | HTML if a proxy packs it | limit |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {weight.page} | {weight.html:,} | {weight.linked:,} | {weight.total:,} | {weight.html_if_packed:,} |"
        f" {'holds' if weight.total <= FIRST_VIEW_LIMIT_BYTES else f'over {FIRST_VIEW_LIMIT_BYTES:,}'} |"
        for weight in weights
    ]
    return "\n".join(lines)


def memory_line(megabytes: list[float]) -> str:
    """Memory of the warm web processes against the limit."""
    worst = max(megabytes)
    verdict = "holds" if worst <= MEMORY_LIMIT_MB else f"over {MEMORY_LIMIT_MB} MB"
    return f"Memory of a warm web process: {min(megabytes):.0f}-{worst:.0f} MB resident ({verdict})."


def machine(load_before: float) -> str:
    """What it ran on, and whether it was alone there."""
    model = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line), ": unknown")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} CPUs ({model.partition(': ')[2]}), {memory:.0f} GiB, "
        f"Python {platform.python_version()}; load before the start {load_before:.1f}."
    )
