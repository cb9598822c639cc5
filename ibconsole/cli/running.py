"""The environment of a command's coroutine: the event loop, signals, the console, the account."""

import math
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from enum import IntEnum
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ibconsole.cli.options import GlobalOptions, read_api_key
from ibconsole.cli.out import drop_stalled_output, write_notice
from ibconsole.lazy import LazyModule

if TYPE_CHECKING:
    import asyncio

    from ibconsole.api import CallKind, Gate, Platform
    from ibconsole.services.connections import Account, Connections, Mute, TeamAccess
    from ibconsole.services.console import Console
    from ibconsole.services.diagnosis import Surroundings
    from ibconsole.services.intake import StoredForward
    from ibconsole.services.protection import Protection
else:
    asyncio = LazyModule("asyncio")

T = TypeVar("T")


class ExitCode(IntEnum):
    """The exit codes of commands; click itself adds 2 for wrong usage."""

    DONE = 0
    FAILED = 1
    INTERRUPTED = 130


class _StopSignals:
    """The signals that end the program, while a loop runs: each calls `on_stop` on that loop."""

    def __init__(self, on_stop: Callable[[], object]) -> None:
        self.on_stop = on_stop
        self._loop = asyncio.get_running_loop()
        self._waiting = 0  # the number of a signal that the loop has yet to see

    @contextmanager
    def handled(self) -> Iterator[None]:
        """Handle the signals, and on Windows the events of the console, in the block.

        One that the loop does not see, because the block ends, takes effect after it.
        """
        from ibconsole.services.runtime import on_console_end, stop_signals

        # Twenty times as fast as a handler of the loop for each of forty signals.
        before = {number: signal.signal(number, self._handle) for number in stop_signals()}
        with suppress(NotImplementedError):  # Windows, whose loop wakes up for every signal
            # One of the loop makes it wake up for all of them.
            self._loop.add_signal_handler(signal.SIGINT, lambda: None)
            signal.signal(signal.SIGINT, self._handle)
        try:
            with on_console_end(lambda: self._loop.call_soon_threadsafe(self._stop)):
                yield
        finally:
            with suppress(NotImplementedError):
                self._loop.remove_signal_handler(signal.SIGINT)
            for number, handler in before.items():
                signal.signal(number, handler)
        if self._waiting:
            signal.raise_signal(self._waiting)

    def _handle(self, number: int, _: object) -> None:
        self._waiting = number
        self._loop.call_soon_threadsafe(self._stop)

    def _stop(self) -> None:
        self._waiting = 0
        drop_stalled_output()
        self.on_stop()


