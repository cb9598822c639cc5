"""A pooler that lends out single transactions is refused before anything is set on a session."""

import psycopg
import pytest

from ibconsole.team_archive import TeamUnavailable, UnsuitablePooler
from ibconsole.team_archive.poolers import check_pooler
from tests.postgres import TeamDatabase

Connection = psycopg.Connection[tuple[object, ...]]


class Pooled:
    """A connection with another number of its process, as poolers invent it."""

    def __init__(self, served_by: list[Connection]) -> None:
        self._served_by = served_by
        self.info = self
        self.backend_pid = 0

    def execute(self, query: str) -> psycopg.Cursor[tuple[object, ...]]:
        self._served_by.append(self._served_by.pop(0))
        return self._served_by[-1].execute(query)


def test_a_direct_connection_needs_no_other(team: TeamDatabase) -> None:
    """Without a pooler, no second connection is opened."""

    def refuse() -> Connection:
        raise AssertionError

    check_pooler(team.db(), refuse, team.address())


@pytest.mark.parametrize(("sessions", "is_refused"), [(1, False), (2, True), (3, True)])
def test_whole_sessions_are_required(
    team: TeamDatabase, sessions: int, *, is_refused: bool
) -> None:
    """A pool of sessions will do, one of transactions will not."""
    pooled = Pooled([team.db() for _ in range(sessions)])

    if not is_refused:
        check_pooler(pooled, team.server.connect, team.address())  # type: ignore[arg-type]
        return
    with pytest.raises(UnsuitablePooler, match="pool_mode = session"):
        check_pooler(pooled, team.server.connect, team.address())  # type: ignore[arg-type]


def test_the_same_process_for_two_connections(team: TeamDatabase) -> None:
    """Two connections that one process serves share a session."""
    shared = team.db()

    class Shared(Pooled):
        pgconn = shared.pgconn

        def close(self) -> None:
            shared.execute("ROLLBACK")

    pooled = Shared([shared])
    with pytest.raises(UnsuitablePooler):
        check_pooler(pooled, lambda: pooled, team.address())  # type: ignore[arg-type,return-value]


def test_no_session_to_spare(team: TeamDatabase) -> None:
    """A pool that is used up is no reason to wait for ever."""
    pooled = Pooled([team.db()])

    class Silent:
        pgconn = psycopg.pq.PGconn.connect(team.address().database.encode())

        def close(self) -> None:
            self.pgconn.finish()

    with pytest.raises(TeamUnavailable, match="no session to spare"):
        check_pooler(pooled, Silent, team.address(), patience=0.0)  # type: ignore[arg-type]
