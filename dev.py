#!/usr/bin/env python3
"""Every developer command, with nothing but Python: `make <command>` or `python3 dev.py <command>`.

It builds .venv from the lock file (with uv where there is one, else with venv and pip), then runs the real tools in it.
The lines up to `main` must run on older Pythons too, so that those are told what is missing.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / ".parley-lock"
PYTHONS = ("3.13", "3.12", "3.11")
# The shell draws no window around its pages, which is more than half of what the others do for a page.
HEADLESS = "chromium-headless-shell"
BROWSERS = (HEADLESS, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
DATA = os.environ.get("PARLEY_DATA", str(ROOT / ".parley"))


# --- the environment -------------------------------------------------------------------------------------------------


def python(name: str = "dev") -> str:
    """The Python of an environment that has requirements/<name>.txt, made or brought up to date when needed."""
    program = VENV / "bin" / "python"
    wanted = [_stamp("dev")] if name == "dev" else [_stamp("run"), _stamp("dev")]
    if program.exists() and STAMP.exists() and STAMP.read_text(encoding="utf-8") in wanted:
        return str(program)
    uv = shutil.which("uv") or shutil.which("uv", path=str(VENV / "bin"))
    if not program.exists():
        _make_environment(uv)
    elif _version(str(program)) not in PYTHONS:
        sys.exit(f"{VENV} has a Python that Parley does not run on: delete it and run the command again.")
    STAMP.unlink(missing_ok=True)
    installer = (
        [uv, "pip", "install", "--compile-bytecode", "--python", str(program)]
        if uv
        else [str(program), "-m", "pip", "install"]
    )
    _say(f"Installing requirements/{name}.txt ...")
    call([*installer, "--quiet", "--require-hashes", "-r", f"requirements/{name}.txt"], "The packages")
    STAMP.write_text(_stamp(name), encoding="utf-8")
    return str(program)


def _stamp(name: str) -> str:
    return f"{name} {hashlib.sha256((ROOT / 'requirements' / f'{name}.txt').read_bytes()).hexdigest()}"


def _make_environment(uv: str | None) -> None:
    base = _base_python()
    shutil.rmtree(VENV, ignore_errors=True)
    if uv:
        call([uv, "venv", "--quiet", "--python", base, str(VENV)], "The environment")
    elif subprocess.run([base, "-c", "import ensurepip, venv"], stderr=subprocess.DEVNULL, check=False).returncode:
        sys.exit(
            f"{base} lacks the module venv: install it (on Debian and Ubuntu: apt-get install python3-venv) or install "
            "uv, then run the command again."
        )
    else:
        call([base, "-m", "venv", str(VENV)], "The environment")


def _base_python() -> str:
    for program in (sys.executable, *(shutil.which(f"python{version}") for version in PYTHONS)):
        if program and _version(program) in PYTHONS:
            return program
    own = ".".join(map(str, sys.version_info[:2]))
    sys.exit(f"Parley needs Python 3.11, 3.12 or 3.13, and this is {own}: install one of them and run it again.")


def _version(program: str) -> str:
    show = "import sys; sys.stdout.write('%d.%d' % sys.version_info[:2])"
    return subprocess.run([program, "-c", show], stdout=subprocess.PIPE, text=True, check=False).stdout


# --- commands --------------------------------------------------------------------------------------------------------


def run(words: list[str]) -> None:
    """Start everything and print the addresses (PORT and HOST choose where)."""
    program = python("run")
    os.chdir(ROOT / "config")  # from here it is found without Django
    os.execv(program, [program, "-m", "embedded.serve"])


def demo_reset(words: list[str]) -> None:
    """Delete the development data and make fresh demo data."""
    if os.environ.get("DATABASE_URL"):
        sys.exit("DATABASE_URL is set: demo-reset deletes the embedded database only. Unset it and try again.")
    program = python("run")
    call([program, "-m", "config.embedded", "destroy", DATA])
    call([program, "manage.py", "prepare"])


def test(words: list[str]) -> None:
    """Run every test, browser journeys included."""
    program, browser = python(), _browser()
    command = [program, "-m", "pytest", "-n", "2", *words]
    os.environ.pop(
        "PYTHONDONTWRITEBYTECODE", None
    )  # dozens of programs start in the tests: each would compile all anew
    if browser:
        os.environ["CHROMIUM"] = browser
    else:
        command += ["-m", "not browser"]
    code = subprocess.call(command, cwd=ROOT)
    sys.exit(code if browser else _without_browser(code))


def simulate(words: list[str]) -> None:
    """Run thousands of random lives of bookings (SIMULATE_RUNS of SIMULATE_STEPS steps)."""
    os.environ.setdefault("SIMULATE_RUNS", "2000")
    call([python(), "-m", "pytest", "-n", "2", "tests/simulation", *words])


def _without_browser(code: int) -> int:
    """Say what was not run; the exit code, which CI turns into a failure with REQUIRE_BROWSER=1."""
    _say("BROWSER TESTS SKIPPED: no Chromium or Chrome was found. Install one, or set CHROMIUM to its path.")
    return code or int(os.environ.get("REQUIRE_BROWSER") == "1")


def _browser() -> str | None:
    """Chromium's path: $CHROMIUM, an installed one, or, for root on Debian, a freshly installed one."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        _say("Installing Chromium for the browser tests ...")
        _apt_get("update", "-qq")
        for package in (HEADLESS, "chromium"):
            _apt_get("install", "-qq", "--yes", "--no-install-recommends", package)
            if found := next(filter(None, map(shutil.which, BROWSERS)), None):
                break
    return found


