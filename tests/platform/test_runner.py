"""The runner behind `make run`: readable logs, and nothing outlives anything (issue 1, "Two commands")."""

import os
import signal
import subprocess
import sys

import pytest

from tests.platform.processes import ROOT, alive, eventually, short_directory

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(sys.platform != "linux", reason="Only Linux ends children with their parent"),
]

WAIT = "import time; print('hello', flush=True); time.sleep(3600)"
WITH_A_CHILD = """
import subprocess, sys
print("caf\\u00e9", flush=True)
subprocess.run([sys.executable, "-c", "import time; time.sleep(3600)", *sys.argv[1:], "child"])
"""
RUNNER = f"""
import sys
from pathlib import Path
sys.path.append("config")
from embedded.runner import Program, Runner
mark, web = Path(sys.argv[1]), {WITH_A_CHILD!r} if len(sys.argv) > 2 else {WAIT!r}
runner = Runner(
    [
        Program("web", [sys.executable, "-c", web, str(mark), "web"]),
        Program("worker", [sys.executable, "-c", {WAIT!r}, str(mark), "worker"], waits=True),
    ],
    setup=Program("setup", ["/bin/sh", str(mark / "setup")]),
    ready=(mark / "ready").exists,
    welcome=["Parley is ready"],
    ended_elsewhere=lambda: "Valkey ended by itself (exit code 3)" if (mark / "ended").exists() else None,
)
sys.exit(runner.run())
"""


class Run:
    """A runner that writes into a file of a directory of its own, by which its processes are known."""

    def __init__(self, mark, *words, setup="exit 0", parts=3):
        self.mark, self.log = mark, mark / "log"
        (mark / "setup").write_text(setup)
        environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
        with self.log.open("w") as log:
            command = [sys.executable, "-c", RUNNER, str(mark), *words]
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log)
        assert eventually(lambda: len(self.alive()) == parts + len(words)), self.alive()

    def alive(self):
        return alive(str(self.mark))

    def lines(self):
        return set(self.log.read_text().splitlines())


@pytest.fixture
def start():
    """Start a runner; whatever a failed test leaves is killed, then reported."""
    with short_directory() as mark:
        yield lambda *words, **options: Run(mark, *words, **options)
        left = alive(str(mark))
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        assert not left


def test_run_told_to_stop_passes_logs_on_and_ends_well(start):
    run = start("with a child")
    (run.mark / "ready").touch()
    expected = {"web    | café", "worker | hello", "parley | Parley is ready"}
    assert eventually(lambda: run.lines() == expected), run.lines()
    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(10) == 0
    assert run.lines() == expected
    assert not run.alive()


def test_run_one_program_killed_names_it_and_stops_the_others_and_its_children(start):
    run = start("with a child")
    (web,) = (pid for pid, command in run.alive().items() if command.endswith("web "))
    os.kill(web, signal.SIGKILL)
    assert run.process.wait(10) == 1
    assert "parley | web ended by itself (killed by SIGKILL): stopping everything." in run.lines()
    assert not run.alive()


def test_run_a_server_it_needs_has_ended_says_why_and_stops(start):
    run = start()
    (run.mark / "ended").touch()
    assert run.process.wait(10) == 1
    assert "parley | Valkey ended by itself (exit code 3): stopping everything." in run.lines()
    assert not run.alive()


def test_run_starts_what_waits_when_the_setup_has_ended_well(start):
    run = start(setup='echo "making"; while ! test -e "${0%/*}/done"; do sleep 0.05; done')
    (run.mark / "ready").touch()
    assert eventually(lambda: run.lines() == {"setup  | making", "web    | hello"}), run.lines()
    (run.mark / "done").touch()
    expected = {"setup  | making", "web    | hello", "worker | hello", "parley | Parley is ready"}
    assert eventually(lambda: run.lines() == expected), run.lines()
    run.process.send_signal(signal.SIGTERM)
    assert run.process.wait(10) == 0


def test_run_setup_fails_stops_what_runs_already_and_starts_nothing_else(start):
    run = start(setup='while ! test -e "${0%/*}/done"; do sleep 0.05; done; exit 3')
    (run.mark / "done").touch()
    assert run.process.wait(10) == 1
    assert "parley | setup ended by itself (exit code 3): stopping everything." in run.lines()
    assert "worker | hello" not in run.lines()
    assert not run.alive()


def test_run_killed_itself_leaves_nothing(start):
    run = start()
    run.process.kill()
    run.process.wait(10)
    assert eventually(lambda: not run.alive())
