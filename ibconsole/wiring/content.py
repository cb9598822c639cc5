"""Builds the content of one window over the services, and waits for its end.

Each window has a console of its own on the engine of the process, as if it was a process of its
own: a console means one account, and consoles share an archive by locks and transactions, of
threads as of processes. Everything is left in the reverse order of entering: the window's tasks end
before its console.
"""

import asyncio
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ibconsole.errors import Severity, UserError
from ibconsole.lazy import LazyModule
from ibconsole.services.connections import Account, Connections
from ibconsole.ui.connections import ConnectionsPresenter, ProtectionPresenter
from ibconsole.ui.setup import SetupPresenter, SetupSelection
from ibconsole.ui.shell import MainWindow
from ibconsole.ui.tour import TourPresenter
from ibconsole.wiring.evidence import present_cases
from ibconsole.wiring.first_frame import OpenedWindow
from ibconsole.wiring.help import is_due, present_help, present_tour
from ibconsole.wiring.lease import present_leases
from ibconsole.wiring.links import present_links
from ibconsole.wiring.messages import (
    present_inspector,
    present_listener,
    present_messages,
    present_requests,
)
from ibconsole.wiring.pasting import present_pasting
from ibconsole.wiring.process import Process
from ibconsole.wiring.redelivery import present_redelivery
from ibconsole.wiring.services import Services, enter_services, share_saved
from ibconsole.wiring.setup import (
    offer_setup_commands,
    present_comparisons,
    present_connections,
    present_health,
    present_plans,
    present_protection,
    present_setup,
    present_timeline,
    saved_connections,
)
from ibconsole.wiring.several_windows import (
    FilledWindow,
    WindowOpener,
    offer_end,
    offer_windows,
)
from ibconsole.wiring.shell import Shell, enter_shell, offer_help, present_tray
from ibconsole.wiring.threads import present_threads
from ibconsole.wiring.watch import present_watch

if TYPE_CHECKING:
    from ibconsole.wiring import demo as demo_tour
