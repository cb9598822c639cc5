"""The controls above the list of requests: the filter on the left, the list on the right."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QWidget

from ibconsole.errors import Severity
from ibconsole.ui.toolkit import SPACE, Command, Theme, icon
from ibconsole.ui.widgets import ElidedLabel, IconButton, set_tone


class ActivityToolbar(QFrame):
    """The filter of the list and buttons for the pane's commands.

    `escaped` asks to leave the search field for the list.
    """

    text_changed = Signal(str)
    escaped = Signal()
    newest_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent, objectName="bar")
        self._theme = theme
        self.search = QLineEdit(placeholderText="Filter requests")
        self.only_failures = IconButton("circle-alert", "Only failures", theme, text="Failed")
        self.count = ElidedLabel()
        self.unseen = IconButton("chevron-up", "Show the newest", theme)
        self.codes = IconButton("eye", "Show application codes", theme)
        self.follow = IconButton("arrow-down-to-line", "Follow", theme, text="Follow")
        self.clear = IconButton("trash-2", "Clear the list", theme)
        self._search_action = self.search.addAction(
            icon("search", theme, Severity.MUTED), QLineEdit.ActionPosition.LeadingPosition
        )
        self._set_up()
        self._lay_out()
        self.search.textChanged.connect(self.text_changed)
        self.unseen.clicked.connect(self.newest_requested)
        theme.changed.connect(self._tint)

    def follow_commands(
        self, *, only_failures: Command, codes: Command, follow: Command, clear: Command
    ) -> None:
        """Connect the buttons to these commands."""
        for button, command in (
            (self.only_failures, only_failures),
            (self.codes, codes),
            (self.follow, follow),
            (self.clear, clear),
        ):
            button.follow(command)
            button.setCheckable(command.isCheckable())
            command.toggled.connect(button.setChecked)
        codes.toggled.connect(self._on_codes_toggled)

    def show_count(self, shown: int, total: int, dropped: int) -> None:
        """Show how many requests are listed, of how many, and how many older ones were dropped."""
        count_text = f"{shown:,}" if shown == total else f"{shown:,} of {total:,}"
        older = f", {dropped:,} older dropped" if dropped else ""
        self.count.setText(f"{count_text}{older}" if total or dropped else "")
        self.count.setAccessibleName(f"Requests listed: {count_text}{older}")

    def show_unseen(self, count: int) -> None:
        """Offer to scroll to the new rows above."""
        self.unseen.rename("Show the newest", text=f"{count:,} new")
        self.unseen.setVisible(count > 0)

    def _on_codes_toggled(self, shown: bool) -> None:
        self.codes.change_icon("eye-off" if shown else "eye")

    def _on_escape(self) -> None:
        self.search.clear()
        self.escaped.emit()

    def _tint(self) -> None:
        self._search_action.setIcon(icon("search", self._theme, Severity.MUTED))

    def _set_up(self) -> None:
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Filter requests")
        self.search.setToolTip("Path, connection, status or source (Ctrl+F)")
        self.search.setMinimumWidth(96)
        self.search.setMaximumWidth(280)
        escape = QShortcut(
            QKeySequence(Qt.Key.Key_Escape),
            self.search,
            context=Qt.ShortcutContext.WidgetShortcut,
        )
        escape.activated.connect(self._on_escape)
        set_tone(self.count, Severity.MUTED)
        self.count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.unseen.hide()

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        layout.setSpacing(2 * SPACE)
        layout.addWidget(self.search, 2)
        layout.addWidget(self.only_failures)
        layout.addWidget(self.count, 1)
        for button in (self.unseen, self.codes, self.follow, self.clear):
            layout.addWidget(button)
