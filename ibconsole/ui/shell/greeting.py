"""The page of the first start: what ibconsole is for, and two ways to begin."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ibconsole.errors import Severity
from ibconsole.ui.toolkit import SPACE, Theme, application_icon
from ibconsole.ui.widgets import ButtonKind, PushButton, heading, paragraph

_ICON_SIZE = 48
_MAX_WIDTH = 560
_PURPOSE = (
    "ibconsole shows where an account's inbound messages go and why they do not arrive, changes"
    " that safely, and receives messages without losing one."
)
_SANDBOX = "The sandbox is a simulated platform on this computer, in a window of its own."
_ACCOUNT = "A connection is an account on the platform. Opening one never takes a message."


class GreetingPage(QFrame):
    """Offers to add a connection or to try the sandbox."""

    sandbox_requested = Signal()
    add_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("surface")
        self.setAccessibleName("Welcome")
        self.sandbox = PushButton("Try the sandbox", theme, icon_name="play")
        self.add = PushButton("Add a connection…", theme, kind=ButtonKind.PRIMARY, icon_name="plus")
        self.sandbox.clicked.connect(self.sandbox_requested)
        self.add.clicked.connect(self.add_requested)
        self._lay_out()

    # Qt's side

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.add.setFocus()

    def _lay_out(self) -> None:
        centre = Qt.AlignmentFlag.AlignHCenter
        icon_label = QLabel()
        icon_label.setPixmap(application_icon().pixmap(_ICON_SIZE, _ICON_SIZE))
        texts = [paragraph(_PURPOSE), paragraph(_ACCOUNT, tone=Severity.MUTED)]
        texts.append(paragraph(_SANDBOX, tone=Severity.MUTED))
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * SPACE)
        buttons.addStretch(1)
        buttons.addWidget(self.add)
        buttons.addWidget(self.sandbox)
        buttons.addStretch(1)
        column = QWidget()
        column.setMaximumWidth(_MAX_WIDTH)
        inner = QVBoxLayout(column)
        inner.setContentsMargins(4 * SPACE, 3 * SPACE, 4 * SPACE, 3 * SPACE)
        inner.setSpacing(2 * SPACE)
        inner.addStretch(1)
        inner.addWidget(icon_label, 0, centre)
        inner.addWidget(heading("Inbound messages of mobile push"), 0, centre)
        for text in texts:
            text.setAlignment(centre)
            inner.addWidget(text)
        inner.addSpacing(SPACE)
        inner.addLayout(buttons)
        inner.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(column, 100)
        row.addStretch(1)
