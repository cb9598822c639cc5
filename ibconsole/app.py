"""Puts the window together. Nothing else may know all the rooms.

The order of entering is the order of ending, reversed: the window's tasks end before the
engine's console, that before the sandbox it talks to, and the engine's thread last.
"""

import asyncio
import logging
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("QT_API", "pyside6")  # before qasync looks for a binding by itself

from PySide6.QtCore import QMessageLogContext, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from ibconsole.errors import UserError
from ibconsole.services import (
    DEFAULT_PORT,
    Account,
    Browsing,
    Connecting,
    Connections,
    Console,
    Engine,
    ListenerFailed,
    Places,
    Receiving,
    Redactor,
    SettingsFile,
    Setup,
    Vault,
    find_places,
    logging_to,
)
from ibconsole.services.sandbox import Sandbox, forward_to, sandbox
from ibconsole.ui.connections import ConnectionsPresenter
from ibconsole.ui.garbage import Garbage
from ibconsole.ui.icons import application_icon
from ibconsole.ui.inspector import InspectorPresenter
from ibconsole.ui.main_window import MainWindow
from ibconsole.ui.notices import Notices
from ibconsole.ui.panes.listener import ListenerPresenter
from ibconsole.ui.panes.messages import MessagesPresenter
from ibconsole.ui.panes.setup import SetupPresenter
from ibconsole.ui.panes.setup_changes import ChangesPresenter
from ibconsole.ui.remembered import Remembered
from ibconsole.ui.screen import has_display
from ibconsole.ui.status_watch import StatusWatch
from ibconsole.ui.tasks import UiTasks
from ibconsole.ui.theme import Theme
from ibconsole.ui.tour import tour

log = logging.getLogger(__name__)


