"""Enters what all windows of a process share: the engine, the log, the sandbox, links, failures.

Each of these exists once, however many windows are open: two engines would be two threads to wait
for, two logs two files, and a failure in a slot belongs to no window by itself.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import msgspec

from ibconsole.files import FileLock
from ibconsole.lazy import LazyModule
from ibconsole.services.connections import Vault
from ibconsole.services.links import WindowServer
from ibconsole.services.protection import Protection
from ibconsole.services.request_log import Redactor, logging_to
from ibconsole.services.runtime import Engine, Paths
from ibconsole.ui.links import IncomingLinks, bring_to_front
from ibconsole.ui.shell import ExceptionHooks, SessionEnd, close_on_signals
from ibconsole.ui.tray import SystemTray, TrayPresenter
from ibconsole.ui.windows import OpenWindows
from ibconsole.wiring.first_frame import OpenedWindow

if TYPE_CHECKING:
    from ibconsole.services import demo as demo_service
    from ibconsole.services.demo import Demo
    from ibconsole.services.evidence import case_runs
    from ibconsole.services.evidence.case_runs import CaseRun, CaseSource
else:  # only the demo and a case use them
    case_runs = LazyModule("ibconsole.services.evidence.case_runs")
    demo_service = LazyModule("ibconsole.services.demo")


class ProcessOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options of a process.

    `lock` is that of the window of the data directory, to be held as soon as it can be; None for
    the demo and for a case.
    """

    paths: Paths
    lock: FileLock | None
    demo: bool
    case: "CaseSource | None"
    read_only: bool


class Process(msgspec.Struct, frozen=True):
    """The part that the windows share.

    `protection` has what is unlocked, and `vault` the secrets that are kept for this session, so
    that neither has to be entered again in another window. `incoming` and `tray` are None in a
    `sandbox` and in a `case`, which take no links and stay in no tray; `receiving` is left once all
    windows are closed.
    """

    engine: Engine
    paths: Paths
    redactor: Redactor
    protection: Protection
    vault: Vault
    windows: OpenWindows
    incoming: IncomingLinks | None
    receiving: AsyncExitStack
    tray: TrayPresenter | None
    sandbox: "Demo | None"
    case: "CaseRun | None"

    @property
    def uses_saved(self) -> bool:
        """True if saved connections are offered: the windows show neither the demo nor a case."""
        return self.sandbox is None and self.case is None


async def enter_process(
    stack: AsyncExitStack, options: ProcessOptions, opened: OpenedWindow
) -> Process:
    """Enter what the windows share; the stack leaves it after them, the engine's thread last."""
    engine, paths, lock, windows = Engine(), options.paths, options.lock, opened.windows
    engine.start()
    stack.callback(engine.stop)
    receiving = await stack.enter_async_context(AsyncExitStack())
    incoming = await _receive_links(receiving, engine, lock, windows) if lock else None
    redactor = Redactor()
    stack.enter_context(logging_to(paths.logs, redactor))
    sandbox, case = None, None
    if options.demo:
        sandbox = await stack.enter_async_context(demo_service.open_demo(engine))
    if options.case:
        opening = case_runs.open_case(engine, options.case, paths.archive)
        case = await stack.enter_async_context(opening)
    hooks = ExceptionHooks(windows)
    hooks.raised.connect(windows.show_failure)
    stack.enter_context(hooks.installed(asyncio.get_running_loop()))
    return Process(
        engine=engine,
        paths=paths,
        redactor=redactor,
        protection=Protection(read_only=options.read_only),
        vault=Vault(),
        windows=windows,
        incoming=incoming,
        receiving=receiving,
        tray=_enter_tray(stack, opened) if lock else None,
        sandbox=sandbox,
        case=case,
    )


def follow_outside(stack: AsyncExitStack, process: Process) -> None:
    """Follow links from now on, and close all windows on a signal or when the session ends.

    To be called once there is a window that can do so.
    """
    windows = process.windows
    stack.enter_context(close_on_signals(windows.close_all))
    stack.enter_context(SessionEnd(windows.close_all, lambda: windows.is_pulling).watched())
    if process.incoming:
        process.incoming.follow_with(windows.follow_link)


def _enter_tray(stack: AsyncExitStack, opened: OpenedWindow) -> TrayPresenter:
    """Return the tray, which shows nothing before there is a window with content.

    The stack hides it: some desktops keep an icon until the pointer is moved over it.
    """
    windows = opened.windows
    tray = SystemTray(opened.theme, windows)
    stack.callback(tray.hide)
    return TrayPresenter(tray, windows, opened.state, bring_to_front, windows)


async def _receive_links(
    stack: AsyncExitStack, engine: Engine, lock: FileLock, windows: OpenWindows
) -> IncomingLinks:
    """Take links of other processes from now on, until the stack is left."""
    incoming = IncomingLinks(windows.window_for, windows)
    server = WindowServer(lock, incoming.take, asyncio.get_running_loop())
    await stack.enter_async_context(_on_engine(engine, server))
    return incoming


@asynccontextmanager
async def _on_engine(engine: Engine, server: WindowServer) -> AsyncIterator[None]:
    await engine.call(server.__aenter__)
    try:
        yield
    finally:
        await engine.call(server.__aexit__)
