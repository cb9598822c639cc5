"""The dialog that asks whether to delete a connection's messages before it is removed."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from ibconsole.errors import Severity
from ibconsole.plural import counted
from ibconsole.services.connections import Connection, Environment
from ibconsole.ui.toolkit import SPACE, Theme
from ibconsole.ui.widgets import (
    ButtonKind,
    PushButton,
    button_row,
    fit_height,
    heading,
    muted,
    paragraph,
    tab_to_checked,
)

_WIDTH = 520
_KEPT = "its secret in the keyring"
_FOR_SESSION = "its secret in memory"
_REMOVED = (
    "The connection, {secret} and its forward URL are removed from this computer:"
    " forwards to that URL are answered with 404 from now on. Nothing changes on the platform."
)
_LOSS = (
    "They exist nowhere else, and this cannot be undone. Messages that were forwarded to a URL of"
    " no connection are kept, because the connection they belong to is unknown."
)


class RemoveConnectionDialog(QDialog):
    """Keeps the messages by default; to delete them, the connection's name must be typed."""

    remove_requested = Signal(bool)

    def __init__(
        self, connection: Connection, messages: int, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._connection = connection
        self.setWindowTitle("Remove a connection")
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        count = counted(messages, "message")
        self.keep_messages = QRadioButton(f"Keep the {count} received on it")
        self.delete_messages = QRadioButton(f"Delete the {count} permanently")
        self.loss = paragraph(_LOSS, tone=Severity.DANGER)
        self.ask = paragraph(f"Type {connection.name} to go on:", tone=Severity.DANGER)
        self.typed = QLineEdit()
        self.typed.setAccessibleName(f"Type {connection.name} to go on")
        self.cancel = PushButton("Cancel", theme)
        self.proceed = PushButton("Remove connection", theme, kind=ButtonKind.DANGER)
        self.keep_messages.setChecked(True)
        tab_to_checked(self.keep_messages, self.delete_messages)
        self._lay_out(messages)
        self.delete_messages.toggled.connect(self._update)
        self.typed.textChanged.connect(self._update)
        self.cancel.clicked.connect(self.reject)
        self.proceed.clicked.connect(self._on_proceed_clicked)
        self.cancel.setDefault(True)
        self.cancel.setFocus()
        self.resize(_WIDTH, 0)
        self._update()

    def _on_proceed_clicked(self) -> None:
        self.remove_requested.emit(self.delete_messages.isChecked())
        self.accept()

    def _update(self) -> None:
        deletes = self.delete_messages.isChecked()
        must_type = deletes or self._connection.environment is Environment.PRODUCTION
        self.loss.setVisible(deletes)
        self.ask.setVisible(must_type)
        self.typed.setVisible(must_type)
        matches = self.typed.text().strip() == self._connection.name
        self.proceed.setEnabled(matches or not must_type)
        fit_height(self)

    def _lay_out(self, messages: int) -> None:
        title = heading(f"Remove the connection {self._connection.name}?")
        title.setTextFormat(Qt.TextFormat.PlainText)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * SPACE, 5 * SPACE, 5 * SPACE, 4 * SPACE)
        layout.setSpacing(3 * SPACE)
        layout.addWidget(title)
        layout.addWidget(muted(self._connection.base_url))
        secret = _FOR_SESSION if self._connection.session_only else _KEPT
        layout.addWidget(paragraph(_REMOVED.format(secret=secret)))
        if messages:
            layout.addWidget(self.keep_messages)
            layout.addWidget(self.delete_messages)
        layout.addWidget(self.loss)
        layout.addWidget(self.ask)
        layout.addWidget(self.typed)
        layout.addStretch(1)
        buttons = button_row(self.cancel, self.proceed)
        layout.addLayout(buttons)
