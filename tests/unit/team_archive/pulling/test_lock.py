"""One computer of a team pulls from an account at a time."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ibconsole.team_archive import TeamArchiveError
from ibconsole.team_archive.pulling.lock import PullHolder, find_holder
from tests.postgres import TeamDatabase
from tests.unit.team_archive.pulling.sessions import lock_of

_PATIENCE = 20.0  # seconds
_RACING = "tests.unit.team_archive.pulling.racing"


@pytest.mark.parametrize(
    ("label", "is_collector", "name"),
    [("anna", False, "anna"), ("east", True, "the collector east"), ("", False, "process 5")],
)
def test_the_name_of_a_holder(label: str, is_collector: bool, name: str) -> None:
    """Users read who pulls: the name of the archive, and whether it is a collector."""
    holder = PullHolder(1, label, "process 5", is_collector=is_collector, since=0)

    assert holder.name == name


def test_one_holder(team: TeamDatabase) -> None:
    """The lock has one holder, whom the others see; each acquisition is another epoch."""
    first, collector = lock_of(team.address("collector"), "east", is_collector=True)
    second, desktop = lock_of(team.address("operator"), "anna")
    with first, second:
        assert collector.acquire()
        collector.begin_pull()
        assert not desktop.acquire()
        holder = find_holder(second)
        assert holder is not None
        assert (holder.name, holder.epoch) == ("the collector east", 1)
        assert holder.pulling_since is not None

        collector.end_pull(1)
        collector.release()

        assert find_holder(second) is None
        assert desktop.acquire()
        assert (desktop.epoch, desktop.overlap) == (2, "")
        assert not collector.acquire()


def test_accounts_are_independent(team: TeamDatabase) -> None:
    """A pull of one account excludes no pull of another one."""
    first, acme = lock_of(team.address("operator"), "anna")
    second, globex = lock_of(team.address("outsider", "globex"), "ben")
    with first, second:
        assert (acme.acquire(), globex.acquire()) == (True, True)
        assert find_holder(second) == PullHolder(
            1,
            "ben",
            "process of ben",
            is_collector=False,
            since=_since(team, 2),
            source=globex.source,
        )


def _since(team: TeamDatabase, account: int) -> int:
    row = team.db().execute(
        "SELECT began_at FROM ibconsole.pull_epoch WHERE account = %s", [account]
    )
    [(since,)] = row.fetchall()
    return int(since)


def _terminate(team: TeamDatabase, pid: int) -> None:
    team.db().execute("SELECT pg_terminate_backend(%s)", [pid])


def _restart(team: TeamDatabase, pid: int) -> None:
    team.server.restart()


def _crash(team: TeamDatabase, pid: int) -> None:
    team.server.crash()
    team.server.start()


@pytest.mark.parametrize("end", [_terminate, _restart, _crash])
def test_a_lost_session(team: TeamDatabase, end: Callable[[TeamDatabase, int], None]) -> None:
    """With its session the holder loses the lock, and notices before its next request."""
    first, lost = lock_of(team.address("collector"), "east", is_collector=True)
    with first:
        assert lost.acquire()
        lost.begin_pull()

        end(team, first.db.info.backend_pid)

        for check in (lost.begin_pull, lost.keep):
            with pytest.raises(TeamArchiveError):
                check()
    second, next_one = lock_of(team.address("collector"), "west", is_collector=True)
    with second:
        assert next_one.acquire()
        assert next_one.epoch == 2
        assert "A pull of epoch 1 was in progress since" in next_one.overlap
        next_one.begin_pull()
    rows = team.db().execute("SELECT epoch, overlap FROM ibconsole.pull_epoch ORDER BY epoch")
    assert [bool(overlap) for _, overlap in rows] == [True, True]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT pg_advisory_unlock_all()",
        "UPDATE ibconsole.pull_epoch SET ended_at = 1",
    ],
)
def test_a_lost_lock(team: TeamDatabase, statement: str) -> None:
    """A session that lives on without the lock, or in an epoch that has ended, may not pull."""
    session, lock = lock_of(team.address("collector"), "east")
    with session:
        assert lock.acquire()
        session.db.execute(statement)

        with pytest.raises(TeamArchiveError, match="was lost"):
            lock.begin_pull()

        assert lock.epoch is None


def test_nothing_is_locked_without_an_epoch(team: TeamDatabase) -> None:
    """Where no epoch can be noted, as on a standby, the lock is not held."""
    session, lock = lock_of(team.address("collector"), "east")
    other, second = lock_of(team.address("collector"), "west")
    with session, other:
        session.db.execute("SET default_transaction_read_only = on")
        with pytest.raises(TeamArchiveError):
            lock.acquire()
        assert second.acquire()


def _started(team: TeamDatabase, name: str, amount: str, marker: Path) -> subprocess.Popen[bytes]:
    database = team.address("collector").database
    return subprocess.Popen(
        [sys.executable, "-m", _RACING, database, name, amount, str(marker)],
        cwd=Path(__file__).parents[4],
    )


@pytest.mark.usefixtures("unmeasured_children")
def test_processes_that_race(team: TeamDatabase, tmp_path: Path) -> None:
    """Two processes that pull fifty times each never pull at the same time."""
    marker = tmp_path / "pulling"
    racers = [_started(team, name, "50", marker) for name in ("east", "west")]

    assert [racer.wait(_PATIENCE) for racer in racers] == [0, 0]
    rows = team.db().execute(
        "SELECT count(*), max(epoch), count(ended_at) FROM ibconsole.pull_epoch"
    )
    assert rows.fetchall() == [(100, 100, 100)]


@pytest.mark.parametrize("by", ["SIGKILL", "SIGSTOP"])
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.usefixtures("unmeasured_children")
def test_a_holder_that_is_gone(team: TeamDatabase, tmp_path: Path, by: str) -> None:
    """The lock of a process that was killed, or does not run, is free within seconds."""
    marker = tmp_path / "pulling"
    holder = _started(team, "east", "hold", marker)
    try:
        _wait_for(marker.exists)
        session, lock = lock_of(team.address("collector"), "west")
        with session:
            assert not lock.acquire()

            holder.send_signal(signal.Signals[by])

            _wait_for(lock.acquire)
            assert lock.epoch == 2
            assert "A pull of epoch 1 was in progress" in lock.overlap
        if by == "SIGSTOP":  # it goes on, notices, and ends with an error
            holder.send_signal(signal.SIGCONT)
            assert holder.wait(_PATIENCE) == 1
    finally:
        holder.kill()
        holder.wait()


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
