"""Shows the window with its first frame, before services and panes are imported."""

from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from PySide6.QtWidgets import QApplication

from ibconsole.files import FileLock
from ibconsole.services.runtime import Paths, find_paths
from ibconsole.ui.first_frame import FirstFrame
from ibconsole.ui.shell import MainWindow, WindowState
from ibconsole.ui.toolkit import Theme


class OpenedWindow(msgspec.Struct, frozen=True):
    """A window that is shown and has no content yet.

    `lock` is that of the window of the data directory, to be held as soon as it can be; None for
    the demo.
    """

    window: MainWindow
    frame: FirstFrame
    theme: Theme
    state: WindowState
    lock: FileLock | None = None


def open_first_frame(
    stack: AsyncExitStack, paths: Paths, *, connection: str | None, lock: FileLock | None
) -> OpenedWindow:
    """Show the window with its geometry, and with what was known when it was closed.

    `connection` is the name of the connection that will be opened, empty for the last one, None
    for an account that is not saved: the names of another one are not shown.
    """
    app = QApplication.instance()
    assert isinstance(app, QApplication), "created by main"  # noqa: S101
    state = WindowState(paths.window)
    theme = Theme(app)
    theme.prepare(state.scheme)
    window = MainWindow()
    theme.style_only(window)
    stack.callback(window.hide)  # also if the content cannot be opened
    window.restoreGeometry(state.layout("window"))
    settings = _text_of(paths.settings)
    seen = state.last_seen(settings)
    if seen is not None and connection not in {"", seen.connection}:
        seen = seen.without_names
    frame = FirstFrame(window, theme, seen, utc=state.utc, greets=not settings)
    window.show()
    return OpenedWindow(window, frame, theme, state, lock)


def _text_of(settings: Path) -> str:
    """Return the settings as text; empty if there are none, or if they cannot be read."""
    try:
        return settings.read_text(encoding="utf-8")
    except (OSError, ValueError):  # reported when the settings are opened
        return ""


def choose_paths(stack: AsyncExitStack, data_dir: Path | None, *, demo: bool) -> Paths:
    """Return the user's paths, or those of the demo or of a case.

    These write only into the given directory, else into a temporary one, which the stack removes.
    """
    if not demo:
        return find_paths(data_dir)
    if data_dir:
        return Paths(data_dir)
    return Paths(Path(stack.enter_context(TemporaryDirectory(prefix="ibconsole-sandbox-"))))
