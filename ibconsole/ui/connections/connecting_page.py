"""The page in place of the setup while a connection is opened, or after that failed."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ibconsole.errors import Severity
from ibconsole.services.connections import Connection
from ibconsole.ui.toolkit import SPACE, Theme, icon
from ibconsole.ui.widgets import ButtonKind, ProgressLine, PushButton, heading, paragraph

_MAX_WIDTH = 720
_ICON_SIZE = 24
_WAITING = (
    "Waiting for your system's keyring, which holds the secret. It may be asking for its password"
    " in a separate window."
)
_NOT_CONNECTED = (
    "No connection is open. Messages received earlier are below; open a connection to see where"
    " the messages of its account go."
)


class ConnectingPage(QFrame):
    """A sentence about the state of a connection, and buttons to act on it."""

    cancel_requested = Signal()
    retry_requested = Signal()
    edit_requested = Signal()
    manage_requested = Signal()
    doctor_requested = Signal()
    back_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("surface")
        self._theme = theme
        self._current_icon = ("link", Severity.MUTED)
        self.progress = ProgressLine(theme)
        self._icon = QLabel()
        self.title = heading("")
        self.sentence = paragraph()
        self.cancel = PushButton("Cancel", theme)
        self.retry = PushButton("Try again", theme, kind=ButtonKind.PRIMARY, icon_name="refresh-cw")
        self.edit = PushButton("Edit connection…", theme)
        self.manage = PushButton("Connections…", theme)
        self.doctor = PushButton("Keyring doctor…", theme)
        self.back = PushButton("", theme)
        self._lay_out()
        for button, signal in (
            (self.cancel, self.cancel_requested),
            (self.retry, self.retry_requested),
            (self.edit, self.edit_requested),
            (self.manage, self.manage_requested),
            (self.doctor, self.doctor_requested),
            (self.back, self.back_requested),
        ):
            button.clicked.connect(signal)
        theme.changed.connect(self._update_icon)
        self.show_none()

    def show_none(self) -> None:
        """Show that no connection is open, although some are saved."""
        self._show("link", Severity.MUTED, "No connection", _NOT_CONNECTED, self.manage)

    def show_unreadable(self, sentence: str) -> None:
        """Show that the saved connections could not be read."""
        title = "The connections could not be read"
        self._show("circle-alert", Severity.DANGER, title, sentence, self.retry)

    def show_opening(self, connection: Connection) -> None:
        """Show that the secret of the connection is being read."""
        self._show("key-round", Severity.MUTED, f"Opening {connection.name}", _WAITING, self.cancel)
        self.progress.set_busy(on=True)

    def show_failed(self, connection: Connection, sentence: str, *, previous: str = "") -> None:
        """Show that it could not be opened; the previous connection, if any, is still open."""
        self.back.setText(f"Back to {previous}")
        self.back.setAccessibleName(self.back.text())
        self._show(
            "circle-alert",
            Severity.DANGER,
            f"{connection.name} is not open",
            sentence,
            self.retry,
            self.edit,
            self.manage,
            self.doctor,
            *([self.back] if previous else []),
        )

    def _show(
        self, icon_name: str, tone: Severity, title: str, sentence: str, *buttons: PushButton
    ) -> None:
        self._current_icon = (icon_name, tone)
        self.progress.set_busy(on=False)
        self.title.setText(title)
        self.sentence.setText(sentence)
        for button in self._buttons():
            button.setVisible(button in buttons)
        self._update_icon()

    def _buttons(self) -> tuple[PushButton, ...]:
        return (self.retry, self.edit, self.manage, self.doctor, self.back, self.cancel)

    def _update_icon(self) -> None:
        name, tone = self._current_icon
        self._icon.setPixmap(
            icon(name, self._theme, tone, _ICON_SIZE).pixmap(_ICON_SIZE, _ICON_SIZE)
        )

    def _lay_out(self) -> None:
        centre = Qt.AlignmentFlag.AlignHCenter
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setAlignment(centre)
        column = QWidget()
        column.setMaximumWidth(_MAX_WIDTH)
        inner = QVBoxLayout(column)
        inner.setContentsMargins(4 * SPACE, 3 * SPACE, 4 * SPACE, 3 * SPACE)
        inner.setSpacing(2 * SPACE)
        inner.addStretch(1)
        inner.addWidget(self._icon, 0, centre)
        inner.addWidget(self.title, 0, centre)
        inner.addWidget(self.sentence)
        inner.addLayout(self._button_row())
        inner.addStretch(1)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(column, 100)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.progress)
        layout.addLayout(row, 1)

    def _button_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2 * SPACE)
        row.addStretch(1)
        for button in self._buttons():
            row.addWidget(button)
        row.addStretch(1)
        return row
