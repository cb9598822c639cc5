"""Builds the content of the window over the services, and waits for its end.

Everything is left in the reverse order of entering: the window's tasks end before the engine's
console, the console before the sandbox that it talks to, and the engine's thread last.
"""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ibconsole.errors import Severity
from ibconsole.lazy import LazyModule
from ibconsole.services.connections import Account, Connections, Vault
from ibconsole.services.protection import Protection
from ibconsole.services.request_log import Redactor, logging_to
from ibconsole.services.runtime import Engine, Paths
from ibconsole.ui.connections import ConnectionsPresenter, ProtectionPresenter
from ibconsole.ui.links import LinkPresenter
from ibconsole.ui.setup import SetupPresenter, SetupSelection
from ibconsole.ui.shell import MainWindow, SessionEnd, close_on_signals
from ibconsole.ui.tour import TourPresenter
from ibconsole.wiring.evidence import present_cases
from ibconsole.wiring.first_frame import OpenedWindow
from ibconsole.wiring.help import is_due, present_help, present_tour
from ibconsole.wiring.lease import present_leases
from ibconsole.wiring.links import present_links, receive_links
from ibconsole.wiring.messages import (
    present_inspector,
    present_listener,
    present_messages,
    present_requests,
)
from ibconsole.wiring.pasting import present_pasting
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
from ibconsole.wiring.shell import Shell, enter_shell, offer_help
from ibconsole.wiring.threads import present_threads
from ibconsole.wiring.watch import present_watch

if TYPE_CHECKING:
    from ibconsole.services import demo as demo_service
    from ibconsole.services.evidence import case_runs
    from ibconsole.services.evidence.case_runs import CaseRun, CaseSource
    from ibconsole.wiring import demo as demo_tour
else:  # only the demo and a case use them
    case_runs = LazyModule("ibconsole.services.evidence.case_runs")
    demo_service = LazyModule("ibconsole.services.demo")
    demo_tour = LazyModule("ibconsole.wiring.demo")


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The options with which the window is opened; see `wiring.window.main`."""

    demo: bool
    case: "CaseSource | None" = None
    screenshot: Path | None
    account: Account | None
    connection: str
    read_only: bool = False
    tour: bool = False
    link: str = ""

    @property
    def uses_saved(self) -> bool:
        """True if the window offers the saved connections: it shows neither the demo nor a case."""
        return not self.demo and self.case is None


async def run(stack: AsyncExitStack, opened: OpenedWindow, paths: Paths, options: Options) -> None:
    """Open the content and return once the window is closed, or the screenshot is saved."""
    engine = Engine()
    engine.start()
    stack.callback(engine.stop)
    incoming = None
    until_closed = await stack.enter_async_context(AsyncExitStack())
    if opened.lock:
        incoming = await receive_links(until_closed, engine, opened.lock, opened.window)
        incoming.receive(options.link)
    redactor = Redactor()
    stack.enter_context(logging_to(paths.logs, redactor))
    sandbox = await _enter_demo(stack, engine, options)
    case = await _enter_case(stack, engine, options, paths)
    services = await enter_services(
        stack, engine, paths, redactor, Protection(read_only=options.read_only), case
    )
    if account := case.account if case else options.account:
        await engine.call(services.console.connect, account)
    if sandbox:
        await sandbox.start(services.console, services.intake)
    window = opened.window
    if not window.isVisible():  # closed already: no connection is opened
        return
    links = await _fill_window(stack, services, opened, options)
    if incoming:
        incoming.follow_with(links.follow)
    _show_problems(window, case)
    if options.screenshot and sandbox:
        code, send = sandbox.forwarding_application, sandbox.send_messages
        await demo_tour.take_screenshot(window, options.screenshot, code, send)
        window.close()
    await _wait_until_closed(window)
    await until_closed.aclose()  # a link opens a window of its own while this one finishes


async def _enter_demo(
    stack: AsyncExitStack, engine: Engine, options: Options
) -> "demo_service.Demo | None":
    if not options.demo:
        return None
    return await stack.enter_async_context(demo_service.open_demo(engine))


async def _enter_case(
    stack: AsyncExitStack, engine: Engine, options: Options, paths: Paths
) -> "CaseRun | None":
    if options.case is None:
        return None
    return await stack.enter_async_context(case_runs.open_case(engine, options.case, paths.archive))


def _show_problems(window: MainWindow, case: "CaseRun | None") -> None:
    if case and case.problems:
        window.messages.page.banner.show_notice(Severity.INFO, " ".join(case.problems))


async def _fill_window(
    stack: AsyncExitStack,
    services: Services,
    opened: OpenedWindow,
    options: Options,
) -> LinkPresenter:
    """Replace the first frame by the panes with their presenters.

    Except in the demo and in a case, the saved connections are offered too. Returns what follows
    links.
    """
    closing = await stack.enter_async_context(AsyncExitStack())  # left after the window's tasks
    shell = enter_shell(stack, services, opened)
    selection = SetupSelection(shell.window.setup)
    protection = present_protection(shell, services)
    setup = present_setup(shell, services, selection, protection.permit_change)
    plans = present_plans(shell, services, selection, setup, protection.permit_change)
    health = present_health(shell, services, selection, setup, plans)
    vault = Vault()
    saved = saved_connections(services, vault) if options.uses_saved else None
    _present_traffic(closing, shell, services, selection, protection, saved)
    present_watch(stack, shell, services, selection, setup)
    leases = present_leases(
        shell, services, selection, setup, opened.state, protection.permit_change
    )
    cases = present_cases(shell, services, selection, lambda: health.report, saved)
    leases.ended.connect(lambda one: health.check_again(one.application))
    _present_past(closing, shell, services, selection, setup, saved)
    connections = present_connections(shell, services, saved, vault) if saved else None
    links = present_links(shell, services, selection, setup, connections, cases.show_case)
    present_pasting(shell, selection, setup, connections, links)
    await _open_connection(services, saved, connections, options)
    tour = _offer_help(shell, services)
    shell.watch.start()
    # As late as this: Qt applies a style sheet again with every widget that is placed.
    shell.theme.apply(opened.state.scheme)
    opened.frame.deleteLater()
    shell.window.reveal()
    _watch_end(stack, shell)
    if options.tour and is_due(shell):
        tour.start()
    return links


async def _open_connection(
    services: Services,
    saved: Connections | None,
    connections: ConnectionsPresenter | None,
    options: Options,
) -> None:
    if saved and connections:
        await connections.start(name=options.connection)
        await share_saved(services, saved)


def _watch_end(stack: AsyncExitStack, shell: Shell) -> None:
    """Close the window on a signal, and when the session ends."""
    stack.enter_context(close_on_signals(shell.window))
    session_end = SessionEnd(shell.window, lambda: shell.presenter.pulling)
    stack.enter_context(session_end.watched())


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