else:  # only the demo uses it
    demo_tour = LazyModule("ibconsole.wiring.demo")


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The options with which a window is opened.

    It opens the account, else the saved connection of that name. The first window of a process
    `resumes`: it opens the connection that was open last, or starts the listener of the sandbox.
    The `link` is followed, or the screenshot taken, once the panes are there; with `tour` the tour
    begins if it is due.
    """

    account: Account | None = None
    connection: str = ""
    resumes: bool = False
    tour: bool = False
    link: str = ""
    screenshot: Path | None = None


async def run(
    process: Process,
    opened: OpenedWindow,
    options: Options,
    open_window: WindowOpener,
) -> None:
    """Open the content; return once the window is closed, and all that belongs to it has ended."""
    async with AsyncExitStack() as stack:
        services = await enter_services(stack, process)
        if account := process.case.account if process.case else options.account:
            await process.engine.call(services.console.connect, account)
        if process.sandbox and options.resumes:
            await process.sandbox.start(services.console, services.intake)
        elif process.sandbox:
            await process.sandbox.connect(services.console)
        window = opened.window
        if not window.isVisible():  # closed already: no connection is opened
            return
        filled = await _fill_window(stack, process, services, opened, options, open_window)
        _show_problems(window, process)
        if options.link:
            process.windows.follow_link(options.link, window)
        if options.screenshot and process.sandbox:
            sandbox = process.sandbox
            await demo_tour.take_screenshot(
                window, options.screenshot, sandbox.forwarding_application, sandbox.send_messages
            )
            window.close()
        await _wait_until_closed(window)
        if filled.saved and process.windows.opened > 1 and not process.windows.all:
            await _remember_connection(process, filled.saved)


async def _remember_connection(process: Process, saved: Connections) -> None:
    """Have the next start open the connection of the window that was used last."""
    if uuid := process.windows.last_connection.id:
        with suppress(UserError):  # the next start opens another one
            await process.engine.call(saved.record_opened, uuid)


def _show_problems(window: MainWindow, process: Process) -> None:
    if process.case and process.case.problems:
        sentences = " ".join(process.case.problems)
        window.messages.page.banner.show_notice(Severity.INFO, sentences)


async def _fill_window(
    stack: AsyncExitStack,
    process: Process,
    services: Services,
    opened: OpenedWindow,
    options: Options,
    open_window: WindowOpener,
) -> FilledWindow:
    """Replace the first frame by the panes with their presenters.

    Except in the demo and in a case, the saved connections are offered too.
    """
    closing = await stack.enter_async_context(AsyncExitStack())  # left after the window's tasks
    shell = await enter_shell(stack, services, opened)
    selection = SetupSelection(shell.window.setup)
    protection = present_protection(shell, services)
    setup = present_setup(shell, services, selection, protection.permit_change)
    plans = present_plans(shell, services, selection, setup, protection.permit_change)
    health = present_health(shell, services, selection, setup, plans)
    saved = saved_connections(services, process.vault) if process.uses_saved else None
    _present_traffic(closing, shell, services, selection, protection, saved)
    present_watch(stack, shell, services, selection, setup, process.windows)
    leases = present_leases(
        shell, services, selection, setup, opened.state, protection.permit_change
    )
    cases = present_cases(shell, services, selection, lambda: health.report, saved)
    leases.ended.connect(lambda one: health.check_again(one.application))
    _present_past(closing, shell, services, selection, setup, saved)
    connections = present_connections(shell, services, saved, process.vault) if saved else None
    links = present_links(shell, services, selection, setup, connections, cases.show_case)
    offer_windows(shell, process.windows, connections, links, open_window)
    present_pasting(shell, selection, setup, connections, links)
    await _open_connection(services, saved, connections, options)
    if process.tray:  # a window that is closed before this is not kept
        present_tray(shell, process.tray)
    offer_end(shell, process.windows)
    tour = _offer_help(shell, services)
    filled = FilledWindow(shell, connections, links, saved)
    _reveal(filled, process, opened)
    if options.tour and is_due(shell):
        tour.start()
    return filled


def _reveal(filled: FilledWindow, process: Process, opened: OpenedWindow) -> None:
    shell = filled.shell
    shell.watch.start()
    # As late as this: Qt applies a style sheet again with every widget that is placed.
    shell.theme.finish(shell.window)
    opened.frame.deleteLater()
    shell.window.reveal()
    process.windows.fill(shell.window, filled)


async def _open_connection(
    services: Services,
    saved: Connections | None,
    connections: ConnectionsPresenter | None,
    options: Options,
) -> None:
    if not saved or not connections:
        return
    if options.resumes or options.connection:
        await connections.start(name=options.connection)
    else:
        await connections.load()
        if len(connections.settings.connections) == 1:  # there is no choice
            connections.start_opening(connections.settings.connections[0])
    await share_saved(services, saved)


def _offer_help(shell: Shell, services: Services) -> TourPresenter:
    present_help(shell)
    tour = present_tour(shell)
    offer_help(shell, services.console)
    return tour


def _present_traffic(
    closing: AsyncExitStack,
    shell: Shell,
    services: Services,
    selection: SetupSelection,
    protection: ProtectionPresenter,
    saved: Connections | None,
) -> None:
    """Show what was received and sent, and offer to pull, resend and give back."""
    present_messages(shell, services, selection, protection.permit_pull)
    present_listener(shell, services)
    inspection = present_inspector(shell, services)
    present_threads(closing, shell, services, inspection, saved)
    permit = protection.permit_change
    present_redelivery(closing, shell, services, selection, permit, saved)
    present_requests(shell, services, protection.permit_change)


def _present_past(
    closing: AsyncExitStack,
    shell: Shell,
    services: Services,
    selection: SetupSelection,
    setup: SetupPresenter,
    saved: Connections | None,
) -> None:
    """Offer the commands of the setup, compare applications, and show their timelines."""
    offer_setup_commands(shell, selection, setup)
    comparisons = present_comparisons(shell, services, selection, saved)
    present_timeline(closing, shell, services, selection, setup, comparisons)


async def _wait_until_closed(window: MainWindow) -> None:
    closed = asyncio.Event()
    window.closed.connect(closed.set)
    if window.isVisible():
        await closed.wait()
