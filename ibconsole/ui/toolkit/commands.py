"""What the user can do: every command is one object, wherever it is offered.

A pane makes its commands and hands them out as `commands`; menus, buttons and the palette
follow the same object, so name, shortcut and the reason why not are said alike everywhere.
"""

from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from ibconsole.ui.toolkit.text import plain_tooltip

Shortcut = QKeySequence | QKeySequence.StandardKey | str


class Group(StrEnum):
    """Where a command stands in the menus, in the palette and in the list of shortcuts."""

    CONNECTION = "Connection"
    SETUP = "Setup"
    MESSAGES = "Messages"
    LISTENER = "Listener"
    FORWARD_TEST = "Forward test"
    ACTIVITY = "Activity"
    VIEW = "View"
    HELP = "Help"


class Command(QAction):
    """Something that can be done: its name, its shortcut, whether now, and if not, why not.

    A name that ends in `…` asks something before anything happens. `allowed_changed` tells
    that the answer to whether it can be done now may have changed.
    """

    allowed_changed = Signal()

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
        self.why_not = ""
        self._run = run
        if shortcut:
            self.setShortcut(QKeySequence(shortcut))
        self.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.triggered.connect(self._on_triggered)
        self._explain()

    @property
    def name(self) -> str:
        """What it does, as menus and the palette say it."""
        return self.text()

    def rename(self, name: str) -> None:
        """Say something else from now on."""
        self.setText(name)
        self._explain()

    def allow(self, why_not: str = "") -> None:
        """Offer it; or say in a sentence why it cannot be done now."""
        if why_not == self.why_not:
            return
        self.why_not = why_not
        self.setEnabled(not why_not)
        self._explain()
        self.allowed_changed.emit()

    def shortcut_text(self) -> str:
        """The shortcut as this system writes it; empty if there is none."""
        return self.shortcut().toString(QKeySequence.SequenceFormat.NativeText)

    def reach(self, widget: QWidget) -> "Command":
        """Let the shortcut work within this widget."""
        widget.addAction(self)
        return self

    def _on_triggered(self) -> None:
        self._run()

    def _explain(self) -> None:
        keys = self.shortcut_text()
        words = f"{self.text()} ({keys})" if keys else self.text()
        self.setToolTip(plain_tooltip("\n".join(filter(None, (words, self.why_not)))))
