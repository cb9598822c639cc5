"""The running collector: from its start to its end, in the order in which nothing is lost."""

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Self

from msgspec.structs import replace

from ibconsole.api import Platform
from ibconsole.archive import Archive, ArchiveError, DecodingResult, RetentionPolicy
from ibconsole.errors import UserError
from ibconsole.hosts import is_certainly_loopback
from ibconsole.http1 import ListenError
from ibconsole.services.audit import Audit
from ibconsole.services.connections import Account, client_of
from ibconsole.services.intake import ArchiveWriter, ListenerService, Puller, StoredForward
from ibconsole.services.messages import Retention, describe_recovery
from ibconsole.services.protection import NotPermitted, Protection
from ibconsole.services.runtime import ListenerState, ListenerStatus, Paths
from ibconsole.services.team import PermitStatus, TeamPullPermit
from ibconsole.services.team.collector.configuration import (
    CollectedConnection,
    CollectorConfiguration,
    ForwardRoutes,
    ScheduledPull,
)
from ibconsole.services.team.collector.credentials import CollectorSecrets
from ibconsole.services.team.collector.health import health_server
from ibconsole.services.team.collector.pulls import ConnectionPulls
from ibconsole.services.team.collector.report import (
    CollectedForwards,
    CollectorReport,
    ConnectionReport,
)
from ibconsole.services.team.collector.service_manager import ServiceManager
from ibconsole.services.team.collector.sharing import CollectorSharing
from ibconsole.tasks import Tasks, run_to_completion

log = logging.getLogger(__name__)

PROBE_INTERVAL = 2.0  # seconds between two commits that show that the archive can be written
_EXTENSION = 60.0  # seconds that are asked for, again and again, while a pull is in progress
_REASON = "collected by the service"


class CollectorFailed(UserError):
    """The collector could not start."""


