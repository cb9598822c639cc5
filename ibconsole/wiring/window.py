"""Puts the window together. Nothing else may know all the rooms.

The order of entering is the order of ending, reversed: the window's tasks end before the
engine's console, that before the sandbox it talks to, and the engine's thread last.
"""

import asyncio
import linecache
import logging
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_API", "pyside6")  # before qasync looks for a binding by itself

from PySide6.QtCore import qInstallMessageHandler
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule
from ibconsole.services.connections import Account, Connections, SettingsFile, Vault
from ibconsole.services.console import (
    Console,
    RemoteConnections,
    RemoteForwardTest,
    RemoteIntake,
    RemoteSetup,
    RetentionControl,
)
from ibconsole.services.doctor import probe_keyring
from ibconsole.services.messages import AsyncReader, Maintenance, TransferJobs
from ibconsole.services.request_log import Redactor, logging_to
from ibconsole.services.runtime import Engine, Paths, find_paths
from ibconsole.ui.activity import ActivityPresenter
from ibconsole.ui.connections import ConnectionsPresenter, KeyringDoctor
from ibconsole.ui.forward_test import ForwardTestPresenter
from ibconsole.ui.inspector import InspectorPresenter
from ibconsole.ui.listener import ListenerPresenter
from ibconsole.ui.messages import ArchiveCommands, ArchiveServices, MessagesPresenter, PullPresenter
from ibconsole.ui.palette import SetupSearch
from ibconsole.ui.setup import ChangesPresenter, SetupPresenter, SetupSelection
from ibconsole.ui.shell import (
    AboutDialog,
    ErrorReporter,
    ExceptionHooks,
    GarbageCollection,
    MainWindow,
    StatusWatch,
    WindowState,
    closed_by_signals,
    has_display,
    log_qt_message,
    open_sandbox,
    show_fatal_dialog,
    tour,
)
from ibconsole.ui.toolkit import Command, Group, Theme, UiTasks, application_icon

if TYPE_CHECKING:
    from ibconsole.services import demo as demo_service
else:  # the simulator comes with it
    demo_service = LazyModule("ibconsole.services.demo")

log = logging.getLogger(__name__)


def main(
    *,
    demo: bool = False,
    screenshot: Path | None = None,
    data_dir: Path | None = None,
    account: Account | None = None,
    connection: str = "",
) -> int:
    """Open the window and return its exit code once it is closed.

    It opens on the account, else on the saved connection of that name, else on the one that
    was open last.

    Without a display the demo shows itself to nobody: it walks through the window, saves a
    picture and names it. `screenshot` does the same on any display.
    """
    shown = has_display()
    if not shown and not demo:
        sys.stderr.write(
            "There is no display to open a window on; ibconsole --help lists the commands.\n"
        )
        return 1
    if not shown:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if not shown and not screenshot:
        sys.stderr.write("There is no display: the demo runs off screen and saves a picture.\n")
        screenshot = _new_picture()
    qInstallMessageHandler(log_qt_message)
    app = QApplication(["ibconsole"])
    app.setApplicationName("ibconsole")
    app.setDesktopFileName("ibconsole")  # by which a desktop finds name and icon
    app.setQuitOnLastWindowClosed(False)
    work = run(
        demo=demo,
        screenshot=screenshot,
        data_dir=data_dir,
        account=account,
        connection=connection,
    )
    try:
        with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
            runner.run(_told(work) if shown and not _is_read() else work)
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if screenshot:
        sys.stdout.write(f"{screenshot}\n")
        sys.stdout.flush()
    return 0


async def _told(work: Coroutine[None, None, None]) -> None:
    """Do it; if it fails, say so in a window, too, before the error goes on its way."""
    try:
        await work
    except UserError as error:
        log.exception("The window ends.")
        await show_fatal_dialog(str(error))
        raise
    except Exception as error:
        log.exception("The window ends.")
        await show_fatal_dialog(
            f"ibconsole has to end: {type(error).__name__}. What was received is on disk. A file"
            f" in {find_paths().logs} tells more."
        )
        raise


def _is_read() -> bool:
    """Whether somebody sees what is written to the terminal."""
    return sys.stderr.isatty()


