"""Commands: one object for each action of the user, wherever it is offered.

A pane creates its commands and returns them as `commands`; menus, buttons and the palette
follow the same object, so that its name, its shortcut and the reason why it is disabled are
the same everywhere.
"""

from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from ibconsole.ui.toolkit.text import plain_tooltip

Shortcut = QKeySequence | QKeySequence.StandardKey | str


# Runs a command, after the user has unlocked what it needs if that is necessary.
Permit = Callable[[Callable[[], object]], None]


def run_at_once(command: Callable[[], object]) -> None:
    """Run a command where nothing is locked."""
    command()


class Group(StrEnum):
    """The group of a command: its menu, and its heading in the palette and in the shortcuts."""

    CONNECTION = "Connection"
    SETUP = "Setup"
    MESSAGES = "Messages"
    LISTENER = "Listener"
    FORWARD_TEST = "Forward test"
    REDELIVERY = "Redelivery"
    ACTIVITY = "Activity"
    EVIDENCE = "Evidence"
    VIEW = "View"
    HELP = "Help"


class Command(QAction):
    """An action of the user: its name, its shortcut, and the reason if it is disabled.

    A name that ends in `…` opens a dialog before anything happens.
    """

    def __init__(
        self,
        name: str,
        group: Group,
        run: Callable[[], object],
        *,
        shortcut: Shortcut = "",
        icon_name: str = "",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(name, parent)
        self.group = group
        self.icon_name = icon_name
        self.disabled_reason = ""
        self._run = run
        if shortcut:
            self.setShortcut(QKeySequence(shortcut))
        self.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.triggered.connect(self._on_triggered)
        self._update_tooltip()

    @property
    def name(self) -> str:
        """The name, as menus and the palette show it."""
        return self.text()

    def rename(self, name: str) -> None:
        """Change the name."""
        self.setText(name)
        self._update_tooltip()

    def set_disabled_reason(self, reason: str = "") -> None:
        """Disable the command, with a sentence why; enable it if the reason is empty."""
        if reason == self.disabled_reason:
            return
        self.disabled_reason = reason
        self.setEnabled(not reason)
        self._update_tooltip()

    def shortcut_text(self) -> str:
        """Return the shortcut as this system writes it; empty if there is none."""
        return self.shortcut().toString(QKeySequence.SequenceFormat.NativeText)

    def add_to(self, widget: QWidget) -> "Command":
        """Make the shortcut work within this widget; return the command itself."""
        widget.addAction(self)
        return self

    def _on_triggered(self) -> None:
        self._run()

    def _update_tooltip(self) -> None:
        keys = self.shortcut_text()
        title = f"{self.text()} ({keys})" if keys else self.text()
        self.setToolTip(plain_tooltip("\n".join(filter(None, (title, self.disabled_reason)))))