_stop_signals: ContextVar[_StopSignals] = ContextVar("stop_signals")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's coroutine. A signal that stops the program cancels it: it can clean up.

    Raises click.Abort when it was cancelled.
    """
    try:
        return asyncio.run(_run_cancellable(work))
    except asyncio.CancelledError:
        raise click.Abort from None
    finally:
        work.close()  # which an interrupt at the start leaves unstarted


async def wait_for_signal() -> None:
    """Wait for the signal that ends the command, which is not a failure."""
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        return


@contextmanager
def explain_signals(
    reason_to_wait: Callable[[], str], stop: Callable[[], object] | None = None
) -> Iterator[None]:
    """Write why the command does not end at once when a signal arrives; "" if it does.

    While there is a reason, `stop` is called instead of cancelling the command.
    """
    signals = _stop_signals.get()
    cancel = signals.on_stop

    def explain() -> None:
        reason = reason_to_wait()
        if reason:
            write_notice(reason)
        if reason and stop:
            stop()
        else:
            cancel()

    signals.on_stop = explain
    try:
        yield
    finally:
        signals.on_stop = cancel


@asynccontextmanager
async def open_console(
    options: GlobalOptions,
    *,
    connect: bool = True,
    on_forwards: "Callable[[Sequence[StoredForward]], None] | None" = None,
) -> "AsyncIterator[Console]":
    """Open the console on the data directory, connected to the account unless `connect` is False.

    What is stored of the account is shipped to its team, if it has one. `on_forwards` is called
    with forwards after they were stored.
    """
    from ibconsole.services.console import Console
    from ibconsole.services.runtime import find_paths

    account = await resolve_account(options) if connect else None
    protection = protection_of(options, account)
    async with Console(
        find_paths(options.data_dir), on_forwards=on_forwards, protection=protection
    ) as console:
        if console.status.recovered:
            write_notice(console.status.recovered)
        if account:
            await console.connect(account)
            if account.team:
                await console.sharing.share({account.connection: account.team})
        yield console


@asynccontextmanager
async def open_platform(
    options: GlobalOptions, account: "Account | None" = None
) -> "AsyncIterator[Platform]":
    """Open the account's platform alone, for requests that need nothing of the data directory.

    `account` is the one that `resolve_account` returned, if that was called before.

    The archive is neither opened nor loaded until something is changed: a command that lists a
    setup starts sooner, and works where the archive cannot be written.
    """
    from ibconsole.services.connections import client_of
    from ibconsole.services.runtime import find_paths
    from ibconsole.services.setup.history import RecordedSetup, SetupRecorder

    account = account or await resolve_account(options)
    path = find_paths(options.data_dir).archive
    recorder = SetupRecorder(path, account.connection, records_reads=False)
    async with client_of(account, gate_of(options, account)) as client:
        yield RecordedSetup(client, recorder)


def protection_of(options: GlobalOptions, account: "Account | None" = None) -> "Protection":
    """Return the protection of this process; --production-ok unlocks the account for good.

    Raises WrongName if that option names another connection.
    """
    from ibconsole.services.protection import LOCKABLE, Protection, require_name

    protection = Protection(read_only=options.read_only)
    if options.reason and account:
        protection.give_reason(account, options.reason)
    if options.production_name and account:
        require_name(account, options.production_name)
        kinds = [
            kind
            for kind in LOCKABLE
            if (lock := protection.lock_of(account, kind)) and lock.can_be_unlocked
        ]
        protection.unlock(account, kinds, math.inf, options.production_name)
    return protection


def gate_of(options: GlobalOptions, account: "Account") -> "Gate":
    """Return the gate of a client of this account."""
    from ibconsole.services.audit import Audit
    from ibconsole.services.runtime import find_paths

    audit = Audit(find_paths(options.data_dir).archive)
    return protection_of(options, account).gate_of(account, audit)


async def require_permitted(options: GlobalOptions, kind: "CallKind") -> None:
    """Raise NotPermitted if the options' account is locked for this, before the user is asked.

    The keyring is not asked.
    """
    account = await account_without_secret(options)
    protection_of(options, account).require(account, kind)


async def account_without_secret(options: GlobalOptions) -> "Account":
    """Return the account that the options name, to read what is stored about it.

    The keyring is not asked. Raises as `resolve_account` does otherwise.
    """
    from ibconsole.secret import Secret
    from ibconsole.services.connections import saved_account

    require_account(options)
    if options.base_url:
        return unsaved_account(options)
    connection = await saved_connections(options).find(options.connection)
    return saved_account(connection, Secret(""))


async def resolve_account(options: GlobalOptions) -> "Account":
    """Return the account that the options name.

    Raises a usage error if they name none or two, NoSuchConnection, NoSecret, or an error of
    the keyring.
    """
    require_account(options)
    if options.base_url:
        return unsaved_account(options)
    connections = saved_connections(options)
    connection = await connections.find(options.connection)
    return await connections.load_account(connection.id)


def unsaved_account(options: GlobalOptions) -> "Account":
    """Return the account of --base-url; raise a usage error if the environment has no key."""
    from ibconsole.secret import Secret
    from ibconsole.services.connections import account_of

    return account_of(options.base_url, Secret(read_api_key()))


def require_account(options: GlobalOptions) -> str:
    """Return the name or URL of the account; raise a usage error for none or two."""
    if options.base_url and options.connection:
        raise click.UsageError("Name the account once: with --connection or with --base-url.")
    if not options.base_url and not options.connection:
        raise click.UsageError(
            "There is no account: name a saved one with --connection, or give its address with"
            " --base-url."
        )
    return options.connection or options.base_url


def saved_connections(options: GlobalOptions, *, patience: float = 60.0) -> "Connections":
    """Return the saved connections of the data directory, with the system's keyring.

    `patience` is the number of seconds that the keyring may take.
    """
    from ibconsole.services import diagnosis, protection, team
    from ibconsole.services.connections import Connections, SettingsFile, Vault
    from ibconsole.services.intake import ForwardPaths
    from ibconsole.services.runtime import find_paths
    from ibconsole.services.setup import lease

    paths = find_paths(options.data_dir)

    def forget(uuid: str) -> None:
        diagnosis.forget_health(paths.health, uuid)
        team.forget_targets(paths.archive, uuid)

    return Connections(
        SettingsFile(paths.settings),
        Vault(timeout=patience),
        ForwardPaths(paths.listener),
        forget=forget,
        require_unneeded=lambda uuid: lease.require_unlent(paths.archive, uuid),
        team_objection=lambda database: protection.find_policy().team_objection(database),
    )


async def read_surroundings(
    options: GlobalOptions, *, local: bool
) -> "tuple[Surroundings, Sequence[Mute]]":
    """Return what is known of this computer, and the mutes; nothing is created or written."""
    from ibconsole.services.connections import SettingsFile
    from ibconsole.services.diagnosis import Surroundings
    from ibconsole.services.intake import ForwardPaths
    from ibconsole.services.runtime import find_paths

    paths = find_paths(options.data_dir)
    loaded = await asyncio.to_thread(SettingsFile(paths.settings).load)
    if loaded.notice:
        write_notice(loaded.notice)
    forward_paths = ForwardPaths(paths.listener)

    def owner_of(path: str) -> str | None:
        owner = forward_paths.owner_of(path)
        return (owner.connection or "") if owner else None

    settings = loaded.settings
    names = {one.id: one.name for one in settings.connections}
    teams: dict[str, TeamAccess] = {}
    if not local:
        teams.update(await saved_connections(options).team_accesses())
    surroundings = Surroundings(
        paths.archive, owner_of, names, team_of=teams.get, report=write_notice
    )
    return surroundings, settings.mutes


async def _run_cancellable(work: Coroutine[Any, Any, T]) -> T:
    from ibconsole.services.request_log import request_purpose
    from ibconsole.services.runtime import ResolverThreads

    asyncio.get_running_loop().set_default_executor(ResolverThreads())
    task = asyncio.current_task()
    assert task is not None, "a coroutine runs in a task"  # noqa: S101
    signals = _StopSignals(task.cancel)
    _stop_signals.set(signals)
    with signals.handled(), request_purpose("Command line"):
        return await work
