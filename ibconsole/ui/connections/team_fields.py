"""The fields of a connection for the team that shares what is received on it, and their test."""

from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity
from ibconsole.secret import Secret
from ibconsole.services.connections import Connection, InvalidConnection, new_id
from ibconsole.ui.connections.secret_field import SecretField
from ibconsole.ui.toolkit import SPACE, Theme, mono_font
from ibconsole.ui.widgets import PushButton, muted, paragraph

_KEPT = "Leave empty to keep the saved one"
_OPTIONAL = "If the server asks for one"
# Only the team's fields of it are used.
_FILLED = Connection(new_id(), "x", "https://x.api.infobip.com")


class TeamFields(QWidget):
    """A switch, and below it the database, the account in it, the password and a test.

    `height_changed` is emitted when something is shown, hidden or changed.
    """

    height_changed = Signal()
    test_requested = Signal()

    def __init__(self, connection: Connection, theme: Theme) -> None:
        super().__init__()
        self._saved = connection.team
        self.shared = QCheckBox("Share what is received in a team's archive")
        self.database = QLineEdit(placeholderText="postgresql://user@host/database")
        self.account = QLineEdit(placeholderText="As the team's archive calls it")
        self.password = SecretField(theme)
        self.test = PushButton("Test team's archive", theme)
        self.messages: dict[str, QLabel] = {
            field: paragraph(tone=Severity.DANGER) for field in ("team", "team_account")
        }
        self._fields = QWidget()
        self._set_up()
        self._lay_out()
        self._connect()
        self.database.setText(connection.team)
        self.account.setText(connection.team_account)
        self.shared.setChecked(bool(connection.team))
        self._on_database_changed()
        self._fields.setVisible(self.shared.isChecked())

    @property
    def inputs(self) -> dict[str, QLineEdit]:
        """The lines by the name of their field."""
        return {"team": self.database, "team_account": self.account}

    @property
    def typed_password(self) -> Secret | None:
        """The password that was typed, None if the line is empty."""
        return self.password.typed if self.shared.isChecked() else None

    def apply(self, connection: Connection) -> Connection:
        """Return the connection with what is entered. Raises InvalidConnection without an address.

        The result is not normalized.
        """
        if not self.shared.isChecked():
            return replace(connection, team="", team_account="")
        if not self.database.text().strip():
            raise InvalidConnection(
                "team", "Give the address of the team's database: postgresql://user@host/database."
            )
        return replace(connection, team=self.database.text(), team_account=self.account.text())

    def entered(self) -> Connection:
        """Return a connection that has what is entered here. Raises InvalidConnection."""
        return self.apply(_FILLED).normalized()

    def _on_shared_toggled(self, shared: bool) -> None:
        self._fields.setVisible(shared)
        if shared and not self.database.text():
            self.database.setFocus()
        self.height_changed.emit()

    def _on_database_changed(self) -> None:
        kept = self._saved and self.database.text().strip() == self._saved
        self.password.line.setPlaceholderText(_KEPT if kept else _OPTIONAL)

    def _set_up(self) -> None:
        self.database.setAccessibleName("Database of the team")
        self.account.setAccessibleName("Account in the team's archive")
        self.password.show_name("Password of the team's archive")
        self.password.session.hide()
        self.database.setFont(mono_font())
        self.shared.setToolTip(
            "What is received goes to this disk first, and from there into the PostgreSQL database"
            " of the team. Members of the team see it as well."
        )
        for message in self.messages.values():
            message.setContentsMargins(0, SPACE // 2, 0, SPACE)
            message.hide()

    def _connect(self) -> None:
        self.shared.toggled.connect(self._on_shared_toggled)
        self.database.textChanged.connect(self._on_database_changed)
        self.test.clicked.connect(self.test_requested)

    def _lay_out(self) -> None:
        for part in (self, self._fields):  # else a grown dialog cuts the button off
            part.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(self.shared)
        layout.addWidget(self._fields)
        grid = QGridLayout(self._fields)
        grid.setContentsMargins(0, SPACE, 0, 0)
        grid.setHorizontalSpacing(2 * SPACE)
        grid.setVerticalSpacing(SPACE)
        grid.setColumnStretch(1, 1)
        rows: tuple[tuple[str, QWidget, QLabel | None], ...] = (
            ("Database", self.database, self.messages["team"]),
            ("Account", self.account, self.messages["team_account"]),
            ("Password", self.password, None),
        )
        for row, (title, widget, message) in enumerate(rows):
            label = muted(title)
            label.setBuddy(widget)
            grid.addWidget(label, 2 * row, 0)
            grid.addWidget(widget, 2 * row, 1)
            if message:
                grid.addWidget(message, 2 * row + 1, 1)
        grid.addWidget(self.test, 2 * len(rows), 1, Qt.AlignmentFlag.AlignLeft)
