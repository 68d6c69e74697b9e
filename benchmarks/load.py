"""Clients in a closed loop over real sockets, a connection for each request, and what it costs the server."""

import os
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Round:
    """One round: milliseconds of each answer, how long it took in all, and seconds of CPU in web and database processes."""

    milliseconds: list[float]
    seconds: float
    web_cpu: float
    database_cpu: float

    @property
    def p50(self) -> float:
        return median(self.milliseconds)

    @property
    def p95(self) -> float:
        return quantiles(self.milliseconds, n=20)[-1]

    @property
    def per_second(self) -> float:
        return len(self.milliseconds) / self.seconds

    @property
    def web_ms(self) -> float:
        """Milliseconds of CPU in web processes for one answer: unlike time, CPU hardly knows of neighbours."""
        return self.web_cpu * 1000 / len(self.milliseconds)

    @property
    def database_ms(self) -> float:
        """Milliseconds of CPU in the database's processes for one answer."""
        return self.database_cpu * 1000 / len(self.milliseconds)


@dataclass(frozen=True)
class Figure:
    """Rounds of one measurement as "median [least-most]"."""

    values: list[float]

    @property
    def value(self) -> float:
        return median(self.values)

    def __str__(self) -> str:
        return f"{_short(self.value)} [{_short(min(self.values))}-{_short(max(self.values))}]"


def _short(number: float) -> str:
    return f"{number:.0f}" if number >= 100 else f"{number:.1f}"


class UnexpectedAnswer(Exception):
    """The server answered something else than what is measured."""


def send(port: int, request: bytes) -> bytes:
    """Send one request on a new connection and read the answer to its end."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        client.sendall(request)
        parts = []
        while part := client.recv(65536):
            parts.append(part)
    return b"".join(parts)


def run(port: int, requests: Iterable[bytes], *, clients: int, status: int, seconds: float, pids: "Processes") -> Round:
    """Let `clients` ask one after the other for so many seconds, or until the requests are used up."""
    source, lock, taken, failed = iter(requests), threading.Lock(), [], []
    deadline = time.perf_counter() + seconds
    expected = f"HTTP/1.1 {status} ".encode()

    def next_request() -> Iterator[bytes]:
        while time.perf_counter() < deadline and not failed:
            with lock:
                request = next(source, None)
            if request is None:
                return
            yield request

    def client() -> None:
        for request in next_request():
            begin = time.perf_counter()
            answer = send(port, request)
            taken.append((time.perf_counter() - begin) * 1000)
            if not answer.startswith(expected):
                failed.append(answer[:300])

    threads = [threading.Thread(target=client) for _ in range(clients)]
    cpu_before, begin = pids.cpu(), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took, cpu_after = time.perf_counter() - begin, pids.cpu()
    if failed or len(taken) < 2:
        raise UnexpectedAnswer(f"Not {status} to {request_line(requests)}: {failed[:1]}")
    return Round(taken, took, cpu_after[0] - cpu_before[0], cpu_after[1] - cpu_before[1])


def request_line(requests: Iterable[bytes]) -> str:
    """The first line of a list of requests, for a message."""
    return requests[0].partition(b"\r\n")[0].decode() if isinstance(requests, list) and requests else "a request"


class Processes:
    """The site's worker processes and the database's, to read their CPU time and memory."""

    def __init__(self, master: int) -> None:
        self.web = [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]
        self.database = _postmaster(Path(os.environ["DATABASE_URL"].partition("host=")[2].replace("%2F", "/")))

    def cpu(self) -> tuple[float, float]:
        """Seconds of CPU so far: web processes, and all of the database's, those that have ended included."""
        children = Path(f"/proc/{self.database}/task/{self.database}/children").read_text().split()
        return sum(map(_cpu, self.web)), sum(map(_cpu, map(int, children))) + _cpu_of_ended_children(self.database)

    def memory_mb(self) -> list[float]:
        """Resident memory of each web process."""
        return [_status(pid, "VmRSS") / 1024 for pid in self.web]


def _cpu(pid: int) -> float:
    return sum(_times(pid)[:2])


def _cpu_of_ended_children(pid: int) -> float:
    return sum(_times(pid)[2:])


def _times(pid: int) -> list[float]:
    """Seconds in user and in system mode: of the process, then of its children that have ended."""
    try:
        facts = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return [0.0] * 4
    return [int(ticks) / TICKS for ticks in facts[11:15]]


def _status(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def _postmaster(run_directory: Path) -> int:
    """The process that listens on the cluster's socket: its first line of the lock file beside the socket."""
    return int((run_directory / ".s.PGSQL.5432.lock").read_text().splitlines()[0])
