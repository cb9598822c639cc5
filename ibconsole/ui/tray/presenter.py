"""Keeps the last window behind an icon in the tray in place of closing it, if the user wants that.

The window is hidden and nothing else: its connection, its listener, its watch and its automatic
pull go on, and it comes back as it was.
"""

import sys
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer
from PySide6.QtWidgets import QDialog, QWidget
from shiboken6 import isValid

from ibconsole.ui.toolkit import Command, Group, StatusText
from ibconsole.ui.tray.system_tray import SystemTray
from ibconsole.ui.windows import OpenWindows

_CHOICE, _SAID = "keep_in_tray", "said_kept_in_tray"
_NO_TRAY = (
    "This desktop has no tray (notification area) that ibconsole could stay in. GNOME has one with"
    " an extension, such as AppIndicator Support."
)
_AGES_MS = 5000  # between two looks at what grows old
_TITLE = "ibconsole stays in the tray"
_TEXT = (
    "Its connection and its listener go on as before. A click on the icon brings the window back,"
    " and Quit in its menu ends ibconsole."
)

_EVENTS = frozenset(
    {
        QEvent.Type.Close,
        QEvent.Type.Show,
        QEvent.Type.WindowActivate,
        QEvent.Type.Quit,
        QEvent.Type.ApplicationActivate,
    }
)

Describe = Callable[[], Sequence[StatusText]]


class SavedNumbers(Protocol):
    """Numbers that are remembered for the next start."""

    def number(self, name: str, default: int) -> int: ...
    def set_number(self, name: str, number: int) -> None: ...


class _Followed(msgspec.Struct, frozen=True):
    """The states of a window's sources, and its command."""

    describe: Describe
    command: Command


class TrayPresenter(QObject):
    """Shows the states of all windows in the tray, and hides the last one instead of closing it.

    Only while the user has switched it on and the desktop has a tray: a hidden window could not be
    found again otherwise. What ends the program as a whole (Quit, a signal, the end of the session)
    closes a hidden window as well.
    """

    def __init__(
        self,
        tray: SystemTray,
        windows: OpenWindows,
        saved: SavedNumbers,
        bring_to_front: Callable[[QWidget], object],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._tray = tray
        self._windows = windows
        self._saved = saved
        self._bring_to_front = bring_to_front
        self._followed: dict[QWidget, _Followed] = {}
        self._hidden: QWidget | None = None
        self._hidden_dialogs: list[QDialog] = []
        self._is_ending = False
        self._ages = QTimer(self, interval=_AGES_MS)
        self._ages.timeout.connect(self.update)
        tray.show_requested.connect(self.show_window)
        tray.quit_requested.connect(self._on_quit)
        self.is_on = bool(saved.number(_CHOICE, 0))

    def add(self, window: QWidget, describe: Describe) -> Command:
        """Follow a window from now on, and return its command that switches the tray.

        `describe` returns the states of its sources as they are now.
        """
        command = Command("Keep in the tray", Group.VIEW, self._on_chosen, parent=window)
        command.setCheckable(True)
        self._followed[window] = _Followed(describe, command)
        window.installEventFilter(self)
        self._apply()
        return command

    def remove(self, window: QWidget) -> None:
        """Forget a window that is closed; the icon vanishes with the last one."""
        if self._followed.pop(window, None):
            window.removeEventFilter(self)
        if window is self._hidden:
            self._hidden, self._hidden_dialogs = None, []
        self._apply()

    def turn(self, *, on: bool) -> None:
        """Switch it on or off, for the next start too."""
        self.is_on = on
        self._saved.set_number(_CHOICE, int(on))
        self._apply()

    def update(self) -> None:
        """Show the states of the sources as they are now."""
        if self._is_shown:
            self._tray.show_states(
                [state for one in self._followed.values() for state in one.describe()]
            )

    def show_window(self) -> None:
        """Bring the window that was used last to the front, as it was."""
        if window := self._windows.front:
            self._bring_to_front(window)

    @property
    def _is_shown(self) -> bool:
        return self.is_on and bool(self._followed)

    def _apply(self) -> None:
        self._update_commands()
        app = QCoreApplication.instance()
        assert app, "there are windows"  # noqa: S101
        app.removeEventFilter(self)
        if self._is_shown:
            app.installEventFilter(self)
            self._ages.start()
            self.update()
        else:
            self._ages.stop()
            self._tray.hide()

    def _update_commands(self) -> None:
        # What is on can always be switched off.
        reason = "" if self.is_on or self._tray.is_available else _NO_TRAY
        for one in self._followed.values():
            one.command.setChecked(self.is_on)
            one.command.set_disabled_reason(reason)

    def _keeps(self, window: QWidget) -> bool:
        """Return whether this window is hidden in place of closing it."""
        return (
            self._is_shown
            and not self._is_ending
            and not self._windows.is_quitting
            and self._windows.all == (window,)
            and self._tray.is_available
        )

    def _hide(self, window: QWidget) -> None:
        self._windows.save_layout()
        dialogs = window.findChildren(QDialog)
        self._hidden_dialogs = [one for one in dialogs if one.isWindow() and one.isVisible()]
        for one in (*self._hidden_dialogs, window):
            one.hide()
        self._hidden = window
        if not self._saved.number(_SAID, 0) and self._tray.notify(_TITLE, _TEXT):
            self._saved.set_number(_SAID, 1)

    def _bring_back_dialogs(self) -> None:
        """Show the dialogs again that were open over the window."""
        self._hidden, dialogs = None, self._hidden_dialogs
        self._hidden_dialogs = []
        for one in dialogs:
            if isValid(one):  # type: ignore[no-untyped-call]  # it has no annotations
                one.show()

    def _on_chosen(self) -> None:
        self.turn(on=not self.is_on)

    def _on_quit(self) -> None:
        self._windows.close_all()
        if self._windows.all:  # one that pulls closes after that, and says so
            self.show_window()

    # Qt's side

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind not in _EVENTS:  # as nearly all of the application: 5 µs
            return False
        match kind:
            case QEvent.Type.Close if watched in self._followed:
                [window] = (one for one in self._followed if one is watched)
                if self._keeps(window):
                    event.ignore()
                    self._hide(window)
                    return True
            case QEvent.Type.Show if watched is self._hidden:
                QTimer.singleShot(0, self._bring_back_dialogs)  # over the window, once it is there
            case QEvent.Type.WindowActivate if watched in self._followed:
                self._update_commands()  # a tray may come and go with the panel of the desktop
            case QEvent.Type.Quit:  # of the desktop, before Qt closes all windows
                self._is_ending = True
            case QEvent.Type.ApplicationActivate if self._hidden and sys.platform == "darwin":
                self.show_window()  # by a click on the Dock
        return False
