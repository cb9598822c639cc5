"""Starts and ends the window. Only this package imports all others.

Everything is left in the reverse order of entering: the window's tasks end before the engine's
console, the console before the sandbox that it talks to, and the engine's thread last.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_API", "pyside6")  # before qasync looks for a binding by itself

import ibconsole.ui  # noqa: F401, I001  # before PySide6, whose import hook it takes off
from PySide6.QtCore import qInstallMessageHandler
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from ibconsole.errors import UserError
from ibconsole.files import FileLock
from ibconsole.lazy import LazyModule
from ibconsole.services.runtime import find_paths
from ibconsole.ui import shell
from ibconsole.ui.shell import (
    GarbageCollection,
    has_display,
    log_qt_message,
)
from ibconsole.wiring.first_frame import choose_paths, open_first_frame

if TYPE_CHECKING:
    from ibconsole.services.connections import Account
    from ibconsole.services.evidence.case_runs import CaseSource
    from ibconsole.wiring import content
    from ibconsole.wiring import demo as demo_tour
else:  # they import services and panes, for which the first frame does not wait
    content = LazyModule("ibconsole.wiring.content")
    demo_tour = LazyModule("ibconsole.wiring.demo")

# In the order of need, one between two turns of the loop: the first frame is painted and the
# window can be moved and closed while they are imported.
_IMPORTED_IN_STEPS = (
    "ibconsole.archive.archive",
    "ibconsole.services.intake.archive_writer",
    "ibconsole.services.console.console",
    "ibconsole.ui.tables.feed_table",
    "ibconsole.ui.setup.panes",
    "ibconsole.ui.messages.pane",
    "ibconsole.ui.inspector.inspector",
    "ibconsole.wiring.content",
)

log = logging.getLogger(__name__)


def main(  # noqa: PLR0913 as many as the command line has options for the window
    *,
    demo: bool = False,
    screenshot: Path | None = None,
    data_dir: Path | None = None,
    account: "Account | None" = None,
    connection: str = "",
    read_only: bool = False,
    link: str = "",
    lock: FileLock | None = None,
    case: "CaseSource | None" = None,
) -> int:
    """Open the window and return the exit code once it is closed.

    The window opens on the account, else on the saved connection of that name, else on the
    connection that was open last. With `read_only` nothing is changed or pulled. What the `link`
    leads to is shown once the window is there. `lock` is that of the window of the data directory,
    if it was acquired before this was imported. A `case` runs in a directory of its own, and the
    window knows nothing else.

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
        screenshot = demo_tour.new_screenshot_path()
    app = _create_application()
    program = run(
        demo=demo,
        screenshot=screenshot,
        data_dir=data_dir,
        account=account,
        connection=connection,
        read_only=read_only,
        link=link,
        lock=lock,
        tour=not demo and case is None,
        case=case,
    )
    try:
        needs_dialog = has_screen and not sys.stderr.isatty()
        _run_on_qt(app, _show_fatal_errors(program, data_dir) if needs_dialog else program)
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


async def _show_fatal_errors(program: Coroutine[None, None, None], data_dir: Path | None) -> None:
    """Run the program; show an error that ends it in a dialog, and raise the error again.

    For a program without a terminal, where printed text would be lost.
    """
    try:
        await program
    except UserError as error:
        # Without a log file a warning would go to stderr, where the sentence follows anyway.
        log.info("The window ends.", exc_info=True)
        await shell.show_fatal_dialog(str(error))
        raise
    except Exception as error:  # any bug: it is shown and raised again
        log.exception("The window ends.")
        await shell.show_fatal_dialog(
            f"ibconsole must close because of an unexpected error ({type(error).__name__})."
            f" Everything received is on disk{_log_hint(data_dir)}."
        )
        raise


def _log_hint(data_dir: Path | None) -> str:
    """Return a clause that names the directory of the log, empty if there is none."""
    with suppress(UserError):  # the demo runs without a directory of the user, and without a log
        return f"; the log in {find_paths(data_dir).logs} has the details"
    return ""


async def run(  # noqa: PLR0913 as many as the command line has options
    *,
    demo: bool,
    screenshot: Path | None,
    data_dir: Path | None,
    account: "Account | None" = None,
    connection: str = "",
    read_only: bool = False,
    tour: bool = False,
    link: str = "",
    lock: FileLock | None = None,
    case: "CaseSource | None" = None,
) -> None:
    """Open the window and return once it is closed, or once the screenshot is saved.

    With `tour` a first start begins with the tour.
    """
    async with AsyncExitStack() as stack:
        collection = GarbageCollection()
        collection.start()
        stack.callback(collection.stop)
        is_apart = demo or case is not None
        paths = choose_paths(stack, None if case else data_dir, demo=is_apart)
        if not is_apart:
            lock = lock or FileLock(paths.window_lock)
            stack.callback(lock.discard)
        opened = open_first_frame(
            stack, paths, connection=None if account else connection, lock=lock
        )
        await opened.frame.painted()
        for module in _IMPORTED_IN_STEPS:
            import_module(module)
            await asyncio.sleep(0)
            if not opened.window.isVisible():  # closed already: nothing was opened
                return
        options = content.Options(
            demo=demo,
            screenshot=screenshot,
            account=account,
            connection=connection,
            read_only=read_only,
            tour=tour,
            link=link,
            case=case,
        )
        await content.run(stack, opened, paths, options)
