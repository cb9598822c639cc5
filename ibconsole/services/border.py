"""The console's commands as the window awaits them: each runs on the engine's loop."""

from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from ibconsole.api import Platform
from ibconsole.errors import UserError
from ibconsole.model import Action, ActionDraft, Application, Configuration
from ibconsole.services.console import Console
from ibconsole.services.engine import Engine
from ibconsole.services.listening import remembered_path
from ibconsole.services.pulling import PullReport
from ibconsole.services.status import ConnectionStatus

P = ParamSpec("P")
T = TypeVar("T")


class AnotherConnection(UserError):
    """The account at work is no longer the one that was spoken of."""


class Setup:
    """Applications, configurations and actions of the account at work.

    `of` gives the setup of one connection: nothing that was asked about it is ever
    answered by, or done to, another one.
    """

    def __init__(
        self, engine: Engine, console: Console, *, only: ConnectionStatus | None = None
    ) -> None:
        self._engine = engine
        self._console = console
        self._only = only

    def of(self, connection: ConnectionStatus) -> "Setup":
        """The setup of this connection; raises AnotherConnection once another is at work."""
        return Setup(self._engine, self._console, only=connection)

    async def applications(self) -> list[Application]:
        """See `Platform.applications`; so with every method here."""
        return await self._ask(lambda platform: platform.applications())

    async def application(self, code: str, *, by_id: bool = False) -> Application:
        return await self._ask(lambda platform: platform.application(code, by_id=by_id))

    async def configurations(self, code: str) -> list[Configuration]:
        return await self._ask(lambda platform: platform.configurations(code))

    async def create_configuration(self, code: str) -> Configuration:
        return await self._ask(lambda platform: platform.create_configuration(code))

    async def delete_configuration(self, code: str, key: str) -> None:
        await self._ask(lambda platform: platform.delete_configuration(code, key))

    async def actions(self, code: str, key: str) -> list[Action]:
        return await self._ask(lambda platform: platform.actions(code, key))

    async def create_action(self, code: str, key: str, draft: ActionDraft) -> Action:
        return await self._ask(lambda platform: platform.create_action(code, key, draft))

    async def delete_action(self, code: str, key: str, action: str) -> None:
        await self._ask(lambda platform: platform.delete_action(code, key, action))

    async def _ask(self, request: Callable[[Platform], Coroutine[Any, Any, T]]) -> T:
        async def work() -> T:
            if self._only not in {None, self._console.status.connection}:
                raise AnotherConnection(
                    "The connection has changed meanwhile; nothing was requested, and nothing"
                    " changed."
                )
            return await request(self._console.platform)

        return await self._engine.call(work)


class Receiving:
    """The pull and the listener."""

    def __init__(self, engine: Engine, console: Console, *, host: str = "127.0.0.1") -> None:
        self._engine = engine
        self._console = console
        self._host = host

    async def pull(self, limit: int | None) -> PullReport:
        """See `Puller.pull`."""
        return await self._engine.call(self._console.pull, limit)

    async def start_listener(self, port: int) -> str:
        """Listen on this computer's loopback address, on the remembered path; the URL."""
        path = remembered_path(self._console.places)
        return await self._engine.call(
            self._console.start_listener, host=self._host, port=port, path=path
        )

    async def stop_listener(self) -> None:
        """See `Console.stop_listener`."""
        await self._engine.call(self._console.stop_listener)
