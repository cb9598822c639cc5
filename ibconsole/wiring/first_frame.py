"""Shows the window with its first frame, before services and panes are imported."""

from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from PySide6.QtWidgets import QApplication

from ibconsole.services.runtime import Paths, find_paths
from ibconsole.ui.first_frame import FirstFrame, LastSeen
from ibconsole.ui.shell import MainWindow, WindowState
from ibconsole.ui.toolkit import Theme
from ibconsole.ui.windows import OpenWindows, place_next_to


class OpenedWindow(msgspec.Struct, frozen=True):
    """A window that is shown and has no content yet, and what it shares with other windows."""

    window: MainWindow
    theme: Theme
    state: WindowState
    windows: OpenWindows
    frame: FirstFrame


def open_first_frame(paths: Paths, *, connection: str | None) -> OpenedWindow:
    """Show the first window with its geometry, and with what was known when it was closed.

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
    window.restoreGeometry(state.layout("window"))
    return _show(window, theme, state, OpenWindows(), _seen(state, paths, connection))


def open_another_frame(first: OpenedWindow, paths: Paths, *, connection: str) -> OpenedWindow:
    """Show another window of the process, next to the one in front, and as that looks now."""
    window = MainWindow()
    first.theme.style_only(window)
    windows = first.windows
    if windows.front:
        place_next_to(window, windows.front, windows.all)
    return _show(
        window, first.theme, first.state, windows, _seen(first.state, paths, connection or None)
    )


def _seen(state: WindowState, paths: Paths, connection: str | None) -> tuple[LastSeen | None, bool]:
    """Return what the frame may show, and whether the window will greet the user."""
    settings = _text_of(paths.settings)
    seen = state.last_seen(settings)
    if seen is not None and connection not in {"", seen.connection}:
        seen = seen.without_names
    return seen, not settings


def _show(
    window: MainWindow,
    theme: Theme,
    state: WindowState,
    windows: OpenWindows,
    seen: tuple[LastSeen | None, bool],
) -> OpenedWindow:
    frame = FirstFrame(window, theme, seen[0], utc=state.utc, greets=seen[1])
    windows.add(window)
    window.show()
    return OpenedWindow(window, theme, state, windows, frame)


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
