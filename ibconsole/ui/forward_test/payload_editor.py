"""The editor of the payload of a forward test, which sends what was not edited byte for byte."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QPlainTextEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ibconsole.services.forward_test import DESCRIPTIONS, SAMPLE, PayloadVariant, payload_of
from ibconsole.services.request_log import mask_body_codes
from ibconsole.ui.toolkit import SPACE, CodeDisplay, Theme, mono_font
from ibconsole.ui.viewers import JsonHighlighter, format_json
from ibconsole.ui.widgets import IconButton, muted


class PayloadEditor(QWidget):
    """A payload, indented to be read, and a description of its origin.

    The application codes of a received message are masked until the user asks to see them, and
    can be edited only then; they are sent in any case. A payload that is too large to be shown
    as a whole cannot be edited. Where a policy masks codes, they are neither shown nor sent.
    """

    last_message_requested = Signal()

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, codes: CodeDisplay | None = None
    ) -> None:
        super().__init__(parent)
        self._codes = codes or CodeDisplay(self)
        self._shown = ""
        self._original = b""
        self._is_received = False
        self.editor = QPlainTextEdit()
        self.highlighter = JsonHighlighter(self.editor.document(), theme)
        self.sample = IconButton("file-text", "Use the documented sample", theme, text="Sample")
        self.variants = IconButton("layers", "Choose a payload", theme, text="Variants")
        self.reveal = IconButton("eye", "Show codes to edit", theme, text="Show codes")
        self.description = muted("")
        self._set_up()
        self._lay_out()
        self.editor.textChanged.connect(self._on_edited)
        self.reveal.clicked.connect(self._on_reveal_clicked)
        self._codes.changed.connect(self._follow_policy)
        self._follow_policy()
        self.use_sample()

    @property
    def body(self) -> bytes:
        """The bytes to be posted: the original ones, unless the user edited the payload."""
        text = self.editor.toPlainText()
        return self._original if text == self._shown else text.encode()

    def use_sample(self) -> None:
        """Use the documented sample as the payload."""
        self._is_received = False
        self._show(SAMPLE, SAMPLE)
        self.description.setText("The documented sample")

    def show_payload(self, payload: bytes, description: str) -> None:
        """Use this payload, shown indented, with a description of its origin."""
        self._is_received = True
        payload = self._codes.body(payload)
        self._show(payload, mask_body_codes(payload))
        masked = self._codes.why_masked
        self.description.setText(f"{description}, codes masked" if masked else description)
        self.description.setToolTip(masked)

    def use_variant(self, variant: PayloadVariant) -> None:
        """Use a payload that is made up, or ask for the last message of the archive."""
        if variant is PayloadVariant.LAST:
            self.last_message_requested.emit()
            return
        self._is_received = False
        payload = payload_of(variant)
        self._show(payload, payload)
        self.description.setText(DESCRIPTIONS[variant])

    def _show(self, payload: bytes, shown: bytes) -> None:
        masked = shown != payload
        text = format_json(shown)
        self.reveal.setVisible(masked)
        # An edit of a shown part would be sent in place of the whole.
        self.editor.setReadOnly(masked or bool(text.note and payload))
        self.editor.setToolTip(text.note)
        self.editor.setPlainText(text.text)
        self._original, self._shown = payload, self.editor.toPlainText()

    def _offer_variants(self) -> None:
        menu = QMenu(self.variants)
        for variant, description in DESCRIPTIONS.items():
            action = menu.addAction(description)
            action.triggered.connect(partial(self.use_variant, variant))
        self.variants.setMenu(menu)
        self.variants.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def _on_reveal_clicked(self) -> None:
        if self._codes.reveals(wanted=True):
            self._show(self._original, self._original)
            self.editor.setFocus()

    def _follow_policy(self) -> None:
        self.reveal.lock(self._codes.why_masked)
        if self._codes.why_masked and self._is_received:
            body = self._codes.body(self.body)  # as edited
            self._show(body, body)

    def _on_edited(self) -> None:
        if self.editor.hasFocus():
            self.description.setText("Edited")

    def _set_up(self) -> None:
        self.editor.setAccessibleName("Payload")
        self.editor.setFont(mono_font())
        self.editor.setFrameShape(QFrame.Shape.NoFrame)
        self.editor.setTabChangesFocus(True)
        self.editor.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._offer_variants()
        self.description.setAccessibleName("Source of the payload")

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        head.setSpacing(2 * SPACE)
        head.addWidget(muted("Payload"))
        head.addWidget(self.description, 1)
        head.addWidget(self.reveal)
        head.addWidget(self.variants)
        head.addWidget(self.sample)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.editor, 1)
