"""Reading what was received, on this disk or by a team, on one thread within bounded time."""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from ibconsole.errors import UserError
from ibconsole.files import is_missing
from ibconsole.services.agents.access import OfferedConnection, OfferedConnections
from ibconsole.services.connections import TeamAccess
from ibconsole.services.messages import FullReader, open_reader
from ibconsole.services.runtime import find_paths
from ibconsole.services.setup.history import DiskHistory, HistorySource
from ibconsole.team_archive import TeamReader

T = TypeVar("T")

_PATIENCE = 30.0  # seconds


class RecordNotRead(UserError):
    """The record of a connection's team cannot be read, or reading takes too long."""


class AgentRecords:
    """Reads records; `report` gets sentences about what opening an archive has completed."""

    def __init__(
        self,
        offered: OfferedConnections,
        data_dir: Path | None,
        report: Callable[[str], None],
        *,
        patience: float = _PATIENCE,
    ) -> None:
        self._offered = offered
        self._data_dir = data_dir
        self._report = report
        self._patience = patience
        # One thread: what is redacted there is not for two at once.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="agent")

    async def run(self, work: Callable[[], T]) -> T:
        """Run work on the thread of the records; a later call waits for it."""
        return await asyncio.wrap_future(self._thread.submit(work))

    async def read_messages(
        self,
        connection: OfferedConnection | None,
        work: Callable[[FullReader, Callable[[], bool]], T],
    ) -> T | None:
        """Call `work` with the reader of a connection's record; None if there is no archive.

        Without a connection, and without a team, it is that of this disk. `work` gets a function
        that returns True once there is no time left. Raises RecordNotRead, or ArchiveError.
        """
        team = await self._team_of(connection)
        uuid = connection.id if connection else ""
        if team is None and is_missing(find_paths(self._data_dir).archive):
            return None

        def read(cancelled: Callable[[], bool]) -> T:
            with self._open(team, uuid) as reader:
                return work(reader, cancelled)

        return await self._within_time(read)

    async def read_history(
        self, connection: OfferedConnection | None, work: Callable[[HistorySource], T]
    ) -> T:
        """Call `work` with the history of a connection, or of all. Raises as `read_messages`."""
        team = await self._team_of(connection)
        uuid = connection.id if connection else ""

        def read(_: Callable[[], bool]) -> T:
            if team is None:
                return work(DiskHistory(find_paths(self._data_dir).archive, uuid))
            with self._open_team(team, uuid) as reader:
                return work(reader.history)

        return await self._within_time(read)

    def close(self) -> None:
        """Let the thread end when its work has; nothing waits for it."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _team_of(self, connection: OfferedConnection | None) -> TeamAccess | None:
        team = await self._offered.team_access(connection) if connection else None
        if team and team.problem:
            raise RecordNotRead(f"The record of the team cannot be read: {team.problem}")
        return team

    async def _within_time(self, work: Callable[[Callable[[], bool]], T]) -> T:
        end = time.monotonic() + self._patience
        try:
            async with asyncio.timeout(self._patience + 5):
                return await self.run(partial(work, lambda: time.monotonic() > end))
        except TimeoutError:
            raise RecordNotRead(
                f"Reading took longer than {self._patience:.0f} s and was given up: ask for less,"
                " such as a shorter period."
            ) from None

    @contextmanager
    def _open(self, team: TeamAccess | None, connection: str) -> Iterator[FullReader]:
        if team is None:
            with open_reader(self._data_dir, self._report) as reader:
                yield reader
        else:
            with self._open_team(team, connection) as shared:
                yield shared

    @contextmanager
    def _open_team(self, team: TeamAccess, connection: str) -> Iterator[TeamReader]:
        with TeamReader(
            team.address, team.password, connection=connection, purpose="agent"
        ) as reader:
            yield reader
