"""Runs a command's coroutine: the console around it, signals, and how failures end."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from ibconsole.cli.options import Context, key_from_environment

if TYPE_CHECKING:
    from ibconsole.services.connections import Account, Connections
    from ibconsole.services.console import Console
    from ibconsole.services.intake import StoredForward

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command. SIGTERM and SIGINT cancel it, so that it cleans up behind itself."""
    return asyncio.run(_until_signalled(work))


@contextmanager
def explaining_signals(why_not_yet: Callable[[], str]) -> Iterator[None]:
    """Say why the command does not end at once where a signal ends it; empty: it does."""
    from ibconsole.cli.out import say

    task = asyncio.current_task()
    assert task is not None, "a coroutine runs in a task"  # noqa: S101

    def cancel() -> None:
        if reason := why_not_yet():
            say(reason)
        task.cancel()

    _on_signals(cancel)
    try:
        yield
    finally:
        _on_signals(task.cancel)


@asynccontextmanager
async def console(
    context: Context,
    *,
    account: bool = True,
    heard: "Callable[[StoredForward], None] | None" = None,
) -> "AsyncIterator[Console]":
    """The console on the context's data directory, connected if the command needs an account."""
    from ibconsole.cli.out import say
    from ibconsole.services.console import Console
    from ibconsole.services.runtime import find_paths

    chosen = await chosen_account(context) if account else None
    async with Console(find_paths(context.data_dir), heard=heard) as opened:
        if opened.status.recovered:
            say(opened.status.recovered)
        if chosen:
            await opened.connect(chosen)
        yield opened


async def chosen_account(context: Context) -> "Account":
    """The account that the options name.

    A usage error if they name none or two; NoSuchConnection, NoSecret, or what the keyring
    raises.
    """
    require_account(context)
    if context.base_url:
        return unsaved_account(context)
    connections = saved_connections(context)
    connection = await connections.find(context.connection)
    return await connections.load_account(connection.id)


def unsaved_account(context: Context) -> "Account":
    """The account of --base-url; a usage error if the environment has no key."""
    from ibconsole.secret import Secret
    from ibconsole.services.connections import account_of

    return account_of(context.base_url, Secret(key_from_environment()))


def require_account(context: Context) -> str:
    """What the options call the account; a usage error if they name none or two."""
    import click

    if context.base_url and context.connection:
        raise click.UsageError("Name the account once: with --connection or with --base-url.")
    if not context.base_url and not context.connection:
        raise click.UsageError(
            "There is no account: name a saved one with --connection, or give its address with"
            " --base-url."
        )
    return context.connection or context.base_url


def saved_connections(context: Context) -> "Connections":
    """The saved connections of the context's settings, with the system's keyring."""
    from ibconsole.services.connections import Connections, SettingsFile, Vault
    from ibconsole.services.intake import ForwardPaths
    from ibconsole.services.runtime import find_paths

    places = find_paths(context.data_dir)
    return Connections(SettingsFile(places.settings), Vault(), ForwardPaths(places.listener))


async def _until_signalled(work: Coroutine[Any, Any, T]) -> T:
    from ibconsole.services.request_log import requested_by
    from ibconsole.services.runtime import ResolverThreads

    asyncio.get_running_loop().set_default_executor(ResolverThreads())
    task = asyncio.current_task()
    assert task is not None, "a coroutine runs in a task"  # noqa: S101
    _on_signals(task.cancel)
    with requested_by("Command line"):
        return await work


def _on_signals(do: Callable[[], object]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows: there KeyboardInterrupt does the same
            asyncio.get_running_loop().add_signal_handler(number, do)
