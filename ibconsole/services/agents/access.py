"""The connections that an agent may read: all saved ones, one of them, or an account of a terminal.

What an agent asks for by name ends here, so that a server for one connection shows no other one.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from ibconsole.errors import UserError
from ibconsole.services.connections import Account, Connection, Settings, TeamAccess
from ibconsole.services.evidence.redaction import KnownSecret, KnownSecrets, gather_secrets


class NotOffered(UserError):
    """An agent has named no connection, or none that it may read."""


class SavedAccounts(Protocol):
    """The saved connections with their secrets, `Connections`."""

    async def load(self) -> Settings: ...
    async def load_account(self, uuid: str, /) -> Account: ...
    async def team_access(self, uuid: str, /) -> TeamAccess | None: ...
    async def team_accesses(self) -> Mapping[str, TeamAccess]: ...


class OfferedConnection(msgspec.Struct, frozen=True, kw_only=True):
    """A connection as an agent sees it; `has_team` says that its messages are those of a team."""

    id: str
    name: str
    base_url: str
    environment: str
    has_team: bool = False


class OfferedConnections:
    """The connections that one server offers; with `unsaved` that account alone.

    With `only`, the UUID of a saved connection, no other one is offered. Every method may raise
    SettingsError.
    """

    def __init__(
        self, saved: SavedAccounts, *, only: str = "", unsaved: Account | None = None
    ) -> None:
        self._saved = saved
        self._only = only
        self._unsaved = unsaved

    @property
    def are_all(self) -> bool:
        """True if what was received on any connection may be shown."""
        return not self._only and self._unsaved is None

    async def list_all(self) -> Sequence[OfferedConnection]:
        """Return the offered connections, in the order of the user."""
        if one := self._unsaved:
            return [
                OfferedConnection(
                    id=one.connection,
                    name=one.name,
                    base_url=one.base_url,
                    environment=one.environment,
                )
            ]
        found = (await self._saved.load()).connections
        return [_offered(one) for one in found if self._only in {"", one.id}]

    async def find(self, name: str) -> OfferedConnection:
        """Return the connection with this name or UUID; the only one needs no name.

        Raises NotOffered.
        """
        offered = await self.list_all()
        if not name and len(offered) == 1:
            return offered[0]
        wanted = name.strip().casefold()
        for one in offered:
            if wanted and wanted in {one.name.casefold(), one.id}:
                return one
        names = ", ".join(one.name for one in offered)
        if not offered:
            raise NotOffered("There is no connection yet: its user adds one in ibconsole.")
        start = f"There is no connection called {name}." if name else "Name a connection."
        raise NotOffered(f"{start} There are: {names}.")

    async def load_account(self, connection: OfferedConnection) -> Account:
        """Return the account of a connection, with its secret.

        Raises NoSecret, or VaultError if the keyring is locked or gives nothing.
        """
        return self._unsaved or await self._saved.load_account(connection.id)

    async def team_access(self, connection: OfferedConnection) -> TeamAccess | None:
        """Return the way to the record of a connection's team, None without a team."""
        return await self._saved.team_access(connection.id) if connection.has_team else None

    async def gather_secrets(self, paths: Sequence[str]) -> KnownSecrets:
        """Read every secret of this computer, those of connections that are not offered, too."""
        known = await gather_secrets(self._saved, paths=paths)
        if self._unsaved is None:
            return known
        secret = KnownSecret("API key of the environment", self._unsaved.credential.secret)
        return known.joined_with(KnownSecrets(secrets=(secret,)))


def _offered(connection: Connection) -> OfferedConnection:
    return OfferedConnection(
        id=connection.id,
        name=connection.name,
        base_url=connection.base_url,
        environment=connection.environment.value,
        has_team=bool(connection.team),
    )
