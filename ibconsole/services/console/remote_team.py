"""The teams that the saved connections share with, for the window."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule
from ibconsole.services.connections import Connections, TeamAccess
from ibconsole.services.console.console import Console
from ibconsole.services.runtime import Engine

if TYPE_CHECKING:
    from ibconsole.services import team
else:  # imported when a team is looked at
    team = LazyModule("ibconsole.services.team")

_MOST_REFUSED = 1_000  # rows that are listed


class NotShared(UserError):
    """A connection is not shared with a team any more."""


class RemoteTeam:
    """The teams, as the engine's loop reaches them; each call is awaited in the window."""

    def __init__(self, engine: Engine, console: Console, connections: Connections) -> None:
        self._engine = engine
        self._console = console
        self._connections = connections
        self._accesses: Mapping[str, TeamAccess] = {}

    async def objections(self) -> Sequence[str]:
        """Return a sentence for each connection that names a team and must not be shared."""

        async def work() -> Sequence[str]:
            objections = await self._connections.team_objections()
            named = (await self._connections.load()).connections
            return [f"{one.name}: {objections[one.id]}" for one in named if one.id in objections]

        return await self._engine.call(work)

    async def look(self, connection: str) -> "team.SeenTeam":
        """See `look_at_team`; raises NotShared for a connection without a team.

        May wait for the user to unlock the keyring, if it did not give the password before.
        """

        async def work() -> "team.SeenTeam":
            return await team.look_at_team(await self._access(connection))

        return await self._engine.call(work)

    async def examine(self, connection: str) -> "team.TeamExamination":
        """See `examine_team`; raises NotShared for a connection without a team."""

        async def work() -> "team.TeamExamination":
            return await team.examine_team(await self._access(connection))

        return await self._engine.call(work)

    async def set_aside(self, connections: Collection[str]) -> "Sequence[team.SetAsideRow]":
        """Return what the teams' archives refused of these connections, the latest first."""

        async def work() -> "Sequence[team.SetAsideRow]":
            shipper = self._console.sharing.shipper
            rows = await shipper.set_aside(_MOST_REFUSED) if shipper else ()
            return [row for row in rows if row.connection in connections]

        return await self._engine.call(work)

    async def retry_set_aside(self) -> None:
        """Ship again what teams' archives refused."""

        async def work() -> None:
            if shipper := self._console.sharing.shipper:
                shipper.retry_set_aside()

        await self._engine.call(work)

    async def _access(self, uuid: str) -> TeamAccess:
        saved = (await self._connections.load()).connection(uuid)
        if not saved or not saved.team_address:
            raise NotShared("The connection is not shared with a team any more.")
        access = self._accesses.get(uuid)
        if not access or access.problem or access.address != saved.team_address:
            self._accesses = await self._connections.team_accesses()
            access = self._accesses.get(uuid)
        if not access:
            raise NotShared("The team's archive may not be used on this computer.")
        return access
