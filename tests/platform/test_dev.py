"""dev.py: the environment follows the lock file, and what is missing is said in one sentence (issue 1, "Two commands")."""

import sys

import pytest

import dev


def write_program(path, body):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture(autouse=True)
def bare_machine(tmp_path, monkeypatch):
    """An empty clone on a machine whose PATH has only what the test puts into tmp_path/bin."""
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    monkeypatch.setattr(dev, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(dev, "STAMP", tmp_path / ".venv" / ".parley-lock")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    for name in ("run", "dev"):
        (tmp_path / "requirements").mkdir(exist_ok=True)
        (tmp_path / "requirements" / f"{name}.txt").write_text(f"# {name}\n")


def test_python_too_old_and_no_other_names_the_versions(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", write_program(tmp_path / "old", "printf 3.9"))
    with pytest.raises(SystemExit) as refusal:
        dev.python()
    own = ".".join(map(str, sys.version_info[:2]))
    assert refusal.value.code == (
        f"Parley needs Python 3.11, 3.12 or 3.13, and this is {own}: install one of them and run it again."
    )


def test_python_too_new_takes_a_fitting_one_from_path(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", write_program(tmp_path / "new", "printf 3.14"))
    fitting = write_program(tmp_path / "bin" / "python3.12", "printf 3.12")
    assert dev._base_python() == fitting


def test_python_without_venv_module_says_what_to_install(tmp_path, monkeypatch):
    stub = write_program(tmp_path / "python", 'case "$2" in *ensurepip*) exit 1;; *) printf 3.11;; esac')
    monkeypatch.setattr(sys, "executable", stub)
    with pytest.raises(SystemExit) as refusal:
        dev.python()
    assert refusal.value.code == (
        f"{stub} lacks the module venv: install it (on Debian and Ubuntu: apt-get install python3-venv) or install uv, "
        "then run the command again."
    )


def test_python_installs_once_and_again_when_the_lock_file_has_changed(tmp_path):
    log = tmp_path / "log"
    program = write_program(
        tmp_path / ".venv" / "bin" / "python", f'[ "$1" = -c ] && printf 3.11 || echo "$@" >> {log}'
    )
    installed = "-m pip install --quiet --require-hashes -r requirements/run.txt\n"
    assert [dev.python("run"), dev.python("run")] == [program, program]
    assert log.read_text() == installed
    (tmp_path / "requirements" / "run.txt").write_text("# changed\n")
    dev.python("run")
    assert log.read_text() == installed * 2


def test_python_for_tests_installs_more_and_then_serves_run_too(tmp_path):
    log = tmp_path / "log"
    write_program(tmp_path / ".venv" / "bin" / "python", f'[ "$1" = -c ] && printf 3.11 || echo "$@" >> {log}')
    dev.python("run")
    dev.python("dev")
    dev.python("run")
    assert [line.split()[-1] for line in log.read_text().splitlines()] == [
        "requirements/run.txt",
        "requirements/dev.txt",
    ]


def test_python_interrupted_installation_is_repeated(tmp_path):
    program = write_program(tmp_path / ".venv" / "bin" / "python", '[ "$1" = -c ] && printf 3.11 || exit 3')
    with pytest.raises(SystemExit) as failure:
        dev.python("run")
    assert failure.value.code == 3
    assert not dev.STAMP.exists()
    write_program(tmp_path / ".venv" / "bin" / "python", '[ "$1" != -c ] || printf 3.11')
    assert dev.python("run") == program


@pytest.mark.parametrize(("required", "tests_failed", "expected"), [("", 0, 0), ("1", 0, 1), ("", 1, 1), ("1", 5, 5)])
def test_without_browser_says_so_and_fails_where_one_is_required(monkeypatch, capsys, required, tests_failed, expected):
    monkeypatch.setenv("REQUIRE_BROWSER", required)
    assert dev._without_browser(tests_failed) == expected
    assert capsys.readouterr().out == (
        "BROWSER TESTS SKIPPED: no Chromium or Chrome was found. Install one, or set CHROMIUM to its path.\n"
    )


def test_browser_without_a_window_comes_first(tmp_path, monkeypatch):
    monkeypatch.delenv("CHROMIUM", raising=False)
    write_program(tmp_path / "bin" / "chromium", "")
    shell = write_program(tmp_path / "bin" / "chromium-headless-shell", "")
    assert dev._browser() == shell


def test_browser_named_by_the_environment_wins_over_an_installed_one(tmp_path, monkeypatch):
    installed = write_program(tmp_path / "bin" / "chromium-browser", "")
    monkeypatch.delenv("CHROMIUM", raising=False)
    assert dev._browser() == installed
    monkeypatch.setenv("CHROMIUM", "/opt/other")
    assert dev._browser() == "/opt/other"


def test_demo_reset_with_a_database_of_ones_own_is_refused(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere/precious")
    with pytest.raises(SystemExit, match="deletes the embedded database only"):
        dev.demo_reset([])
