"""The main window with its commands and its presenter, as the program composes it."""

from dataclasses import dataclass

from ibconsole.services.messages.async_reader import AsyncReader
from ibconsole.services.runtime.paths import Paths
from ibconsole.ui.shell.failure_log import FailureLog
from ibconsole.ui.shell.main_window import MainWindow
from ibconsole.ui.shell.window_commands import WindowCommands
from ibconsole.ui.shell.window_presenter import WindowPresenter
from ibconsole.ui.shell.window_state import SavedLayout, WindowState
from ibconsole.ui.toolkit.commands import Command
from ibconsole.ui.toolkit.theme import Theme


@dataclass(frozen=True, slots=True)
class WholeWindow:
    """A window and the objects that act on it."""

    window: MainWindow
    commands: WindowCommands
    presenter: WindowPresenter
    failures: FailureLog

    def command(self, name: str) -> Command:
        """Return the command with this name."""
        return next(one for one in self.commands.menus.commands if one.name == name)


def compose_window(
    window: MainWindow, reader: AsyncReader, theme: Theme, paths: Paths
) -> WholeWindow:
    """Fill a window over an archive."""
    window.fill(reader, theme)
    window_state = WindowState(paths.window)
    failures = FailureLog(window)
    commands = WindowCommands(window, theme, window_state, failures)
    SavedLayout(window, theme, window_state)
    return WholeWindow(window, commands, WindowPresenter(window, commands.view), failures)
