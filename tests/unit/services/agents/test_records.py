"""Reading records within bounded time."""

import threading
from typing import Any

import pytest

from ibconsole.services.agents.access import OfferedConnection, OfferedConnections
from ibconsole.services.agents.records import AgentRecords, RecordNotRead
from ibconsole.services.connections.account import TeamAccess
from ibconsole.services.connections.store import Connections
from ibconsole.services.runtime.paths import Paths
from ibconsole.team_archive.address import TeamAddress
from ibconsole.team_archive.errors import TeamArchiveError
from tests.unit.services.agents.conftest import store

TEAM = OfferedConnection(id="c", name="Acme", base_url="", environment="", has_team=True)


async def test_reading(saved: Connections, paths: Paths) -> None:
    """A record is read on one thread; without an archive there is none, and none is made."""
    records = AgentRecords(OfferedConnections(saved), paths.data, lambda _: None)
    before = await records.read_messages(None, lambda reader, _: reader.counts().messages)
    assert (before, paths.archive.exists()) == (None, False)

    store(paths.archive, "c", {"messageId": "1"})
    after = await records.read_messages(None, lambda reader, _: reader.counts().messages)
    names = {await records.run(lambda: threading.current_thread().name) for _ in range(3)}
    records.close()

    assert (after, len(names)) == (1, 1)


async def test_a_team_that_is_away(paths: Paths, unused_tcp_port: int) -> None:
    """A team's record that cannot be read is a sentence; this disk is not read in its place."""

    class WithTeam:
        problem = "The keyring is locked."

        async def team_access(self, _: str) -> TeamAccess:
            address = TeamAddress(
                f"postgresql://127.0.0.1:{unused_tcp_port}/x?sslmode=disable", "acme"
            )
            return TeamAccess(address, problem=self.problem)

    saved: Any = WithTeam()
    records = AgentRecords(OfferedConnections(saved), paths.data, lambda _: None)
    with pytest.raises(RecordNotRead, match="cannot be read: The keyring is locked"):
        await records.read_messages(TEAM, lambda reader, _: reader.counts())
    saved.problem = ""
    with pytest.raises(TeamArchiveError):
        await records.read_messages(TEAM, lambda reader, _: reader.counts())
    with pytest.raises(TeamArchiveError):
        await records.read_history(TEAM, lambda source: list(source.current_applications()))
    records.close()


async def test_bounded_time(saved: Connections, paths: Paths) -> None:
    """Work learns that its time has ended."""
    records = AgentRecords(OfferedConnections(saved), paths.data, lambda _: None, patience=0.0)
    store(paths.archive, "c", {"messageId": "1"})
    ended = await records.read_messages(None, lambda _, cancelled: cancelled())
    records.close()

    assert ended
