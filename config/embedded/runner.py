"""Several programs as one: started together, logs side by side, none outlives the others.

It runs in a process of its own without Django: 15 MB instead of 70 beside the programs.
"""

import contextlib
import http.client
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, NoReturn, TextIO

from . import ended, ensure
from .parents import die_with_parent, end_in_words

TICK_SECONDS = 0.2
STOP_SECONDS = 8.0
COLOURS = ("36", "33", "35", "32", "34")


@dataclass
class Program:
    """One of the programs: its name in the log, and its command."""

    name: str
    command: Sequence[str]
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)
    rest: bytes = b""

    def start(self) -> IO[bytes]:
        """Start it in a process group of its own; it dies with us. Returns the pipe of its output."""
        self.process = subprocess.Popen(  # noqa: S603 - commands come from our own code
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509 - this process has one thread
        )
        if self.process.stdout is None:
            raise RuntimeError("Popen gave no pipe.")
        os.set_blocking(self.process.stdout.fileno(), False)
        return self.process.stdout

    def running(self) -> bool:
        """Has it been started and not ended yet?"""
        return self.process is not None and self.process.poll() is None

    def how_it_ended(self) -> str:
        """Its end in words: "exit code 1", "killed by SIGKILL"."""
        return end_in_words(self.process.returncode) if self.process else "never started"

    def signal_group(self, signum: int) -> None:
        """Send the signal to the program and everything it has started."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signum)


class Runner:
    """Runs programs until one ends, a server it needs ends, or somebody says stop."""

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        ready: Callable[[], bool] = lambda: False,
        welcome: Sequence[str] = (),
        ended_elsewhere: Callable[[], str | None] = lambda: None,
        output: TextIO = sys.stdout,
    ) -> None:
        self.programs, self.ready, self.welcome, self.ended_elsewhere = programs, ready, welcome, ended_elsewhere
        self.output = output
        self.selector = selectors.DefaultSelector()
        self.stops: list[int] = []
        self.width = max((len(program.name) for program in programs), default=0)
        self.coloured = output.isatty() and "NO_COLOR" not in os.environ

    def run(self) -> int:
        """Run until the end; returns the exit code: 0 when told to stop, 1 when something ended by itself."""
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, lambda signum, _frame: self.stops.append(signum))
        try:
            for program in self.programs:
                self.selector.register(program.start(), selectors.EVENT_READ, program)
            reason = self._watch()
            if reason:
                self.say(f"{reason}: stopping everything.")
        finally:
            self._stop()
        return 1 if reason else 0

    def _watch(self) -> str | None:
        """Pass logs on until the end; returns why, or None when we were told to stop."""
        welcome = list(self.welcome)
        while not self.stops:
            self._pass_logs(TICK_SECONDS)
            if ended := next((program for program in self.programs if not program.running()), None):
                self._pass_logs(0)
                return f"{ended.name} ended by itself ({ended.how_it_ended()})"
            if reason := self.ended_elsewhere():
                return reason
            if welcome and self.ready():
                for line in welcome:
                    self.say(line)
                welcome = []
        return None

    def _stop(self) -> None:
        """Ask all to stop, wait, then kill what is left; a second signal shortens the wait."""
        for program in self.programs:
            if program.running():
                program.signal_group(signal.SIGTERM)
        signals, deadline = len(self.stops), time.monotonic() + STOP_SECONDS
        while any(program.running() for program in self.programs):
            if time.monotonic() > deadline or len(self.stops) > max(signals, 1):
                break
            self._pass_logs(TICK_SECONDS)
        for program in self.programs:
            program.signal_group(signal.SIGKILL)
            if program.process is not None:
                program.process.wait()
        self._pass_logs(0)
        for key in list(self.selector.get_map().values()):
            self._close(key.fileobj)
        self.selector.close()

    def _pass_logs(self, timeout: float) -> None:
        if not self.selector.get_map():
            time.sleep(timeout)
            return
        for key, _events in self.selector.select(timeout):
            program: Program = key.data
            try:
                data = os.read(key.fd, 65536)
            except BlockingIOError:
                continue
            *lines, program.rest = (program.rest + data).split(b"\n")
            for line in lines:
                self._write(program.name, line.decode(errors="replace"))
            if not data:
                self._close(key.fileobj)

    def _close(self, pipe: object) -> None:
        key = self.selector.unregister(pipe)  # type: ignore[arg-type]
        program: Program = key.data
        if program.rest:
            self._write(program.name, program.rest.decode(errors="replace"))
            program.rest = b""
        if program.process is not None and program.process.stdout is not None:
            program.process.stdout.close()

    def say(self, line: str) -> None:
        """A line of our own among the logs."""
        self._write("parley", line)

    def _write(self, name: str, line: str) -> None:
        prefix = f"{name:<{max(self.width, 6)}} |"
        if self.coloured:
            names = [program.name for program in self.programs]
            colour = COLOURS[names.index(name) % len(COLOURS)] if name in names else "1"
            prefix = f"\033[{colour}m{prefix}\033[0m"
        with contextlib.suppress(BrokenPipeError):
            self.output.write(f"{prefix} {line}\n")
            self.output.flush()


def become(plan: dict[str, object]) -> NoReturn:
    """Turn this process into the runner of the plan: its programs by name, its url, what to say once that answers.

    With a "root" the plan's programs use the servers there, which end the run when they end.
    """
    script = "import sys; sys.path.append(sys.argv[1]); from embedded.runner import main; main(sys.argv[2])"
    words = [sys.executable, "-I", "-c", script, str(Path(__file__).parents[1]), json.dumps(plan)]
    sys.stdout.flush()
    os.execv(sys.executable, words)  # noqa: S606 - our own interpreter and file


def main(plan: str) -> NoReturn:
    """What the new process does: see `become`."""
    facts = json.loads(plan)
    if facts["root"]:
        ensure(Path(facts["root"]), durable=facts["durable"])
    runner = Runner(
        [Program(name, command) for name, command in facts["programs"].items()],
        ready=partial(_answers, facts["host"], facts["port"]),
        welcome=facts["welcome"],
        ended_elsewhere=ended,
    )
    sys.exit(runner.run())


def _answers(host: str, port: int) -> bool:
    """Does somebody answer HTTP there?"""
    web = http.client.HTTPConnection(host, port, timeout=5)
    try:
        web.request("GET", "/health/")
        web.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        web.close()
    return True
