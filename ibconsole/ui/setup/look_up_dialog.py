"""The dialog that looks an application up by a code or ID, as pasted from a ticket."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QLineEdit, QVBoxLayout, QWidget

from ibconsole.errors import Severity
from ibconsole.ui.toolkit import SPACE, Theme, mono_font
from ibconsole.ui.widgets import (
    Banner,
    ButtonKind,
    ProgressLine,
    PushButton,
    button_row,
    fit_height,
    heading,
    paragraph,
)

_WIDTH = 520
_EXPLANATION = (
    "Paste the code as it appears in the ticket. An application that is already listed is found"
    " without a request."
)
# Characters around a code that was copied from JSON or prose.
_SURROUNDING = " \t\r\n\"'`<>()[]{},;“”«»"


class LookUpDialog(QDialog):
    """Asks for a code or ID; stays open until its owner calls `finish`.

    `look_up_requested` carries the text, and whether it is an ID.
    """

    look_up_requested = Signal(str, bool)
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
        self.submit = PushButton("Look up", theme, kind=ButtonKind.PRIMARY)
        self.submit.setDefault(True)
        self.code.textChanged.connect(self._update_submit)
        self.banner.room_changed.connect(self._on_room_changed)
        self.cancel.clicked.connect(self.reject)
        self.submit.clicked.connect(self._on_submit_clicked)
        self._lay_out()
        self._update_submit()
        self.code.setFocus()

    @property
    def text(self) -> str:
        """The code or ID, without surrounding quotation marks and brackets."""
        return self.code.text().strip(_SURROUNDING)

    def show_busy(self) -> None:
        """Show that the request is in progress."""
        self._busy = True
        self.banner.clear()
        self.progress.set_busy(on=True)
        self._update_submit()

    def show_failed(self, sentence: str, details: str = "") -> None:
        """Show why no application was found; another code can be tried."""
        self._show_idle()
        self.banner.show_notice(Severity.DANGER, sentence, details=details, closable=False)
        self.code.setFocus()
        self.code.selectAll()

    def finish(self) -> None:
        """Close the dialog: the application was found."""
        self._show_idle()
        self.accept()

    def _on_room_changed(self) -> None:
        fit_height(self)

    def _show_idle(self) -> None:
        self._busy = False
        self.progress.set_busy(on=False)
        self._update_submit()

    def _update_submit(self) -> None:
        self.submit.setEnabled(bool(self.text) and not self._busy)

    def _on_submit_clicked(self) -> None:
        self.look_up_requested.emit(self.text, self.by_id.isChecked())

    def _lay_out(self) -> None:
        buttons = button_row(self.cancel, self.submit)
        column = QVBoxLayout()
        column.setContentsMargins(5 * SPACE, 4 * SPACE, 5 * SPACE, 4 * SPACE)
        column.setSpacing(2 * SPACE)
        column.addWidget(heading("Look up an application"))
        column.addWidget(paragraph(_EXPLANATION, tone=Severity.MUTED))
        column.addWidget(self.code)
        column.addWidget(self.by_id)
        column.addSpacing(2 * SPACE)
        column.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.progress)
        layout.addLayout(column)
        layout.addWidget(self.banner)  # below the buttons, which stay where they are
        layout.addStretch(1)
        self.resize(_WIDTH, self.sizeHint().height())

    # Qt's side

    def reject(self) -> None:
        if self._busy:
            self.stop_requested.emit()
        super().reject()
