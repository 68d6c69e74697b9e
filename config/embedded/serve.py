"""`make run`: the whole of Parley on one machine, for development.

This process stays beside the programs it starts, so it works without Django: 15 MB instead of 70, and it can start web at
once, while `manage.py prepare` looks after tables and demo data. Until that takes its mark away, every page says so.
"""

import os
import signal
import socket
import sys
from functools import partial
from pathlib import Path
from typing import NoReturn

from . import ended, ensure
from .parents import follow
from .runner import Program, Runner

ROOT = Path(__file__).resolve().parents[2]
ANY_HOST = "0.0.0.0"  # noqa: S104 - only when HOST asks for it
WEB_THREADS = 4
WORKER_THREADS = 4


def become() -> NoReturn:
    """Turn this process into the one that serves."""
    os.chdir(ROOT / "config")
    os.execv(sys.executable, [sys.executable, "-m", "embedded.serve"])  # noqa: S606 - our own interpreter and module


def main() -> NoReturn:
    """Serve until Ctrl-C. Ends with one sentence when the port is taken or there are no servers to be had."""
    os.chdir(ROOT)
    if "MAKELEVEL" in os.environ:
        follow(os.getppid(), signal.SIGTERM)  # make may be killed too
    host, port = os.environ.get("HOST", "127.0.0.1"), _port()
    _refuse_taken(host, port)
    url = os.environ.setdefault("PLATFORM_URL", f"http://localhost:{port}")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    os.environ["PYTHONUNBUFFERED"] = "1"
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")  # threads would each keep free memory of their own
    data = Path(os.environ.get("PARLEY_DATA", ROOT / ".parley")).resolve()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    if "DATABASE_URL" not in os.environ:
        ensure(data, durable=os.environ.get("PARLEY_DURABLE", "1") != "0")
    mark = data / "preparing"
    mark.touch()
    os.environ["PARLEY_PREPARING"] = str(mark)
    runner = Runner(
        [
            Program("web", [sys.executable, "-m", "gunicorn", *_web(host, port), "config.wsgi"]),
            Program("worker", [sys.executable, "-m", "celery", *_worker(data)], waits=True),
        ],
        setup=Program("setup", [sys.executable, "manage.py", "prepare"]),
        ready=partial(_answers, "127.0.0.1" if host == ANY_HOST else host, port),
        welcome=[f"Parley is ready: {url}/", "Ctrl-C stops it, the data is kept."],
        ended_elsewhere=ended,
    )
    sys.exit(runner.run())


def _port() -> int:
    word = os.environ.get("PORT", "8000")
    if word.isdecimal() and 0 < int(word) < 65536:
        return int(word)
    sys.exit(f"PORT must be a number from 1 to 65535, not {word!r}.")


def _refuse_taken(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            sys.exit(
                f"Port {port} is taken or not allowed ({error.strerror}): stop what uses it, or choose another one, "
                f"for example `PORT={port + 1} make run`."
            )


def _web(host: str, port: int) -> list[str]:
    """gunicorn's options. Django keeps compiled templates, so a changed one needs a fresh process as changed code does."""
    templates = sorted(path for path in (ROOT / "templates").rglob("*.*") if path.is_file())
    log = ["--access-logfile=-", "--access-logformat=%(m)s %(U)s %(s)s %(L)ss", "--log-level=error"]
    size = ["--workers=1", f"--threads={WEB_THREADS}", "--no-control-socket"]
    reload = ["--reload", *(f"--reload-extra-file={path}" for path in templates)]
    return ["--bind", f"{host}:{port}", *size, *reload, *log]


def _worker(data: Path) -> list[str]:
    """Celery's options: one process with threads and beat, which knows its last runs from a file."""
    size = ["--pool=threads", f"--concurrency={WORKER_THREADS}", f"--schedule-filename={data / 'beat-schedule'}"]
    quiet = ["--without-mingle", "--without-gossip", "--without-heartbeat", "--loglevel=info"]
    return ["--app=config.celery_with_beat", "--quiet", "worker", *size, *quiet]


def _answers(host: str, port: int) -> bool:
    """Does somebody answer HTTP there? (http.client would cost 6 MB for as long as we run.)"""
    try:
        with socket.create_connection((host, port), timeout=5) as web, web.makefile("rb") as answer:
            web.sendall(b"GET /health/ HTTP/1.0\r\nHost: localhost\r\n\r\n")
            return answer.read().startswith(b"HTTP/1.")
    except OSError:
        return False


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
