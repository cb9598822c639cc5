"""Removal of what processes that died have left of borrowed routes, for `leases` and `listen`."""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from ibconsole.cli import (
    API_KEY_VARIABLE,
    GlobalOptions,
    account_without_secret,
    open_console,
    out,
    resolve_account,
    saved_connections,
    unsaved_account,
)
from ibconsole.errors import UserError

if TYPE_CHECKING:
    from ibconsole.services.connections import Account
    from ibconsole.services.console import Console
    from ibconsole.services.runtime import LeaseStatus
    from ibconsole.services.setup.lease import Leases


def stored_leases(options: GlobalOptions) -> "Leases":
    """Return what is stored of leases, without an account: nothing is created by that."""
    from ibconsole.services.intake import ForwardPaths
    from ibconsole.services.protection import Protection
    from ibconsole.services.runtime import find_paths
    from ibconsole.services.setup.lease import Leases

    paths = find_paths(options.data_dir)
    return Leases(paths.archive, ForwardPaths(paths.listener), Protection(), lambda _: None)


async def settle_all(options: GlobalOptions, left: "Sequence[LeaseStatus]") -> None:
    """Remove what is left on the account that is named, or on each whose credential is known."""
    async with open_console(options, connect=False) as console:
        if options.base_url or options.connection:
            await _settle(console, await resolve_account(options))
            return
        for one in {one.connection: one for one in left}.values():
            try:
                await _settle(console, await load_account_of(options, one))
            except UserError as error:
                out.write_notice(f"{title_of(one)} is not ended. {error}")


@asynccontextmanager
async def settled_meanwhile(
    console: "Console", options: GlobalOptions, connection: str | None
) -> AsyncIterator[None]:
    """Remove what is left on the account that is named while the block runs, if one is.

    The keyring is not asked, and nothing is requested, unless there is something.
    """
    named = replace(options, connection=connection or options.connection)
    from ibconsole.tasks import Tasks

    tasks = Tasks(_report)
    if named.connection or named.base_url:
        tasks.start("borrowed routes", _settle_named, console, named)
    try:
        yield
    finally:
        await tasks.close()


async def load_account_of(options: GlobalOptions, lease: "LeaseStatus") -> "Account":
    """Return the account of a lease. Raises a UserError if its secret is not available."""
    connections = saved_connections(options)
    settings = await connections.load()
    if settings.connection(lease.connection):
        return await connections.load_account(lease.connection)
    named = replace(options, base_url=lease.base_url, connection="")
    account = unsaved_account(named) if os.environ.get(API_KEY_VARIABLE) else None
    if account and account.credential.label == lease.credential:  # no other key is sent there
        return account
    raise UserError(
        f"It was borrowed with {lease.credential} of {lease.base_url}, which is no saved"
        f" connection: run this command again with that key in {API_KEY_VARIABLE}."
    )


def title_of(lease: "LeaseStatus") -> str:
    """Return a lease in words, for the beginning of a sentence."""
    return f"The borrowed route {lease.id} of {lease.name or 'an application'}"


async def _settle(console: "Console", account: "Account") -> None:
    await console.connect(account)
    for left in await console.leases.settle():
        out.write_notice(f"{title_of(left)} is not ended. {left.problem}")


async def _settle_named(console: "Console", options: GlobalOptions) -> None:
    wanted = await account_without_secret(options)
    found = await stored_leases(options).active()
    if any(one.connection == wanted.connection and not one.holder for one in found):
        await _settle(console, await resolve_account(options))
        await console.disconnect()


def _report(_: str, error: BaseException) -> None:
    out.write_notice(f"What is left of borrowed routes is not removed. {error}")
