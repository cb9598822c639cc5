"""The team whose ledger counts for messages that are given back."""

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path

from ibconsole.archive.ledger import LedgerReader, MissingMessages
from ibconsole.errors import UserError
from ibconsole.services.connections import Connections, TeamAccess
from ibconsole.services.give_back.planning import GiveBackRequest
from ibconsole.team_archive import TeamAddress

_SEVERAL = (
    "These messages came by connections that share with different teams, and one team can be asked"
    " at a time, so nothing was created or sent. Choose a period or a source with the messages of"
    " one of them."
)


class SeveralTeams(UserError):
    """The messages came by connections of several teams."""


class GiveBackTeams:
    """Finds the team of the connections by which messages came, and of the one that is open.

    `connections` are the saved ones, None if there are none: the open one's team counts then.
    """

    def __init__(self, connections: Connections | None, archive: Path) -> None:
        self._connections = connections
        self._archive = archive

    async def of_messages(
        self, request: GiveBackRequest, opened: str = "", team: TeamAccess | None = None
    ) -> TeamAccess | None:
        """Return the team for a job that is to be made; None if no connection has one.

        `opened` is the UUID of the connection that is open or named, and `team` its team if that is
        known. Raises SettingsError, ArchiveError, and SeveralTeams if the team is to be asked.
        """

        def owners(among: Sequence[str]) -> Sequence[str]:
            with MissingMessages(self._archive) as reader, LedgerReader(self._archive) as ledger:
                return ledger.owners_of_messages(reader.find_ids(request.criteria), among)

        shared = await self._shared()
        found = await asyncio.to_thread(owners, shared) if shared else ()
        teams = await self._found([opened, *found], shared, opened, team)
        if len(teams) > 1 and request.with_team:
            raise SeveralTeams(_SEVERAL)
        return teams[0] if teams else None

    async def of_job(
        self, job: int, opened: str = "", team: TeamAccess | None = None
    ) -> TeamAccess | None:
        """Return the team of a job that is stored, of several that of its own connection."""

        def owners(among: Sequence[str]) -> Sequence[str]:
            with LedgerReader(self._archive) as ledger:
                found = ledger.job(job)
                own = found.connection if found else ""
                return [own, *ledger.owners_of_job(job, among)]

        shared = await self._shared()
        found = await asyncio.to_thread(owners, shared)
        teams = await self._found(found, shared, opened, team)
        return teams[0] if teams else None

    async def _shared(self) -> Sequence[str]:
        """Return the UUIDs of the saved connections that name a team."""
        if self._connections is None:
            return ()
        return [one.id for one in (await self._connections.load()).connections if one.team]

    async def _found(
        self, wanted: Iterable[str], shared: Sequence[str], opened: str, team: TeamAccess | None
    ) -> Sequence[TeamAccess]:
        """Return the different teams of connections, in their order."""
        found: dict[TeamAddress, TeamAccess] = {}
        for uuid in dict.fromkeys(wanted):
            access = team if uuid == opened else None
            if access is None and self._connections is not None and uuid in shared:
                access = await self._connections.team_access(uuid)
            if access is not None:
                found.setdefault(access.address, access)
        return list(found.values())