async def run(
    *,
    demo: bool,
    screenshot: Path | None,
    data_dir: Path | None,
    account: Account | None = None,
    connection: str = "",
) -> None:
    """Open the window and return once it is closed, or the picture is taken."""
    # PySide6 has read the source of every module since; nobody needs it any more.
    linecache.clearcache()
    async with AsyncExitStack() as stack:
        garbage = GarbageCollection()
        garbage.start()
        stack.callback(garbage.stop)
        engine = Engine()
        engine.start()
        stack.callback(engine.stop)
        places = _demo_places(stack, data_dir) if demo else find_paths(data_dir)
        redactor = Redactor()
        stack.enter_context(logging_to(places.logs, redactor))
        sandbox = await stack.enter_async_context(demo_service.open_demo(engine)) if demo else None
        console = Console(places, redactor=redactor)
        await stack.enter_async_context(_far(engine, console))
        browsing = await stack.enter_async_context(AsyncReader(places.archive))
        parts = _Parts(engine, console, RemoteIntake(engine, console), browsing)
        if account:
            await engine.call(console.connect, account)
        if sandbox:
            await sandbox.start(console, parts.receiving)
        window = await _open(stack, parts, saved=not demo, wanted=connection)
        if screenshot and sandbox:
            await tour(window, screenshot, sandbox.forwarding_application, sandbox.send_messages)
            window.close()
        await _closed(window)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the presenters work with."""

    engine: Engine
    console: Console
    receiving: RemoteIntake
    browsing: AsyncReader


async def _open(stack: AsyncExitStack, parts: _Parts, *, saved: bool, wanted: str) -> MainWindow:
    """The window on the screen, at work; with `saved`, saved connections are offered."""
    app = QApplication.instance()
    assert isinstance(app, QApplication), "main made one"  # noqa: S101
    console = parts.console
    remembered = WindowState(console.places.window)
    theme = Theme(app)
    theme.prepare(remembered.scheme)
    tasks = UiTasks(app)
    stack.push_async_callback(tasks.close)
    window = MainWindow(parts.browsing, theme, remembered)
    window.setWindowIcon(application_icon())
    notices = ErrorReporter(
        window,
        window.toasts,
        window.failures,
        console.redactor.redact,
        logs=console.places.logs,
    )
    tasks.failed.connect(notices.show)
    unexpected = ExceptionHooks(window)
    unexpected.raised.connect(notices.show)
    stack.enter_context(unexpected.installed(asyncio.get_running_loop()))
    watch = StatusWatch(console, parts.browsing, tasks, str(console.places.archive), window)
    stack.callback(watch.stop)
    _present(window, watch, parts, tasks, theme)
    if saved:
        connections = _connect(window, watch, parts, tasks, theme)
        connections.noticed.connect(notices.tell)
        await connections.start(wanted=wanted)
    _offer_help(window, parts, theme)
    if console.status.recovered:
        window.show_recovered(console.status.recovered)
    watch.start()
    # As late as this: a style sheet is looked at anew with every widget that is placed.
    theme.apply(remembered.scheme)
    window.show()
    stack.enter_context(closed_by_signals(window))
    return window


async def _closed(window: MainWindow) -> None:
    closed = asyncio.Event()
    window.closed.connect(closed.set)
    if window.isVisible():
        await closed.wait()


def _connect(
    window: MainWindow, watch: StatusWatch, parts: _Parts, tasks: UiTasks, theme: Theme
) -> ConnectionsPresenter:
    """Offer the saved connections, whose secrets are in the system's keyring."""
    vault = Vault()
    console = parts.console
    saved = Connections(SettingsFile(console.places.settings), vault, console.paths)
    keeper = RemoteConnections(parts.engine, parts.console, saved)
    presenter = ConnectionsPresenter(window.bar, window.connecting, keeper, tasks, theme)
    doctor = KeyringDoctor(lambda: parts.engine.call(probe_keyring, vault), tasks, theme, window)
    presenter.page_changed.connect(window.show_setup_page)
    presenter.doctor_requested.connect(doctor.open)
    watch.changed.connect(presenter.show_status)
    window.greeting.add_requested.connect(presenter.add.trigger)
    window.greeting.sandbox_requested.connect(open_sandbox)
    window.offer(presenter.commands)
    return presenter


