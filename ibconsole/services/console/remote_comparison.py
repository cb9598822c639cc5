"""The comparison of setups for the window: of two applications, of one account or of two."""

from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import msgspec

from ibconsole.api import Platform
from ibconsole.model import Application
from ibconsole.services import setup
from ibconsole.services.comparison import RowComparison
from ibconsole.services.connections import Connections, client_of
from ibconsole.services.console.console import Console
from ibconsole.services.request_log import request_purpose
from ibconsole.services.runtime import Engine
from ibconsole.services.setup import history

T = TypeVar("T")
# Members that no two applications share.
_UNIQUE = frozenset({"applicationCode", "applicationId", "registrationsCount"})


class ComparableAccount(msgspec.Struct, frozen=True):
    """An account whose setups can be compared: its connection's UUID and name."""

    connection: str
    name: str


class ComparedApplication(msgspec.Struct, frozen=True):
    """An application of a connection, which is named by its UUID."""

    connection: str
    code: str


class RemoteComparison:
    """Reads the setups of applications, those of other saved connections as well.

    Another connection is not opened: each read has a client of its own, which asks the gate of
    that account and sends nothing but reads. `connections` is None where there are no saved ones.
    """

    def __init__(
        self, engine: Engine, console: Console, connections: Connections | None = None
    ) -> None:
        self._engine = engine
        self._console = console
        self._connections = connections

    async def accounts(self) -> Sequence[ComparableAccount]:
        """Return the current account and the saved ones. Raises a SettingsError."""
        current = self._console.status.connection
        found = {current.id: current.name} if current.name else {}
        if self._connections:
            settings = await self._engine.call(self._connections.load)
            found |= {one.id: one.name for one in settings.connections}
        return [ComparableAccount(uuid, name) for uuid, name in found.items()]

    async def applications(self, connection: str) -> list[Application]:
        """Return the applications of an account. Raises an ApiError, or why it cannot be used."""

        async def read() -> list[Application]:
            async with self._platform(connection) as platform:
                return await platform.applications()

        return await self._call(read)

    async def compare(self, left: ComparedApplication, right: ComparedApplication) -> RowComparison:
        """Read two setups and compare them. Raises as `applications` does."""

        async def read() -> RowComparison:
            states = [await self._state(one) for one in (left, right)]
            return history.compare(states[0], states[1], same=left == right)

        return await self._call(read)

    async def _state(self, one: ComparedApplication) -> history.SetupState:
        async with self._platform(one.connection) as platform:
            application = await platform.application(one.code)
            own = {name: value for name, value in application.raw.items() if name not in _UNIQUE}
            return history.SetupState(own, await setup.read_route(platform, one.code))

    @asynccontextmanager
    async def _platform(self, connection: str) -> AsyncIterator[Platform]:
        console = self._console
        if self._connections is None or connection == console.status.connection.id:
            yield console.platform
            return
        account = await self._connections.load_account(connection)
        console.redactor.add_secrets(account.credential.secret)
        gate = console.protection.gate_of(account, console.audit)
        client = client_of(account, gate, console.activity.observe(account.name))
        console.redactor.add_secrets(*client.secrets)
        async with client:
            yield Platform(client)

    async def _call(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        with request_purpose("Compare setups"):
            return await self._engine.call(work)
