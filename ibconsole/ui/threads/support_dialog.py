"""The dialog that shows the text for Infobip's support before it is copied, with its choices."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity
from ibconsole.services.evidence.support import SupportChoices
from ibconsole.ui.toolkit import SPACE, CodeDisplay, Theme, mono_font
from ibconsole.ui.widgets import ButtonKind, PushButton, button_row, heading, paragraph

_SIZE = (640, 480)
_WARNING = (
    "An application code is also the mobile SDK's credential: who has it can act as the"
    " application. Write it only to someone who needs it."
)


class SupportDialog(QDialog):
    """Shows the text as it will be copied. Codes and texts are left out until they are chosen.

    `write` returns the text of some choices; it is quick. `accepted` says that it is to be copied.
    """

    def __init__(
        self,
        write: Callable[[SupportChoices], str],
        theme: Theme,
        codes: CodeDisplay,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._write = write
        self.setWindowTitle("Copy for Infobip support")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*_SIZE)
        self.with_codes = QCheckBox("With application codes")
        self.with_texts = QCheckBox("With the texts of messages")
        self.warning = paragraph(_WARNING, tone=Severity.WARNING)
        self.preview = QPlainTextEdit(readOnly=True)
        self.copy = PushButton("Copy", theme, kind=ButtonKind.PRIMARY)
        self.cancel = PushButton("Cancel", theme)
        self._lay_out()
        if codes.why_masked:
            self.with_codes.setEnabled(False)
            self.with_codes.setToolTip(codes.why_masked)
        for box in (self.with_codes, self.with_texts):
            box.toggled.connect(self._show_text)
        self.copy.clicked.connect(self.accept)
        self.cancel.clicked.connect(self.reject)
        self.copy.setDefault(True)
        self._show_text()

    @property
    def text(self) -> str:
        """The text as it is shown."""
        return self.preview.toPlainText()

    def _show_text(self) -> None:
        codes, texts = self.with_codes.isChecked(), self.with_texts.isChecked()
        self.warning.setVisible(codes)
        self.copy.setText("Copy with codes" if codes else "Copy")
        self.preview.setPlainText(self._write(SupportChoices(with_codes=codes, with_texts=texts)))

    def _lay_out(self) -> None:
        self.preview.setAccessibleName("The text that is copied")
        self.preview.setFont(mono_font())
        buttons = button_row(self.cancel, self.copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * SPACE, 4 * SPACE, 5 * SPACE, 4 * SPACE)
        layout.setSpacing(2 * SPACE)
        layout.addWidget(heading("Copy for Infobip support"))
        layout.addWidget(self.with_codes)
        layout.addWidget(self.with_texts)
        layout.addWidget(self.warning)
        layout.addWidget(self.preview, 1)
        layout.addLayout(buttons)
