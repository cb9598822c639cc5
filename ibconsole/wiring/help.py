"""Composes the help and the tour: their commands, their part of the palette, and their end."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from ibconsole.ui.help import HelpPresenter
from ibconsole.ui.shell import MainWindow, launch_sandbox
from ibconsole.ui.tour import TourPart, TourPresenter, TourTargets
from ibconsole.wiring.shell import Shell

_SEEN = "tour"


def present_help(shell: Shell) -> HelpPresenter:
    """Offer the help in the menus, the palette and the dialogs of the window."""
    presenter = HelpPresenter(shell.window, shell.theme)
    shell.commands.offer(presenter.commands)
    shell.commands.search_providers.append(presenter.search)
    shell.window.closed.connect(presenter.close)
    return presenter


def present_tour(shell: Shell) -> TourPresenter:
    """Offer the tour in the menus and the palette; that it was seen is remembered."""
    window = shell.window
    tour = TourPresenter(window, shell.theme, _targets(window), lambda: _is_connected(window))
    tour.sandbox_requested.connect(launch_sandbox)
    tour.ended.connect(lambda: shell.state.set_number(_SEEN, 1))
    shell.commands.offer((tour.command,))
    return tour


def is_due(shell: Shell) -> bool:
    """Return whether this is a first start: no connection, and the tour was never seen."""
    window = shell.window
    return not shell.state.number(_SEEN, 0) and window.upper.currentWidget() is window.greeting


def _is_connected(window: MainWindow) -> bool:
    return window.upper.currentWidget() is window.setup


def _targets(window: MainWindow) -> TourTargets:
    def messages() -> QWidget:
        window.tabs.setCurrentWidget(window.messages)
        return window.messages

    def either(panes: Callable[[], QWidget], other: QWidget) -> Callable[[], QWidget]:
        """Return what finds a part of the panes, or something else while they are hidden."""
        return lambda: panes() if _is_connected(window) else other

    return {
        TourPart.CONNECTION: lambda: window.bar,
        TourPart.SETUP: either(lambda: window.setup, window.upper),
        TourPart.MESSAGES: either(messages, window.status),
        TourPart.TABS: either(window.tabs.tabBar, window.menuBar()),
        TourPart.SEARCH: lambda: window.bar.find_button,
    }
