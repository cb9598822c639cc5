"""The console's commands for the window: each runs on the engine's loop and is awaited here."""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from ibconsole.api import CallKind, Platform
from ibconsole.archive import RetentionPolicy, RetentionPreview
from ibconsole.errors import UserError
from ibconsole.model import Action, ActionDraft, Application, Configuration
from ibconsole.services.console.console import Console
from ibconsole.services.console.permitted_pulls import PermittedPulls
from ibconsole.services.forward_test import ForwardTest, Ladder, LadderPlan, OnRung, Sender
from ibconsole.services.intake import OtherPuller, PullLoopResult, PullReport
from ibconsole.services.messages import Retention
from ibconsole.services.request_log import request_purpose
from ibconsole.services.runtime import ConnectionStatus, Engine

if TYPE_CHECKING:
    from ibconsole.services.team import CollectorPull

P = ParamSpec("P")
T = TypeVar("T")


class ConnectionChanged(UserError):
    """The current connection is no longer the one that the command was meant for."""


class RemoteSetup:
    """The applications, configurations and actions of the current connection.

    `for_connection` returns the setup of one connection: none of its commands is ever carried
    out on another connection.
    """

    def __init__(
        self, engine: Engine, console: Console, *, only: ConnectionStatus | None = None
    ) -> None:
        self._engine = engine
        self._console = console
        self._only = only
        self._applications: Sequence[Application] = ()
        self._listed_for: ConnectionStatus | None = None

    def for_connection(self, connection: ConnectionStatus) -> "RemoteSetup":
        """Return the setup of this connection; it raises ConnectionChanged once another is open."""
        return RemoteSetup(self._engine, self._console, only=connection)

    async def applications(self) -> list[Application]:
        """See `Platform.applications`; the names are used in the log of later requests."""
        connection = self._console.status.connection
        if connection != self._listed_for:
            # Of another account: the window frees that list in steps, this would do it at once.
            self._applications, self._listed_for = (), connection
        self._applications = applications = await self._call(
            lambda platform: platform.applications(), "Applications: refresh"
        )
        return applications

    async def application(self, code: str, *, by_id: bool = False) -> Application:
        """See `Platform.application`."""
        return await self._call(
            lambda platform: platform.application(code, by_id=by_id), "Look up an application"
        )

    async def configurations(self, code: str) -> list[Configuration]:
        """See `Platform.configurations`."""
        return await self._call(
            lambda platform: platform.configurations(code), f"Setup of {self._name_of(code)}"
        )

    async def create_configuration(self, code: str) -> Configuration:
        """See `Platform.create_configuration`."""
        return await self._call(
            lambda platform: platform.create_configuration(code), "Create configuration"
        )

    async def delete_configuration(self, code: str, key: str) -> None:
        """See `Platform.delete_configuration`."""
        await self._call(
            lambda platform: platform.delete_configuration(code, key), "Delete configuration"
        )

    async def actions(self, code: str, key: str) -> list[Action]:
        """See `Platform.actions`."""
        return await self._call(
            lambda platform: platform.actions(code, key), f"Setup of {self._name_of(code)}"
        )

    async def create_action(self, code: str, key: str, draft: ActionDraft) -> Action:
        """See `Platform.create_action`."""
        return await self._call(
            lambda platform: platform.create_action(code, key, draft), "Create action"
        )

    async def delete_action(self, code: str, key: str, action: str) -> None:
        """See `Platform.delete_action`."""
        await self._call(
            lambda platform: platform.delete_action(code, key, action), "Delete action"
        )

    def _name_of(self, code: str) -> str:
        names = (one.name for one in self._applications if one.code == code)
        return next(names, "") or "an application"

    async def _call(
        self, request: Callable[[Platform], Coroutine[Any, Any, T]], purpose: str = "Setup"
    ) -> T:
        async def work() -> T:
            if self._only not in {None, self._console.status.connection}:
                raise ConnectionChanged(
                    "The connection has changed meanwhile; nothing was requested, and nothing"
                    " changed."
                )
            return await request(self._console.platform)

        with request_purpose(purpose):
            return await self._engine.call(work)


