"""The sharing of a console with teams.

Where nothing is shared neither `services.team` nor psycopg is imported: that is the usual case, at
each start of the window and of the listener.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from ibconsole.lazy import LazyModule
from ibconsole.services.connections import Connections, TeamAccess
from ibconsole.services.runtime import Paths, TeamStatus
from ibconsole.tasks import Tasks

if TYPE_CHECKING:
    from ibconsole.archive import outbox
    from ibconsole.services import team
else:
    outbox = LazyModule("ibconsole.archive.outbox")  # imported when a connection is saved
    team = LazyModule("ibconsole.services.team")  # imported when something is shared

_SHARING = "share with teams"
_DRAIN_SECONDS = 3.0  # for which the end waits for what can be shipped


class TeamSharing:
    """Ships what is stored of connections to the teams that they name, until `close`.

    `on_status` is called on the loop with every change.
    """

    def __init__(self, paths: Paths, tasks: Tasks, on_status: Callable[[TeamStatus], None]) -> None:
        self._paths = paths
        self._tasks = tasks
        self._on_status = on_status
        self._shipper: team.Shipper | None = None
        self._stack = AsyncExitStack()

    @property
    def shipper(self) -> "team.Shipper | None":
        """The shipping to teams; None until something was shared."""
        return self._shipper

    async def share(
        self, accesses: Mapping[str, TeamAccess], *, unshared: Collection[str] = ()
    ) -> None:
        """Ship what is stored of these connections, by UUID, to their teams; see `Shipper.share`.

        Raises ArchiveError.
        """
        if not self._shipper:
            if not accesses and not unshared:
                return
            self._shipper = await self._stack.enter_async_context(
                team.Shipper(self._paths, self._on_status)
            )
        await self._shipper.share(accesses, unshared=unshared)

    def start_sharing(self, connections: Connections) -> None:
        """Share what the saved connections name now, in the background; see `share_saved`.

        To be called at the start and after each change of them. An error is logged.
        """
        self._tasks.start(_SHARING, self.share_saved, connections)

    async def share_saved(self, connections: Connections) -> None:
        """Share what the saved connections name now with their teams.

        May wait for the user to unlock the keyring. Raises ArchiveError.
        """
        # Those that the settings do not name keep their teams: a damaged file names none.
        alone = [one.id for one in (await connections.load()).connections if not one.team]
        unshared = await asyncio.to_thread(shipped_among, self._paths.archive, alone)
        await self.share(await connections.team_accesses(), unshared=unshared)

    def wake(self) -> None:
        """Ship what was stored just now."""
        if self._shipper:
            self._shipper.wake()

    def stop(self) -> None:
        """Share nothing more than what is shared now."""
        self._tasks.cancel(_SHARING)

    async def close(self) -> None:
        """Ship what can be shipped within a bounded time, and end the shipping."""
        if self._shipper:
            await self._shipper.drain(_DRAIN_SECONDS)
        await self._stack.aclose()


def shipped_among(archive: Path, connections: Collection[str]) -> Collection[str]:
    """Return those of these connections that are shipped. Blocks. Raises ArchiveError."""
    if not connections:
        return ()
    with outbox.Outbox(archive) as opened:
        return sorted(set(opened.targets()).intersection(connections))
