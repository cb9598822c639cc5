"""The form of a connection: name, environment, address and credential, and their validation."""

from collections.abc import Collection

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QLineEdit, QSizePolicy, QWidget

from ibconsole.errors import Severity
from ibconsole.secret import Secret
from ibconsole.services.connections import (
    AuthorizationKind,
    Connection,
    InvalidConnection,
    SecretPlace,
    needs_secret,
)
from ibconsole.ui.connections.secret_field import SecretField
from ibconsole.ui.connections.team_fields import TeamFields
from ibconsole.ui.toolkit import SPACE, Theme, mono_font, set_property
from ibconsole.ui.widgets import ColourChoice, EnvironmentChoice, muted, paragraph, set_tone

_IDENTITY_ROW = 12
_READ_ONLY = {
    None: "By environment: production until it is unlocked",
    True: "Always, until it is unlocked",
    False: "Never",
}


class ConnectionDraft(msgspec.Struct, frozen=True):
    """The entered connection; `secret` is None if the saved secret stays, as `team_password` is.

    With `for_session`, the secrets are kept in memory only.
    """

    connection: Connection
    secret: Secret | None
    for_session: bool = False
    team_password: Secret | None = None


class ConnectionForm(QWidget):
    """The fields of a connection, each with a message below it, and a general message.

    `height_changed` is emitted when a field or a message is shown, hidden or changed.
    """

    height_changed = Signal()

    def __init__(self, connection: Connection, theme: Theme, *, new: bool) -> None:
        super().__init__()
        self._connection = connection
        self._new = new
        self._place: SecretPlace | None = None if new else SecretPlace.UNKNOWN
        self.name = QLineEdit(placeholderText="The customer, for example")
        self.colour = ColourChoice(theme)
        self.environment = EnvironmentChoice(connection.environment)
        self.read_only = QComboBox()
        self.base_url = QLineEdit(placeholderText="xxxxx.api.infobip.com")
        self.kind = QComboBox()
        self.identity_label = muted("")
        self.identity = QLineEdit()
        self.secret_label = muted("")
        self.secret_field = SecretField(theme, session_only=connection.session_only)
        self.secret = self.secret_field.line
        self.messages: dict[str, QLabel] = {
            field: paragraph(tone=Severity.DANGER)
            for field in ("name", "base_url", "identity", "secret")
        }
        self.team = TeamFields(connection, theme)
        self.general_message = paragraph(tone=Severity.DANGER)
        self._grid = QGridLayout()
        self._room = self.fontMetrics().height() + 2 * SPACE  # for a line below a field
        self._set_up()
        self._lay_out()
        self._fill(connection)
        self._connect()

    @property
    def draft(self) -> ConnectionDraft:
        """The entered connection. Raises InvalidConnection if a field is not valid."""
        connection = replace(
            self._connection,
            name=self.name.text(),
            base_url=self.base_url.text(),
            colour=self.colour.colour,
            environment=self.environment.selected,
            read_only=self.read_only.currentData(),
            kind=self._kind,
            identity=self.identity.text() if self._kind.identity_name else "",
        )
        connection = self.team.apply(connection).normalized()
        secret = self._typed_secret(connection)
        for_session = secret is not None and self.secret_field.for_session
        return ConnectionDraft(connection, secret, for_session, self.team.typed_password)

    @property
    def team_draft(self) -> ConnectionDraft | None:
        """The entered team alone; None if a field of it is not valid, which gets a message."""
        for field in self.team.messages:
            self.show_message(field, "")
        try:
            address = self.team.entered()
        except InvalidConnection as error:
            self.show_message(error.field, str(error))
            return None
        connection = replace(self._connection, team=address.team, team_account=address.team_account)
        return ConnectionDraft(connection, None, team_password=self.team.typed_password)

    def validate(self, *, name_optional: bool = False) -> ConnectionDraft | None:
        """Return the draft; None if a field is not valid, which gets a message.

        With `name_optional`, a missing name is taken from the address.
        """
        for field in ("", *self.messages, *self.team.messages):
            self.show_message(field, "")
        if name_optional and not self.name.text().strip():
            self.name.setText(self.base_url.text().strip()[:40])
        try:
            return self.draft
        except InvalidConnection as error:
            self.show_message(error.field, str(error))
            return None

    def show_secret_place(self, place: SecretPlace) -> None:
        """Show where the secret of the connection is; a missing one is asked for."""
        self._place = place
        self._on_kind_changed()
        if self.secret.text():
            return
        held = self._connection.session_only or place is SecretPlace.SESSION
        self.secret_field.session.setChecked(held)
        if place is SecretPlace.NOWHERE:
            self.secret.setFocus()

    def show_message(self, field: str, sentence: str, *, focus: bool = True) -> None:
        """Show a message below a field and focus the field; an empty one removes it.

        A message about a field that the form does not have is shown below all fields.
        """
        label = (self.messages | self.team.messages).get(field, self.general_message)
        set_tone(label, Severity.DANGER)
        label.setText(sentence)
        label.setVisible(bool(sentence))
        if widget := self._inputs.get(field):
            set_property(widget, "wrong", "true" if sentence else "")
            if sentence and focus:
                widget.setFocus()
        self.height_changed.emit()

    @property
    def fields(self) -> Collection[str]:
        """The names of the fields that have a message of their own."""
        return self._inputs.keys()

    def clear_secrets(self) -> None:
        """Forget what was typed into the fields for secrets."""
        self.secret.clear()
        self.team.password.line.clear()

    @property
    def _inputs(self) -> dict[str, QLineEdit]:
        return {
            "name": self.name,
            "base_url": self.base_url,
            "identity": self.identity,
            "secret": self.secret,
            **self.team.inputs,
        }

    @property
    def _kind(self) -> AuthorizationKind:
        return AuthorizationKind(self.kind.currentData())

    def _typed_secret(self, connection: Connection) -> Secret | None:
        if typed := self.secret_field.typed:
            return typed
        if self._new or needs_secret(self._connection, connection):
            raise InvalidConnection("secret", f"{connection.kind.secret_name} is missing.")
        return None

    def _on_base_url_edited(self) -> None:
        """Show at once how a pasted address will be used, or why it is not valid."""
        text = self.base_url.text()
        self.show_message("base_url", "", focus=False)
        if not text.strip():
            return
        try:
            normalized = replace(
                self._connection, name="x", base_url=text, identity=""
            ).normalized()
        except InvalidConnection as error:
            if error.field == "base_url":
                self.show_message("base_url", str(error), focus=False)
            return
        if normalized.base_url != text.strip():
            message = self.messages["base_url"]
            set_tone(message, Severity.MUTED)
            message.setText(f"Used as {normalized.base_url}")
            message.show()
            self.height_changed.emit()

    def _on_kind_changed(self) -> None:
        kind = self._kind
        self.identity_label.setText(kind.identity_name)
        for widget in (self.identity_label, self.identity):
            widget.setVisible(bool(kind.identity_name))
        self._grid.setRowMinimumHeight(_IDENTITY_ROW + 1, self._room if kind.identity_name else 0)
        self.identity.setAccessibleName(kind.identity_name or "User name")
        self.secret_label.setText(kind.secret_name)
        self.secret_field.show_name(kind.secret_name)
        self.secret_field.show_place(self._place if kind is self._connection.kind else None)
        self.height_changed.emit()

    def _fill(self, connection: Connection) -> None:
        self.name.setText(connection.name)
        self.base_url.setText(connection.base_url)
        self.colour.select_colour(connection.colour)
        self.read_only.setCurrentIndex(list(_READ_ONLY).index(connection.read_only))
        self.kind.setCurrentIndex(self.kind.findData(connection.kind.value))
        self.identity.setText(connection.identity)
        self._on_kind_changed()

    def _connect(self) -> None:
        self.base_url.textChanged.connect(self._on_base_url_edited)
        self.kind.currentIndexChanged.connect(self._on_kind_changed)
        self.team.height_changed.connect(self.height_changed)

    def _set_up(self) -> None:
        self.name.setAccessibleName("Name")
        self.base_url.setAccessibleName("Base URL")
        self.kind.setAccessibleName("Authorization")
        self.read_only.setAccessibleName("Read-only")
        self.read_only.setToolTip("Nothing is changed or pulled while the connection is read-only.")
        for value, title in _READ_ONLY.items():
            self.read_only.addItem(title, value)
        self.base_url.setFont(mono_font())
        for kind in AuthorizationKind:
            self.kind.addItem(kind.label, kind.value)
        for message in (*self.messages.values(), self.general_message):
            message.setContentsMargins(0, SPACE // 2, 0, SPACE)
            message.hide()

    def _lay_out(self) -> None:
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        grid = self._grid
        self.setLayout(grid)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(4 * SPACE)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        rows: tuple[tuple[QLabel, QWidget, str], ...] = (
            (muted("Name"), self.name, "name"),
            (muted("Colour"), self.colour, ""),
            (muted("Environment"), self.environment, ""),
            (muted("Read-only"), self.read_only, ""),
            (muted("Base URL"), self.base_url, "base_url"),
            (muted("Authorization"), self.kind, ""),
            (self.identity_label, self.identity, "identity"),
            (self.secret_label, self.secret_field, "secret"),
            (muted("Team"), self.team, ""),
        )
        for row, (label, widget, field) in enumerate(rows):
            label.setBuddy(widget)
            side = Qt.AlignmentFlag.AlignTop if widget is self.team else Qt.AlignmentFlag(0)
            grid.addWidget(label, 2 * row, 0, side)
            grid.addWidget(widget, 2 * row, 1)
            grid.setRowMinimumHeight(2 * row + 1, self._room if field else 2 * SPACE)
            if field:
                grid.addWidget(self.messages[field], 2 * row + 1, 1)
        grid.addWidget(self.general_message, 2 * len(rows), 0, 1, 2)
