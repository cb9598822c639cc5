"""The pooler and the standby of the tests, as a team's archive relies on them."""

import pytest
from psycopg.errors import ReadOnlySqlTransaction

from ibconsole.team_archive import TeamUnavailable, UnsuitablePooler
from ibconsole.team_archive.connection import connect
from tests.postgres import TeamDatabase
from tests.team_servers import Pooler, Standby, failover_address

_LOCK = "SELECT pg_try_advisory_lock(4846, 1)"
_HELD = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"


def test_a_pooler_by_sessions_keeps_a_lock(team: TeamDatabase, pgbouncer: Pooler) -> None:
    """A pooler that gives each connection a session of its own is as good as none."""
    address = pgbouncer.address("session")
    with connect(address, None, "test") as owner, connect(address, None, "test") as other:
        assert owner.execute(_LOCK).fetchone() == (True,)
        # In a transaction, another client would use the session that was used last.
        with other.transaction():
            other.execute("SELECT 1")
            assert owner.execute(_HELD).fetchone() == (1,)


def test_a_pooler_by_transactions_is_refused(team: TeamDatabase, pgbouncer: Pooler) -> None:
    """A pooler by transactions gives the lock of a session to another client."""
    with pytest.raises(UnsuitablePooler, match="pool_mode = session"):
        connect(pgbouncer.address("transaction"), None, "test")


def test_a_standby_takes_over(team: TeamDatabase, standby: Standby) -> None:
    """An address with both servers leads to the one that can write, also after a failover."""
    address = failover_address(team, standby)
    with connect(address, None, "test") as before:
        assert before.execute("SELECT inet_server_port()").fetchone() == (team.server.port,)
    team.db().execute("UPDATE ibconsole.account SET base_url = 'written' WHERE name = 'acme'")
    standby.catch_up(team.server)
    with standby.connect("owner", team.name) as db, pytest.raises(ReadOnlySqlTransaction):
        db.execute("UPDATE ibconsole.account SET base_url = ''")

    team.server.crash()
    with pytest.raises(TeamUnavailable):
        connect(address, None, "test")
    standby.promote()

    with connect(address, None, "test") as after:
        question = "SELECT inet_server_port(), base_url FROM ibconsole.account WHERE id = 1"
        row = after.execute(question).fetchone()
    assert row == (standby.port, "written")
