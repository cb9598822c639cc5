"""The commands on connections for the window: each runs on the engine's loop."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from ibconsole.archive import Archive
from ibconsole.secret import Secret
from ibconsole.services.connections import (
    Account,
    CheckResult,
    Connection,
    Connections,
    InvalidConnection,
    SecretPlace,
    Settings,
    saved_account,
)
from ibconsole.services.console.console import Console
from ibconsole.services.runtime import ConnectionStatus, Engine
from ibconsole.services.team import check_team

T = TypeVar("T")


class RemoteConnections:
    """Opens, checks and changes connections; may wait for the user to unlock the keyring."""

    def __init__(self, engine: Engine, console: Console, connections: Connections) -> None:
        self._engine = engine
        self._console = console
        self._connections = connections

    @property
    def notice(self) -> str:
        """A sentence about damage in the settings file; empty if there was none."""
        return self._connections.notice

    @property
    def opened(self) -> ConnectionStatus:
        """The connection that is open; its fields are empty if there is none."""
        return self._console.status.connection

    async def settings(self) -> Settings:
        """See `Connections.load`."""
        return await self._call(self._connections.load)

    async def open(self, uuid: str) -> None:
        """Open a connection without sending any request.

        The former one stays open until the secret of this one was read.
        """

        async def work() -> None:
            account = await self._connections.load_account(uuid)
            await self._console.connect(account)
            await self._connections.record_opened(uuid)

        await self._call(work)

    async def close(self) -> None:
        """Close the current connection."""
        await self._call(self._console.disconnect)

    async def check(self, connection: Connection, secret: Secret | None) -> CheckResult:
        """Check a connection; see `check`. A secret of None means the stored one."""

        async def work() -> CheckResult:
            return await self._console.check(await self._account(connection, secret))

        return await self._call(work)

    async def check_team(self, connection: Connection, password: Secret | None) -> CheckResult:
        """Ask the team's archive of a connection; a password of None means the stored one.

        The stored one is sent only to the database that it is stored for.
        """

        async def work() -> CheckResult:
            return await check_team(await self._connections.team_draft(connection, password))

        return await self._call(work)

    async def add(
        self,
        connection: Connection,
        secret: Secret,
        *,
        for_session: bool = False,
        team_password: Secret | None = None,
    ) -> Connection:
        """See `Connections.add`."""
        return await self._change(
            lambda: self._connections.add(
                connection, secret, for_session=for_session, team_password=team_password
            )
        )

    async def edit(
        self,
        connection: Connection,
        secret: Secret | None,
        *,
        for_session: bool = False,
        team_password: Secret | None = None,
    ) -> Connection:
        """See `Connections.edit`."""
        return await self._change(
            lambda: self._connections.edit(
                connection, secret, for_session=for_session, team_password=team_password
            )
        )

    async def enter_secret(self, uuid: str, secret: Secret, *, for_session: bool) -> None:
        """See `Connections.enter_secret`."""
        await self._change(
            lambda: self._connections.enter_secret(uuid, secret, for_session=for_session)
        )

    async def secret_place(self, uuid: str) -> SecretPlace:
        """See `Connections.secret_place`."""
        return await self._call(lambda: self._connections.secret_place(uuid))

    async def duplicate(self, uuid: str) -> Connection:
        """See `Connections.duplicate`."""
        return await self._call(lambda: self._connections.duplicate(uuid))

    async def remove(self, uuid: str, *, messages: bool, keep_secret: bool = False) -> int:
        """Remove a connection and, if asked, its messages; return the number of messages.

        See `Connections.remove` for `keep_secret`. The messages are deleted last: they stay if
        the connection could not be removed. Neither is removed while a redelivery needs them.
        """

        async def work() -> int:
            if messages:
                await self._console.writer.run(Archive.require_unneeded, uuid)
            if self._console.status.connection.id == uuid:
                await self._console.disconnect()
            await self._connections.remove(uuid, keep_secret=keep_secret)
            return await self._console.writer.delete_connection(uuid) if messages else 0

        return await self._change(work)

    async def messages_of(self, uuid: str) -> int:
        """Return the number of messages that were received on this connection."""
        return await self._call(lambda: self._console.writer.run(Archive.count_messages, uuid))

    async def _account(self, connection: Connection, secret: Secret | None) -> Account:
        draft = connection.normalized()
        if secret:
            return saved_account(draft, secret)
        stored = await self._connections.load_account(draft.id)
        if (stored.base_url, stored.credential.kind) != (draft.base_url, draft.kind):
            raise InvalidConnection(
                "secret", f"Enter the {draft.kind.secret_noun} to test it there."
            )
        return saved_account(draft, stored.credential.secret)

    async def _change(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Change the saved connections, and share with the teams that they name then."""

        async def change() -> T:
            result = await work()
            self._console.sharing.start_sharing(self._connections)
            return result

        return await self._call(change)

    async def _call(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        return await self._engine.call(work)