def main(
    *,
    demo: bool,
    screenshot: Path | None,
    data_dir: Path | None,
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
    qInstallMessageHandler(_on_qt_message)
    app = QApplication(["ibconsole"])
    app.setApplicationName("ibconsole")
    app.setQuitOnLastWindowClosed(False)
    try:
        with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
            runner.run(
                run(
                    demo=demo,
                    screenshot=screenshot,
                    data_dir=data_dir,
                    account=account,
                    connection=connection,
                )
            )
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if screenshot:
        sys.stdout.write(f"{screenshot}\n")
        sys.stdout.flush()
    return 0


async def run(
    *,
    demo: bool,
    screenshot: Path | None,
    data_dir: Path | None,
    account: Account | None = None,
    connection: str = "",
) -> None:
    """Open the window and return once it is closed, or the picture is taken."""
    async with AsyncExitStack() as stack:
        garbage = Garbage()
        garbage.start()
        stack.callback(garbage.stop)
        engine = _engine(stack)
        places = _demo_places(stack, data_dir) if demo else find_places(data_dir)
        redactor = Redactor()
        stack.enter_context(logging_to(places.logs, redactor))
        console = Console(places, redactor=redactor)
        box = await stack.enter_async_context(_sandboxed(engine)) if demo else None
        await stack.enter_async_context(_far(engine, console))
        browsing = await stack.enter_async_context(Browsing(places.archive))
        receiving = Receiving(engine, console)
        forwarding = ""
        if account:
            await engine.call(console.connect, account)
        if box:
            await engine.call(console.connect, box.account)
            forwarding = await _forward_here(engine, console, receiving)
        parts = _Parts(engine, console, receiving, browsing)
        window, connections = _window(stack, parts, saved=not demo)
        if connections:
            await connections.start(wanted=connection)
        closed = asyncio.Event()
        window.closed.connect(closed.set)
        window.show()
        stack.enter_context(_closed_by_signals(window))
        if screenshot and box:
            await tour(window, screenshot, forwarding, _arrivals(engine, box, forwarding))
            window.close()
        await closed.wait()


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the presenters work with."""

    engine: Engine
    console: Console
    receiving: Receiving
    browsing: Browsing


def _window(
    stack: AsyncExitStack, parts: _Parts, *, saved: bool
) -> tuple[MainWindow, ConnectionsPresenter | None]:
    """The window with its presenters, at work; with `saved`, saved connections are offered."""
    app = QApplication.instance()
    assert isinstance(app, QApplication), "main made one"  # noqa: S101
    console = parts.console
    remembered = Remembered(console.places.window)
    theme = Theme(app)
    theme.apply(remembered.scheme)
    tasks = UiTasks(app)
    stack.push_async_callback(tasks.close)
    window = MainWindow(parts.browsing, theme, remembered)
    window.setWindowIcon(application_icon())
    tasks.failed.connect(Notices(window).show)
    watch = StatusWatch(console, parts.browsing, tasks, str(console.places.archive), window)
    stack.callback(watch.stop)
    _present(window, watch, parts, tasks)
    connections = _connect(window, watch, parts, tasks, theme) if saved else None
    if console.status.recovered:
        window.show_recovered(console.status.recovered)
    watch.start()
    return window, connections


def _connect(
    window: MainWindow, watch: StatusWatch, parts: _Parts, tasks: UiTasks, theme: Theme
) -> ConnectionsPresenter:
    """Offer the saved connections, whose secrets are in the system's keyring."""
    saved = Connections(SettingsFile(parts.console.places.settings), Vault())
    keeper = Connecting(parts.engine, parts.console, saved)
    presenter = ConnectionsPresenter(window.bar, window.connecting, keeper, tasks, theme)
    presenter.page_changed.connect(window.show_setup_page)
    watch.changed.connect(presenter.show_status)
    for command in presenter.commands:
        command.reach(window)
    return presenter


def _present(window: MainWindow, watch: StatusWatch, parts: _Parts, tasks: UiTasks) -> None:
    """Give each pane its presenter, and let them hear of one another."""
    setup = Setup(parts.engine, parts.console)
    browsing = parts.browsing
    chain = SetupPresenter(window.setup, setup, tasks)
    ChangesPresenter(window.setup, chain, setup, tasks)
    messages = MessagesPresenter(window.messages, browsing, parts.receiving, tasks)
    listener = ListenerPresenter(window.listener, browsing, parts.receiving, tasks)
    inspector = InspectorPresenter(window.inspector, browsing, window.names, tasks)
    for shown in (window, chain, messages, listener):
        watch.changed.connect(shown.show_status)
    window.refresh_requested.connect(chain.refresh)
    chain.reach_changed.connect(window.bar.show_reach)
    chain.applications_changed.connect(window.learn_applications)
    chain.application_changed.connect(window.select_application)
    window.messages.message_selected.connect(inspector.inspect_message)
    window.listener.request_selected.connect(inspector.inspect_request)
    for cleared in (
        window.messages.selection_cleared,
        window.listener.selection_cleared,
        window.inspection_cleared,
    ):
        cleared.connect(inspector.clear)


def _engine(stack: AsyncExitStack) -> Engine:
    engine = Engine()
    engine.start()
    stack.callback(engine.stop)
    return engine


@contextmanager
def _closed_by_signals(window: MainWindow) -> Iterator[None]:
    """SIGINT and SIGTERM close the window as its user would; a pull under way ends first.

    Python sees a signal when its code runs next: the window's timers see to that.
    """

    def close(*_: object) -> None:
        QTimer.singleShot(0, window.close)

    before = {number: signal.signal(number, close) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@asynccontextmanager
async def _sandboxed(engine: Engine) -> AsyncIterator[Sandbox]:
    """The sandbox, on the engine's loop."""
    context = sandbox()
    yield await engine.call(context.__aenter__)
    await engine.call(context.__aexit__, None, None, None)


@asynccontextmanager
async def _far(engine: Engine, console: Console) -> AsyncIterator[None]:
    """The console, entered and left on the engine's loop."""
    await engine.call(console.__aenter__)
    try:
        yield
    finally:
        await engine.call(console.__aexit__)


def _demo_places(stack: AsyncExitStack, data_dir: Path | None) -> Places:
    """The demo's own directory: what was asked for, or one that goes with it."""
    if data_dir:
        return Places(data_dir)
    directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="ibconsole-demo-"))
    return Places(Path(directory))


async def _forward_here(engine: Engine, console: Console, receiving: Receiving) -> str:
    """Start the listener and let one of the sandbox's applications forward to it; its code."""
    try:
        url = await receiving.start_listener(DEFAULT_PORT)
    except ListenerFailed:  # somebody else has the usual port
        url = await receiving.start_listener(0)
    return await engine.call(lambda: forward_to(console.platform, url))


def _arrivals(engine: Engine, box: Sandbox, code: str) -> Callable[[], Awaitable[None]]:
    """Lets messages arrive at one application of the sandbox."""

    async def arrive() -> None:
        box.arrive(4, application=code)

    return lambda: engine.call(arrive)


def _on_qt_message(kind: QtMsgType, _: QMessageLogContext, message: str) -> None:
    """Qt's own remarks go to the log: on the terminal they would pass for ours."""
    serious = {QtMsgType.QtCriticalMsg: logging.ERROR, QtMsgType.QtFatalMsg: logging.CRITICAL}
    log.log(serious.get(kind, logging.INFO), "Qt: %s", message)


def _new_picture() -> Path:
    descriptor, name = tempfile.mkstemp(prefix="ibconsole-demo-", suffix=".png")
    os.close(descriptor)
    return Path(name)
