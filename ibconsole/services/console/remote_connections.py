"""Connections as the window awaits them: each command runs on the engine's loop."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from ibconsole.secret import Secret
from ibconsole.services.connections import (
    Account,
    CheckResult,
    Connection,
    Connections,
    InvalidConnection,
    Settings,
    saved_account,
)
from ibconsole.services.console.console import Console
from ibconsole.services.runtime import Engine

T = TypeVar("T")


class RemoteConnections:
    """Opens, tests and changes connections. May wait for the keyring, which may ask its user."""

    def __init__(self, engine: Engine, console: Console, connections: Connections) -> None:
        self._engine = engine
        self._console = console
        self._connections = connections

    @property
    def notice(self) -> str:
        """What was wrong with the file of the settings; empty if nothing was."""
        return self._connections.notice

    async def settings(self) -> Settings:
        """See `Connections.load`; so with every method here that is called alike there."""
        return await self._ask(self._connections.load)

    async def open(self, uuid: str) -> None:
        """Work with this connection from now on; nothing is requested, and nothing pulled.

        The former one stays at work until the secret of this one is at hand.
        """

        async def work() -> None:
            account = await self._connections.load_account(uuid)
            await self._console.connect(account)
            await self._connections.record_opened(uuid)

        await self._ask(work)

    async def close(self) -> None:
        """Work with no connection."""
        await self._ask(self._console.disconnect)

    async def check(self, connection: Connection, secret: Secret | None) -> CheckResult:
        """Whether it works; see `check`. None takes the secret that is kept for it."""

        async def work() -> CheckResult:
            return await self._console.check(await self._account(connection, secret))

        return await self._ask(work)

    async def add(
        self, connection: Connection, secret: Secret, *, for_session: bool = False
    ) -> Connection:
        return await self._ask(
            lambda: self._connections.add(connection, secret, for_session=for_session)
        )

    async def edit(
        self, connection: Connection, secret: Secret | None, *, for_session: bool = False
    ) -> Connection:
        return await self._ask(
            lambda: self._connections.edit(connection, secret, for_session=for_session)
        )

    async def duplicate(self, uuid: str) -> Connection:
        return await self._ask(lambda: self._connections.duplicate(uuid))

    async def remove(self, uuid: str, *, messages: bool) -> int:
        """Forget a connection; with `messages`, also what was pulled on it. How many went.

        The messages go last: nothing is deleted if the connection could not be removed.
        """

        async def work() -> int:
            if self._console.status.connection.id == uuid:
                await self._console.disconnect()
            await self._connections.remove(uuid)
            return await self._console.writer.forget(uuid) if messages else 0

        return await self._ask(work)

    async def messages_of(self, uuid: str) -> int:
        """How many messages were received on this connection."""
        return await self._ask(lambda: self._console.writer.count_messages(uuid))

    async def _account(self, connection: Connection, secret: Secret | None) -> Account:
        normalized = connection.normalized()
        if secret:
            return saved_account(normalized, secret)
        kept = await self._connections.load_account(normalized.id)
        if (kept.base_url, kept.credential.kind) != (normalized.base_url, normalized.kind):
            raise InvalidConnection(
                "secret", f"Enter the {normalized.kind.secret_name.lower()} to test it there."
            )
        return saved_account(normalized, kept.credential.secret)

    async def _ask(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        return await self._engine.call(work)
