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
from config.runner import Program, Runner
mark, web = Path(sys.argv[1]), {WITH_A_CHILD!r} if len(sys.argv) > 2 else {WAIT!r}
runner = Runner(
    [
        Program("web", [sys.executable, "-c", web, str(mark), "web"]),
        Program("worker", [sys.executable, "-c", {WAIT!r}, str(mark), "worker"]),
    ],
    ready=(mark / "ready").exists,
    welcome=["Parley is ready"],
    ended_elsewhere=lambda: "Valkey ended by itself (exit code 3)" if (mark / "ended").exists() else None,
)
sys.exit(runner.run())
"""


@pytest.fixture
def start():
    """Start a runner marked with a directory of its own; all of it is gone after the test."""
    with short_directory() as mark:
        runners = []

        def start(*words):
            command = [sys.executable, "-c", RUNNER, str(mark), *words]
            environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
            runners.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True))
            expected = 3 + len(words)
            assert eventually(lambda: len(alive(str(mark))) == expected), alive(str(mark))
            return runners[0], mark

        yield start
        for runner in runners:
            runner.kill()
            runner.stdout.close()
            runner.wait()
        left = alive(str(mark))
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        assert not left


def test_run_told_to_stop_passes_logs_on_and_ends_well(start):
    runner, mark = start("with a child")
    (mark / "ready").touch()
    lines = {runner.stdout.readline() for _ in range(4)}
    assert lines == {"web    | café\n", "web    | hello\n", "worker | hello\n", "parley | Parley is ready\n"}
    runner.send_signal(signal.SIGINT)
    assert runner.stdout.read() == ""
    assert runner.wait(10) == 0
    assert not alive(str(mark))


def test_run_one_program_killed_names_it_and_stops_the_others_and_its_children(start):
    runner, mark = start("with a child")
    (web,) = [pid for pid, command in alive(str(mark), "web").items() if "child" not in command.split()[-1]]
    os.kill(web, signal.SIGKILL)
    assert "parley | web ended by itself (killed by SIGKILL): stopping everything.\n" in runner.stdout.readlines()
    assert runner.wait(10) == 1
    assert not alive(str(mark))


def test_run_a_server_it_needs_has_ended_says_why_and_stops(start):
    runner, mark = start()
    (mark / "ended").touch()
    assert "parley | Valkey ended by itself (exit code 3): stopping everything.\n" in runner.stdout.readlines()
    assert runner.wait(10) == 1


def test_run_killed_itself_leaves_nothing(start):
    runner, mark = start()
    runner.kill()
    assert eventually(lambda: not alive(str(mark)))
