"""Puts the window together. Nothing else may know all the rooms.

The order of entering is the order of ending, reversed: the window's tasks end before the
engine's console, that before the sandbox it talks to, and the engine's thread last.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

os.environ.setdefault("QT_API", "pyside6")  # before qasync looks for a binding by itself

from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from ibconsole.services import (
    DEFAULT_PORT,
    Browsing,
    Console,
    Engine,
    ListenerFailed,
    Places,
    Receiving,
    Setup,
    find_places,
)
from ibconsole.services.sandbox import Sandbox, forward_to, sandbox
from ibconsole.ui.main_window import MainWindow, Remembered
from ibconsole.ui.notices import report_unexpected
from ibconsole.ui.screen import has_display
from ibconsole.ui.tour import tour


def main(*, demo: bool, screenshot: Path | None, data_dir: Path | None) -> int:
    """Open the window and return its exit code once it is closed.

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
    app = QApplication.instance() or QApplication(["ibconsole"])
    assert isinstance(app, QApplication), "no other kind of application exists here"  # noqa: S101
    app.setApplicationName("ibconsole")
    app.setQuitOnLastWindowClosed(False)
    with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
        runner.run(run(demo=demo, screenshot=screenshot, data_dir=data_dir))
    if screenshot:
        sys.stdout.write(f"{screenshot}\n")
        sys.stdout.flush()
    return 0


async def run(*, demo: bool, screenshot: Path | None, data_dir: Path | None) -> None:
    """Open the window and return once it is closed, or the picture is taken."""
    async with AsyncExitStack() as stack:
        engine = _engine(stack)
        places = _demo_places(stack, data_dir) if demo else find_places(data_dir)
        console = Console(places)
        box = await stack.enter_async_context(_sandboxed(engine)) if demo else None
        await stack.enter_async_context(_far(engine, console))
        if box:
            await engine.call(console.connect, box.account)
        browsing = await stack.enter_async_context(Browsing(places.archive))
        setup, receiving = Setup(engine, console), Receiving(engine, console)
        window = MainWindow(console, setup, receiving, browsing, Remembered(places.window))
        stack.push_async_callback(window.end)
        window.failed.connect(lambda name, error: report_unexpected(window, name, error))
        if box:
            await _forward_here(engine, console, receiving)
        window.begin()
        if screenshot:
            await tour(window, screenshot, _arrivals(engine, box))
            return
        await window.closed.wait()


def _engine(stack: AsyncExitStack) -> Engine:
    engine = Engine()
    engine.start()
    stack.callback(engine.stop)
    return engine


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


async def _forward_here(engine: Engine, console: Console, receiving: Receiving) -> None:
    """Start the listener and let one of the sandbox's applications forward to it."""
    try:
        url = await receiving.start_listener(DEFAULT_PORT)
    except ListenerFailed:  # somebody else has the usual port
        url = await receiving.start_listener(0)
    await engine.call(lambda: forward_to(console.platform, url))


def _arrivals(engine: Engine, box: Sandbox | None) -> Callable[[], Awaitable[None]]:
    async def arrive() -> None:
        if box:
            box.arrive(8)

    return lambda: engine.call(arrive)


def _new_picture() -> Path:
    descriptor, name = tempfile.mkstemp(prefix="ibconsole-demo-", suffix=".png")
    os.close(descriptor)
    return Path(name)
