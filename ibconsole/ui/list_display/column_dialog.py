"""The dialog of a column from a JSON path: its name and path, with the values that it shows."""

from collections.abc import Sequence

from PySide6.QtCore import QStringListModel, Qt, QTimer, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QCompleter,
    QDialog,
    QFormLayout,
    QLineEdit,
    QListView,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity, UserError
from ibconsole.services.connections import JsonColumn
from ibconsole.ui.messages import FilterField
from ibconsole.ui.toolkit import SPACE, Theme, mono_font
from ibconsole.ui.widgets import ButtonKind, PushButton, button_row, heading, paragraph, set_tone

_WIDTH = 560
_TYPING_MS = 150
_PATH = (
    "A path into the message as the platform sent it, as in the filter json: (RFC 9535).\n"
    "Down shows the paths of the selected message."
)
_EXPLANATION = (
    "Every message gets a cell with the value at this path. The column is kept for this connection,"
    " and can be exported to CSV and Excel."
)


class ColumnDialog(QDialog):
    """Asks for the name and the path of a column; a name that was not typed follows the path.

    `changed` is emitted when the column is to be checked and its values shown, `chosen` when it is
    to be kept: the receiver closes the dialog, or shows a problem.
    """

    changed = Signal(JsonColumn)
    chosen = Signal(JsonColumn)

    def __init__(
        self, column: JsonColumn | None, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        is_named = bool(column and column.name)
        title = "Edit the column" if is_named else "Add a column from a JSON path"
        self.setWindowTitle(title)
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._title = title
        self._theme = theme
        self._is_named = is_named
        self.path = FilterField("Path", _PATH)
        self.name = QLineEdit(maxLength=40)
        self.preview = paragraph(tone=Severity.MUTED)
        self.keep = PushButton("Save" if is_named else "Add column", theme, kind=ButtonKind.PRIMARY)
        self.cancel = PushButton("Cancel", theme)
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._paths = QStringListModel(self)
        self._completer = QCompleter(self._paths, self)
        self._set_up(column)
        self._lay_out()
        self._connect()
        self.show_problem(None)
        if self.path.text():
            self._typing.start()

    @property
    def column(self) -> JsonColumn:
        """The column as it is typed."""
        return JsonColumn(self.name.text().strip(), self.path.text().strip())

    def offer(self, paths: Sequence[str]) -> None:
        """Offer these paths, those of the selected message."""
        self._paths.setStringList(list(paths))

    def suggest(self, name: str) -> None:
        """Name the column so, unless the user has named it."""
        if not self._is_named:
            self.name.setText(name)

    def show_preview(self, sentence: str) -> None:
        """Show what the column would show."""
        self.show_problem(None)
        self.preview.setText(sentence)

    def show_problem(self, error: UserError | None) -> None:
        """Show why this is no column, with the character of the path if it is that."""
        position = getattr(error, "position", None)
        self.path.mark_error(position, QColor(self._theme.colours.danger))
        set_tone(self.preview, Severity.DANGER if error else Severity.MUTED)
        self.preview.setText(str(error or ""))
        self.keep.setEnabled(not error and bool(self.path.text().strip()))

    def _set_up(self, column: JsonColumn | None) -> None:
        self.path.setPlaceholderText("$.customPayload.order")
        self.path.setFont(mono_font())
        self.name.setAccessibleName("Name of the column")
        self.preview.setAccessibleName("Values")
        self._completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        popup = QListView(objectName="completions", uniformItemSizes=True)
        popup.setAccessibleName("Paths of the selected message")
        self._completer.setPopup(popup)
        # Of the field, to have the window's style sheet; the completer made it a window alone.
        popup.setParent(self.path, Qt.WindowType.Popup)
        self.path.setCompleter(self._completer)
        self.keep.setDefault(True)
        if column:
            self.path.setText(column.path)
            self.name.setText(column.name)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(3 * SPACE)
        form.setVerticalSpacing(2 * SPACE)
        form.addRow("&Path", self.path)
        form.addRow("&Name", self.name)
        buttons = button_row(self.cancel, self.keep)
        self.preview.setMinimumHeight(3 * self.preview.fontMetrics().lineSpacing())
        self.preview.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * SPACE, 5 * SPACE, 5 * SPACE, 4 * SPACE)
        layout.setSpacing(3 * SPACE)
        layout.addWidget(heading(self._title))
        layout.addWidget(paragraph(_EXPLANATION))
        layout.addLayout(form)
        layout.addWidget(self.preview)
        layout.addStretch(1)
        layout.addLayout(buttons)
        self.setMinimumWidth(_WIDTH)
        self.path.setFocus()

    def _connect(self) -> None:
        self.path.textChanged.connect(self._on_typed)
        self.path.list_requested.connect(self._on_list_requested)
        self.name.textEdited.connect(self._on_name_edited)
        self.name.textChanged.connect(self._on_typed)
        self._typing.timeout.connect(self._on_paused)
        self.keep.clicked.connect(self._on_keep)
        self.cancel.clicked.connect(self.reject)
        self.finished.connect(self._typing.stop)

    def _on_typed(self) -> None:
        self.path.mark_error(None)
        self.keep.setEnabled(bool(self.path.text().strip()))
        self._typing.start()

    def _on_paused(self) -> None:
        if self.path.text().strip():
            self.changed.emit(self.column)
        else:
            self.show_preview("")

    def _on_name_edited(self, text: str) -> None:
        self._is_named = bool(text.strip())

    def _on_list_requested(self) -> None:
        self._completer.setCompletionPrefix(self.path.text())
        self._completer.complete()

    def _on_keep(self) -> None:
        self._typing.stop()
        self.chosen.emit(self.column)
