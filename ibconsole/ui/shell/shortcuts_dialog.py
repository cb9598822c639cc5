"""The dialog that lists the keyboard shortcuts of all commands."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QMainWindow,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity
from ibconsole.ui.tables import Column, RecordsModel, RecordsTable
from ibconsole.ui.toolkit import SPACE, Command, Theme
from ibconsole.ui.widgets import PushButton, heading, paragraph

_SIZE = (560, 560)
_GENERAL_KEYS = (
    "Tab moves to the next control, F6 to the next pane. Alt with the first letter of a menu opens"
    " it; in it, the first letter of a command selects the command. In every list, Ctrl+C copies"
    " the row, the Menu key opens its menu, and Del deletes what can be deleted, after a question."
)


def place_of(command: Command) -> str:
    """Return where the shortcut works: anywhere in the window, or in a pane or list."""
    if not command.shortcut_text():
        return f"{command.group.value} menu"
    widgets = [one for one in command.associatedObjects() if isinstance(one, QWidget)]
    if any(isinstance(one, QMainWindow) for one in widgets):
        return "Whole window"
    owners = [one for one in widgets if not isinstance(one, QMenu)]
    outermost = [
        one
        for one in owners
        if not any(other.isAncestorOf(one) for other in owners if other != one)
    ]
    return ", ".join(filter(None, map(_name_of, outermost))) or command.group.value


def _name_of(widget: QWidget) -> str:
    name = widget.accessibleName()
    return f"List “{name}”" if isinstance(widget, QAbstractItemView) else name


COLUMNS: Sequence[Column[Command]] = (
    Column("Command", lambda command: command.name.removesuffix("…")),
    Column("Shortcut", lambda command: command.shortcut_text()),
    Column("Works in", place_of),
)


class ShortcutsDialog(QDialog):
    """Lists commands with a shortcut first, then those without, and filters them."""

    def __init__(
        self, commands: Sequence[Command], theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*_SIZE)
        self.search = QLineEdit(placeholderText="Filter by command or shortcut")
        self.search.setAccessibleName("Filter shortcuts")
        self.search.setClearButtonEnabled(True)
        self.table = RecordsTable(
            RecordsModel(COLUMNS, id, self, search=_searchable_text), stretch=0, preferred_width=200
        )
        self.table.setAccessibleName("Keyboard shortcuts")
        self.table.setSortingEnabled(False)
        self.table.model().sort(-1)  # keeps the order of the records
        self.table.set_widths(0, 120, 200)
        self.table.placeholder = "No matching command."
        self.close_button = PushButton("Close", theme)
        self.close_button.clicked.connect(self.reject)
        self.close_button.setDefault(True)
        self.search.textChanged.connect(lambda text: self.table.filter(text.strip()))
        self._lay_out()
        self.table.show_records(sorted(commands, key=lambda one: not one.shortcut_text()))

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * SPACE, 4 * SPACE, 5 * SPACE, 4 * SPACE)
        layout.setSpacing(2 * SPACE)
        layout.addWidget(heading("Keyboard shortcuts"))
        layout.addWidget(paragraph(_GENERAL_KEYS, tone=Severity.MUTED))
        layout.addWidget(self.search)
        layout.addWidget(self.table, 1)
        layout.addLayout(buttons)


def _searchable_text(command: Command) -> str:
    return f"{command.name}\n{command.shortcut_text()}\n{place_of(command)}"
