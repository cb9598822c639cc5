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
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_API", "pyside6")  # before qasync looks for a binding by itself

import ibconsole.ui  # noqa: F401, I001  # before PySide6, whose import hook it takes off
from PySide6.QtCore import qInstallMessageHandler
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop
from shiboken6 import isValid

from ibconsole.errors import UserError
from ibconsole.files import FileLock
from ibconsole.lazy import LazyModule
from ibconsole.services.runtime import find_paths
from ibconsole.ui import shell
from ibconsole.tasks import Tasks
from ibconsole.ui.shell import (
    GarbageCollection,
    MainWindow,
    has_display,
    log_qt_message,
)
from ibconsole.wiring.first_frame import (
    OpenedWindow,
    choose_paths,
    open_another_frame,
    open_first_frame,
)

if TYPE_CHECKING:
    from ibconsole.services.connections import Account
    from ibconsole.services.evidence.case_runs import CaseSource
    from ibconsole.wiring import content, process
    from ibconsole.wiring import demo as demo_tour
else:  # they import services and panes, for which the first frame does not wait
    content = LazyModule("ibconsole.wiring.content")
    demo_tour = LazyModule("ibconsole.wiring.demo")
    process = LazyModule("ibconsole.wiring.process")

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
        opened = open_first_frame(paths, connection=None if account else connection)
        stack.callback(_hide, opened.window)
        await opened.frame.painted()
        for module in _IMPORTED_IN_STEPS:
            import_module(module)
            await asyncio.sleep(0)
            if not opened.window.isVisible():  # closed already: nothing was opened
                return
        shared = await process.enter_process(
            stack,
            process.ProcessOptions(
                paths=paths,
                lock=None if is_apart else lock,
                demo=demo,
                case=case,
                read_only=read_only,
            ),
            opened,
        )
        if shared.incoming:
            shared.incoming.receive(link)
        options = content.Options(
            account=account,
            connection=connection,
            resumes=True,
            tour=tour,
            screenshot=screenshot,
        )
        await RunningWindows(shared, opened).run(stack, options)


def _hide(window: MainWindow) -> None:
    # It may have been closed before others, and deleted.
    if isValid(window):  # type: ignore[no-untyped-call]  # it has no annotations
        window.hide()


class RunningWindows:
    """The windows of a process: each opens, closes and fails by itself, and the last one ends it.

    Design: a console for each window, all on one engine. A console means one account with its
    cache, its pull and its listener. Consoles of one archive exclude each other by locks of files,
    which hold within a process as well: so two windows are to each other what two processes are,
    at the cost of two threads and some connections of SQLite each. One console with several
    accounts would save these, and change every service.
    """

    def __init__(self, shared: "process.Process", first: OpenedWindow) -> None:
        self._process = shared
        self._first = first
        self._tasks = Tasks(self._on_failure)
        self._failure: BaseException | None = None
        self._is_reachable = False

    async def run(self, stack: AsyncExitStack, options: "content.Options") -> None:
        """Run the first window, and return once all have ended; raise what ended the last one."""
        windows = self._process.windows
        windows.filled.connect(partial(self._on_filled, stack))
        try:
            self._start(self._first, options)
            await self._tasks.settled()
        finally:
            await self._tasks.close()
        if self._failure:
            raise self._failure

    def open(self, connection: str = "", link: str = "") -> None:
        """Open another window on the saved connection of this name, and follow a link there."""
        self._process.windows.save_layout()
        opened = open_another_frame(self._first, self._process.paths, connection=connection)
        self._start(opened, content.Options(connection=connection, link=link))

    def _start(self, opened: OpenedWindow, options: "content.Options") -> None:
        number = self._process.windows.opened
        self._tasks.start(f"window {number}", self._run_window, opened, options)

    async def _run_window(self, opened: OpenedWindow, options: "content.Options") -> None:
        window, windows = opened.window, self._process.windows
        window.closed.connect(partial(self._on_closed, window))
        try:
            await opened.frame.painted()
            await content.run(self._process, opened, options, self.open)
        finally:
            _hide(window)  # also if its content cannot be opened
            windows.remove(window)
            opened.theme.leave(window)
            if windows.all:
                window.deleteLater()

    def _on_closed(self, window: MainWindow) -> None:
        self._process.windows.remove(window)
        if not self._process.windows.all:
            # A link opens a window of its own while what belongs to the last one ends.
            self._tasks.start("links", self._process.receiving.aclose)

    def _on_filled(self, stack: AsyncExitStack) -> None:
        if not self._is_reachable:
            self._is_reachable = True
            process.follow_outside(stack, self._process)

    def _on_failure(self, name: str, error: BaseException) -> None:
        """Show a failure in another window; without one it ends the process."""
        if self._process.windows.all:
            self._process.windows.show_failure(name, error)
        else:
            self._failure = error