def _offer_help(window: MainWindow, parts: _Parts, theme: Theme) -> None:
    """The rest of the menus, once everybody else has put theirs there."""
    console = parts.console
    places = {
        "Data": console.places.data,
        "Settings": console.places.settings.parent,
        "Logs": console.places.logs,
    }

    def about() -> None:
        status = console.status
        facts = {"Archive": f"{status.archive.messages:,} messages"}
        AboutDialog(places, facts, theme, window).open()

    window.offer(
        (
            Command(
                "Quit",
                Group.CONNECTION,
                window.close,
                shortcut=QKeySequence.StandardKey.Quit,
                parent=window,
            ),
            Command("Try the sandbox", Group.HELP, open_sandbox, icon_name="play", parent=window),
            Command("About ibconsole", Group.HELP, about, icon_name="info", parent=window),
        )
    )
    window.menus.arrange()


def _present(
    window: MainWindow, watch: StatusWatch, parts: _Parts, tasks: UiTasks, theme: Theme
) -> None:
    """Give each pane its presenter, and let them hear of one another."""
    console = parts.console
    setup = RemoteSetup(parts.engine, console)
    browsing = parts.browsing
    selection = SetupSelection(window.setup)
    chain = SetupPresenter(window.setup, selection, setup, tasks)
    ChangesPresenter(window.setup, selection, setup.of, tasks)
    messages = MessagesPresenter(window.messages, browsing, tasks)
    pulling = PullPresenter(
        window.messages.toolbar.pulling,
        window.messages,
        parts.receiving,
        browsing,
        tasks,
        pullers=lambda: [window.names(code) for code in selection.cache.pullers()],
    )
    archive = console.places.archive
    archive_services = ArchiveServices(
        TransferJobs(archive), Maintenance(archive), RetentionControl(parts.engine, console)
    )
    window.menus.add(
        ArchiveCommands(window.messages, archive_services, tasks, theme, window).commands
    )
    listener = ListenerPresenter(window.listener, browsing, parts.receiving, tasks)
    inspector = InspectorPresenter(
        window.inspector, browsing, window.names, tasks, clock=window.clock
    )
    ForwardTestPresenter(
        window.forward_test, RemoteForwardTest(parts.engine, parts.console), browsing, tasks
    )
    ActivityPresenter(window.activity, parts.console.activity, tasks)
    for shown in (window, chain, messages, pulling, listener):
        watch.changed.connect(shown.show_status)
    window.refresh_requested.connect(chain.refresh)
    chain.reach_changed.connect(window.bar.show_reach)
    chain.applications_changed.connect(window.learn_applications)
    window.offer(window.setup.applications_pane.commands)
    window.menus.add(window.setup.configuration_pane.commands)
    window.menus.add(window.setup.actions_pane.commands)
    window.search_providers.append(SetupSearch(selection.cache, chain.go_to))
    chain.application_changed.connect(window.select_application)
    window.messages.message_selected.connect(inspector.inspect_message)
    window.listener.request_selected.connect(inspector.inspect_request)
    for cleared in (
        window.messages.selection_cleared,
        window.listener.selection_cleared,
        window.inspection_cleared,
    ):
        cleared.connect(inspector.clear)


@asynccontextmanager
async def _far(engine: Engine, console: Console) -> AsyncIterator[None]:
    """The console, entered and left on the engine's loop."""
    await engine.call(console.__aenter__)
    try:
        yield
    finally:
        await engine.call(console.__aexit__)


def _demo_places(stack: AsyncExitStack, data_dir: Path | None) -> Paths:
    """The demo's own directory: what was asked for, or one that goes with it."""
    if data_dir:
        return Paths(data_dir)
    directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="ibconsole-demo-"))
    return Paths(Path(directory))


def _new_picture() -> Path:
    descriptor, name = tempfile.mkstemp(prefix="ibconsole-demo-", suffix=".png")
    os.close(descriptor)
    return Path(name)
