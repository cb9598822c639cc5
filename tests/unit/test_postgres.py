"""The PostgreSQL server of the tests."""

import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from ibconsole.team_archive.connection import connect
from tests.postgres import PATIENCE, PostgresServer, TeamDatabase

_TESTS_THAT_ARE_KILLED = """
import sys
from tests.postgres import ServerHome
home = ServerHome()
home.run(["mkdir", "server"])
process = home.start(["sh", "-c", "echo $$ > server/server.pid; echo; exec sleep 600"], stdout=-1)
process.stdout.readline()
print(home.path, process.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("role", ["owner", "collector", "operator", "reader", "outsider"])
@pytest.mark.parametrize("tcp", [False, True])
def test_users_reach_an_empty_archive(team: TeamDatabase, role: str, tcp: bool) -> None:
    """Every user of a test's database can open the program's connection to it."""
    db = connect(team.address(role, tcp=tcp), None, "test")

    row = db.execute("SELECT session_user::text, current_database()::text").fetchone()
    db.close()
    assert row == (role, team.name)
    assert [name for (name,) in team.db().execute("SELECT name FROM ibconsole.account")] == [
        "acme",
        "globex",
    ]


def test_a_server_comes_back_after_a_crash(team_server: PostgresServer, team: TeamDatabase) -> None:
    """What was committed before a crash is there after it, on the same port."""
    db = team.db()
    db.execute("CREATE TABLE public.number AS SELECT 1 AS value")
    port = team_server.port

    team_server.crash()
    with pytest.raises(psycopg.OperationalError):
        db.execute("SELECT 1")
    team_server.start()

    assert team.db().execute("SELECT value FROM public.number").fetchall() == [(1,)]
    assert team_server.port == port


def test_a_stopped_server_is_started_for_the_next_test(team_server: PostgresServer) -> None:
    """A test may leave the server stopped."""
    team_server.start()
    team_server.stop()
    assert not team_server.is_running


@pytest.mark.usefixtures("unmeasured_children")
def test_a_server_ends_with_the_tests(team_server: PostgresServer) -> None:
    """Nothing is left of a server, not even files, when the process of the tests is killed."""
    with subprocess.Popen(
        [sys.executable, "-c", _TESTS_THAT_ARE_KILLED],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        home, pid = process.stdout.readline().decode().split()
        assert (Path(home) / "server").is_dir()
        process.kill()
    deadline = time.monotonic() + PATIENCE
    while Path(home).exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert not _runs(pid)


def _runs(pid: str) -> bool:
    """Return whether a process runs; one that has ended may stay until its parent waits for it."""
    try:
        return "State:\tZ" not in Path("/proc", pid, "status").read_text()
    except OSError:
        return False
