"""Starts and ends the window. Only this package imports all others.

Everything is left in the reverse order of entering: the window's tasks end before the engine's
console, the console before the sandbox that it talks to, and the engine's thread last.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_API", "pyside6")  # before qasync looks for a binding by itself

import ibconsole.ui  # noqa: F401, I001  # before PySide6, whose import hook it takes off
from PySide6.QtCore import qInstallMessageHandler
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule
from ibconsole.services.connections import Account
from ibconsole.services.request_log import Redactor, logging_to
from ibconsole.services.runtime import Engine, find_paths
from ibconsole.ui.setup import SetupSelection
from ibconsole.ui.shell import (
    GarbageCollection,
    MainWindow,
    SessionEnd,
    WindowState,
    close_on_signals,
    has_display,
    log_qt_message,
    show_fatal_dialog,
)
from ibconsole.wiring.demo import new_screenshot_path, take_screenshot
from ibconsole.wiring.messages import (
    present_inspector,
    present_listener,
    present_messages,
    present_requests,
)
from ibconsole.wiring.services import Services, choose_paths, enter_services
from ibconsole.wiring.setup import offer_setup_commands, present_connections, present_setup
from ibconsole.wiring.shell import enter_shell, offer_help

if TYPE_CHECKING:
    from ibconsole.services import demo as demo_service
else:  # it loads the simulator
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
    """Open the window and return the exit code once it is closed.

    The window opens on the account, else on the saved connection of that name, else on the
    connection that was open last.

    Without a display the demo runs off screen: it walks through the window, saves a screenshot
    and prints its path. `screenshot` does the same on any display.
    """
    has_screen = has_display()
    if not has_screen and not demo:
        sys.stderr.write(
            "There is no display to open a window on; ibconsole --help lists the commands.\n"
        )
        return 1
    if not has_screen:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if not has_screen and not screenshot:
        sys.stderr.write("There is no display: the demo runs off screen and saves a picture.\n")
        screenshot = new_screenshot_path()
    app = _create_application()
    program = run(
        demo=demo,
        screenshot=screenshot,
        data_dir=data_dir,
        account=account,
        connection=connection,
    )
    try:
        needs_dialog = has_screen and not sys.stderr.isatty()
        _run_on_qt(app, _show_fatal_errors(program) if needs_dialog else program)
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if screenshot:
        try:
            sys.stdout.write(f"{screenshot}\n")
            sys.stdout.flush()
        except OSError as error:
            sys.stderr.write(f"The picture is {screenshot}; stdout failed: {error.strerror}.\n")
            return 1
    return 0


def _run_on_qt(app: QApplication, program: Coroutine[None, None, None]) -> None:
    """Run the program on Qt's loop, and let it clean up also if Qt ends the loop itself.

    Qt does so when the session ends, or when the desktop asks the program to quit.
    """
    ended = False

    async def run_and_note_end() -> None:
        nonlocal ended
        try:
            await program
        finally:
            ended = True

    with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
        try:
            runner.run(run_and_note_end())
        except RuntimeError:  # qasync's: the runner cancels the program, and waits for its end
            if ended:
                raise


def _create_application() -> QApplication:
    qInstallMessageHandler(log_qt_message)
    app = QApplication(["ibconsole"])
    app.setApplicationName("ibconsole")
    app.setDesktopFileName("ibconsole")  # a desktop finds name and icon by it
    app.setQuitOnLastWindowClosed(False)
    return app


async def _show_fatal_errors(program: Coroutine[None, None, None]) -> None:
    """Run the program; show an error that ends it in a dialog, and raise the error again.

    For a program without a terminal, where printed text would be lost.
    """
    try:
        await program
    except UserError as error:
        log.exception("The window ends.")
        await show_fatal_dialog(str(error))
        raise
    except Exception as error:  # any bug: it is shown and raised again
        log.exception("The window ends.")
        await show_fatal_dialog(
            f"ibconsole must close because of an unexpected error ({type(error).__name__})."
            f" Everything received is on disk; the log in {find_paths().logs} has the details."
        )
        raise


async def run(
    *,
    demo: bool,
    screenshot: Path | None,
    data_dir: Path | None,
    account: Account | None = None,
    connection: str = "",
) -> None:
    """Open the window and return once it is closed, or once the screenshot is saved."""
    async with AsyncExitStack() as stack:
        collection = GarbageCollection()
        collection.start()
        stack.callback(collection.stop)
        engine = Engine()
        engine.start()
        stack.callback(engine.stop)
        paths = choose_paths(stack, data_dir, demo=demo)
        redactor = Redactor()
        stack.enter_context(logging_to(paths.logs, redactor))
        sandbox = await stack.enter_async_context(demo_service.open_demo(engine)) if demo else None
        services = await enter_services(stack, engine, paths, redactor)
        if account:
            await engine.call(services.console.connect, account)
        if sandbox:
            await sandbox.start(services.console, services.intake)
        window = await _open_window(stack, services, offer_saved=not demo, connection=connection)
        if screenshot and sandbox:
            application = sandbox.forwarding_application
            await take_screenshot(window, screenshot, application, sandbox.send_messages)
            window.close()
        await _wait_until_closed(window)


async def _open_window(
    stack: AsyncExitStack, services: Services, *, offer_saved: bool, connection: str
) -> MainWindow:
    """Show the window with all its presenters; with `offer_saved`, the saved connections too."""
    app = QApplication.instance()
    assert isinstance(app, QApplication), "created by main"  # noqa: S101
    console = services.console
    window_state = WindowState(console.paths.window)
    shell = enter_shell(stack, services, window_state, app)
    selection = SetupSelection(shell.window.setup)
    setup = present_setup(shell, services, selection)
    present_messages(shell, services, selection)
    present_listener(shell, services)
    present_inspector(shell, services)
    present_requests(shell, services)
    offer_setup_commands(shell, selection, setup)
    if offer_saved:
        connections = present_connections(shell, services)
        await connections.start(name=connection)
    offer_help(shell, console)
    if console.status.recovered:
        shell.presenter.show_recovered(console.status.recovered)
    shell.watch.start()
    # As late as this: Qt applies a style sheet again with every widget that is placed.
    shell.theme.apply(window_state.scheme)
    shell.window.show()
    stack.enter_context(close_on_signals(shell.window))
    session_end = SessionEnd(shell.window, lambda: shell.presenter.pulling)
    stack.enter_context(session_end.watched())
    return shell.window


async def _wait_until_closed(window: MainWindow) -> None:
    closed = asyncio.Event()
    window.closed.connect(closed.set)
    if window.isVisible():
        await closed.wait()
