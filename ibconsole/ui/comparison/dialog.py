"""The dialog that shows two bodies next to each other: two messages, requests or answers."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from ibconsole.errors import Severity, UserError
from ibconsole.services.comparison import (
    ComparedBy,
    ComparedValue,
    RowComparison,
    Side,
    clip_pair,
)
from ibconsole.services.comparison import describe_comparison as describe
from ibconsole.ui.comparison.view import ComparisonView
from ibconsole.ui.toolkit import SPACE, Theme, copy_to_clipboard
from ibconsole.ui.viewers import JsonView, format_json, format_plain
from ibconsole.ui.widgets import (
    ElidedLabel,
    ProgressLine,
    PushButton,
    Splitter,
    button_row,
    heading,
)

_SIZE = (980, 620)
_WIDTHS = (116, 220, 260, 0)
_TABLE, _VALUES = 400, 160  # pixels
_LONGEST = 50_000  # characters of a value; the rest stays around what differs
_LOADING = "Comparing…"
_NOTHING = "Nothing is compared."


class BodyComparisonDialog(QDialog):
    """Shows a comparison of two bodies, and the selected value of both, whole.

    `refresh_requested` is emitted when the user wants both to be read again.
    """

    refresh_requested = Signal()

    def __init__(
        self, theme: Theme, title: str, names: tuple[str, str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*_SIZE)
        self.names = names
        self.progress = ProgressLine(theme)
        self.view = ComparisonView(theme, widths=_WIDTHS, group="Place", has_names=False)
        self.sides = tuple(JsonView(theme, f"The selected value of {name}") for name in names)
        self.copy = PushButton("Copy as text", theme)
        self.refresh = PushButton("Read again", theme)
        self.close_button = PushButton("Close", theme)
        self._lay_out(title)
        self.view.row_selected.connect(self._on_row_selected)
        self.copy.clicked.connect(lambda: copy_to_clipboard(self.view.as_text(*names)))
        self.refresh.clicked.connect(self.refresh_requested)
        self.close_button.clicked.connect(self.reject)
        self.close_button.setDefault(True)
        self.copy.setEnabled(False)

    def show_loading(self) -> None:
        """Show that both are being read; the former comparison stays, as long as it is."""
        self.progress.set_busy(on=True)
        self.view.banner.clear()
        if self.view.comparison is None:
            self.view.show_comparison(None, _LOADING, "")

    def show_comparison(self, comparison: RowComparison | None) -> None:
        """Show a comparison, with the first difference selected; None for nothing."""
        self.progress.set_busy(on=False)
        self.copy.setEnabled(comparison is not None)
        if comparison is None:
            self.view.show_comparison(None, "", _NOTHING)
            return
        self.view.show_comparison(comparison, describe(comparison), "Nothing differs.")
        sides = (row.side for row in comparison.rows)
        first = next((place for place, one in enumerate(sides) if one is not Side.EQUAL), 0)
        if comparison.rows:
            self.view.table.select_records(first)
            self._on_row_selected(comparison.rows[first])
        self.view.table.setFocus()

    def show_failed(self, error: UserError) -> None:
        """Show why there is nothing to compare."""
        self.show_comparison(None)
        self.view.banner.show_notice(Severity.DANGER, str(error), details=error.details)

    def _on_row_selected(self, row: object) -> None:
        comparison = self.view.comparison
        by_values = comparison is not None and comparison.by is ComparedBy.VALUES
        texts = ("", "")
        if isinstance(row, ComparedValue):
            texts = clip_pair(row.left, row.right, _LONGEST)
        for view, text in zip(self.sides, texts, strict=True):
            data = text.encode(errors="replace")
            is_container = by_values and text.startswith(("{", "["))
            view.show_text(format_json(data) if is_container else format_plain(data))

    def _values(self) -> QWidget:
        values = QWidget()
        sides = QHBoxLayout(values)
        sides.setContentsMargins(0, 0, 0, 0)
        sides.setSpacing(2 * SPACE)
        for view, name in zip(self.sides, self.names, strict=True):
            view.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
            side = QVBoxLayout()
            side.setSpacing(SPACE)
            label = ElidedLabel()
            label.setText(name)
            side.addWidget(label)
            side.addWidget(view, 1)
            sides.addLayout(side, 1)
        return values

    def _lay_out(self, title: str) -> None:
        self.splitter = Splitter(Qt.Orientation.Vertical)
        self.splitter.addWidget(self.view)
        self.splitter.addWidget(self._values())
        self.splitter.setSizes([_TABLE, _VALUES])
        buttons = button_row(self.close_button, at_start=(self.copy, self.refresh))
        content = QVBoxLayout()
        content.setContentsMargins(5 * SPACE, 4 * SPACE, 5 * SPACE, 4 * SPACE)
        content.setSpacing(2 * SPACE)
        content.addWidget(heading(title))
        content.addWidget(self.splitter, 1)
        content.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.progress)
        layout.addLayout(content, 1)