def _apt_get(*words: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.call(["apt-get", *words], stdout=subprocess.DEVNULL, env=environment)


def lint(words: list[str]) -> None:
    """Run every linter, all of them even when one complains."""
    tools = Path(python()).parent
    manage = [str(tools / "python"), "manage.py"]
    test_settings = {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
    checks = [
        ("ruff format", [str(tools / "ruff"), "format", "--check", "--quiet", "."], {}),
        ("ruff check", [str(tools / "ruff"), "check", "--quiet", "."], {}),
        ("import-linter", [str(tools / "lint-imports"), "--no-cache"], {}),
        ("mypy", [str(tools / "mypy"), "."], test_settings),
        ("djlint", [str(tools / "djlint"), "templates", "--lint", "--quiet"], {}),
        ("makemigrations", [*manage, "makemigrations", "--check", "--dry-run"], test_settings),
        ("check --deploy", [*manage, "check", "--deploy", "--fail-level=WARNING"], _production()),
    ]
    failed = [name for name, command, extra in checks if not _passes(name, command, extra)]
    if failed:
        sys.exit(f"Not clean: {', '.join(failed)}.")


def _production() -> dict[str, str]:
    """An environment that production's settings accept, for checks that talk to no server."""
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "FILES_ROOT": "/var/lib/parley/files",
        "DATABASE_URL": "postgresql://parley_app@localhost/parley",
        "REDIS_URL": "redis://localhost:6379/0",
        "PLATFORM_URL": "https://parley.example",
        "PLATFORM_HOSTS": "parley.example",
        "ALLOWED_HOSTS": "parley.example",
    }


def _passes(name: str, command: list[str], extra: dict[str, str]) -> bool:
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **extra}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    _say(f"{'ok  ' if done.returncode == 0 else 'FAIL'} {name}")
    if done.returncode:
        sys.stdout.buffer.write(done.stdout)
        sys.stdout.flush()
    return done.returncode == 0


def format_(words: list[str]) -> None:
    """Put the Python code in order."""
    ruff = str(Path(python()).parent / "ruff")
    call([ruff, "check", "--fix-only", "--quiet", "."])
    call([ruff, "format", "--quiet", "."])


def ci(words: list[str]) -> None:
    """Lint, then test."""
    lint([])
    test(words)


def bench(words: list[str]) -> None:
    """Measure and print medians against the bar."""
    call([python(), "-m", "benchmarks", *words])


def lock(words: list[str]) -> None:
    """Resolve pyproject.toml anew into the two lock files (needs uv)."""
    uv = shutil.which("uv") or shutil.which("uv", path=str(VENV / "bin"))
    if not uv:
        sys.exit("`make lock` needs uv: install it and run the command again.")
    compile_ = [uv, "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-header", "--extra=embedded"]
    for name, groups in (("run", []), ("dev", ["--group=test", "--group=lint"])):
        call([*compile_, *groups, *words, "pyproject.toml", "-o", f"requirements/{name}.txt"])


# --- small things ----------------------------------------------------------------------------------------------------


def call(command: list[str], thing: str = "") -> None:
    """Run the command in the project's folder; where it fails, end with its exit code (and a sentence about thing)."""
    code = subprocess.call(command, cwd=ROOT)
    if code and shutil.disk_usage(ROOT).free < 50_000_000:
        sys.exit(f"The disk that holds {ROOT} is full: free some space, then run the command again.")
    if code:
        _say(f"{thing} could not be made: the lines above say why." if thing else "")
        sys.exit(code)


def _say(line: str) -> None:
    if line:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


COMMANDS = {
    "run": run,
    "test": test,
    "simulate": simulate,
    "demo-reset": demo_reset,
    "lint": lint,
    "format": format_,
    "ci": ci,
    "bench": bench,
    "lock": lock,
}


def main() -> None:
    """Run the command named first."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in COMMANDS:
        lines = [f"  {key:<11} {(command.__doc__ or '').splitlines()[0]}" for key, command in COMMANDS.items()]
        sys.exit("\n".join(["usage: python3 dev.py <command>", *lines]))
    os.chdir(ROOT)
    try:
        COMMANDS[name](sys.argv[2:])
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
