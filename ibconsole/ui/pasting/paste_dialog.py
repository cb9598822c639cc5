"""The dialog that says what was pasted, and offers the places that it may be taken to."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from ibconsole.services.pasting import Pasted, PasteOffer
from ibconsole.text import escape_invisible
from ibconsole.ui.toolkit import SPACE, Theme
from ibconsole.ui.widgets import ButtonKind, PushButton, button_row, heading, muted, paragraph

_WIDTH = 520
_NOTHING_SENT = "Nothing is sent: a place is opened with this filled in."
_LABELS = {
    PasteOffer.TEST_URL: "Test this URL…",
    PasteOffer.USE_AS_PAYLOAD: "Use as the payload of a test",
    PasteOffer.FIND_MESSAGES: "Find messages",
    PasteOffer.SHOW_APPLICATION: "Show the application",
    PasteOffer.FOLLOW_LINK: "Show what it leads to",
    PasteOffer.FILL_CONNECTION: "Fill in a new connection…",
}


class PasteDialog(QDialog):
    """Shows what was recognized; `chosen` carries the PasteOffer that the user takes.

    `offers` are those that can be taken now; the first is the default.
    """

    chosen = Signal(object)

    def __init__(
        self,
        pasted: Pasted,
        offers: Sequence[PasteOffer],
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Pasted")
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.sentence = paragraph(escape_invisible(pasted.sentence))
        self.buttons = {
            offer: PushButton(
                _LABELS[offer],
                theme,
                kind=ButtonKind.PLAIN if number else ButtonKind.PRIMARY,
            )
            for number, offer in enumerate(offers)
        }
        self.cancel = PushButton("Cancel" if offers else "Close", theme)
        self._lay_out(pasted)
        for offer, button in self.buttons.items():
            button.clicked.connect(partial(self._on_clicked, offer))
        self.cancel.clicked.connect(self.reject)
        default = next(iter(self.buttons.values()), self.cancel)
        default.setDefault(True)
        default.setFocus()

    def _on_clicked(self, offer: PasteOffer) -> None:
        self.accept()
        self.chosen.emit(offer)

    def _lay_out(self, pasted: Pasted) -> None:
        buttons = button_row(self.cancel)
        for button in reversed(self.buttons.values()):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * SPACE, 5 * SPACE, 5 * SPACE, 4 * SPACE)
        layout.setSpacing(4 * SPACE)
        layout.addWidget(heading(f"Pasted: {pasted.kind}"))
        layout.addWidget(self.sentence)
        if self.buttons:
            layout.addWidget(muted(_NOTHING_SENT))
        layout.addLayout(buttons)
        self.setMinimumWidth(_WIDTH)
