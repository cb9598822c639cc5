"""Looks an application up by the code or ID that stands in a ticket."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from ibconsole.ui.toolkit import SPACE, Theme, mono_font
from ibconsole.ui.widgets import (
    Banner,
    Kind,
    ProgressLine,
    PushButton,
    fit_height,
    heading,
    paragraph,
)

_WIDTH = 520
_WHAT = "Paste the code as it stands in the ticket. What is listed already is found without asking."
# What a code is copied with: quotation marks, brackets, the name of its field.
_WRAPS = " \t\r\n\"'`<>()[]{},;“”«»"


class LookUpDialog(QDialog):
    """Asks its owner to look up; closes once something was found."""

    wanted = Signal(str, bool)
    stop_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Look up an application")
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._busy = False
        self.banner = Banner(theme)
        self.progress = ProgressLine(theme)
        self.code = QLineEdit(placeholderText="Application code")
        self.code.setAccessibleName("Application code or ID")
        self.code.setFont(mono_font())
        self.by_id = QCheckBox("Treat as application ID")
        self.cancel = PushButton("Cancel", theme)
        self.submit = PushButton("Look up", theme, kind=Kind.PRIMARY)
        self.submit.setDefault(True)
        self.code.textChanged.connect(self._offer)
        self.cancel.clicked.connect(self.reject)
        self.submit.clicked.connect(self._on_submit_clicked)
        self._lay_out()
        self._offer()
        self.code.setFocus()

    @property
    def text(self) -> str:
        """The code, without what it was copied with."""
        return self.code.text().strip(_WRAPS)

    def show_busy(self) -> None:
        """The platform was asked."""
        self._busy = True
        self.banner.clear()
        self.progress.set_busy(on=True)
        self._offer()

    def show_failed(self, sentence: str, details: str = "") -> None:
        """There is none, or the platform could not be asked."""
        self._rest()
        self.banner.show_notice("danger", sentence, details=details, closable=False)
        self.code.setFocus()
        self.code.selectAll()
        fit_height(self)

    def finish(self) -> None:
        """It was found."""
        self._rest()
        self.accept()

    def _rest(self) -> None:
        self._busy = False
        self.progress.set_busy(on=False)
        self._offer()

    def _offer(self) -> None:
        self.submit.setEnabled(bool(self.text) and not self._busy)

    def _on_submit_clicked(self) -> None:
        self.wanted.emit(self.text, self.by_id.isChecked())

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * SPACE)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.submit)
        column = QVBoxLayout()
        column.setContentsMargins(5 * SPACE, 4 * SPACE, 5 * SPACE, 4 * SPACE)
        column.setSpacing(2 * SPACE)
        column.addWidget(heading("Look up an application"))
        column.addWidget(paragraph(_WHAT, tone="muted"))
        column.addWidget(self.code)
        column.addWidget(self.by_id)
        column.addSpacing(2 * SPACE)
        column.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.banner)
        layout.addWidget(self.progress)
        layout.addLayout(column)
        self.resize(_WIDTH, self.sizeHint().height())

    # Qt's side

    def reject(self) -> None:
        if self._busy:
            self.stop_requested.emit()
        super().reject()
