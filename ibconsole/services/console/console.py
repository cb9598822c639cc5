"""The console: one archive, at most one account, at most one listener.

Runs on the engine's loop. The window uses it through the classes of `remote`, a terminal command
directly.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, Self

from msgspec.structs import replace

from ibconsole.api import ApiClient, Exchange, Platform
from ibconsole.hosts import is_certainly_loopback
from ibconsole.lazy import LazyModule
from ibconsole.services.audit import Audit
from ibconsole.services.connections import (
    Account,
    CheckResult,
    NoAccount,
    TeamAccess,
    check,
    client_of,
)
from ibconsole.services.console.current_diagnosis import CurrentDiagnosis, RecordedAccount
from ibconsole.services.console.forward_tests import ForwardTesting
from ibconsole.services.console.locks import AccountLocks
from ibconsole.services.console.open_archive import OpenArchive
from ibconsole.services.console.permitted_pulls import PermittedPulls
from ibconsole.services.console.team_sharing import TeamSharing
from ibconsole.services.intake import ArchiveWriter, ForwardPaths, OtherPuller, Puller, PullLoop
from ibconsole.services.messages import Retention
from ibconsole.services.protection import Protection
from ibconsole.services.request_log import ActivityLog, Redactor, request_purpose
from ibconsole.services.runtime import (
    Alarm,
    ConnectionStatus,
    Paths,
    ProtectionStatus,
    PullLoopStatus,
    PullStatus,
    Status,
)
from ibconsole.services.setup.history import RecordedSetup, SetupRecorder
from ibconsole.tasks import Tasks

if TYPE_CHECKING:
    from ibconsole.listener.answers import AnswerScenario
    from ibconsole.services import intake, redelivery, team
    from ibconsole.services.diagnosis import Diagnostics
    from ibconsole.services.setup import lease
else:  # imported when something is sent again, listened for, borrowed, or shared
    lease = LazyModule("ibconsole.services.setup.lease")
    intake = LazyModule("ibconsole.services.intake")
    redelivery = LazyModule("ibconsole.services.redelivery")
    team = LazyModule("ibconsole.services.team")

log = logging.getLogger(__name__)


class Console:
    """Every operation on one data directory, within its `async with` block.

    `status` is a frozen value that any thread may read at any time; `activity` is thread-safe
    too. `on_forwards` is called with the requests that the listener stored together. With
    `settles_leases`, borrowed routes that other processes have left are removed from each account
    that is connected. Findings and forward tests see the account that was `recorded`, if any.
    """

    def __init__(
        self,
        paths: Paths,
        *,
        on_forwards: "Callable[[Sequence[intake.StoredForward]], None] | None" = None,
        redactor: Redactor | None = None,
        protection: Protection | None = None,
        settles_leases: bool = False,
        recorded: RecordedAccount | None = None,
    ) -> None:
        self.paths = paths
        self._recorded = recorded
        self.forward_paths = ForwardPaths(paths.listener)
        self.redactor = redactor or Redactor()
        self.protection = protection or Protection()
        self.audit = Audit(paths.archive)
        self.activity = ActivityLog(masked=lambda: self.protection.policy().codes.masked)
        self.status = Status()
        self._on_forwards = on_forwards
        self._stack = AsyncExitStack()
        self._account_stack = AsyncExitStack()
        self._account: Account | None = None
        self._platform: RecordedSetup | None = None
        self._pulls: PermittedPulls | None = None
        self._diagnosis: CurrentDiagnosis | None = None
        self._redeliveries: redelivery.Redeliveries | None = None
        self._tasks = Tasks(_report)
        self.sharing = TeamSharing(paths, self._tasks, lambda status: self._show(team=status))
        self._listener: intake.ListenerService | None = None
        self._archive = OpenArchive(
            paths, self._tasks, self.protection, on_decoded=self.sharing.wake, show=self._show
        )
        self.locks = AccountLocks(self.protection, lambda: self._account, self._show)
        self._settles_leases = settles_leases
        self._leases: lease.Leases | None = None
        self._plans = 0
        self._no_plan, self._leaving = asyncio.Event(), asyncio.Event()
        self._no_plan.set()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            tasks = self._tasks
            stack.push_async_callback(tasks.close)
            await stack.enter_async_context(self._archive)
            tasks.start("other processes", self.watch_other_processes)
            stack.callback(tasks.cancel, "other processes")
            self.locks.show()
            tasks.start("protection", self.locks.watch)
            stack.callback(tasks.cancel, "protection")
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.sharing.stop()
        if self._redeliveries:
            await self._redeliveries.close()
        await self._end_leases()  # while the listener still stores what comes over them
        await self.stop_listener()
        await self.disconnect()
        await self.sharing.close()
        await self._stack.aclose()

    async def connect(self, account: Account) -> None:
        """Open a connection to an account, without sending any request.

        A pull in progress on the former account ends first. Raises BadCredential or BadBaseUrl;
        the former account stays connected then.
        """
        diagnosis = CurrentDiagnosis(
            account,
            self.paths,
            self.forward_paths,
            lambda: self.status.listener,
            self._recorded,
        )
        log_exchange = self.activity.observe(account.name)

        def observe(exchange: Exchange) -> None:
            diagnosis.clock.observe(exchange)
            log_exchange(exchange)

        client = client_of(account, self.protection.gate_of(account, self.audit), observe)
        self.redactor.add_secrets(account.credential.secret, *client.secrets)
        await self.disconnect()
        await self._account_stack.enter_async_context(client)
        recorder = await self._account_stack.enter_async_context(
            SetupRecorder(
                self.paths.archive,
                account.connection,
                lambda problem: self._show(history_problem=problem),
            )
        )
        self._account, self._platform = account, RecordedSetup(client, recorder)
        self._diagnosis, self._pulls = diagnosis, self._pulls_of(account, client)
        connection = ConnectionStatus(
            name=account.name,
            base_url=account.base_url,
            label=account.credential.label,
            environment=account.environment,
            colour=account.colour,
            id=account.connection,
            is_read_only=account.is_read_only,
            case=account.case,
        )
        self._show(connection=connection, pull=PullStatus())
        if self._leases or self._settles_leases:
            self.leases.open(account, self._platform, settles=self._settles_leases)
        self.locks.show()
        await self._show_forward_url()

    @property
    def team(self) -> TeamAccess | None:
        """The team of the open connection, if it names one; any thread may ask."""
        account = self._account
        return account.team if account else None

    async def disconnect(self) -> None:
        """Close the connection after a pull and the step of a plan have ended; start no others.

        Borrowed routes are ended before, within a bounded time.
        """
        self._leaving.set()
        await self._end_leases()
        await self._no_plan.wait()
        self._leaving = asyncio.Event()
        if self._pulls:
            await self._pulls.close()
        if self._diagnosis:
            self._diagnosis.close()
        self._account = self._platform = self._pulls = self._diagnosis = None
        await self._account_stack.aclose()
        self._show(
            connection=ConnectionStatus(),
            pull=PullStatus(),
            pull_loop=PullLoopStatus(),
            other_puller="",
            alarms=(),
            protection=ProtectionStatus(),
            history_problem="",
        )
        await self._show_forward_url()

    @asynccontextmanager
    async def carrying_out_plan(self) -> AsyncIterator[Callable[[], bool]]:
        """Keep the connection open while a plan is carried out in the block.

        Yields a function that returns whether the plan has to stop, because `disconnect` waits.
        """
        self._plans += 1
        self._no_plan.clear()
        try:
            yield self._leaving.is_set
        finally:
            self._plans -= 1
            if not self._plans:
                self._no_plan.set()

    async def check(self, account: Account) -> CheckResult:
        """Check an account; see `check`."""
        self.redactor.add_secrets(account.credential.secret)
        with request_purpose("Connection test"):
            gate = self.protection.gate_of(account, self.audit)
            return await check(account, gate, self.activity.observe(account.name))

    def _pulls_of(self, account: Account, client: ApiClient) -> PermittedPulls:
        shared = team.AccountPulling(account.team, self.paths.archive) if account.team else None
        if shared:
            self._account_stack.push_async_callback(shared.close)
        puller = Puller(
            account,
            Platform(client),
            self.writer,
            self.paths,
            lambda status: self._show(pull=status),
            permit=shared.permit if shared else None,
        )
        loop = PullLoop(puller, lambda status: self._show(pull_loop=status))
        return PermittedPulls(account, puller, loop, self.protection, self.audit, shared)

    @property
    def writer(self) -> ArchiveWriter:
        """The archive's writer."""
        return self._archive.writer

    @property
    def forward_tests(self) -> ForwardTesting:
        """The tests of forward URLs; they need no account."""
        return ForwardTesting(
            self.paths.archive,
            self.writer,
            self.activity,
            self.protection,
            lambda: self._account,
            self._recorded.endpoints if self._recorded else None,
        )

    @property
    def leases(self) -> "lease.Leases":
        """The borrowed routes of the current account; without one they can be listed."""
        if not self._leases:
            self._leases = lease.Leases(
                self.paths.archive,
                self.forward_paths,
                self.protection,
                lambda leases: self._show(leases=leases),
            )
            if self._account and self._platform:
                self._leases.open(self._account, self._platform)
        return self._leases

    @property
    def redeliveries(self) -> "redelivery.Redeliveries":
        """The messages that are sent again or given back; they need no account."""
        if self._redeliveries is None:
            self._redeliveries = redelivery.Redeliveries(
                self.paths.archive,
                self.activity,
                redelivery.SendingRules(
                    self.protection, lambda: self._account, self.paths.settings
                ),
                self.audit,
            )
        return self._redeliveries

    @property
    def retention(self) -> Retention:
        """The retention policy of the archive, and its application."""
        return self._archive.retention

    @property
    def account(self) -> Account:
        """The current account. Raises NoAccount if there is none."""
        if not self._account:
            raise NoAccount
        return self._account

    @property
    def platform(self) -> Platform:
        """The platform of the current account, with the history of its setup.

        Raises NoAccount if there is none.
        """
        if not self._platform:
            raise NoAccount
        return self._platform

    async def diagnostics(self) -> "Diagnostics":
        """Return the diagnosis of the current account. Raises NoAccount, or a SettingsError."""
        platform = self.platform
        assert self._diagnosis is not None, "made with the platform"  # noqa: S101
        return await self._diagnosis.diagnostics(self.status.connection, platform)

    def show_alarms(self, alarms: tuple[Alarm, ...]) -> None:
        """Show the alarms of the watch of the current connection."""
        self._show(alarms=alarms)

    @property
    def pulls(self) -> PermittedPulls:
        """The pulls of the current account. Raises NoAccount if there is none."""
        if not self._pulls:
            raise NoAccount
        return self._pulls

    async def team_puller(self) -> OtherPuller | None:
        """Return who else of the account's team pulls; see `AccountPulling.find_other`."""
        return await self._pulls.team_puller() if self._pulls else None

    async def other_puller(self) -> str:
        """Return who else on this computer pulls from the account; see `Puller.other_puller`."""
        if not self._pulls:
            return ""
        note = await asyncio.to_thread(self._pulls.other_puller)
        self._show(other_puller=note)
        return note

    async def watch_other_processes(self, interval: float = 2.0) -> None:
        """Keep `status.other_puller` true, and finish what others left, until cancelled."""
        while True:
            await self.other_puller()
            await self._archive.take_over()
            await asyncio.sleep(interval)

    def stop_pulling(self) -> None:
        """Stop the pull loop, if one runs; a pull in progress ends first."""
        if self._pulls:
            self._pulls.stop()

    async def start_listener(
        self, *, host: str, port: int, connection: str | None = None, path: str = ""
    ) -> str:
        """Start the listener and return the URL to forward to; see `ListenerService.start`.

        The URL is that of `connection`, by default the current connection. Raises NotPermitted for
        an address beyond this computer where the policy forbids it.
        """
        if not is_certainly_loopback(host):
            self.protection.policy().require(
                "forbid_remote_listener", "Listening for other computers"
            )
        connection = connection or self.status.connection.id or None
        return await self._listener_service().start(
            host=host, port=port, connection=connection, path=path
        )

    def set_answers(self, scenario: "AnswerScenario | None") -> None:
        """Have the listener answer by rules, None as usual; see `ListenerService.set_answers`."""
        self._listener_service().set_answers(scenario)

    def _listener_service(self) -> "intake.ListenerService":
        if not self._listener:
            self._listener = intake.ListenerService(
                self.writer,
                self.forward_paths,
                lambda status: self._show(listener=status),
                self._on_forwards,
            )
        return self._listener

    async def stop_listener(self) -> None:
        """Stop the listener; requests in progress are answered first."""
        if self._listener:
            await self._listener.stop()

    async def _show_forward_url(self) -> None:
        if self._listener:
            await self._listener.show(self.status.connection.id or None)

    async def _end_leases(self) -> None:
        if self._leases:
            await self._leases.close()

    def _show(self, **changes: Any) -> None:
        """Change fields of the status; a status that would be equal stays."""
        status = replace(self.status, **changes)
        if status != self.status:
            self.status = status


def _report(name: str, error: BaseException) -> None:
    log.error("The background task %r failed.", name, exc_info=error)
