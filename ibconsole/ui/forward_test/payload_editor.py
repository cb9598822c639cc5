"""The editor of the payload of a forward test, which sends what was not edited byte for byte."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from ibconsole.services.forward_test import SAMPLE
from ibconsole.services.request_log import mask_body_codes
from ibconsole.ui.toolkit import SPACE, Theme, mono_font
from ibconsole.ui.viewers import JsonHighlighter, format_json
from ibconsole.ui.widgets import IconButton, muted


class PayloadEditor(QWidget):
    """A payload, indented to be read, and a description of its origin.

    The application codes of a received message are masked until the user asks to see them, and
    can be edited only then; they are sent in any case.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = ""
        self._original = b""
        self.editor = QPlainTextEdit()
        self.highlighter = JsonHighlighter(self.editor.document(), theme)
        self.sample = IconButton("file-text", "Use the documented sample", theme, text="Sample")
        self.reveal = IconButton("eye", "Show codes to edit", theme, text="Show codes")
        self.description = muted("")
        self._set_up()
        self._lay_out()
        self.editor.textChanged.connect(self._on_edited)
        self.reveal.clicked.connect(self._on_reveal_clicked)
        self.use_sample()

    @property
    def body(self) -> bytes:
        """The bytes to be posted: the original ones, unless the user edited the payload."""
        text = self.editor.toPlainText()
        return self._original if text == self._shown else text.encode()

    def use_sample(self) -> None:
        """Use the documented sample as the payload."""
        self._show(SAMPLE, SAMPLE)
        self.description.setText("The documented sample")

    def show_payload(self, payload: bytes, description: str) -> None:
        """Use this payload, shown indented, with a description of its origin."""
        self._show(payload, mask_body_codes(payload))
        self.description.setText(description)

    def _show(self, payload: bytes, shown: bytes) -> None:
        masked = shown != payload
        self.reveal.setVisible(masked)
        self.editor.setReadOnly(masked)
        self.editor.setPlainText(format_json(shown).text)
        self._original, self._shown = payload, self.editor.toPlainText()

    def _on_reveal_clicked(self) -> None:
        self._show(self._original, self._original)
        self.editor.setFocus()

    def _on_edited(self) -> None:
        if self.editor.hasFocus():
            self.description.setText("Edited")

    def _set_up(self) -> None:
        self.editor.setAccessibleName("Payload")
        self.editor.setFont(mono_font())
        self.editor.setFrameShape(QFrame.Shape.NoFrame)
        self.editor.setTabChangesFocus(True)
        self.editor.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.description.setAccessibleName("Source of the payload")

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        head.setSpacing(2 * SPACE)
        head.addWidget(muted("Payload"))
        head.addWidget(self.description, 1)
        head.addWidget(self.reveal)
        head.addWidget(self.sample)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.editor, 1)
