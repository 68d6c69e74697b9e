"""`make run` without its environment: the real web and worker (issue 1, "Two commands")."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import closing

import pytest
from django.db import connection

from tests import factories
from tests.databases import committed_database, connected_to
from tests.platform.processes import ROOT, alive, eventually

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(sys.platform != "linux", reason="Only Linux ends children with their parent"),
]


COMMAND = [sys.executable, "-m", "embedded.serve"]


@pytest.fixture
def port():
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return server.getsockname()[1]


@pytest.fixture
def served(django_db_setup, django_db_blocker, tmp_path, port):
    """Parley served from a database that has a marketplace; its output is a file."""
    name = f"{connection.settings_dict['NAME']}_serve"
    with django_db_blocker.unblock(), committed_database(name) as database, connected_to(name):
        factories.tenant("north", name="Northwind Mentors", preset="mentors")
        environment = {key: value for key, value in os.environ.items() if key not in {"DATABASE_ROLE", "MAKELEVEL"}}
        environment |= database | {"DJANGO_SETTINGS_MODULE": "config.settings.local"}
        environment |= {"PORT": str(port), "PARLEY_DATA": str(tmp_path)}
        with (tmp_path / "log").open("w") as log:
            process = subprocess.Popen(COMMAND, cwd=ROOT / "config", env=environment, stdout=log, stderr=log)
        assert eventually(lambda: "is ready" in (tmp_path / "log").read_text(), 180), (tmp_path / "log").read_text()
        yield process
        left = parts(port, tmp_path)
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        process.wait()
        assert not left


def parts(port, data):
    return alive("gunicorn", f"--bind 127.0.0.1:{port} ") | alive("celery", f"{data}/beat-schedule")


def test_serve_answers_and_leaves_nothing_when_it_is_killed(served, port, tmp_path):
    log = (tmp_path / "log").read_text()
    assert f"parley | Parley is ready: http://localhost:{port}/\n" in log
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/") as answer:
        assert answer.status == 200
    served.kill()
    assert eventually(lambda: not parts(port, tmp_path))


def test_serve_web_killed_says_so_and_ends_the_worker_too(served, port, tmp_path):
    (web,) = (pid for pid in alive("gunicorn", f"--bind 127.0.0.1:{port} ") if os.getpgid(pid) == pid)
    os.kill(web, signal.SIGKILL)
    assert served.wait(20) == 1
    assert "parley | web ended by itself (killed by SIGKILL): stopping everything.\n" in (tmp_path / "log").read_text()
    assert not parts(port, tmp_path)


def refusal(port):
    """What serving at this port says, which must be all it does."""
    environment = {key: value for key, value in os.environ.items() if key != "MAKELEVEL"}
    done = subprocess.run(
        COMMAND, cwd=ROOT / "config", env={**environment, "PORT": port}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr


def test_serve_taken_port_says_how_to_choose_another():
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
        assert refusal(str(port)) == (
            f"Port {port} is taken or not allowed (Address already in use): stop what uses it, or choose another one, "
            f"for example `PORT={port + 1} make run`.\n"
        )


@pytest.mark.parametrize("word", ["http", "0", "65536", "-1", ""])
def test_serve_impossible_port_is_refused(word):
    assert refusal(word) == f"PORT must be a number from 1 to 65535, not {word!r}.\n"
