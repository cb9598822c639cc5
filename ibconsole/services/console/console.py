"""The engine's side of the console: one archive, at most one account, at most one listener.

Lives on the engine's loop. The window reaches it through `border`, a terminal command
uses it directly.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Self

from ibconsole.api import Platform, Transport
from ibconsole.archive import DecodingResult
from ibconsole.errors import UserError
from ibconsole.services.connections import Account, CheckResult, authorization_of, check
from ibconsole.services.forward_test import ForwardTest, ForwardTester
from ibconsole.services.intake import (
    ArchiveWriter,
    ForwardPaths,
    ListenerService,
    Pulled,
    Puller,
    PullLoop,
    PullReport,
    RunResult,
    StoredForward,
)
from ibconsole.services.messages import Retention, recovery_told
from ibconsole.services.request_log import ActivityLog, Redactor, requested_by
from ibconsole.services.runtime import (
    ConnectionStatus,
    ListenerStatus,
    Paths,
    PullStatus,
    RepeatStatus,
    Status,
)
from ibconsole.tasks import Tasks

log = logging.getLogger(__name__)


class NoAccount(UserError):
    """Something was asked that needs an account, and there is none."""


class Console:
    """Everything that can be done with one data directory, from `async with` to its end.

    `status` is a frozen value that any thread may read at any time, and so is what
    `activity` tells.
    """

    def __init__(
        self,
        places: Paths,
        *,
        heard: Callable[[StoredForward], None] | None = None,
        redactor: Redactor | None = None,
    ) -> None:
        self.places = places
        self.paths = ForwardPaths(places.listener)
        self.redactor = redactor or Redactor()
        self.activity = ActivityLog()
        self.status = Status()
        self._heard = heard
        self._stack = AsyncExitStack()
        self._account_stack = AsyncExitStack()
        self._platform: Platform | None = None
        self._puller: Puller | None = None
        self._repeated: PullLoop | None = None
        self._listening: ListenerService | None = None
        self._writer: ArchiveWriter | None = None
        self._retention: Retention | None = None

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            tasks = Tasks(_report)
            stack.push_async_callback(tasks.close)
            writer = ArchiveWriter(self.places.archive, tasks, self._on_decoded)
            self._writer = await stack.enter_async_context(writer)
            recovery = await writer.recover()
            self.status = replace(self.status, recovered=recovery_told(recovery))
            self._retention = Retention(self.places.settings, writer)
            tasks.start("retention", self._retention.run)
            stack.callback(tasks.cancel, "retention")
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop_listener()
        await self.disconnect()
        await self._stack.aclose()

    async def connect(self, account: Account) -> None:
        """Take an account to work with. Nothing is sent: not a request, and never a pull.

        A pull under way on the former one ends first. Raises BadCredential or BadBaseUrl, with
        the former account still at work.
        """
        observe = self.activity.observe(account.name)
        authorization = authorization_of(account.base_url, account.credential, observe)
        self.redactor.learn(account.credential.secret, *authorization.secrets)
        transport = Transport(account.base_url, authorization, observe=observe)
        await self.disconnect()
        await self._account_stack.enter_async_context(transport)
        self._platform = Platform(transport)
        self._puller = Puller(
            account, self._platform, self.writer, self.places, self._on_pull_changed
        )
        self._repeated = PullLoop(self._puller, self._on_repeat_changed)
        connection = ConnectionStatus(
            name=account.name,
            base_url=account.base_url,
            label=account.credential.label,
            environment=account.environment,
            colour=account.colour,
            id=account.connection,
        )
        self.status = replace(self.status, connection=connection, pull=PullStatus())
        await self._show_address()

    async def disconnect(self) -> None:
        """Let the account go, once a pull under way on it has ended; no further one begins."""
        if self._repeated:
            await self._repeated.stopped()
        if self._puller:
            await self._puller.idle()
        self._platform = self._puller = self._repeated = None
        await self._account_stack.aclose()
        self.status = replace(
            self.status, connection=ConnectionStatus(), pull=PullStatus(), repeat=RepeatStatus()
        )
        await self._show_address()

    async def check(self, account: Account) -> CheckResult:
        """Whether an account answers; see `check`."""
        self.redactor.learn(account.credential.secret)
        with requested_by("Connection test"):
            return await check(account, self.activity.observe(account.name))

    @property
    def writer(self) -> ArchiveWriter:
        """The archive's writer."""
        assert self._writer is not None, "used outside its `async with` block"  # noqa: S101
        return self._writer

    @property
    def retention(self) -> Retention:
        """How much is kept."""
        assert self._retention is not None, "used outside its `async with` block"  # noqa: S101
        return self._retention

    @property
    def platform(self) -> Platform:
        """The account's platform; raises NoAccount if there is none."""
        if not self._platform:
            raise NoAccount("There is no connection; nothing was requested.")
        return self._platform

    async def pull(self, limit: int | None) -> PullReport:
        """One pull; see `Puller.pull`."""
        if not self._puller:
            raise NoAccount("There is no connection; nothing was requested.")
        return await self._puller.pull(limit)

    async def pull_until_empty(
        self, limit: int | None, *, most: int | None = None, pulled: Pulled | None = None
    ) -> RunResult:
        """Pull batch by batch; see `PullLoop.until_empty`."""
        return await self._in_a_row().until_empty(limit, most=most, pulled=pulled)

    async def follow_pulls(
        self, limit: int | None, interval: float, *, pulled: Pulled | None = None
    ) -> RunResult:
        """Pull from time to time; see `PullLoop.follow`."""
        return await self._in_a_row().follow(limit, interval, pulled=pulled)

    def stop_pulling(self) -> None:
        """Begin no further pull of those in a row; one that is under way ends first."""
        if self._repeated:
            self._repeated.stop()

    async def test_forward(self, url: str, payload: bytes) -> ForwardTest:
        """Post a payload to a forward URL, once; see `ForwardTester`. Needs no account."""
        return await ForwardTester(self.writer, self.activity.add).test(url, payload)

    async def start_listener(
        self, *, host: str, port: int, connection: str | None = None, path: str = ""
    ) -> str:
        """Listen for forwards; the URL to forward to. See `ListenerService.start`.

        It is that of the connection, else of the one at work.
        """
        if not self._listening:
            self._listening = ListenerService(
                self.writer, self.paths, self._on_listener_changed, self._heard
            )
        return await self._listening.start(
            host=host, port=port, connection=connection or self._at_work, path=path
        )

    async def stop_listener(self) -> None:
        """Stop listening; requests under way are answered first."""
        if self._listening:
            await self._listening.stop()

    def _in_a_row(self) -> PullLoop:
        if not self._repeated:
            raise NoAccount("There is no connection; nothing was requested.")
        return self._repeated

    def _on_repeat_changed(self, status: RepeatStatus) -> None:
        self.status = replace(self.status, repeat=status)

    @property
    def _at_work(self) -> str | None:
        return self.status.connection.id or None

    async def _show_address(self) -> None:
        if self._listening:
            await self._listening.show(self._at_work)

    def _on_pull_changed(self, status: PullStatus) -> None:
        self.status = replace(self.status, pull=status)

    def _on_listener_changed(self, status: ListenerStatus) -> None:
        self.status = replace(self.status, listener=status)

    def _on_decoded(self, decoded: Sequence[DecodingResult]) -> None:
        for one in decoded:
            if one.problem:
                log.info("Delivery %d: %s", one.delivery, one.problem)


def _report(name: str, error: BaseException) -> None:
    log.error("The background task %r failed.", name, exc_info=error)