class RunningCollector:
    """Listens and pulls as its configuration says, within its `async with` block.

    At the end of the block it accepts nothing more, completes the pulls in progress, and closes the
    archive. `manager` is systemd, if it has started the process. `listener_url` is the root of all
    forward URLs, and `health_url` that of health and metrics.
    """

    def __init__(
        self,
        configuration: CollectorConfiguration,
        secrets: CollectorSecrets,
        paths: Paths,
        *,
        manager: ServiceManager,
        protection: Protection | None = None,
    ) -> None:
        self._configuration = configuration
        self._secrets = secrets
        self._paths = paths
        self._manager = manager
        self._protection = protection or Protection()
        self._audit = Audit(paths.archive)
        self.listener_url = self.health_url = ""
        self._stack = AsyncExitStack()
        self._tasks = Tasks(_report_failure)
        self._sharing = CollectorSharing(configuration, secrets, paths, self._protection)
        self._pulls: dict[str, ConnectionPulls] = {}
        self._permits: list[TeamPullPermit] = []
        self._forwards: dict[str, CollectedForwards] = {}
        self._listener: ListenerService | None = None
        self._listener_status = ListenerStatus()
        self._report = CollectorReport(listener_problem="The collector is starting.")
        self._answered_at = 0.0  # the loop's time at which the archive's writer answered last

    async def __aenter__(self) -> Self:
        """Start everything. Raises UserError; then nothing runs."""
        async with AsyncExitStack() as stack:
            self._answered_at = asyncio.get_running_loop().time()
            await self._start_health(stack)
            writer = await self._open_archive(stack)
            await stack.enter_async_context(self._sharing)
            await self._start_keeping(stack, writer)
            await self._start_listener(stack, writer)
            await self._start_pulls(stack, writer)
            stack.push_async_callback(self._drain)
            self._stack = stack.pop_all()
        self._manager.report_ready()
        self._manager.report_status(self.report().sentence)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()
        log.info("The collector has ended.")

    def report(self) -> CollectorReport:
        """Return the state of this moment."""
        listener = self._listener_status
        is_listening = listener.state is ListenerState.LISTENING
        return replace(
            self._report,
            connections=tuple(map(self._report_of, self._configuration.connections)),
            teams=self._sharing.status.links,
            is_listening=is_listening,
            unmatched=listener.unmatched,
            silent_for=asyncio.get_running_loop().time() - self._answered_at,
        )

    def _report_of(self, one: CollectedConnection) -> ConnectionReport:
        pulls = self._pulls.get(one.connection.id)
        return ConnectionReport(
            one.connection.name,
            self._forwards.get(one.connection.id, CollectedForwards())
            if one.forward_path
            else None,
            pulls.report if pulls else None,
        )

    async def _start_health(self, stack: AsyncExitStack) -> None:
        server = health_server(self._configuration.health, self.report)
        try:
            await stack.enter_async_context(server)
        except ListenError as error:
            raise CollectorFailed(f"Health and metrics have no address. {error}") from error
        self.health_url = server.url
        log.info("Health and metrics are at %s.", server.url, extra=_fields(health=server.url))

    async def _open_archive(self, stack: AsyncExitStack) -> ArchiveWriter:
        tasks = Tasks(_report_failure)
        stack.push_async_callback(tasks.close)
        writer = ArchiveWriter(self._paths.archive, tasks, self._on_decoded)
        await stack.enter_async_context(writer)
        if sentence := describe_recovery(await writer.run(Archive.recover)):
            log.warning("%s", sentence)
        return writer

    async def _start_keeping(self, stack: AsyncExitStack, writer: ArchiveWriter) -> None:
        """Start what goes on next to the intake: probes, and the deletion of what is too old."""
        stack.push_async_callback(self._tasks.close)
        retention = Retention(
            self._paths.settings, writer, on_doubt=_log_doubt, find=self._protection.policy
        )
        try:
            await retention.save_policy(RetentionPolicy(days=self._configuration.keep_days))
        except NotPermitted as error:
            log.warning("keepDays is not followed. %s", error)
        self._tasks.start("retention", retention.run)
        self._tasks.start("probe", self._probe, writer)

    async def _start_pulls(self, stack: AsyncExitStack, writer: ArchiveWriter) -> None:
        for one in self._configuration.connections:
            account = self._secrets.accounts.get(one.connection.id)
            if one.pull and account:
                await self._start_pulls_of(stack, writer, account, one.pull)

    async def _start_pulls_of(
        self,
        stack: AsyncExitStack,
        writer: ArchiveWriter,
        account: Account,
        schedule: ScheduledPull,
    ) -> None:
        self._protection.give_reason(account, _REASON)
        client = client_of(account, self._protection.gate_of(account, self._audit))
        await stack.enter_async_context(client)
        connection = account.connection

        def show(status: PermitStatus) -> None:
            self._pulls[connection].show_permit(status)

        permit = self._sharing.permit_of(connection, show)
        puller = Puller(
            account, Platform(client), writer, self._paths, lambda _: None, permit=permit
        )
        pulls = self._pulls[connection] = ConnectionPulls(account.name, puller, schedule)
        self._tasks.start(f"pulls {connection}", pulls.run, self._audit, connection)
        if permit:
            stack.push_async_callback(permit.close)
            self._permits.append(permit)
            identity = await self._sharing.read_identity()
            self._tasks.start(f"requests {connection}", permit.serve, pulls.pull, identity)

    async def _stop_pulls(self) -> None:
        """Let the pulls in progress end: their messages exist nowhere else."""
        for pulls in self._pulls.values():
            pulls.stop()
        for permit in self._permits:
            permit.stop()
        for pulls in self._pulls.values():
            await pulls.wait_until_idle()

    async def _start_listener(self, stack: AsyncExitStack, writer: ArchiveWriter) -> None:
        wanted = self._configuration.listener
        if not wanted:
            self._report = replace(self._report, listener_problem="")
            return
        if not is_certainly_loopback(wanted.host):
            policy = self._protection.policy()
            policy.require("forbid_remote_listener", "Listening for other computers")
        self._listener = ListenerService(
            writer,
            ForwardRoutes(self._configuration.connections),
            self._on_listener_status,
            self._on_forwards,
        )
        stack.push_async_callback(self._listener.stop)
        url = self.listener_url = await self._listener.start(host=wanted.host, port=wanted.port)
        log.info("Listening at %s.", url, extra=_fields(listener=url))
        self._report = replace(self._report, listener_problem="")

    async def _drain(self) -> None:
        """Accept nothing more, and let what is in progress end."""
        self._manager.report_stopping()
        self._report = replace(self._report, is_ending=True)
        log.info("The collector is ending: nothing more is accepted, and no further pull begins.")
        async with self._asking_for_time():
            if self._listener:
                await self._listener.stop()
            # Not cut short by a second signal, either.
            await run_to_completion(self._stop_pulls())
            await self._sharing.drain(self._configuration.drain)

    @asynccontextmanager
    async def _asking_for_time(self) -> AsyncIterator[None]:
        """Ask systemd, in the block, not to kill the process yet."""

        async def ask() -> None:
            while True:
                self._manager.extend_timeout(_EXTENSION)
                await asyncio.sleep(_EXTENSION / 4)

        self._tasks.start("time to end", ask)
        try:
            yield
        finally:
            self._tasks.cancel("time to end")

    async def _probe(self, writer: ArchiveWriter) -> None:
        """Find out whether the archive can be written, and let systemd know of each answer."""
        while True:
            problem, free = "", None
            try:
                await writer.run(Archive.probe)
                await writer.run(Archive.take_over)
            except ArchiveError as error:
                problem = str(error)
            try:
                free = (await asyncio.to_thread(shutil.disk_usage, self._paths.data)).free
            except OSError as error:
                problem = problem or f"The state directory cannot be read: {error.strerror}."
            if problem != self._report.archive_problem:
                level = logging.ERROR if problem else logging.INFO
                log.log(level, "%s", problem or "The archive can be written again.")
            self._report = replace(self._report, archive_problem=problem, free_bytes=free)
            self._answered_at = asyncio.get_running_loop().time()
            self._manager.report_alive()
            self._manager.report_status(self.report().sentence)
            await asyncio.sleep(PROBE_INTERVAL)

    def _on_decoded(self, decoded: Sequence[DecodingResult]) -> None:
        self._sharing.wake()
        for result in decoded:
            if result.problem:
                log.info("Delivery %d: %s", result.delivery, result.problem)

    def _on_listener_status(self, status: ListenerStatus) -> None:
        self._listener_status = status

    def _on_forwards(self, forwards: Sequence[StoredForward]) -> None:
        for forward in forwards:
            arrival = forward.arrival
            if arrival.connection and not arrival.unmatched:
                before = self._forwards.get(arrival.connection, CollectedForwards())
                self._forwards[arrival.connection] = CollectedForwards(
                    before.stored + 1, arrival.arrived_at
                )


def _fields(**fields: object) -> dict[str, object]:
    return {"fields": fields}


def _log_doubt(sentence: str) -> None:
    if sentence:
        log.warning("%s", sentence)


def _report_failure(name: str, error: BaseException) -> None:
    log.error("The background task %r failed.", name, exc_info=error)
