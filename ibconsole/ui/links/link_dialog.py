"""The question before a link changes what the window shows more than the user may expect."""

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from ibconsole.ui.toolkit import SPACE, Theme
from ibconsole.ui.widgets import ButtonKind, PushButton, heading, muted, paragraph

_WIDTH = 480
_NEVER_ACTS = "A link selects and shows; it changes nothing."


class LinkQuestion(msgspec.Struct, frozen=True):
    """The content of a LinkDialog: `go_on` and `stay` are the texts of its buttons.

    With `elsewhere` there is a third one, for another window.
    """

    title: str
    sentence: str
    go_on: str
    stay: str
    elsewhere: str = ""


class LinkDialog(QDialog):
    """Asks whether to follow a link; the default is to stay.

    The result is `Accepted` to go on here, `ELSEWHERE` to go on in another window.
    """

    ELSEWHERE = 2

    def __init__(self, question: LinkQuestion, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Link")
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.stay = PushButton(question.stay, theme)
        self.go_on = PushButton(question.go_on, theme, kind=ButtonKind.PRIMARY)
        self.elsewhere = PushButton(question.elsewhere, theme)
        self.elsewhere.setVisible(bool(question.elsewhere))
        self.elsewhere.clicked.connect(lambda: self.done(self.ELSEWHERE))
        self.stay.clicked.connect(self.reject)
        self.go_on.clicked.connect(self.accept)
        self._lay_out(question)
        self.stay.setDefault(True)
        self.stay.setFocus()

    def _lay_out(self, question: LinkQuestion) -> None:
        title = heading(question.title)
        title.setWordWrap(True)
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * SPACE)
        buttons.addStretch(1)
        for button in (self.stay, self.elsewhere, self.go_on):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * SPACE, 5 * SPACE, 5 * SPACE, 4 * SPACE)
        layout.setSpacing(4 * SPACE)
        layout.addWidget(title)
        layout.addWidget(paragraph(question.sentence))
        layout.addWidget(muted(_NEVER_ACTS))
        layout.addLayout(buttons)
        self.setMinimumWidth(_WIDTH)
