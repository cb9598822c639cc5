"""The dialog "Error log": a list of failures, and the selected one in detail."""

from collections.abc import Sequence
from datetime import tzinfo

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QVBoxLayout, QWidget

from ibconsole.ui.shell.failure_log import Failure, FailureLog
from ibconsole.ui.tables import Column, RecordsModel, RecordsTable
from ibconsole.ui.toolkit import SPACE, Theme, copy_to_clipboard, mono_font, times
from ibconsole.ui.widgets import PushButton, button_row, heading

_SIZE = (760, 440)


class FailuresDialog(QDialog):
    """Shows the failure log, and follows it while the dialog is open."""

    def __init__(
        self, log: FailureLog, theme: Theme, zone: tzinfo | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Error log")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*_SIZE)
        self._log = log
        self.table = RecordsTable(
            RecordsModel(_columns(zone), lambda failure: failure.id, self), stretch=1
        )
        self.table.setAccessibleName("Error log")
        self.table.set_widths(148, 0, 180, by_content=True)
        self.table.placeholder = "Nothing has failed since the program was started."
        self.details = QPlainTextEdit(readOnly=True)
        self.details.setAccessibleName("Details of the selected failure")
        self.details.setFont(mono_font())
        self.details.setProperty("field", "true")
        self.details.setTabChangesFocus(True)
        self.copy = PushButton("Copy all", theme)
        self.clear = PushButton("Clear", theme)
        self.close_button = PushButton("Close", theme)
        self.table.record_selected.connect(self._on_record_selected)
        self.copy.clicked.connect(self._on_copy_clicked)
        self.clear.clicked.connect(log.clear)
        self.close_button.clicked.connect(self.reject)
        self.close_button.setDefault(True)
        log.changed.connect(self._show)
        self._lay_out()
        self._show()

    def _show(self) -> None:
        failures = self._log.failures
        self.table.show_records(failures)
        if failures and self.table.selected_record is None:
            self.table.select_records(failures[0].id)
            self._on_record_selected()
        for button in (self.copy, self.clear):
            button.setEnabled(bool(failures))

    def _on_record_selected(self) -> None:
        failure = self.table.selected_record
        text = "\n\n".join(filter(None, (failure.sentence, failure.details))) if failure else ""
        self.details.setPlainText(text)

    def _on_copy_clicked(self) -> None:
        copy_to_clipboard("\n\n".join(map(describe, self._log.failures)))

    def _lay_out(self) -> None:
        buttons = button_row(self.close_button, at_start=(self.copy, self.clear))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * SPACE, 4 * SPACE, 5 * SPACE, 4 * SPACE)
        layout.setSpacing(3 * SPACE)
        layout.addWidget(heading("Error log"))
        layout.addWidget(self.table, 2)
        layout.addWidget(self.details, 1)
        layout.addLayout(buttons)


def describe(failure: Failure) -> str:
    """Return a failure as text, with its time in ISO 8601."""
    lines = (f"{times.iso(failure.at)} {failure.task}", failure.sentence, failure.details)
    return "\n".join(filter(None, lines))


def _columns(zone: tzinfo | None) -> Sequence[Column[Failure]]:
    return (
        Column(
            "When",
            lambda failure: times.column_time(failure.at, zone),
            sort_key=lambda failure: -failure.id,
            tooltip=lambda failure: times.iso(failure.at),
        ),
        Column("Error", lambda failure: failure.sentence.partition("\n")[0]),
        Column("Task", lambda failure: failure.task),
    )
