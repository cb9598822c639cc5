"""The pooler and the standby of the tests, as a team's archive relies on them."""

import pytest
from psycopg.errors import ReadOnlySqlTransaction

from ibconsole.team_archive import TeamUnavailable
from ibconsole.team_archive.connection import connect
from tests.postgres import TeamDatabase
from tests.team_servers import Pooler, PoolMode, Standby, failover_address

_LOCK = "SELECT pg_try_advisory_lock(4846, 1)"
_HELD = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"


@pytest.mark.parametrize(("mode", "kept"), [("session", [1] * 4), ("transaction", [0] * 4)])
def test_only_a_session_of_its_own_keeps_a_lock(
    team: TeamDatabase, pgbouncer: Pooler, mode: PoolMode, kept: list[int]
) -> None:
    """A pooler by transactions gives the lock of a session to another client."""
    owner = connect(pgbouncer.address(mode), None, "test")
    others = [connect(pgbouncer.address(mode), None, "test") for _ in range(4)]
    assert owner.execute(_LOCK).fetchone() == (True,)

    found: list[int] = []
    for other in others:
        # In a transaction, another client uses the session that the pooler used last.
        with other.transaction():
            other.execute("SELECT 1")
            found += owner.execute(_HELD).fetchone() or ()

    for one in (owner, *others):
        one.close()
    assert found == kept


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
