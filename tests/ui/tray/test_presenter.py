"""The last window is kept in the tray where the user wants that, and only there."""

import sys
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow
from pytestqt.qtbot import QtBot

from ibconsole.ui.links.incoming import bring_to_front
from ibconsole.ui.toolkit.commands import Command
from ibconsole.ui.toolkit.status_text import Indicator, StatusText
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.tray.presenter import TrayPresenter
from ibconsole.ui.tray.system_tray import SystemTray
from ibconsole.ui.windows.open_windows import OpenWindows


class DesktopTray(SystemTray):
    """The tray of a desktop, which is there or not."""

    is_available = True
    notified = 0

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.shown = list[str]()

    def show_states(self, states: object) -> None:
        assert isinstance(states, list)
        self.shown = [one.text for one in states]

    def hide(self) -> None:
        self.shown = []

    def notify(self, title: str, text: str) -> bool:
        self.notified += 1
        return True


class Saved(dict[str, int]):
    """What is remembered."""

    def number(self, name: str, default: int) -> int:
        return self.get(name, default)

    def set_number(self, name: str, number: int) -> None:
        self[name] = number


class Desktop:
    """A process with windows, in front of a desktop with a tray."""

    def __init__(self, qtbot: QtBot, theme: Theme, saved: Saved) -> None:
        self._qtbot = qtbot
        self.saved = saved
        self.tray = DesktopTray(theme)
        self.windows = OpenWindows()
        self.presenter = TrayPresenter(self.tray, self.windows, saved, bring_to_front)

    def open(self, name: str) -> tuple[QMainWindow, Command]:
        """Open a window; like those of the program it is forgotten once it is closed."""
        window = Window(self)
        self._qtbot.addWidget(window)
        self.windows.add(window)
        window.show()
        state = StatusText(Indicator.OK, f"{name} is open.")
        return window, self.presenter.add(window, lambda: [state])


class Window(QMainWindow):
    """A window that may have to store a pull before it closes."""

    is_pulling = False

    def __init__(self, desktop: Desktop) -> None:
        super().__init__()
        self._desktop = desktop

    def closeEvent(self, event: QEvent) -> None:  # noqa: N802 Qt's name
        event.setAccepted(not self.is_pulling)
        if event.isAccepted():
            self._desktop.windows.remove(self)
            self._desktop.presenter.remove(self)


@pytest.fixture
def desktop(qtbot: QtBot, theme: Theme, qapp: QApplication) -> Iterator[Desktop]:
    desktop = Desktop(qtbot, theme, Saved())
    yield desktop
    desktop.presenter.turn(on=False)


def test_off_at_first(desktop: Desktop) -> None:
    """Without it a window closes, and there is no icon; where there is no tray it is grey."""
    window, command = desktop.open("Acme")
    assert not command.isChecked()
    assert command.isEnabled()
    assert desktop.tray.shown == []
    desktop.tray.is_available = False
    QCoreApplication.sendEvent(window, QEvent(QEvent.Type.WindowActivate))
    assert "no tray" in command.disabled_reason

    window.close()
    assert desktop.windows.all == ()
    assert desktop.saved == {}


def test_the_last_window_is_hidden(desktop: Desktop, qtbot: QtBot) -> None:
    """It comes back as it was, dialogs included; it is said once. The others close as usual."""
    first, command = desktop.open("Acme")
    second, other = desktop.open("Beta")
    command.trigger()
    assert other.isChecked()
    assert desktop.tray.shown == ["Acme is open.", "Beta is open."]
    second.close()
    assert desktop.windows.all == (first,)
    assert desktop.tray.shown == ["Acme is open."]

    first.showMaximized()
    dialog, closed = QDialog(first), QDialog(first)
    dialog.show()
    for _ in range(2):
        assert not first.close()
        assert not first.isVisible()
        assert not dialog.isVisible()
        desktop.tray.show_requested.emit()
        assert first.isVisible()
        qtbot.waitUntil(dialog.isVisible)
    assert first.isMaximized()
    assert not closed.isVisible()
    assert desktop.tray.notified == 1
    assert Desktop(qtbot, desktop.tray._theme, desktop.saved).presenter.is_on

    command.trigger()
    assert desktop.tray.shown == []
    first.close()
    assert not desktop.windows.all


def test_a_window_is_not_hidden_where_it_could_not_be_found_again(desktop: Desktop) -> None:
    """The tray may be gone: then it closes. What is switched on can be switched off there."""
    window, command = desktop.open("Acme")
    desktop.presenter.turn(on=True)
    desktop.tray.is_available = False
    QCoreApplication.sendEvent(window, QEvent(QEvent.Type.WindowActivate))
    assert command.isEnabled()

    window.close()
    assert desktop.windows.all == ()


@pytest.mark.parametrize("is_hidden", [True, False])
@pytest.mark.parametrize("end", ["menu", "command or signal", "session"])
def test_what_ends_the_program_closes_the_window(
    desktop: Desktop, end: str, is_hidden: bool
) -> None:
    """Quit, a signal and the end of the session; the icon vanishes with the last window."""
    window, _ = desktop.open("Acme")
    desktop.presenter.turn(on=True)
    if is_hidden:
        window.close()
    if end == "menu":
        desktop.tray.quit_requested.emit()
    elif end == "session":
        # Filters of the application see it as well, and the tests go on.
        QCoreApplication.sendEvent(desktop.windows, QEvent(QEvent.Type.Quit))
        window.close()
    else:
        desktop.windows.close_all()

    assert desktop.windows.all == ()
    assert desktop.tray.shown == []


def test_quit_during_a_pull_shows_the_window(
    desktop: Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The window says why it is still there, and closes then. On macOS the Dock shows it too."""
    window, _ = desktop.open("Acme")
    assert isinstance(window, Window)
    desktop.presenter.turn(on=True)
    monkeypatch.setattr(sys, "platform", "darwin")
    window.close()
    assert not window.isVisible()
    QCoreApplication.sendEvent(QApplication.instance(), QEvent(QEvent.Type.ApplicationActivate))
    assert window.isVisible()

    window.close()
    window.is_pulling = True
    desktop.tray.quit_requested.emit()
    assert window.isVisible()
    window.is_pulling = False
    window.close()
    assert desktop.windows.all == ()
