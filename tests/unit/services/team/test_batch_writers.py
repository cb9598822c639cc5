"""A long backlog is written over two sessions, and what fails there is shipped again."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from msgspec.structs import replace

from ibconsole.archive.outbox.records import OutboxRow, Shipment, ShippedKind
from ibconsole.services.team.batch_writers import BatchWriters, Second
from ibconsole.team_archive.connection import break_off
from ibconsole.team_archive.errors import TeamUnavailable
from ibconsole.team_archive.session import TeamSession, open_session
from ibconsole.team_archive.sources import register_source
from ibconsole.team_archive.writing.writer import TeamWriter
from tests.postgres import TeamDatabase
from tests.unit.team_archive.shipments import AT, delivery, shipment

_FEW = 4  # full batches that one session writes


class Sessions:
    """Opens sessions of one source, and keeps them until the test ends."""

    def __init__(self, team: TeamDatabase, stack: ExitStack) -> None:
        self._team = team
        self._stack = stack
        self.opened: list[TeamSession] = []

    def open(self) -> TeamWriter:
        return self._stack.enter_context(self.second())

    @contextmanager
    def second(self) -> Iterator[TeamWriter]:
        with open_session(self._team.address("collector"), None, "test") as session:
            self.opened.append(session)
            source = register_source(session, "archive", "collector", is_collector=True)
            yield TeamWriter(session, source)


@pytest.fixture
def sessions(team: TeamDatabase) -> Iterator[Sessions]:
    with ExitStack() as stack:
        yield Sessions(team, stack)


def is_open(session: TeamSession) -> bool:
    return not session.db.closed


def batches() -> Iterator[Shipment]:
    number = 0
    while True:
        number += 2
        yield shipment([delivery(number - 1), delivery(number)])


def origins(team: TeamDatabase) -> list[str]:
    found = team.db().execute("SELECT origin FROM ibconsole.delivery ORDER BY id").fetchall()
    return [origin for (origin,) in found]


def writers_after_few(
    sessions: Sessions, opening: Callable[[], Second] | None
) -> tuple[BatchWriters, Iterator[Shipment]]:
    """Return writers that have written as many full batches as one session writes, and more."""
    writers, waiting = BatchWriters(sessions.open(), opening), batches()
    for _ in range(_FEW):
        assert writers.write(next(waiting), is_full=True) == []
    assert len(sessions.opened) == 1
    return writers, waiting


def test_a_long_backlog_is_written_over_two_sessions(
    team: TeamDatabase, sessions: Sessions
) -> None:
    """Each writes half of a batch, until a batch is not full; the next one begins anew."""
    writers, waiting = writers_after_few(sessions, sessions.second)
    with writers:
        for _ in range(2):
            assert writers.write(next(waiting), is_full=True) == []
        assert is_open(sessions.opened[1])
        assert writers.write(next(waiting), is_full=False) == []
        assert not is_open(sessions.opened[1])
        for _ in range(_FEW + 1):
            assert writers.write(next(waiting), is_full=True) == []
        assert len(sessions.opened) == 3
    assert sorted(origins(team)) == sorted(f"archive:{number}" for number in range(1, 25))
    found = team.db().execute(
        "SELECT xid::text, count(*) FROM ibconsole.delivery GROUP BY xid ORDER BY min(id)"
    )
    # In one transaction each: four batches, two in halves, one, and the same once more.
    assert sorted(count for _, count in found.fetchall()) == [1] * 6 + [2] * 9


def test_rows_of_other_kinds_keep_their_order(team: TeamDatabase, sessions: Sessions) -> None:
    """One session writes what may depend on what is before it."""
    writers, waiting = writers_after_few(sessions, sessions.second)
    one = next(waiting)
    answered = OutboxRow(9, "c", ShippedKind.ANSWER, 1, AT)
    with writers:
        mixed = replace(one, rows=[*one.rows, answered])
        assert writers.write(mixed, is_full=True) == []
    [(transactions,)] = team.db().execute(
        "SELECT count(DISTINCT xid::text) FROM ibconsole.delivery"
    )
    assert (transactions, len(origins(team))) == (_FEW + 1, 10)


def test_one_session_is_enough_where_no_second_is_to_be_had(
    team: TeamDatabase, sessions: Sessions
) -> None:
    """A server without a free connection is asked once; the batches are written."""
    asked = []

    def refuse() -> Second:
        asked.append(1)
        raise TeamUnavailable("too many connections")

    writers, waiting = writers_after_few(sessions, refuse)
    with writers:
        for _ in range(3):
            assert writers.write(next(waiting), is_full=True) == []
    assert asked == [1]
    assert len(origins(team)) == 14


@pytest.mark.parametrize("broken", [0, 1])
def test_a_batch_of_which_one_half_failed_is_stored_once_in_the_end(
    team: TeamDatabase, sessions: Sessions, broken: int
) -> None:
    """Whichever session breaks, the batch raises; shipped again, nothing of it is there twice."""
    writers, waiting = writers_after_few(sessions, sessions.second)
    with writers:
        assert writers.write(next(waiting), is_full=True) == []
        break_off(sessions.opened[broken].db)
        failing = next(waiting)
        with pytest.raises(TeamUnavailable):
            writers.write(failing, is_full=True)
    assert len(origins(team)) == 11

    with BatchWriters(sessions.open()) as again:
        assert again.write(failing, is_full=True) == []
    assert sorted(origins(team)) == sorted(f"archive:{number}" for number in range(1, 13))
