"""The console's commands as the window awaits them: each runs on the engine's loop."""

from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from ibconsole.api import Platform
from ibconsole.archive import RetentionPolicy, RetentionPreview
from ibconsole.errors import UserError
from ibconsole.model import Action, ActionDraft, Application, Configuration
from ibconsole.services.console.console import Console
from ibconsole.services.forward_test import ForwardTest
from ibconsole.services.intake import PullReport, RunResult
from ibconsole.services.request_log import requested_by
from ibconsole.services.runtime import ConnectionStatus, Engine

P = ParamSpec("P")
T = TypeVar("T")


class AnotherConnection(UserError):
    """The account at work is no longer the one that was spoken of."""


class RemoteSetup:
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
        self._names: dict[str, str] = {}

    def of(self, connection: ConnectionStatus) -> "RemoteSetup":
        """The setup of this connection; raises AnotherConnection once another is at work."""
        return RemoteSetup(self._engine, self._console, only=connection)

    async def applications(self) -> list[Application]:
        """See `Platform.applications`; so with every method here."""
        found = await self._ask(lambda platform: platform.applications(), "Applications: refresh")
        self._names = {application.code: application.name for application in found}
        return found

    async def application(self, code: str, *, by_id: bool = False) -> Application:
        return await self._ask(
            lambda platform: platform.application(code, by_id=by_id), "Look up an application"
        )

    async def configurations(self, code: str) -> list[Configuration]:
        return await self._ask(
            lambda platform: platform.configurations(code), f"Setup of {self._named(code)}"
        )

    async def create_configuration(self, code: str) -> Configuration:
        return await self._ask(
            lambda platform: platform.create_configuration(code), "Create configuration"
        )

    async def delete_configuration(self, code: str, key: str) -> None:
        await self._ask(
            lambda platform: platform.delete_configuration(code, key), "Delete configuration"
        )

    async def actions(self, code: str, key: str) -> list[Action]:
        return await self._ask(
            lambda platform: platform.actions(code, key), f"Setup of {self._named(code)}"
        )

    async def create_action(self, code: str, key: str, draft: ActionDraft) -> Action:
        return await self._ask(
            lambda platform: platform.create_action(code, key, draft), "Create action"
        )

    async def delete_action(self, code: str, key: str, action: str) -> None:
        await self._ask(lambda platform: platform.delete_action(code, key, action), "Delete action")

    def _named(self, code: str) -> str:
        return self._names.get(code) or "an application"

    async def _ask(
        self, request: Callable[[Platform], Coroutine[Any, Any, T]], who: str = "Setup"
    ) -> T:
        async def work() -> T:
            if self._only not in {None, self._console.status.connection}:
                raise AnotherConnection(
                    "The connection has changed meanwhile; nothing was requested, and nothing"
                    " changed."
                )
            return await request(self._console.platform)

        with requested_by(who):
            return await self._engine.call(work)


class RemoteIntake:
    """The pull and the listener."""

    def __init__(self, engine: Engine, console: Console) -> None:
        self._engine = engine
        self._console = console

    async def pull(self, limit: int | None) -> PullReport:
        """See `Puller.pull`."""
        with requested_by("You: pull"):
            return await self._engine.call(self._console.pull, limit)

    async def pull_until_empty(self, limit: int | None, most: int | None) -> RunResult:
        """See `PullLoop.until_empty`."""
        with requested_by("You: pull until empty"):
            return await self._engine.call(self._console.pull_until_empty, limit, most=most)

    async def follow_pulls(self, limit: int | None, interval: float) -> RunResult:
        """See `PullLoop.follow`."""
        with requested_by("Auto pull"):
            return await self._engine.call(self._console.follow_pulls, limit, interval)

    async def stop_pulling(self) -> None:
        """See `Console.stop_pulling`."""

        async def stop() -> None:
            self._console.stop_pulling()

        await self._engine.call(stop)

    async def start_listener(self, port: int, host: str = "127.0.0.1") -> str:
        """Listen at this address; the URL of the connection at work, or of none."""
        return await self._engine.call(self._console.start_listener, host=host, port=port)

    async def stop_listener(self) -> None:
        """See `Console.stop_listener`."""
        await self._engine.call(self._console.stop_listener)


class RemoteForwardTest:
    """Tests of forward URLs."""

    def __init__(self, engine: Engine, console: Console) -> None:
        self._engine = engine
        self._console = console

    async def test(self, url: str, payload: bytes) -> ForwardTest:
        """See `ForwardTester.test`."""
        return await self._engine.call(self._console.test_forward, url, payload)


class RetentionControl:
    """How much of what was received is kept."""

    def __init__(self, engine: Engine, console: Console) -> None:
        self._engine = engine
        self._console = console

    async def chosen(self) -> RetentionPolicy:
        """See `Retention.chosen`."""
        return await self._engine.call(self._console.retention.chosen)

    async def choose(self, keep: RetentionPolicy) -> None:
        """See `Retention.choose`."""
        await self._engine.call(self._console.retention.choose, keep)

    async def leaving(self, keep: RetentionPolicy) -> RetentionPreview:
        """See `Retention.leaving`."""
        return await self._engine.call(self._console.retention.leaving, keep)

    async def apply(self) -> int:
        """See `Retention.apply`."""
        return await self._engine.call(self._console.retention.apply)
