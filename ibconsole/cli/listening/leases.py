"""The commands `leases`: borrowed routes, which are ended if their process has died."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from ibconsole.cli import (
    ExitCode,
    GlobalOptions,
    account_options,
    json_option,
    open_console,
    out,
    production_option,
    require_account,
    resolve_account,
    run,
)
from ibconsole.cli.listening.lease_settling import (
    load_account_of,
    settle_all,
    stored_leases,
    title_of,
)
from ibconsole.cli.listening.listen import report_lost_reader, show_forwards
from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule
from ibconsole.plural import counted

if TYPE_CHECKING:
    import asyncio

    from ibconsole.model import Application
    from ibconsole.services.console import Console
    from ibconsole.services.runtime import LeaseStatus
else:
    asyncio = LazyModule("asyncio")

_INTERVAL = 0.2  # seconds between two looks at a lease


@dataclass(frozen=True, slots=True)
class _Borrowing:
    """The wishes of `leases borrow`."""

    application: str
    minutes: float
    public_url: str
    host: str
    port: int
    listens: bool
    as_json: bool


@click.group(invoke_without_command=True)
@account_options
@json_option
@click.pass_context
def leases(context: click.Context, as_json: bool) -> None:
    """Borrowed routes: an application's messages lead to this computer for a while, too.

    Without a command, routes that a process has left behind, because it was killed or could not
    reach the platform, are removed; then those that are left or in use are listed.
    """
    if context.invoked_subcommand is None:
        run(_settle_and_list(context.ensure_object(GlobalOptions), as_json=as_json))


@leases.command("list")
@account_options
@json_option
@click.pass_obj
def list_leases(options: GlobalOptions, as_json: bool) -> None:
    """List the borrowed routes that are in use or left behind; nothing is requested."""

    async def work() -> None:
        _write(await stored_leases(options).active(), as_json=as_json)

    run(work())


@leases.command()
@click.argument("application")
@click.option("--minutes", type=float, default=15, show_default=True, help="At most 240.")
@click.option(
    "--public-url",
    metavar="URL",
    default="",
    help="The address that leads to the listener (default: a tunnel that runs here).",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8484, show_default=True)
@click.option("--no-listen", is_flag=True, help="Another ibconsole listens on this data directory.")
@account_options
@production_option
@json_option
@click.pass_obj
def borrow(
    options: GlobalOptions,
    application: str,
    minutes: float,
    public_url: str,
    host: str,
    port: int,
    no_listen: bool,
    as_json: bool,
) -> None:
    """Receive the messages of APPLICATION, a code, an ID or a name, for some minutes.

    An action is created next to those that exist, which stay as they are. It is removed when the
    time is over, or when this command is stopped.
    """
    wish = _Borrowing(application, minutes, public_url, host, port, not no_listen, as_json)
    if no_listen and not public_url:
        raise click.UsageError("With --no-listen, give the address of the listener: --public-url.")
    run(_borrow(options, wish))


@leases.command()
@click.argument("lease", metavar="ID")
@click.option(
    "--forget", is_flag=True, help="Request nothing: you have removed what was left of it."
)
@account_options
@click.pass_obj
def remove(options: GlobalOptions, lease: str, forget: bool) -> None:
    """End a borrowed route now, also one that another process holds."""
    run(_remove(options, lease, forget=forget))


async def _settle_and_list(options: GlobalOptions, *, as_json: bool) -> None:
    found = await stored_leases(options).active()
    left = [one for one in found if not one.holder]
    if left:
        out.write_notice(f"Removing what is left of {counted(len(left), 'borrowed route')}…")
        await settle_all(options, left)
        found = await stored_leases(options).active()
    _write(found, as_json=as_json)
    if any(not one.holder for one in found):
        raise click.exceptions.Exit(ExitCode.FAILED)


async def _borrow(options: GlobalOptions, wish: _Borrowing) -> None:
    from ibconsole.services.protection import CallKind
    from ibconsole.services.setup.lease import LeaseRequest

    show = show_forwards(as_json=wish.as_json)
    with out.watch_reader(report_lost_reader):
        async with open_console(options, on_forwards=show) as console:
            console.protection.require(console.account, CallKind.CHANGE)
            public = await _public_address(console, wish)
            application = await _find(console, wish.application)
            local = await _listen(console, wish)
            request = LeaseRequest(
                application.code,
                public or local,
                wish.minutes,
                application.name,
                await _checked_path(console, public),
            )
            lease = await console.leases.borrow(request)
            _write_lease(lease, as_json=wish.as_json)
            await _until_ended(console, lease)


async def _find(console: "Console", wanted: str) -> "Application":
    from ibconsole.services.diagnosis import find_application

    return find_application(await console.platform.applications(), wanted)


async def _public_address(console: "Console", wish: _Borrowing) -> str:
    """Return the address by which the platform reaches the listener: given, or that of a tunnel.

    It is empty for a platform on this computer. Raises a usage error if it is not known.
    """
    from ibconsole.hosts import host_of, is_loopback
    from ibconsole.services.tunnels import find_tunnels

    if wish.public_url or is_loopback(host_of(console.account.base_url)):
        return wish.public_url.rstrip("/")
    for tunnel in await find_tunnels(wish.port):
        if tunnel.port == wish.port and tunnel.connected:
            out.write_notice(f"{tunnel.program} leads from {tunnel.url} to port {wish.port}.")
            return tunnel.url
    raise click.UsageError(
        f"The platform has to reach the listener, and no tunnel to port {wish.port} runs here:"
        " start one (cloudflared, ngrok), or give the address with --public-url. Nothing was sent."
    )


async def _checked_path(console: "Console", public: str) -> str:
    """Return a path of which was said whether a request by the public address arrives there.

    It is empty without a public address. Raises LeaseError for an address that cannot be used.
    """
    if not public:
        return ""
    from ibconsole.services.setup.lease import LeaseError
    from ibconsole.services.tunnels import CheckOutcome, check_address

    path = await console.leases.reserve_path()
    check = await check_address(
        f"{public}{path}", console.forward_tests.test, console.paths.archive
    )
    if check.outcome is CheckOutcome.UNUSABLE:
        raise LeaseError(check.sentence)
    out.write_notice(check.sentence)
    return path


async def _listen(console: "Console", wish: _Borrowing) -> str:
    """Start the listener, if it is wanted; return its own address, empty if another listens."""
    if not wish.listens:
        return ""
    url = urlsplit(await console.start_listener(host=wish.host, port=wish.port))
    return f"{url.scheme}://{url.netloc}"


async def _until_ended(console: "Console", lease: "LeaseStatus") -> None:
    """Wait until a lease has ended, and end it when the command is stopped.

    Raises a UserError if something of it is left then.
    """
    problem = ""
    try:
        while found := _shown(console, lease.id):
            if found.problem != problem:
                problem = found.problem
                out.write_notice(problem or "It is tried again.")
            await asyncio.sleep(_INTERVAL)
    except asyncio.CancelledError:
        out.write_notice("Ending the borrowed route…")
        await console.disconnect()
    if found := _shown(console, lease.id):
        raise UserError(
            f"{title_of(found)} is not ended. {found.problem} The next start ends it: ibconsole"
            " leases."
        )
    out.write_notice("The borrowed route is ended; nothing of it is left in the account.")


async def _remove(options: GlobalOptions, lease: str, *, forget: bool) -> None:
    stored = stored_leases(options)
    if forget:
        await stored.forget(lease)
        out.write_notice(f"The borrowed route {lease} is forgotten.")
        return
    found = next((one for one in await stored.active() if one.id == lease), None)
    if not found:
        raise UserError(f"There is no borrowed route {lease} that is not ended.")
    named = options.base_url or options.connection
    if named:
        require_account(options)
    account = await (resolve_account(options) if named else load_account_of(options, found))
    async with open_console(options, connect=False) as console:
        await console.connect(account)
        await console.leases.end(lease)
    out.write_notice("The borrowed route is ended; nothing of it is left in the account.")


def _shown(console: "Console", lease: str) -> "LeaseStatus | None":
    return next((one for one in console.status.leases if one.id == lease), None)


def _write_lease(lease: "LeaseStatus", *, as_json: bool) -> None:
    if as_json:
        out.write_json(_to_object(lease))
        return
    out.write_line(f"{lease.id}  {lease.url}")
    out.write_notice(
        f"Messages of {lease.name or 'the application'} arrive here until {_time(lease.ends_at)}."
        " Press Ctrl+C to end it sooner."
    )


def _write(found: "Sequence[LeaseStatus]", *, as_json: bool) -> None:
    if as_json:
        out.write_json([_to_object(one) for one in found])
        return
    if not found:
        out.write_notice("No route is borrowed, and none is left behind.")
        return
    headers = ("ID", "STATE", "ENDS", "APPLICATION", "CONNECTION", "HELD BY")
    rows = (
        (
            one.id,
            one.state,
            _time(one.ends_at),
            one.name or out.shown_codes().code(one.application),
            one.account,
            one.holder or "no process",
        )
        for one in found
    )
    out.write_table(headers, rows)
    for one in found:
        if one.problem:
            out.write_notice(f"{one.id}: {one.problem}")


def _to_object(lease: "LeaseStatus") -> dict[str, Any]:
    return {
        "id": lease.id,
        "state": lease.state,
        "application": out.shown_codes().code(lease.application),
        "name": lease.name,
        "connection": lease.connection,
        "account": lease.account,
        "baseUrl": lease.base_url,
        "url": lease.url,
        "since": lease.since,
        "endsAt": lease.ends_at,
        "holder": lease.holder,
        "problem": lease.problem,
    }


def _time(at: int) -> str:
    return datetime.fromtimestamp(at / 1000).astimezone().isoformat(" ", "seconds")