class RemoteIntake:
    """The pull, the pull loop and the listener."""

    def __init__(self, engine: Engine, console: Console) -> None:
        self._engine = engine
        self._console = console

    async def pull(self, limit: int | None) -> "PullReport | CollectorPull":
        """See `PermittedPulls.pull_or_ask`."""
        with request_purpose("You: pull"):
            return await self._call(lambda pulls: pulls.pull_or_ask(limit))

    async def pull_until_empty(self, limit: int | None, max_messages: int | None) -> PullLoopResult:
        """See `PullLoop.run_until_empty`."""
        with request_purpose("You: pull until empty"):
            return await self._call(
                lambda pulls: pulls.pull_until_empty(limit, max_messages=max_messages)
            )

    async def pull_continuously(self, limit: int | None, interval: float) -> PullLoopResult:
        """See `PullLoop.run_continuously`."""
        with request_purpose("Auto pull"):
            return await self._call(lambda pulls: pulls.pull_continuously(limit, interval))

    async def team_puller(self) -> OtherPuller | None:
        """See `Console.team_puller`."""
        return await self._engine.call(self._console.team_puller)

    async def other_puller(self) -> str:
        """See `Console.other_puller`."""
        return await self._engine.call(self._console.other_puller)

    async def stop_pulling(self) -> None:
        """See `Console.stop_pulling`."""

        async def stop() -> None:
            self._console.stop_pulling()

        await self._engine.call(stop)

    async def start_listener(self, port: int, host: str = "127.0.0.1") -> str:
        """Listen at this address; return the URL of the current connection, or of none."""
        return await self._engine.call(self._console.start_listener, host=host, port=port)

    async def stop_listener(self) -> None:
        """See `Console.stop_listener`."""
        await self._engine.call(self._console.stop_listener)

    async def _call(self, request: Callable[[PermittedPulls], Coroutine[Any, Any, T]]) -> T:
        async def work() -> T:  # on the engine's loop, which knows the account of this moment
            return await request(self._console.pulls)

        return await self._engine.call(work)


class RemoteProtection:
    """The locks of the current connection."""

    def __init__(self, engine: Engine, console: Console) -> None:
        self._engine = engine
        self._console = console

    async def unlock(
        self, connection: str, kinds: Collection[CallKind], minutes: float, typed: str, reason: str
    ) -> None:
        """See `AccountLocks.unlock`."""
        await self._engine.call(
            self._console.locks.unlock, connection, kinds, minutes, typed, reason
        )

    async def give_reason(self, connection: str, reason: str) -> None:
        """See `AccountLocks.give_reason`."""
        await self._engine.call(self._console.locks.give_reason, connection, reason)

    async def lock(self) -> None:
        """See `AccountLocks.lock`."""
        await self._engine.call(self._console.locks.lock)


class RemoteForwardTest:
    """The test of forward URLs."""

    def __init__(self, engine: Engine, console: Console) -> None:
        self._engine = engine
        self._console = console

    async def test(self, url: str, payload: bytes) -> ForwardTest:
        """See `ForwardTester.test`."""
        return await self._engine.call(self._console.forward_tests.test, url, payload)

    async def observed_sender(self) -> Sender | None:
        """See `ForwardTesting.observed_sender`."""
        return await self._engine.call(self._console.forward_tests.observed_sender)

    async def climb(
        self, url: str, payload: bytes, plan: LadderPlan, on_rung: OnRung
    ) -> ForwardTest:
        """See `LadderClimber.climb`; `on_rung` is called on this loop, not on the engine's."""
        here = asyncio.get_running_loop()

        def hand_over(ladder: Ladder) -> None:
            here.call_soon_threadsafe(on_rung, ladder)

        return await self._engine.call(
            self._console.forward_tests.climb, url, payload, plan, hand_over
        )


class RetentionControl:
    """The retention policy, its preview and its application."""

    def __init__(self, engine: Engine, retention: Retention) -> None:
        self._engine = engine
        self._retention = retention

    async def load_policy(self) -> RetentionPolicy:
        """See `Retention.load_policy`."""
        return await self._engine.call(self._retention.load_policy)

    async def why_fixed(self) -> str:
        """See `Retention.why_fixed`."""
        return await self._engine.call(self._retention.why_fixed)

    async def save_policy(self, policy: RetentionPolicy) -> None:
        """See `Retention.save_policy`."""
        await self._engine.call(self._retention.save_policy, policy)

    async def preview(self, policy: RetentionPolicy) -> RetentionPreview:
        """See `Retention.preview`."""
        return await self._engine.call(self._retention.preview, policy)

    async def apply(self, *, seen: bool = False) -> int:
        """See `Retention.apply`."""
        return await self._engine.call(self._retention.apply, seen=seen)
