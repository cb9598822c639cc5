"""The console: one archive, at most one account, at most one listener.

Runs on the engine's loop. The window uses it through the classes of `remote`, a terminal command
directly.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Self

from msgspec.structs import replace

from ibconsole.api import CallKind, Exchange, Platform
from ibconsole.archive import Archive, ArchiveError, DecodingResult
from ibconsole.errors import UserError
from ibconsole.hosts import is_certainly_loopback
from ibconsole.lazy import LazyModule
from ibconsole.services.audit import Audit
from ibconsole.services.connections import (
    Account,
    CheckResult,
    Connections,
    Environment,
    SettingsFile,
    TeamAccess,
    check,
    client_of,
)
from ibconsole.services.console.forward_tests import ForwardTesting
from ibconsole.services.diagnosis import ClockComparison
from ibconsole.services.intake import (
    ArchiveWriter,
    ForwardPaths,
    OnReport,
    OtherPuller,
    PulledElsewhere,
    Puller,
    PullLoop,
    PullLoopResult,
    PullReport,
)
from ibconsole.services.messages import Retention, describe_recovery
from ibconsole.services.protection import Protection
from ibconsole.services.request_log import ActivityLog, Redactor, request_purpose
from ibconsole.services.runtime import (
    Alarm,
    ConnectionStatus,
    LeaseStatus,
    ListenerStatus,
    Paths,
    ProtectionStatus,
    PullLoopStatus,
    PullStatus,
    Status,
    TeamStatus,
)
from ibconsole.services.setup.history import RecordedSetup, SetupRecorder
from ibconsole.tasks import Tasks

if TYPE_CHECKING:
    from ibconsole.listener.answers import AnswerScenario
    from ibconsole.services import diagnosis, intake, redelivery, team
    from ibconsole.services.diagnosis import Diagnostics
    from ibconsole.services.setup import lease
    from ibconsole.services.team import CollectorPull
else:  # imported when something is diagnosed, sent again, listened for, borrowed, or shared
    diagnosis = LazyModule("ibconsole.services.diagnosis")
    lease = LazyModule("ibconsole.services.setup.lease")
    intake = LazyModule("ibconsole.services.intake")
    redelivery = LazyModule("ibconsole.services.redelivery")
    team = LazyModule("ibconsole.services.team")

log = logging.getLogger(__name__)

_SHARING = "share with teams"
_DRAIN_SECONDS = 3.0  # for which the end waits for what can be shipped


class NoAccount(UserError):
    """The operation needs a connection, and none is open."""

    def __init__(self) -> None:
        super().__init__("There is no connection; nothing was requested.")


class Console:
    """Every operation on one data directory, within its `async with` block.

    `status` is a frozen value that any thread may read at any time; `activity` is thread-safe
    too. `on_forwards` is called with the requests that the listener stored together. With
    `settles_leases`, borrowed routes that other processes have left are removed from each account
    that is connected.
    """

    def __init__(
        self,
        paths: Paths,
        *,
        on_forwards: "Callable[[Sequence[intake.StoredForward]], None] | None" = None,
        redactor: Redactor | None = None,
        protection: Protection | None = None,
        settles_leases: bool = False,
    ) -> None:
        self.paths = paths
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
        self._puller: Puller | None = None
        self._pull_loop: PullLoop | None = None
        self._team_pulling: team.AccountPulling | None = None
        self._clock = ClockComparison()
        self._diagnostics: Diagnostics | None = None
        self._redeliveries: redelivery.Redeliveries | None = None
        self._shipper: team.Shipper | None = None
        self._tasks = Tasks(_report)
        self._listener: intake.ListenerService | None = None
        self._writer: ArchiveWriter | None = None
        self._retention: Retention | None = None
        self._settles_leases = settles_leases
        self._leases: lease.Leases | None = None
        self._plans = 0
        self._no_plan, self._leaving = asyncio.Event(), asyncio.Event()
        self._no_plan.set()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            tasks = self._tasks
            stack.push_async_callback(tasks.close)
            writer = ArchiveWriter(self.paths.archive, tasks, self._on_decoded)
            self._writer = await stack.enter_async_context(writer)
            recovery = await writer.run(Archive.recover)
            self.status = replace(self.status, recovered=describe_recovery(recovery))
            self._retention = Retention(
                self.paths.settings,
                writer,
                on_doubt=self._on_clock_doubt,
                find=self.protection.policy,
            )
            tasks.start("retention", self._retention.run)
            stack.callback(tasks.cancel, "retention")
            tasks.start("other processes", self.watch_other_processes)
            stack.callback(tasks.cancel, "other processes")
            self._show_protection()
            tasks.start("protection", self.watch_protection)
            stack.callback(tasks.cancel, "protection")
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._tasks.cancel(_SHARING)
        if self._redeliveries:
            await self._redeliveries.close()
        await self._end_leases()  # while the listener still stores what comes over them
        await self.stop_listener()
        await self.disconnect()
        if self._shipper:
            await self._shipper.drain(_DRAIN_SECONDS)
        await self._stack.aclose()

    async def share(
        self, accesses: Mapping[str, TeamAccess], *, unshared: Collection[str] = ()
    ) -> None:
        """Ship what is stored of these connections, by UUID, to their teams; see `Shipper.share`.

        `status.team` says how far that is. Raises ArchiveError.
        """
        if not self._shipper:
            if not accesses and not unshared:
                return
            self._shipper = await self._stack.enter_async_context(
                team.Shipper(self.paths, self._on_team_status)
            )
        await self._shipper.share(accesses, unshared=unshared)

    def share_saved(self, connections: Connections) -> None:
        """Share what the saved connections name now with their teams, in the background.

        To be called at the start and after each change of them. May wait for the user to unlock
        the keyring; an error is logged.
        """
        self._tasks.start(_SHARING, self._share_saved, connections)

    async def _share_saved(self, connections: Connections) -> None:
        # Those that the settings do not name keep their teams: a damaged file names none.
        alone = [one.id for one in (await connections.load()).connections if not one.team]
        unshared = await asyncio.to_thread(team.shipped_among, self.paths.archive, alone)
        await self.share(await connections.team_accesses(), unshared=unshared)

    @property
    def shipper(self) -> "team.Shipper | None":
        """The shipping to teams; None until something was shared."""
        return self._shipper

    async def connect(self, account: Account) -> None:
        """Open a connection to an account, without sending any request.

        A pull in progress on the former account ends first. Raises BadCredential or BadBaseUrl;
        the former account stays connected then.
        """
        clock, log_exchange = ClockComparison(), self.activity.observe(account.name)

        def observe(exchange: Exchange) -> None:
            clock.observe(exchange)
            log_exchange(exchange)

        client = client_of(account, self.protection.gate_of(account, self.audit), observe)
        self.redactor.add_secrets(account.credential.secret, *client.secrets)
        await self.disconnect()
        await self._account_stack.enter_async_context(client)
        recorder = await self._account_stack.enter_async_context(
            SetupRecorder(self.paths.archive, account.connection, self._on_history_problem)
        )
        self._account, self._platform = account, RecordedSetup(client, recorder)
        self._clock = clock
        if account.team:
            self._team_pulling = team.AccountPulling(account.team, self.paths.archive)
            self._account_stack.push_async_callback(self._team_pulling.close)
        self._puller = Puller(
            account,
            Platform(client),
            self.writer,
            self.paths,
            self._on_pull_status,
            permit=self._team_pulling.permit if self._team_pulling else None,
        )
        self._pull_loop = PullLoop(self._puller, self._on_loop_status)
        connection = ConnectionStatus(
            name=account.name,
            base_url=account.base_url,
            label=account.credential.label,
            environment=account.environment,
            colour=account.colour,
            id=account.connection,
            is_read_only=account.is_read_only,
        )
        self.status = replace(self.status, connection=connection, pull=PullStatus())
        if self._leases or self._settles_leases:
            self.leases.open(account, self._platform, settles=self._settles_leases)
        self._show_protection()
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
        if self._pull_loop:
            await self._pull_loop.stop_and_wait()
        if self._puller:
            await self._puller.wait_until_idle()
        if self._diagnostics:
            self._diagnostics.health.stop_keeping()
        self._account = self._platform = self._puller = None
        self._pull_loop = self._diagnostics = self._team_pulling = None
        await self._account_stack.aclose()
        self.status = replace(
            self.status,
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

    async def unlock(
        self,
        connection: str,
        kinds: Collection[CallKind],
        minutes: float,
        typed: str = "",
        reason: str = "",
    ) -> None:
        """Unlock calls on the current connection; see `Protection.unlock`. Raises NoAccount.

        `connection` is the UUID of the one that was shown to the user; `reason` is recorded with
        the calls.
        """
        account = self._account
        if not account or account.connection != connection:
            raise NoAccount
        self.protection.unlock(account, kinds, minutes, typed)
        self.protection.give_reason(account, reason)
        self._show_protection()

    async def give_reason(self, connection: str, reason: str) -> None:
        """Record this reason with what is sent on this connection, if it is still open."""
        account = self._account
        if not account or account.connection != connection:
            raise NoAccount
        self.protection.give_reason(account, reason)
        self._show_protection()

    async def lock(self) -> None:
        """Lock the current connection, if there is one."""
        if self._account:
            self.protection.lock(self._account)
            self._show_protection()

    async def watch_protection(self, interval: float = 1.0) -> None:
        """Keep `status.protection` true until cancelled."""
        while True:
            self._show_protection()
            await asyncio.sleep(interval)

    @property
    def writer(self) -> ArchiveWriter:
        """The archive's writer."""
        assert self._writer is not None, "used outside its `async with` block"  # noqa: S101
        return self._writer

    @property
    def forward_tests(self) -> ForwardTesting:
        """The tests of forward URLs; they need no account."""
        return ForwardTesting(
            self.paths.archive,
            self.writer,
            self.activity,
            self.protection,
            lambda: self._account,
        )

    @property
    def leases(self) -> "lease.Leases":
        """The borrowed routes of the current account; without one they can be listed."""
        if not self._leases:
            self._leases = lease.Leases(
                self.paths.archive, self.forward_paths, self.protection, self._on_leases
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
        assert self._retention is not None, "used outside its `async with` block"  # noqa: S101
        return self._retention

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
        if not self._diagnostics:
            file, platform, connection = (
                SettingsFile(self.paths.settings),
                self.platform,
                self.status.connection,
            )
            loaded = await asyncio.to_thread(file.load)
            is_kept = connection.id and connection.environment != Environment.SANDBOX
            self._diagnostics = diagnosis.Diagnostics(
                connection,
                platform,
                diagnosis.Surroundings(
                    self.paths.archive,
                    self._owner_of,
                    {one.id: one.name for one in loaded.settings.connections},
                    lambda: self.status.listener,
                    self.paths.health if is_kept else None,
                    lambda uuid: self.team if uuid == self.status.connection.id else None,
                ),
                clock=self._clock,
                load_mutes=lambda: asyncio.to_thread(diagnosis.Mutes(file).load),
                look=diagnosis.probe,
            )
        return self._diagnostics

    def show_alarms(self, alarms: tuple[Alarm, ...]) -> None:
        """Show the alarms of the watch of the current connection."""
        if alarms != self.status.alarms:
            self.status = replace(self.status, alarms=alarms)

    async def pull(self, limit: int | None) -> PullReport:
        """Pull once; see `Puller.pull`. Raises NoAccount or NotPermitted."""
        return await self._permitted_puller().pull(limit)

    async def pull_or_ask(self, limit: int | None) -> "PullReport | CollectorPull":
        """Pull once, or ask the collector of the account's team to while that one pulls.

        Raises as `pull` and `CollectorRequest.ask` do.
        """
        try:
            return await self.pull(limit)
        except PulledElsewhere as error:
            if not self._team_pulling or not error.other.is_collector:
                raise
            return await self._team_pulling.ask(limit)

    async def team_puller(self) -> OtherPuller | None:
        """Return who else of the account's team pulls; see `AccountPulling.find_other`."""
        return await self._team_pulling.find_other() if self._team_pulling else None

    async def pull_until_empty(
        self,
        limit: int | None,
        *,
        max_messages: int | None = None,
        on_report: OnReport | None = None,
    ) -> PullLoopResult:
        """Pull batch by batch; see `PullLoop.run_until_empty`. Raises as `pull` does."""
        loop, puller = self._require_pull_loop()
        async with puller.announced():
            return await loop.run_until_empty(limit, max_messages=max_messages, on_report=on_report)

    async def pull_continuously(
        self, limit: int | None, interval: float, *, on_report: OnReport | None = None
    ) -> PullLoopResult:
        """Pull at intervals; see `PullLoop.run_continuously`. Raises as `pull` does."""
        loop, puller = self._require_pull_loop()
        connection = self.status.connection.id
        async with puller.announced(), self.audit.repeated_pulls(connection):
            return await loop.run_continuously(limit, interval, on_report=on_report)

    async def other_puller(self) -> str:
        """Return who else on this computer pulls from the account; see `Puller.other_puller`."""
        if not self._puller:
            return ""
        note = await asyncio.to_thread(self._puller.other_puller)
        if note != self.status.other_puller:
            self.status = replace(self.status, other_puller=note)
        return note

    async def watch_other_processes(self, interval: float = 2.0) -> None:
        """Keep `status.other_puller` true, and finish what others left, until cancelled."""
        while True:
            await self.other_puller()
            await self.take_over()
            await asyncio.sleep(interval)

    async def take_over(self) -> None:
        """Complete what a process that was killed left unfinished; `status.recovered` says so.

        Without this a pull that ended with its process would be shown as in progress.
        """
        try:
            recovery = await self.writer.run(Archive.take_over)
        except ArchiveError as error:  # tried again; what cannot be read or written says so itself
            log.info("Nothing was taken over from other processes. %s", error)
            return
        if sentence := describe_recovery(recovery):
            self.status = replace(self.status, recovered=sentence)

    def stop_pulling(self) -> None:
        """Stop the pull loop, if one runs; a pull in progress ends first."""
        if self._pull_loop:
            self._pull_loop.stop()

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
        return await self._listener_service().start(
            host=host, port=port, connection=connection or self._current_connection, path=path
        )

    def set_answers(self, scenario: "AnswerScenario | None") -> None:
        """Have the listener answer by rules, None as usual; see `ListenerService.set_answers`."""
        self._listener_service().set_answers(scenario)

    def _listener_service(self) -> "intake.ListenerService":
        if not self._listener:
            self._listener = intake.ListenerService(
                self.writer, self.forward_paths, self._on_listener_status, self._on_forwards
            )
        return self._listener

    async def stop_listener(self) -> None:
        """Stop the listener; requests in progress are answered first."""
        if self._listener:
            await self._listener.stop()

    def _owner_of(self, path: str) -> str | None:
        owner = self.forward_paths.owner_of(path)
        return (owner.connection or "") if owner else None

    def _require_pull_loop(self) -> tuple[PullLoop, Puller]:
        puller = self._permitted_puller()
        if not self._pull_loop:
            raise NoAccount
        return self._pull_loop, puller

    def _permitted_puller(self) -> Puller:
        """Return the puller. Raises NoAccount, or NotPermitted before anything is recorded."""
        if not self._puller or not self._account:
            raise NoAccount
        self.protection.require(self._account, CallKind.PULL)
        return self._puller

    def _show_protection(self) -> None:
        why = self.protection.policy().codes.why_masked
        if why != self.status.why_codes_masked:
            self.status = replace(self.status, why_codes_masked=why)
        if self._account:
            status = self.protection.status_of(self._account)
            if status != self.status.protection:
                self.status = replace(self.status, protection=status)

    def _on_loop_status(self, status: PullLoopStatus) -> None:
        self.status = replace(self.status, pull_loop=status)

    @property
    def _current_connection(self) -> str | None:
        return self.status.connection.id or None

    async def _show_forward_url(self) -> None:
        if self._listener:
            await self._listener.show(self._current_connection)

    def _on_pull_status(self, status: PullStatus) -> None:
        self.status = replace(self.status, pull=status)

    def _on_listener_status(self, status: ListenerStatus) -> None:
        self.status = replace(self.status, listener=status)

    def _on_team_status(self, status: TeamStatus) -> None:
        self.status = replace(self.status, team=status)

    def _on_leases(self, leases: tuple[LeaseStatus, ...]) -> None:
        if leases != self.status.leases:
            self.status = replace(self.status, leases=leases)

    async def _end_leases(self) -> None:
        if self._leases:
            await self._leases.close()

    def _on_clock_doubt(self, sentence: str) -> None:
        self.status = replace(self.status, clock_doubt=sentence)
        if sentence:
            log.warning(sentence)

    def _on_history_problem(self, sentence: str) -> None:
        self.status = replace(self.status, history_problem=sentence)

    def _on_decoded(self, decoded: Sequence[DecodingResult]) -> None:
        if self._shipper:
            self._shipper.wake()
        for result in decoded:
            if result.problem:
                log.info("Delivery %d: %s", result.delivery, result.problem)


def _report(name: str, error: BaseException) -> None:
    log.error("The background task %r failed.", name, exc_info=error)
