"""Several programs as one: logs side by side, none outlives the others."""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import IO, TextIO

from .parents import die_with_parent, end_in_words

TICK_SECONDS = 0.2
STOP_SECONDS = 8.0
COLOURS = ("36", "33", "35", "32", "34")


@dataclass
class Program:
    """One of the programs: its name in the log, its command, and whether it `waits` until the setup is done."""

    name: str
    command: Sequence[str]
    waits: bool = False
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

    def succeeded(self) -> bool:
        """Has it ended with exit code 0?"""
        return self.process is not None and self.process.poll() == 0

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
        setup: Program | None = None,
        ready: Callable[[], bool] = lambda: False,
        welcome: Sequence[str] = (),
        ended_elsewhere: Callable[[], str | None] = lambda: None,
        output: TextIO = sys.stdout,
    ) -> None:
        self.programs, self.setup, self.output = programs, setup, output
        self.ready, self.welcome, self.ended_elsewhere = ready, welcome, ended_elsewhere
        self.selector = selectors.DefaultSelector()
        self.stops: list[int] = []
        self.names = [program.name for program in self._all()]
        self.width = max(len(name) for name in ["parley", *self.names])
        self.coloured = output.isatty() and "NO_COLOR" not in os.environ

    def _all(self) -> list[Program]:
        return [*self.programs, *([self.setup] if self.setup else [])]

    def run(self) -> int:
        """Run until the end; returns the exit code: 0 when told to stop, 1 when something ended by itself.

        `setup` runs beside the programs that don't wait for it and should end; the others follow when it has ended well.
        The welcome is said when all are started and `ready` says so.
        """
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, lambda signum, _frame: self.stops.append(signum))
        try:
            for program in self._all():
                if not (self.setup and program.waits):
                    self._start(program)
            reason = self._watch()
            if reason:
                self.say(f"{reason}: stopping everything.")
        finally:
            self._stop()
        return 1 if reason else 0

    def _start(self, program: Program) -> None:
        self.selector.register(program.start(), selectors.EVENT_READ, program)

    def _watch(self) -> str | None:
        """Pass logs on until the end; returns why, or None when we were told to stop."""
        setup, welcome = self.setup, list(self.welcome)
        while not self.stops:
            self._pass_logs(TICK_SECONDS)
            if setup and setup.succeeded():
                setup = None
                for program in self.programs:
                    if program.waits:
                        self._start(program)
            if reason := self._ended(setup) or self.ended_elsewhere():
                self._pass_logs(0)
                return reason
            if welcome and not setup and self.ready():
                for line in welcome:
                    self.say(line)
                welcome = []
        return None

    def _ended(self, setup: Program | None) -> str | None:
        for program in self._all():
            expected = program is self.setup and not setup
            if program.process and not program.running() and not expected:
                return f"{program.name} ended by itself ({program.how_it_ended()})"
        return None

    def _stop(self) -> None:
        """Ask all to stop, wait, then kill what is left; a second signal shortens the wait."""
        for program in self._all():
            if program.running():
                program.signal_group(signal.SIGTERM)
        signals, deadline = len(self.stops), time.monotonic() + STOP_SECONDS
        while any(program.running() for program in self._all()):
            if time.monotonic() > deadline or len(self.stops) > max(signals, 1):
                break
            self._pass_logs(TICK_SECONDS)
        for program in self._all():
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
        prefix = f"{name:<{self.width}} |"
        if self.coloured:
            colour = COLOURS[self.names.index(name) % len(COLOURS)] if name in self.names else "1"
            prefix = f"\033[{colour}m{prefix}\033[0m"
        with contextlib.suppress(BrokenPipeError):
            self.output.write(f"{prefix} {line}\n")
            self.output.flush()
